"""What the fields of a ticket are called, for those who write them.

They go by the names of the models, by Rally's own, or by what people say: state, points, parent.  A
name means another field in each kind of ticket.  Source: Rally WSAPI v2.0, object model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..errors import ArgumentError
from .kinds import PORTFOLIO_ITEM, TASK, TEST_CASE, Kind
from .names import NAMES, model_of
from .parents import general

FIELD = re.compile(r"[A-Za-z]\w{0,127}", re.ASCII)

# What the server counts or records.
READ_ONLY = frozenset(
    {
        *("AcceptedDate", "AcceptedLeafStoryCount", "ActualEndDate", "ActualStartDate"),
        *("ClosedDate", "CreatedBy", "CreationDate", "DefectStatus", "DirectChildrenCount"),
        *("DragAndDropRank", "FlowStateChangedDate", "FormattedID", "HasParent", "LastBuild"),
        *("LastResult", "LastRun", "LastUpdateDate", "LastVerdict", "LatestDiscussionAgeInMinutes"),
        *("LeafStoryCount", "LeafStoryPlanEstimateTotal", "ObjectID", "ObjectUUID", "OpenedDate"),
        *("PercentDoneByStoryCount", "PercentDoneByStoryPlanEstimate", "PortfolioItemTypeName"),
        *("Recycled", "RevisionHistory", "ScheduleStatePrefix", "Subscription", "TaskActualTotal"),
        *("TaskEstimateTotal", "TaskRemainingTotal", "TaskStatus", "TestCaseStatus", "VersionId"),
        "Workspace",
    }
)

# What people say beside the names of the models.
SPOKEN = {"flow_state": "FlowState"}

# What a kind takes from elsewhere, or never has, though its model has the field.
WITHOUT: Mapping[Kind, Sequence[str]] = {
    TASK: ("iteration", "release", "flow_state"),
    TEST_CASE: ("iteration", "release", "flow_state", "blocked"),
    PORTFOLIO_ITEM: ("iteration", "flow_state", "blocked"),
}


def check_name(name: object) -> str:
    """Refuse what is no name of a field, and the fields that only the server writes."""
    if not isinstance(name, str) or not FIELD.fullmatch(name):
        raise ArgumentError(f"{name!r} is not the name of a field")
    if name in READ_ONLY:
        raise ArgumentError(f"{name} cannot be written: only the server does")
    return name


def field_of(kind: Kind, name: str) -> str:
    """Return Rally's name of a field; a name of ours must be one of this kind of ticket."""
    if not name[0].islower() or name.startswith("c_"):
        return name
    field = own_field(kind, name)
    if field is None:
        raise ArgumentError(
            f"a {kind.name} has no {name} to be set; fields that its model has not go by Rally's "
            "names, such as BlockedReason"
        )
    if field.startswith("_") or field in READ_ONLY:
        raise ArgumentError(f"{name} cannot be written: only the server does")
    return field


def own_field(kind: Kind, name: str) -> str | None:
    if name in WITHOUT.get(general(kind), ()):
        return None
    if name == "state":
        return kind.state_field
    if name == "points":
        return kind.points_field
    return SPOKEN.get(name) or NAMES[model_of(kind)].get(name)
