"""Drafts filled in: what is sent for each ticket, once its names and its refs are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ..errors import ArgumentError, NotFoundError, RequestError
from .asking import Scope
from .directory import Directory
from .drafts import New, Wanted
from .ids import Identity, Located
from .kinds import TASK
from .parents import placed_under
from .pointing import Several
from .sought import PROJECT, Sought


@attrs.frozen
class Names:
    """What was looked up for the tickets of one call of a method."""

    directory: Directory = attrs.field(factory=Directory)
    tickets: Mapping[Identity, Located | NotFoundError] = attrs.field(
        factory=dict[Identity, Located | NotFoundError]
    )
    """Where the tickets are that others refer to."""
    projects: Mapping[Located, str | None] = attrs.field(factory=dict[Located, str | None])
    """Of which project those are of which it was not known."""

    def filled(self, place: Located, wanted: Wanted) -> dict[str, Any]:
        """Return what to send for one ticket; raise what its names and refs are not good for."""
        fields: dict[str, Any] = {
            field: self.value(place, wanted, each) for field, each in wanted.fields.items()
        }
        if wanted.under is not None:
            fields.update(placed_under(place.kind, self.above(place, wanted.under)))
        return fields

    def value(self, place: Located, wanted: Wanted, value: object) -> Any:
        if isinstance(value, Several):
            return [{"_ref": self.ref(place, wanted, each)} for each in value.each]
        if isinstance(value, Identity):
            return self.ticket(value).ref
        return self.ref(place, wanted, value)

    def ref(self, place: Located, wanted: Wanted, value: object) -> Any:
        """Return the ref of what is called by a name; anything else as it is."""
        if not isinstance(value, Sought):
            return value
        return self.directory.ref(value, self.home(place, wanted, value))

    def home(self, place: Located, wanted: Wanted, sought: Sought) -> str | None:
        """Return the project or the level whose object a name means; None: the workspace's own."""
        match sought.type.home:
            case "level":
                return place.kind.body
            case "project":
                return self.project(place, wanted)
            case None:
                return None

    def project(self, place: Located, wanted: Wanted) -> str | None:
        """Return the project in which a ticket is, or will be once this is written."""
        moved = wanted.fields.get("Project")
        if isinstance(moved, Sought):
            return self.directory.ref(moved, None)
        return moved or place.project or self.projects.get(place)

    def above(self, place: Located, identity: Identity) -> Located:
        above = self.ticket(identity)
        if above == place:
            raise ArgumentError(f"a {place.kind.name} cannot be under itself")
        return above

    def ticket(self, identity: Identity) -> Located:
        found = identity if isinstance(identity, Located) else self.tickets[identity]
        if isinstance(found, NotFoundError):
            raise NotFoundError(found.message)
        return found


def moving(wanted: Wanted) -> list[Sought]:
    """Return the project to which a ticket is moved, if it is called by a name."""
    moved = wanted.fields.get("Project")
    return [moved] if isinstance(moved, Sought) else []


def is_homeless(place: Located, wanted: Wanted) -> bool:
    """Tell whether it must be known of which project a ticket is, and is not."""
    needed = any(sought.type.home == "project" for sought in wanted.sought())
    return needed and place.project is None and "Project" not in wanted.fields and is_there(place)


def is_there(place: Located) -> bool:
    """Tell whether a ticket exists: one that is yet to be created has no number."""
    return place.object_id > 0


def in_homes(names: Names, place: Located, wanted: Wanted) -> list[tuple[Sought, str | None]]:
    """Return what is called by a name, each with whose it must be; projects are known already."""
    try:
        return [
            (sought, names.home(place, wanted, sought))
            for sought in wanted.sought()
            if sought.type != PROJECT
        ]
    except (NotFoundError, RequestError):
        # The project is not there: that is said when the draft of this one ticket is filled in.
        return []


def begun(made: New, scope: Scope) -> tuple[Located, Wanted]:
    """Return a ticket that is yet to be created, and all that is to be written to it.

    It is in the client's project unless another is given; a task is where its parent is.
    """
    project = scope.get("project")
    wanted = made.draft.wanted(made.kind)
    if project is not None and made.kind != TASK:
        wanted = attrs.evolve(wanted, fields={"Project": project, **wanted.fields})
    return Located(made.kind, 0, project), wanted
