"""What a change brings with it, and what it must not do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import definition_rules, flow, membership
from .model import ElementType, Record
from .refused import Forbidden, invalid
from .removal import remove
from .schema import definitions
from .store import Store
from .table.around import CONVERSATION_POST
from .table.common import SCHEDULE_STATES
from .table.items import BLOCKER, DEFECT, TASK
from .table.people import USER, USER_PROFILE
from .table.places import PROJECT
from .table.portfolio import PORTFOLIO_ITEM

IN_PROGRESS = SCHEDULE_STATES.index("In-Progress")


def beginnings(type: ElementType, values: Mapping[str, Any], user: Record) -> dict[str, Any]:
    """Return what a new record gets if the caller does not say."""
    if "CreatedBy" in type.attributes:
        own: dict[str, Any] = {"CreatedBy": user, "Project": _default_project(user)}
        if type == DEFECT:
            own["SubmittedBy"] = user
        if type == TASK and "WorkProduct" in values:
            own["Project"] = values["WorkProduct"].values["Project"]
        return own
    if type == CONVERSATION_POST and "Artifact" in values:
        posts = values["Artifact"].values["Discussion"].elements
        return {"User": user, "PostNumber": len(posts) + 1}
    return {"Project": _default_project(user)} if type.is_scoped else {}


def consequences(
    type: ElementType, former: Mapping[str, Any], values: Mapping[str, Any], now: str
) -> dict[str, Any]:
    """Return the states and dates that follow from what is written."""
    further = flow.settled(type, values, former, now)
    whole = {**values, **further}
    if "ScheduleState" in whole:
        place = SCHEDULE_STATES.index(whole["ScheduleState"])
        started = former["InProgressDate"] or now
        accepted = former["AcceptedDate"] or now
        further["InProgressDate"] = started if place >= IN_PROGRESS else None
        further["AcceptedDate"] = accepted if whole["ScheduleState"] == "Accepted" else None
    if type == DEFECT and "State" in values:
        opened, closed = former["OpenedDate"], former["ClosedDate"]
        further["OpenedDate"] = None if values["State"] == "Submitted" else opened or now
        further["ClosedDate"] = closed or now if values["State"] == "Closed" else None
    if type.parent == PORTFOLIO_ITEM:
        further |= _portfolio_state(type, former, values, now)
    return further


def check(record: Record, values: Mapping[str, Any]) -> None:
    """Refuse what an existing record must not become."""
    _check_parent(record, values)
    if record.type.is_scoped:
        check_open(record.values["Project"])
        check_open(values.get("Project"))


def check_new(type: ElementType, values: Mapping[str, Any]) -> None:
    """Refuse what there must not be, or not twice."""
    if type.parent == "UserPermission":
        membership.check_single(type, values)
    definition_rules.check_new(type, values)


def check_open(project: Record | None) -> None:
    """Refuse to write in a project that is closed."""
    if project is not None and project.values["State"] == "Closed":
        name = project.values["Name"]
        raise Forbidden(f"Not authorized to perform action: Project {name} is closed")


def complete(store: Store, record: Record, user: Record) -> None:
    """Add what a new record cannot be without."""
    if record.type == PROJECT:
        flow.add_flow_states(store, record)
    membership.join(record)
    follow(store, record, user)
    if record.type == USER:
        profile = store.add(USER_PROFILE, {})
        own = user.values["UserProfile"].values
        defaults = ("DefaultWorkspace", "DefaultProject")
        profile.values |= {name: own[name] for name in defaults}
        record.values["UserProfile"] = profile
    if record.type.parent == PORTFOLIO_ITEM:
        record.values["PortfolioItemType"] = definition_of(store, record.type)


def follow(store: Store, record: Record, user: Record) -> None:
    """Keep a note of who blocked an item, for as long as it is blocked."""
    if "Blocker" not in record.type.attributes:
        return
    blocker, is_blocked = record.values["Blocker"], record.values["Blocked"]
    if is_blocked and blocker is None:
        values = {"WorkProduct": record, "BlockedBy": user}
        record.values["Blocker"] = store.add(BLOCKER, values)
    if not is_blocked and blocker is not None:
        remove(store, blocker)


def definition_of(store: Store, type: ElementType) -> Record:
    return definitions(store)[type.name]


def _portfolio_state(
    type: ElementType, former: Mapping[str, Any], values: Mapping[str, Any], now: str
) -> dict[str, Any]:
    state: Record | None = values.get("State")
    if state is not None and state.values["TypeDef"].values["TypePath"] != type.name:
        raise invalid(f"{type.element}.State should be a state of {type.element}")
    moved = "State" in values and state is not former["State"]
    return {"StateChangedDate": now} if moved else {}


def _check_parent(record: Record, values: Mapping[str, Any]) -> None:
    """Refuse a parent that stands below the record itself."""
    above: Record | None = values.get("Parent")
    while above is not None:
        if above is record:
            name = record.type.element
            raise invalid(f"{name}.Parent should not be a descendant of the object")
        above = above.values.get("Parent")


def _default_project(user: Record) -> Record | None:
    project: Record | None = user.values["UserProfile"].values["DefaultProject"]
    return project
