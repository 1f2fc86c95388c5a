"""What people and programs call a ticket, and what of it must be looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

import attrs

from ..errors import ArgumentError
from .kinds import STANDARD_PREFIXES, Kind, kind_named
from .models import Reference, Ticket

TicketId: TypeAlias = Ticket | Reference | str | int
"""A ticket, a reference, a ref, an ObjectID or a FormattedID."""

OBJECT_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
FORMATTED_ID = re.compile(r"([A-Z]{1,8})([1-9][0-9]{0,17})", re.ASCII | re.IGNORECASE)
TYPED = r"(?:https?://[^/?#\s]+/slm/webservice/v2\.0)?/?((?:portfolioitem/)?\w+)"
REF = re.compile(rf"{TYPED}/([1-9][0-9]{{0,18}})(?:\.js)?", re.ASCII | re.IGNORECASE)
REF_BY_UUID = re.compile(
    rf"{TYPED}/([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})(?:\.js)?",
    re.ASCII | re.IGNORECASE,
)
ABOVE = ("parent", "feature", "work_product", "requirement")
"""The fields of a ticket that may name what it is under, the nearest first."""

PREFIX = re.compile(r"[A-Z]{1,8}", re.ASCII)


@attrs.frozen
class Located:
    """A ticket whose address is known; what else is known of it makes it no other ticket."""

    kind: Kind
    object_id: int
    project: str | None = attrs.field(default=None, eq=False)
    """The ref of the project it is in; None: neither this nor its parents are known."""
    parents: tuple[str, ...] = attrs.field(default=(), eq=False)
    """The refs of what it is under, the nearest first; a defect may be under two."""

    @property
    def parent(self) -> str | None:
        """The ref of what it is under: a story, a portfolio item, the work product of a task."""
        return next(iter(self.parents), None)

    @property
    def ref(self) -> str:
        return f"/{self.kind.path}/{self.object_id}"

    @property
    def key(self) -> str:
        """What a row must say of itself to be this ticket."""
        return str(self.object_id)

    @property
    def asked(self) -> int:
        return self.object_id


@attrs.frozen
class Named:
    """A ticket of which only the FormattedID is known."""

    kind: Kind
    formatted_id: str

    @property
    def key(self) -> str:
        """What a row must say of itself to be this ticket."""
        return self.formatted_id

    @property
    def asked(self) -> str:
        return self.formatted_id


@attrs.frozen
class Numbered:
    """A ticket of which only the ObjectID is known, not its type."""

    object_id: int

    @property
    def key(self) -> str:
        """What a row must say of itself to be this ticket."""
        return str(self.object_id)

    @property
    def asked(self) -> int:
        return self.object_id


@attrs.frozen
class Unnumbered:
    """A ticket whose ref has a UUID, which the server takes in place of the ObjectID."""

    kind: Kind
    uuid: str

    @property
    def key(self) -> str:
        """What a row must say of itself to be this ticket."""
        return self.uuid

    @property
    def asked(self) -> str:
        return self.uuid


Identity: TypeAlias = Located | Named | Numbered | Unnumbered


def prefixes(given: Mapping[str, str] | None) -> Mapping[str, Kind]:
    """Return the standard prefixes of FormattedIDs and those of this workspace."""
    own = {checked_prefix(prefix): kind_named(kind) for prefix, kind in (given or {}).items()}
    return STANDARD_PREFIXES | own


def checked_prefix(prefix: str) -> str:
    if not PREFIX.fullmatch(prefix.upper()):
        raise ArgumentError(f"prefixes: {prefix!r} is not a prefix of one to eight letters")
    return prefix.upper()


def identify(given: object, prefixes: Mapping[str, Kind]) -> Identity:
    """Tell what an id names, without asking the server; raise ArgumentError if it is none."""
    if isinstance(given, Ticket):
        return known(given)
    if isinstance(given, Reference):
        given = given.ref
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if not isinstance(given, str):
        raise ArgumentError(f"{given!r} is not a ticket, a ref, an ObjectID or a FormattedID")
    text = given.strip()
    if OBJECT_ID.fullmatch(text):
        return Numbered(int(text))
    if match := FORMATTED_ID.fullmatch(text):
        return named(match[1].upper(), int(match[2]), prefixes)
    if match := REF.fullmatch(text):
        return Located(kind_named(match[1]), int(match[2]))
    if match := REF_BY_UUID.fullmatch(text):
        return Unnumbered(kind_named(match[1]), match[2].lower())
    raise ArgumentError(f"{given!r} is not a ticket, a ref, an ObjectID or a FormattedID")


def known(ticket: Ticket) -> Located:
    """Return where a ticket is that was read: its project and its parents came along."""
    if (match := REF.fullmatch(ticket.ref)) is None:
        raise ArgumentError(f"{ticket.ref!r} is not the ref of a ticket")
    above: list[Reference | None] = [getattr(ticket, name, None) for name in ABOVE]
    return Located(
        kind_named(match[1]),
        int(match[2]),
        None if ticket.project is None else ticket.project.ref,
        tuple(each.ref for each in above if each is not None),
    )


def named(prefix: str, number: int, prefixes: Mapping[str, Kind]) -> Named:
    kind = prefixes.get(prefix)
    if kind is None:
        known = ", ".join(sorted(prefixes))
        raise ArgumentError(f"{prefix}{number} begins with none of the known prefixes: {known}")
    return Named(kind, f"{prefix}{number}")
