"""What people call by a name and the server by a ref: users, timeboxes, states, projects, tags.

What is asked for a name, and which of the answers is meant.  A timebox and a flow state belong to a
project and a state to a level of portfolio items, so that each has one of its own of equal name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias

import attrs

from ..core.request import Operation
from .asking import Rows, Scope
from .finding import everywhere
from .models import Reference
from .operations import find, only_workspace
from .query.expression import Query, all_of, any_of, condition, one_of
from .query.values import Value
from .timeboxes import own_project

Row: TypeAlias = Mapping[str, Any]

AT_ONCE = 100
"""How many projects one question names at most."""


@attrs.frozen
class Type:
    """A type of which objects are called by name."""

    path: str
    """As it stands in refs."""
    spoken: str
    """As people say it."""
    names: tuple[str, ...] = ("Name",)
    """The fields in which the name may stand, the surest first."""
    also: tuple[str, ...] = ()
    """What else tells which one is meant: of a timebox its first and its last day."""
    home: Literal["project", "level"] | None = None
    """What each belongs to, if not to the workspace as a whole."""


USER = Type("user", "user", ("UserName", "EmailAddress", "DisplayName"), ("Disabled",))
PROJECT = Type("project", "project")
TAG = Type("tag", "tag", also=("Archived",))
SIZE = Type("preliminaryestimate", "preliminary estimate")
STATE = Type("state", "state", home="level")
FLOW_STATE = Type("flowstate", "flow state", home="project")
ITERATION = Type("iteration", "iteration", also=("StartDate", "EndDate"), home="project")
RELEASE = Type("release", "release", also=("ReleaseStartDate", "ReleaseDate"), home="project")

ME = "me"
"""The user to whom the credentials belong."""


@attrs.frozen
class Sought:
    """Something that is called by name."""

    type: Type
    name: str
    ref: str | None = None
    """Where the one is by which it is named, if it was given itself: it may be of another home."""
    project: str | None = None
    """Whose that one is."""
    days: tuple[datetime | None, ...] = ()
    """When that one begins and ends: the same of another project has the same days."""

    @property
    def is_me(self) -> bool:
        return self.type == USER and self.name == ME

    def __str__(self) -> str:
        return f"{self.type.spoken} called {self.name!r}"


@attrs.frozen
class Asked:
    """One question for all names of a type, in some projects or one level."""

    type: Type
    names: tuple[str, ...]
    homes: tuple[str | None, ...]

    def operation(self, scope: Scope, start: int = 1) -> Operation[Rows[Row]]:
        fetch = ",".join([*self.type.names, *self.type.also, "Project"])
        within = self.within(scope)
        return find(self.type.path, self.query, fetch=fetch, scope=within, start=start)

    @property
    def query(self) -> Query:
        named = any_of(one_of(field, self.names) for field in self.type.names)
        if self.type.home == "level":
            return all_of([condition("TypeDef.Name", level) for level in self.homes if level])
        known: list[Value] = [Reference(ref=home) for home in self.homes if home is not None]
        return all_of([named, one_of("Project", known)]) if known else named

    def within(self, scope: Scope) -> Scope:
        """Return where to look; without a project named, the client's or the user's own is."""
        if self.type.home == "project" and None in self.homes:
            return own_project(scope, below=False)
        if self.type.home == "project":
            return everywhere(scope)
        return only_workspace(scope)


def asked(wanted: Iterable[tuple[Sought, str | None]]) -> list[Asked]:
    """Return the questions that find all of these, each in its home: one for each type.

    The current user is not among them, who is asked for in another way.
    """
    by_type: dict[Type, dict[tuple[Sought, str | None], None]] = {}
    for sought, home in wanted:
        if not sought.is_me and not is_at_home(sought, home):
            by_type.setdefault(sought.type, {})[sought, home] = None
    return [
        Asked(sought_type, tuple(dict.fromkeys(each.name for each, _ in pairs)), homes)
        for sought_type, pairs in by_type.items()
        for homes in together(sought_type, dict.fromkeys(home for _, home in pairs))
    ]


def together(type: Type, homes: Iterable[str | None]) -> list[tuple[str | None, ...]]:
    """Say which homes are asked about in one question; None is one of its own."""
    each = list(homes)
    known = [home for home in each if home is not None]
    size = 1 if type.home == "level" else AT_ONCE
    some = [tuple(known[start : start + size]) for start in range(0, len(known), size)]
    unknown: list[tuple[str | None, ...]] = [(None,)] if None in each else []
    return [*unknown, *some]


def is_at_home(sought: Sought, home: str | None) -> bool:
    """Tell whether the very one that was given is meant: the ticket is of its project."""
    return sought.ref is not None and sought.project == home
