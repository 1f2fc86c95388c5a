"""Pages of tickets straight from their bytes, where they hold just what was asked for.

Faster than the general way, and equal to it: whatever is not of the expected shape, a field
that nobody asked for included, is left to `structure`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter
from types import GenericAlias
from typing import Annotated, Any, get_type_hints

import attrs
import msgspec

from .kinds import Kind
from .models import Reference, Ticket
from .names import NAMES, OWN, model_of
from .structure import relative, shell, whole


class Shell(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A reference as sent, without any field of what it refers to."""

    ref: str = msgspec.field(name="_ref")
    name: str | None = msgspec.field(name="_refObjectName", default=None)
    type: str | None = msgspec.field(name="_type", default=None)
    uuid: str | None = msgspec.field(name="_refObjectUUID", default=None)
    major: str | None = msgspec.field(name="_rallyAPIMajor", default=None)
    minor: str | None = msgspec.field(name="_rallyAPIMinor", default=None)


class Tag(msgspec.Struct, gc=False):
    """A tag in the shell of a collection of them."""

    name: str = msgspec.field(name="Name")


class Tags(msgspec.Struct, gc=False):
    """The shell of a collection of tags, of which only the names are wanted."""

    names: list[Tag] = msgspec.field(name="_tagsNameArray", default_factory=list[Tag])


# Compiled now, while one thread imports: threads that first decode what they share at the same time
# see it half made (seen with msgspec 0.22), and the process dies.
for shared in (Shell, Tags):
    msgspec.json.Decoder(shared)

# What else stands at the beginning of every object; only the type is looked at.
HEAD = {
    "type_sent": "_type",
    "major": "_rallyAPIMajor",
    "minor": "_rallyAPIMinor",
    "uuid": "_refObjectUUID",
    "label": "_refObjectName",
    "object_version": "_objectVersion",
    "created_at": "_CreatedAt",
}

# A time without a zone is no time: such a page is left to the general way, which empties the field.
Moment: Any = Annotated[datetime, msgspec.Meta(tz=True)]

# How a field is sent, by what the model makes of it.
SHAPES: Mapping[Any, Any] = {
    str: str,
    int: int,
    str | None: str | None,
    bool | None: bool | None,
    int | None: str | int | None,
    Decimal | None: Decimal | None,
    datetime | None: Moment | None,
    Reference | None: Shell | None,
    tuple[str, ...]: Tags | None,
}
REQUIRED = ("ref", "object_id", "formatted_id", "name")


@cache
def types_of(model: type[Ticket]) -> Mapping[str, Any]:
    """Return what each field of a model holds."""
    return get_type_hints(model)


def row_type(kind: Kind) -> type[msgspec.Struct]:
    """Make the type of a row: the fields of the model, and the head of every object."""
    model = model_of(kind)
    names, types = NAMES[model], types_of(model)
    shapes = {field: SHAPES[types[field]] for field in names}
    optional = [(field, shape, None) for field, shape in shapes.items() if field not in REQUIRED]
    head = [(field, str | None, None) for field in HEAD]
    return msgspec.defstruct(
        model.__name__,
        [*((field, shapes[field]) for field in REQUIRED), *optional, *head],
        rename={**names, **HEAD},
        forbid_unknown_fields=True,
        gc=False,
    )


@cache
def decoder(kind: Kind) -> msgspec.json.Decoder[Any]:
    """Make the decoder of a page: one envelope, of which each part is checked."""
    page = msgspec.defstruct(
        "QueryResult",
        [
            ("rows", GenericAlias(list, (row_type(kind),))),
            ("total", int),
            ("errors", list[str], msgspec.field(default_factory=list[str])),
            ("warnings", list[str], msgspec.field(default_factory=list[str])),
        ],
        rename={
            "rows": "Results",
            "total": "TotalResultCount",
            "errors": "Errors",
            "warnings": "Warnings",
        },
    )
    envelope = msgspec.defstruct(
        "Envelope", [("page", page)], rename={"page": "QueryResult"}, forbid_unknown_fields=True
    )
    return msgspec.json.Decoder(envelope)


@cache
def builder(kind: Kind) -> Callable[[Any], Ticket]:
    """Return what makes a ticket of a row."""
    model = model_of(kind)
    own, types = OWN[model], types_of(model)
    made = [(field, attrgetter(field), MADE[types[field]]) for field in own if types[field] in MADE]
    plain = tuple(field for field in own if types[field] not in MADE)
    values = attrgetter(*plain)  # several, of every kind

    def build(row: Any) -> Ticket:
        given = dict(zip(plain, values(row), strict=True))
        for field, sent, make in made:
            given[field] = make(sent(row))
        return model(
            ref=relative(row.ref),
            object_id=row.object_id,
            formatted_id=row.formatted_id,
            name=row.name,
            description=row.description,
            notes=row.notes,
            owner=bare(row.owner),
            project=bare(row.project),
            iteration=bare(row.iteration),
            release=bare(row.release),
            tags=() if row.tags is None else tuple([tag.name for tag in row.tags.names]),
            blocked=row.blocked,
            ready=row.ready,
            created=row.created,
            updated=row.updated,
            version=whole(row.version),
            extra={},
            **given,
        )

    return build


def bare(sent: Shell | None) -> Reference | None:
    return None if sent is None else shell(sent.ref, sent.name, sent.type)


# What is not as it was sent.
MADE: Mapping[Any, Callable[[Any], Any]] = {Reference | None: bare, int | None: whole}


@attrs.frozen
class Straight:
    """The tickets of a page, and what was said of it."""

    tickets: list[Ticket]
    total: int
    warnings: tuple[str, ...]


def straight(kind: Kind, body: bytes) -> Straight | None:
    """Read a page of one kind; None if it must be read the general way."""
    try:
        page = decoder(kind).decode(body).page
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if page.errors or any(row.type_sent != kind.element for row in page.rows):
        return None
    build = builder(kind)
    return Straight([build(row) for row in page.rows], page.total, tuple(page.warnings))
