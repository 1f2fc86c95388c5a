"""Pages of objects straight from their bytes, where every object is of one shape.

Faster than the general way, and equal to it: whatever is not of the expected shape is left to
`structure`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache, partial
from operator import attrgetter
from typing import Annotated, Any, Generic, Literal, TypeVar, cast, get_type_hints

import attrs
import msgspec
from msgspec import Raw

from ..core.columns import Column
from ..core.reader import Found, Reader
from .models import Reference
from .names import NAMES, WORDS, due
from .structure import ENVELOPE, relative, whole


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
SHELL = msgspec.json.Decoder(Shell | None)
msgspec.json.Decoder(Tags)

NULL = Raw(b"null")


@lru_cache(maxsize=4096)
def reference(json: bytes) -> Reference | None:
    """Read a reference; thousands of tickets share a few owners, projects and iterations."""
    sent = SHELL.decode(json)
    if sent is None:
        return None
    return Reference(ref=relative(sent.ref), name=sent.name, type=sent.type)


def references(sent: Iterable[Raw]) -> Iterable[Reference | None]:
    return map(reference, map(bytes, sent))


def names_of_tags(sent: Iterable[Tags | None]) -> Iterable[tuple[str, ...]]:
    return [() if tags is None else tuple([tag.name for tag in tags.names]) for tags in sent]


@lru_cache(1024)
def count(sent: str | int | None) -> int | None:
    """Read a number that is a count; what is none is left to the general way, which empties it."""
    found = whole(sent)
    if found is None and sent not in (None, ""):
        raise msgspec.ValidationError("this is no count")
    return found


# A time without a zone is no time: such a page is left to the general way, which empties the field.
Moment: Any = Annotated[datetime, msgspec.Meta(tz=True)]

# How a field is sent, by what the model makes of it.
COLUMNS: Mapping[Any, Any] = {
    str: partial(Column, shape=str),
    int: partial(Column, shape=int),
    str | None: partial(Column, shape=str | None, default=None),
    bool | None: partial(Column, shape=bool | None, default=None),
    int | None: partial(Column, shape=str | int | None, default=None, make=partial(map, count)),
    Decimal | None: partial(Column, shape=Decimal | None, default=None),
    datetime | None: partial(Column, shape=Moment | None, default=None),
    Reference | None: partial(Column, default=NULL, make=references),
    tuple[str, ...]: partial(Column, shape=Tags | None, default=None, make=names_of_tags),
}
# In every object, and of no use.
TYPE, *HEAD = [Column(name, default=NULL) for name in ("_type", *sorted(ENVELOPE - {"_type"}))]

R = TypeVar("R")
T = TypeVar("T")


class Result(msgspec.Struct, Generic[R]):
    """A page, and what the server says of it."""

    rows: list[R] = msgspec.field(name="Results")
    total: int = msgspec.field(name="TotalResultCount")
    errors: list[str] = msgspec.field(name="Errors", default_factory=list[str])
    warnings: list[str] = msgspec.field(name="Warnings", default_factory=list[str])


class Envelope(msgspec.Struct, Generic[R], forbid_unknown_fields=True):
    """What there is around a page."""

    page: Result[R] = msgspec.field(name="QueryResult")


def columns(model: type[Any], element: str | None) -> Sequence[Column]:
    """Return the fields of a model, and the head of every object.

    Of tickets the type is looked at: what is of another one than was asked for is another thing.
    """
    types, words, expected = get_type_hints(model), WORDS.get(model, {}), due(model)
    own = [
        COLUMNS[types[field]](
            sent=sent,
            field=field,
            is_due=field in expected,
            words=words[field] | {None, ""} if field in words else None,
        )
        for field, sent in NAMES[model].items()
        if field != "ref"
    ]
    ref = Column("_ref", str, field="ref", make=partial(map, relative))
    kind = TYPE if element is None else Column("_type", Literal[element])
    return [ref, *own, kind, *HEAD]


@attrs.frozen
class Straight(Generic[T]):
    """The objects of a page, and what was said of it."""

    items: list[T]
    total: int
    warnings: tuple[str, ...]
    found: Found[T]


@cache
def reader(model: type[T], element: str | None) -> Reader[T]:
    envelope: Any = Envelope  # to type checkers, a type that is made here could not stand in it
    return Reader(
        model,
        columns(model, element),
        around=lambda row: envelope[row],
        rows=attrgetter("page.rows"),
    )


def straight(model: type[T], element: str | None, body: bytes) -> Straight[T] | None:
    """Read a page; None if it must be read the general way.  `element` is the type of tickets."""
    found = reader(cast("Any", model), element).read(body)
    if found is None:
        return None
    page: Result[Any] = found.page.page
    if page.errors:
        return None
    return Straight(found.models, page.total, tuple(page.warnings), found)
