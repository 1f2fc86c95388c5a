"""Tickets as rows: a column is a field of the model, or a field of Rally by Rally's own name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import cast

import attrs

from ...core.text.shapes import is_object
from ...errors import ArgumentError
from ...rally.kinds import Kind, kind_named
from ...rally.models import Comment, PortfolioItem, Reference, Ticket
from ...rally.names import NAMES, OWN
from ...rally.structure import reference
from ..formats import Row

COLUMNS = ("formatted_id", "type", "name", "state", "points", "owner", "iteration")
EXPORTED = (
    *COLUMNS,
    *("release", "project", "tags", "blocked", "created", "updated", "version", "ref"),
)
COMMENTED = ("id", "outcome", "text", "created", "ref")

COMPUTED = ("type", "state", "points")
HIDDEN = frozenset({"extra", "warnings"})

# Rally's name -> the model's, for each type.
MODELLED: Mapping[type[Ticket], Mapping[str, str]] = {
    model: {name: field for field, name in NAMES[model].items()} for model in OWN
}
KNOWN = {
    model: {*COMPUTED, *(field.name for field in attrs.fields(model))} - HIDDEN for model in OWN
}
ANYWHERE = frozenset[str]().union(*KNOWN.values(), *MODELLED.values())
"""The names that mean something in some type."""


def kind_of(ticket: Ticket) -> Kind:
    return kind_named(type(ticket).__name__)


def to_fetch(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that the server must be asked for, since some model has them not."""
    chosen = list(columns)
    for name in chosen:
        if not name.isidentifier() or not name.isascii():
            raise ArgumentError(f"{name!r} is not the name of a field")
    known = set[str]().union(*KNOWN.values())
    common = {name for name in chosen if all(name in names for names in MODELLED.values())}
    return tuple(dict.fromkeys(name for name in chosen if name not in known | common))


def absent(tickets: Sequence[Ticket], columns: Iterable[str]) -> list[str]:
    """Return the columns that no model has and no ticket came with; none where no ticket is."""
    unknown = [name for name in dict.fromkeys(columns) if name not in ANYWHERE] if tickets else []
    return [name for name in unknown if not any(name in ticket.extra for ticket in tickets)]


def row(ticket: Ticket, columns: Sequence[str]) -> Row:
    return {name: value(ticket, name) for name in columns}


def object_rows(objects: Iterable[object], columns: Sequence[str]) -> list[Row]:
    """Return a row for each object that is no ticket, of its own fields."""
    return [{name: plain(getattr(each, name)) for name in columns} for each in objects]


def whole_row(ticket: Ticket) -> Row:
    """Return every field: what people look for first, then the model's, then the others."""
    model = [field.name for field in attrs.fields(type(ticket)) if field.name not in HIDDEN]
    names = dict.fromkeys(["formatted_id", "type", "name", "state", "points", *model])
    return row(ticket, [*names, *sorted(ticket.extra)])


def value(ticket: Ticket, column: str) -> object:
    """Return what stands in a column, as a plain value; None if this type has no such field."""
    name = MODELLED[type(ticket)].get(column, column)
    if name == "type":
        return ticket.level if isinstance(ticket, PortfolioItem) else kind_of(ticket).name
    if name in KNOWN[type(ticket)]:
        return plain(getattr(ticket, name))
    return plain(ticket.extra.get(column))


def plain(value: object) -> object:
    """Return a value without types of ours: a reference by its name, a time in ISO 8601."""
    if isinstance(value, Reference):
        return value.name or value.ref
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(each) for each in cast("Iterable[object]", value)]
    if is_object(value):
        return plain_object(value)
    return value


def plain_object(value: Mapping[str, object]) -> object:
    named = reference(value) if value.get("_refObjectName") else None
    return {name: plain(each) for name, each in value.items()} if named is None else named.name


def commented(given: str, comment: Comment) -> Row:
    return {
        "id": given,
        "outcome": "commented",
        "text": comment.text,
        "created": plain(comment.created),
        "ref": comment.ref,
    }


def would_comment(given: str, ticket: Ticket, text: str) -> Row:
    """Return the row of a comment that was not made; `ref` is the ticket's."""
    return {
        "id": given,
        "outcome": "would comment",
        "text": text,
        "created": None,
        "ref": ticket.ref,
    }
