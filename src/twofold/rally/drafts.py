"""What is to be written to tickets, as far as it can be known without asking.

Whatever can be refused without knowing the ticket is refused when a draft is made, the rest when
its kind is known: a field that is written twice, or that this kind has not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, TypeAlias, cast

import attrs

from ..errors import ArgumentError
from .given import Prefixes, check_value, checked_state, read
from .ids import Identity, Numbered, identify
from .kinds import PORTFOLIO_ITEM, STANDARD_PREFIXES, TASK, Kind, kind_named
from .parents import field_above, fields_of_parents, freed
from .pointing import Several
from .query.fields import wire_name
from .sendable import exactly
from .sought import Sought
from .writable import check_name, field_of

Fields: TypeAlias = Mapping[str, object]


@attrs.frozen
class Wanted:
    """What is to be written to tickets of one kind."""

    fields: Mapping[str, Any]
    """Rally's name of a field -> what is sent, or what has to be looked up for it."""
    under: Identity | None = None
    """The ticket that it is to be under; which field says so depends on what that is."""

    @property
    def is_open(self) -> bool:
        """Whether anything has to be looked up for it."""
        return bool(self.sought() or self.tickets())

    def sought(self) -> list[Sought]:
        """Return what is called by a name."""
        each = [part for value in self.fields.values() for part in parts(value)]
        return [part for part in each if isinstance(part, Sought)]

    def tickets(self) -> list[Identity]:
        """Return the other tickets that it refers to."""
        others = [value for value in self.fields.values() if isinstance(value, Identity)]
        return others if self.under is None else [*others, self.under]


def parts(value: object) -> Sequence[object]:
    return value.each if isinstance(value, Several) else (value,)


@attrs.frozen
class Draft:
    """Fields to be written, by the names under which they were given."""

    given: Fields
    prefixes: Prefixes

    def check(self, kind: Kind) -> None:
        """Refuse what cannot be written to this kind of ticket."""
        self.wanted(kind)

    def wanted(self, kind: Kind) -> Wanted:
        """Return what is to be written to this kind of ticket; ArgumentError if it cannot be."""
        fields: dict[str, Any] = {}
        by_field: dict[str, str] = {}
        for name, value in self.given.items():
            if name == "parent":
                own = self.freed(kind, value)
                taken = fields_of_parents(kind).keys()
            else:
                field = field_of(kind, name)
                own = {field: read(kind, name, field, value, self.prefixes)}
                taken = own.keys()
            for field in taken:
                check_once(kind, by_field.setdefault(field, name), name)
            fields |= own
        return Wanted(fields, self.under(kind))

    def fitting(self, kinds: Iterable[Kind]) -> Mapping[Kind, Wanted]:
        """Return what is to be written to tickets of these kinds, those that cannot left out."""
        found: dict[Kind, Wanted] = {}
        for kind in dict.fromkeys(kinds):
            with suppress(ArgumentError):
                found[kind] = self.wanted(kind)
        return found

    def freed(self, kind: Kind, parent: object) -> Mapping[str, None]:
        """Return the fields that say what a ticket is under, emptied; none if it will be."""
        return freed(kind) if parent is None else {}

    def under(self, kind: Kind) -> Identity | None:
        """Return what a ticket is to be under; what it cannot be is refused if that is known."""
        parent = self.given.get("parent")
        if parent is None:
            return None
        above = identify(parent, self.prefixes)
        if not isinstance(above, Numbered):
            field_above(kind, above.kind)
        return above


def draft(fields: object, prefixes: Prefixes = STANDARD_PREFIXES) -> Draft:
    """Check fields as far as it can be done without knowing the kind of ticket."""
    if not isinstance(fields, Mapping):
        raise ArgumentError(f"fields must be a mapping of names to values, not {fields!r}")
    given = dict(cast("Fields", fields))
    if not given:
        raise ArgumentError("there are no fields to write")
    for name, value in given.items():
        check_value(check_name(name), value, prefixes)
    return Draft(given, prefixes)


def check_once(kind: Kind, first: str, name: str) -> None:
    if first != name:
        raise ArgumentError(f"{first} and {name} are one field of a {kind.name}: give one of them")


def stated(state: object, field: str | None) -> Draft:
    """Return the draft of a state, in the field where a kind keeps it or in another one."""
    name = "state" if field is None else field
    checked_state(name, state)
    return draft({name: state})


def sized(points: object, field: str | None) -> Draft:
    """Return the draft of a size, in the field where a kind keeps it or in another one.

    A size that is an object of the workspace goes by its name: `M`.
    """
    if field is None:
        return draft({"points": points})
    is_number = points is not None and wire_name(check_name(field)) != "PreliminaryEstimate"
    return draft({field: exactly(cast("Decimal", points)) if is_number else points})


@attrs.frozen
class New:
    """A ticket to be created."""

    kind: Kind
    draft: Draft


def new(type: object, name: object, fields: object, prefixes: Prefixes = STANDARD_PREFIXES) -> New:
    """Check what a new ticket is to be; whatever is wrong is refused here."""
    kind = kind_named(type)
    if kind == PORTFOLIO_ITEM:
        raise ArgumentError("name the level of the portfolio item, such as feature")
    if not isinstance(name, str) or not name.strip():
        raise ArgumentError(f"name must be text, not {name!r}")
    own: object = cast("Fields", {}) if fields is None else fields
    if not isinstance(own, Mapping):
        raise ArgumentError(f"fields must be a mapping of names to values, not {fields!r}")
    if "name" in own:
        raise ArgumentError("the name is given twice")
    made = draft({"name": name, **cast("Fields", own)}, prefixes)
    check_new(kind, made.wanted(kind))
    return New(kind, made)


def check_new(kind: Kind, wanted: Wanted) -> None:
    if kind == TASK and wanted.under is None and wanted.fields.get("WorkProduct") is None:
        raise ArgumentError("a task needs a parent: what it is a task of")
