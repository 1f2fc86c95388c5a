"""What a user may see and change, by the roles that the permissions give.

An administrator of the workspace may do everything. Others see the projects for which they have a
role, change what is in those whose editors they are, and set up those that they administrate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from .model import ElementType, Record
from .refused import Forbidden
from .store import Store
from .table import people, places, portfolio
from .table.definitions import ALLOWED_VALUE, ATTRIBUTE_DEFINITION, TYPE_DEFINITION

READING, EDITING, ADMINISTRATING = 1, 2, 3
LEVELS = {"No Access": 0, "Viewer": READING, "Editor": EDITING, "Admin": ADMINISTRATING}

SET_UP = (places.PROJECT, places.FLOW_STATE, people.PROJECT_PERMISSION)
"""What the administrators of a project write."""
GOVERNED = (
    *(people.USER, people.WORKSPACE_PERMISSION, places.WORKSPACE, places.SUBSCRIPTION),
    *(TYPE_DEFINITION, ATTRIBUTE_DEFINITION, ALLOWED_VALUE),
    *(portfolio.STATE, portfolio.PRELIMINARY_ESTIMATE, places.WORKSPACE_CONFIGURATION),
)
"""What only administrators of the workspace write."""
OWN = (people.USER_PROFILE, people.PREFERENCE)
"""What every user writes."""
LEADING = ("Project", "Artifact", "TestCase", "TestCaseResult", "WorkProduct")
"""The references that lead to the project in which an object is."""


def place_of(record: Record) -> Record | None:
    """Return the project in which an object is; None if it is the whole workspace's."""
    return record if record.type == places.PROJECT else placed(record.values)


def placed(values: Mapping[str, Any]) -> Record | None:
    """Return the project in which an object with these values is."""
    for name in LEADING:
        target = values.get(name)
        if isinstance(target, Record):
            return place_of(target)
    return None


@attrs.frozen
class Rights:
    """The rights of one user."""

    store: Store
    user: Record

    @property
    def is_unlimited(self) -> bool:
        return any(
            each.type == people.WORKSPACE_PERMISSION
            and each.values["Role"] == "Admin"
            and each.values["Workspace"] is self.store.workspace
            for each in self._permissions
        )

    def visible(self) -> frozenset[Record] | None:
        """Return the projects that the user sees; None for all."""
        if self.is_unlimited:
            return None
        return frozenset(each for each, level in self._levels().items() if level >= READING)

    def sees(self, record: Record) -> bool:
        visible, place = self.visible(), place_of(record)
        return visible is None or place is None or place in visible

    def check_scope(self, project: Record | None) -> None:
        """Refuse to read in a project of which the user must not know."""
        if project is not None and not self.sees(project):
            raise Forbidden(f"Not authorized to read Project {project.oid}")

    def check(self, verb: str, type: ElementType, *projects: Record | None) -> None:
        """Refuse to write an object that is in these projects, or is to be there."""
        known = [each for each in projects if each is not None]
        if not self.is_unlimited and not self._may(type, known):
            raise Forbidden(f"Not authorized to {verb} {type.element}")

    def _may(self, type: ElementType, projects: Sequence[Record]) -> bool:
        if type in OWN or type in GOVERNED:
            return type in OWN
        levels = self._levels()
        needed = ADMINISTRATING if type in SET_UP else EDITING
        held = [levels.get(each, 0) for each in projects] or [max(levels.values(), default=0)]
        return min(held) >= needed

    def _levels(self) -> dict[Record, int]:
        return {
            each.values["Project"]: LEVELS[each.values["Role"]]
            for each in self._permissions
            if each.type == people.PROJECT_PERMISSION
        }

    @property
    def _permissions(self) -> Iterable[Record]:
        permissions: Iterable[Record] = self.user.values["UserPermissions"].elements
        return permissions
