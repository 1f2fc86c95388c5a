"""Pages of tickets straight from their bytes, where they hold just what was asked for.

Faster than the general way, and equal to it: whatever is not of the expected shape, a field
that nobody asked for included, is left to `structure`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import GenericAlias
from typing import Annotated, Any

import attrs
import msgspec

from .kinds import Kind
from .models import Reference, Ticket
from .structure import COMMON, MODELS, OWN, relative, shell, whole


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

REFERENCES = frozenset(
    {
        *("owner", "project", "iteration", "release", "parent", "feature", "requirement"),
        "work_product",
    }
)
# A time without a zone is no time: such a page is left to the general way, which empties the field.
Moment: Any = Annotated[datetime, msgspec.Meta(tz=True)]

SHAPES: Mapping[str, Any] = {
    "ref": str,
    "object_id": int,
    "formatted_id": str,
    "name": str,
    "tags": Tags | None,
    "blocked": bool | None,
    "ready": bool | None,
    "created": Moment | None,
    "updated": Moment | None,
    "plan_estimate": Decimal | None,
    "estimate": Decimal | None,
    "to_do": Decimal | None,
    "actuals": Decimal | None,
}
REQUIRED = ("ref", "object_id", "formatted_id", "name")


def shape_of(field: str) -> Any:
    return Shell | None if field in REFERENCES else SHAPES.get(field, str | None)


def row_type(kind: Kind) -> type[msgspec.Struct]:
    """Make the type of a row: the fields of the model, and the head of every object."""
    names = COMMON | OWN[MODELS[kind.element]]
    optional = [(field, shape_of(field), None) for field in names if field not in REQUIRED]
    head = [(field, str | None, None) for field in HEAD]
    return msgspec.defstruct(
        kind.element,
        [*((field, shape_of(field)) for field in REQUIRED), *optional, *head],
        rename=names | HEAD,
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
    model = MODELS[kind.element]
    own = tuple(OWN[model])
    plain = tuple(field for field in own if field not in REFERENCES)
    referring = tuple(field for field in own if field in REFERENCES)

    def build(row: Any) -> Ticket:
        given = {field: getattr(row, field) for field in plain}
        given.update((field, bare(getattr(row, field))) for field in referring)
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
            version=None if row.version is None else whole(row.version),
            **given,
        )

    return build


def bare(sent: Shell | None) -> Reference | None:
    return None if sent is None else shell(sent.ref, sent.name, sent.type)


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
