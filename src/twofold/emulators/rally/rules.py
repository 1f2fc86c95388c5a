"""What a change brings with it, and what it must not do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .element_types import CONVERSATION_POST, DEFECT, SCHEDULE_STATES, TASK, WORK_ITEMS
from .model import ElementType, Record
from .refused import invalid

IN_PROGRESS = SCHEDULE_STATES.index("In-Progress")


def beginnings(type: ElementType, values: Mapping[str, Any], user: Record) -> dict[str, Any]:
    """Return what a new record gets if the caller does not say."""
    if type in WORK_ITEMS:
        own: dict[str, Any] = {"CreatedBy": user, "Project": _default_project(user)}
        if type is DEFECT:
            own["SubmittedBy"] = user
        if type is TASK and "WorkProduct" in values:
            own["Project"] = values["WorkProduct"].values["Project"]
        return own
    if type is CONVERSATION_POST and "Artifact" in values:
        posts = values["Artifact"].values["Discussion"].elements
        return {"User": user, "PostNumber": len(posts) + 1}
    return {"Project": _default_project(user)} if type.is_scoped else {}


def consequences(record: Record, values: Mapping[str, Any], now: str) -> dict[str, Any]:
    """Return the dates that follow from a change of state."""
    dates: dict[str, Any] = {}
    if "ScheduleState" in values:
        place = SCHEDULE_STATES.index(values["ScheduleState"])
        started = record.values["InProgressDate"] or now
        accepted = record.values["AcceptedDate"] or now
        dates["InProgressDate"] = started if place >= IN_PROGRESS else None
        dates["AcceptedDate"] = accepted if values["ScheduleState"] == "Accepted" else None
    if record.type is DEFECT and "State" in values:
        opened, closed = record.values["OpenedDate"], record.values["ClosedDate"]
        dates["OpenedDate"] = None if values["State"] == "Submitted" else opened or now
        dates["ClosedDate"] = closed or now if values["State"] == "Closed" else None
    return dates


def check_parent(record: Record, values: Mapping[str, Any]) -> None:
    """Refuse a parent that stands below the record itself."""
    above: Record | None = values.get("Parent")
    while above is not None:
        if above is record:
            raise invalid(f"{record.type.name}.Parent should not be a descendant of the object")
        above = above.values["Parent"]


def _default_project(user: Record) -> Record | None:
    project: Record | None = user.values["UserProfile"].values["DefaultProject"]
    return project
