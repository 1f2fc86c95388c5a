"""Fields that many types share, and how a type is written down."""

from __future__ import annotations

from collections.abc import Callable

from .. import computed
from ..attributes import boolean, date, decimal, derived, integer, many, ref, state, string, text
from ..model import Attribute, ElementType, Kind, Record

SCHEDULE_STATES = ("Idea", "Defined", "In-Progress", "Completed", "Accepted")

PERSISTABLE = (
    integer("ObjectID", read_only=True),
    string("ObjectUUID", read_only=True),
    date("CreationDate", read_only=True),
    string("VersionId", read_only=True),
    ref("Subscription", "Subscription", read_only=True),
)
IN_WORKSPACE = (*PERSISTABLE, ref("Workspace", "Workspace", read_only=True))
RECORDED = (ref("RevisionHistory", "RevisionHistory", read_only=True),)

ARTIFACT = (
    *IN_WORKSPACE,
    *RECORDED,
    string("FormattedID", read_only=True),
    string("Name", required=True),
    text("Description"),
    text("Notes"),
    ref("Owner", "User"),
    ref("CreatedBy", "User", read_only=True),
    ref("Project", "Project", required=True),
    many("Tags", "Tag", writable=True),
    many("Milestones", "Milestone", writable=True, inverse="Artifacts"),
    many("Discussion", "ConversationPost"),
    many("Attachments", "Attachment"),
    many("Changesets", "Changeset", writable=True, inverse="Artifacts"),
    many("Connections", "Connection"),
    boolean("Ready"),
    boolean("Expedite"),
    string("DisplayColor"),
    string("DragAndDropRank", read_only=True),
    date("LastUpdateDate", read_only=True),
    boolean("Recycled", read_only=True),
    derived("LatestDiscussionAgeInMinutes", Kind.INTEGER, computed.discussion_age),
)
BLOCKABLE = (boolean("Blocked"), string("BlockedReason"))
FLOWING = (
    state("ScheduleState", SCHEDULE_STATES, "Defined"),
    derived("ScheduleStatePrefix", Kind.STRING, computed.schedule_prefix),
    ref("FlowState", "FlowState"),
    date("FlowStateChangedDate", read_only=True),
    decimal("PlanEstimate"),
    ref("Iteration", "Iteration", inverse="WorkProducts"),
    ref("Release", "Release", inverse="WorkProducts"),
    date("InProgressDate", read_only=True),
    date("AcceptedDate", read_only=True),
    string("Package"),
    ref("Blocker", "Blocker", read_only=True),
)
SCHEDULABLE = (
    *ARTIFACT,
    *BLOCKABLE,
    *FLOWING,
    many("Tasks", "Task"),
    derived("TaskStatus", Kind.STRING, computed.task_status),
    derived("TaskEstimateTotal", Kind.DECIMAL, computed.task_total("Estimate")),
    derived("TaskRemainingTotal", Kind.DECIMAL, computed.task_total("ToDo")),
    derived("TaskActualTotal", Kind.DECIMAL, computed.task_total("Actuals")),
)


def element_type(
    name: str,
    *attributes: Attribute,
    operations: str = "RQ",
    prefix: str = "",
    label: str = "Name",
    display: str = "",
    java_class: str = "",
    parent: str = "WorkspaceDomainObject",
    copyable: bool = False,
    ordinal: int = -1,
    usual_order: str = "",
    identify: Callable[[Record], str] | None = None,
) -> ElementType:
    """Write a type down; `operations` are some of `CRUDQ`."""
    element = name.rpartition("/")[2]
    return ElementType(
        name,
        {each.name: each for each in attributes},
        prefix=prefix,
        label=label,
        java_class=java_class or element,
        display=display or spaced(element),
        parent=parent,
        operations=operations,
        is_copyable=copyable,
        is_recyclable=bool(prefix) and "D" in operations,
        ordinal=ordinal,
        usual_order=usual_order,
        identify=identify,
    )


def spaced(name: str) -> str:
    """Return `Plan Estimate` of `PlanEstimate`, as people see it."""
    name = name.removeprefix("c_")
    return "".join(
        f" {sign}" if place and sign.isupper() and not name[place - 1].isupper() else sign
        for place, sign in enumerate(name)
    )
