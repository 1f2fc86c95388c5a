"""What permissions make of people: the editors and viewers of a project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .model import ElementType, Record
from .refused import invalid
from .table.people import PROJECT_PERMISSION

COLLECTIONS = {"Viewer": "Viewers", "Editor": "Editors", "Admin": "Editors"}


def join(permission: Record) -> None:
    """Put a user among those of a project, as a new permission says."""
    members = _members(permission)
    if members is not None:
        members[permission.values["User"]] = None


def leave(permission: Record) -> None:
    """Undo what a permission said that is deleted."""
    members = _members(permission)
    if members is not None:
        members.pop(permission.values["User"], None)


def check_single(type: ElementType, values: Mapping[str, Any]) -> None:
    """Refuse a second permission of one user at one place: its id would be the same."""
    for other in values["User"].values["UserPermissions"].elements:
        if other.type == type and other.values.get("Project") is values.get("Project"):
            raise invalid(f"{type.element} exists already")


def _members(permission: Record) -> dict[Record, None] | None:
    name = COLLECTIONS.get(permission.values.get("Role") or "")
    if permission.type != PROJECT_PERMISSION or name is None:
        return None
    members: dict[Record, None] = permission.values["Project"].values[name].elements
    return members
