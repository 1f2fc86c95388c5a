"""What was found of all that is called by a name, and which of several is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from ..core.text.shapes import is_object
from ..errors import NotFoundError, RequestError
from .operations import RawRows
from .sought import TAG, Asked, Sought, Type, is_at_home
from .structure import relative, time

Row: TypeAlias = Mapping[str, Any]


@attrs.frozen
class Directory:
    """What was found, and so the ref of everything that was sought."""

    found: Sequence[tuple[Asked, RawRows]] = ()
    me: str | None = None
    """The ref of the current user, if it was asked for."""

    def and_also(self, other: Directory) -> Directory:
        """Return what was found here and there."""
        return Directory([*self.found, *other.found], self.me or other.me)

    def ref(self, sought: Sought, home: str | None) -> str:
        """Return the ref of what is meant; raise NotFoundError, or RequestError for several."""
        if sought.is_me and self.me is not None:
            return self.me
        if sought.ref is not None and is_at_home(sought, home):
            return sought.ref
        rows = self.meant(sought, home)
        if len(rows) > 1:
            raise ambiguous(sought, rows)
        if not rows:
            raise absent(sought, home, self.rows(sought.type, home))
        return relative(rows[0]["_ref"])

    def refs(self, sought: Sought) -> list[str]:
        """Return the refs of all of the workspace that have the name."""
        return [relative(row["_ref"]) for row in self.named(sought, None)]

    def meant(self, sought: Sought, home: str | None) -> list[Row]:
        """Return what has the name, those left out that are not likely to be meant."""
        return preferred(sought.type, self.named(sought, home))

    def named(self, sought: Sought, home: str | None) -> list[Row]:
        """Return what has the name, in the first of the fields where any has it."""
        rows = self.rows(sought.type, home)
        for field in sought.type.names:
            named = [row for row in rows if row.get(field) == sought.name and is_of(sought, row)]
            if named:
                return named
        return []

    def rows(self, type: Type, home: str | None) -> list[Row]:
        return [
            row
            for asked, rows in self.found
            if asked.type == type and home in asked.homes
            for row in rows
            if type.home != "project" or home is None or of_project(row) == home
        ]


def untold(directory: Directory, tags: Iterable[Sought]) -> list[Sought]:
    """Return the tags that there are not, each once."""
    wanted = [tag for tag in dict.fromkeys(tags) if tag.type == TAG]
    return [tag for tag in wanted if not directory.meant(tag, None)]


def with_tags(directory: Directory, created: Mapping[str, str]) -> Directory:
    """Return a directory that has further tags: name -> ref."""
    rows = [{"Name": name, "_ref": ref} for name, ref in created.items()]
    return directory.and_also(Directory([(Asked(TAG, tuple(created), (None,)), rows)]))


def of_project(row: Row) -> str | None:
    said = row.get("Project")
    return relative(said["_ref"]) if is_object(said) else None


def is_of(sought: Sought, row: Row) -> bool:
    """Tell whether it has the days of the one that was given, as far as they are known."""
    days = zip(sought.type.also, sought.days, strict=False)
    return all(day is None or time(row.get(field)) == day for field, day in days)


def preferred(type: Type, rows: Sequence[Row]) -> list[Row]:
    """Of several of one name: the users that are not disabled, the oldest tag in use."""
    if type == TAG:
        return sorted(rows, key=lambda row: row.get("Archived") is True)[:1]
    return [row for row in rows if row.get("Disabled") is not True] or list(rows)


def absent(sought: Sought, home: str | None = None, rows: Sequence[Row] = ()) -> NotFoundError:
    days = " on the same days" if any(sought.days) else ""
    where = "" if home is None else f" of {home}"
    if sought.type.home == "level" and rows:
        others = ", ".join(str(row.get("Name")) for row in rows)
        return NotFoundError(f"there is no {sought}{where}; there are {others}")
    return NotFoundError(f"there is no {sought}{days}{where}, or these credentials cannot see it")


def ambiguous(sought: Sought, rows: Sequence[Row]) -> RequestError:
    unique = sought.type.names[0]
    which = ", ".join(sorted(str(row[unique] if unique != "Name" else row["_ref"]) for row in rows))
    return RequestError(f"there is more than one {sought}: say which of {which}")
