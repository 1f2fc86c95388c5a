"""Objects that come by the thousand, read as a table: decoded by rows, made models by columns.

It is for models whose fields have other names on the wire, or that keep what they do not know;
where the names are the same, msgspec makes the models itself.  It is strict: an object of another
shape than was expected is refused, and left to whoever reads leniently.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import ismemberdescriptor
from itertools import repeat
from operator import attrgetter
from typing import Any, Generic, TypeAlias, TypeVar

import attrs
import msgspec

T = TypeVar("T")

Rows: TypeAlias = Sequence[msgspec.Struct]
Values: TypeAlias = Callable[[Rows], Iterable[Any]]
"""What finds the values of one field in all rows, in their order."""


@attrs.frozen
class Column:
    """A field of an object as it is sent."""

    sent: str
    """Its name on the wire."""
    shape: Any = msgspec.Raw
    """The type that it is decoded as."""
    default: Any = msgspec.NODEFAULT
    """What stands for one that is missing; by default no object may be without it."""
    field: str | None = None
    """The field of the model that it fills; None: it is of no use."""
    make: Callable[[Iterable[Any]], Iterable[Any]] | None = None
    """What makes values of all that was sent, in order, such as ``partial(map, int)``."""


class Table(Generic[T]):
    """Reads objects of one type.

    `beside` are names on the wire that no column has: what is sent for them is kept, as it is, in
    the `extra` of the model.  Any further name is refused when a `row` is decoded.
    """

    def __init__(
        self, model: type[T], columns: Sequence[Column], beside: Sequence[str] = ()
    ) -> None:
        unknown = [Column(name, Any, msgspec.UNSET) for name in beside]
        self.row = row_type(model.__name__, [*columns, *unknown])
        """The type to decode."""
        self._model = model
        self._fields = [
            (slot(model, field), values)
            for field, values in values_of(model, columns, beside).items()
        ]

    def models(self, rows: Rows) -> list[T]:
        """Make a model of each row, in their order; what a `make` raises is raised as it is.

        A model is filled past its initialiser, which for a frozen class of twenty fields takes
        longer than the decoding.
        """
        models = [self._model.__new__(self._model) for _ in rows]
        for put, values in self._fields:
            deque(map(put, models, values(rows)), maxlen=0)
        return models


def row_type(name: str, columns: Sequence[Column]) -> type[msgspec.Struct]:
    """Make the type of a row, whose attributes have the names of their places."""
    return msgspec.defstruct(
        name,
        [
            (attribute(place), column.shape, msgspec.field(default=column.default))
            for place, column in enumerate(columns)
        ],
        rename={attribute(place): column.sent for place, column in enumerate(columns)},
        forbid_unknown_fields=True,
        kw_only=True,
        gc=False,
    )


def attribute(place: int) -> str:
    return f"column_{place}"


def values_of(
    model: type[Any], columns: Sequence[Column], beside: Sequence[str]
) -> Mapping[str, Values]:
    """Return where the values of each field of a model come from."""
    sent = {
        column.field: column_values(place, column)
        for place, column in enumerate(columns)
        if column.field is not None
    }
    fields = {field.name: field for field in plain_fields(model)}
    if beside or "extra" in fields:
        sent["extra"] = extras(len(columns), beside)
    if strange := sent.keys() - fields.keys():
        raise TypeError(f"{model.__name__} has no field {', '.join(sorted(strange))}")
    return {name: sent.get(name) or unsent(field) for name, field in fields.items()}


def plain_fields(model: type[Any]) -> Sequence[Any]:
    """Return the fields of a model that is nothing but its fields, or raise TypeError."""
    fields: Sequence[Any] = attrs.fields(model)
    if hasattr(model, "__attrs_post_init__") or any(
        field.validator or field.converter for field in fields
    ):
        raise TypeError(f"{model.__name__} does more than keep its fields: it must be initialised")
    return fields


def slot(model: type[Any], field: str) -> Callable[[Any, Any], None]:
    """Return what fills a slot, also of a frozen model."""
    found = getattr(model, field, None)
    if not ismemberdescriptor(found):
        raise TypeError(f"{model.__name__} has no slot for its field {field}")
    return found.__set__


def column_values(place: int, column: Column) -> Values:
    read, make = attrgetter(attribute(place)), column.make
    if make is None:
        return lambda rows: map(read, rows)
    return lambda rows: make(map(read, rows))


def unsent(field: Any) -> Values:
    """Fill a field that no column fills with its default."""
    default = field.default
    if default is attrs.NOTHING:
        raise TypeError(f"nothing fills the field {field.name}, and it has no default")
    if hasattr(default, "factory"):
        make = default.factory
        return lambda rows: [make() for _ in rows]
    return lambda rows: repeat(default, len(rows))


def extras(first: int, names: Sequence[str]) -> Values:
    """Keep what was sent under names that the model has no field for, column by column."""
    beside = [(name, attrgetter(attribute(first + place))) for place, name in enumerate(names)]

    def kept(rows: Rows) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [{} for _ in rows]
        for name, read in beside:
            for extra, sent in zip(found, map(read, rows), strict=True):
                if sent is not msgspec.UNSET:
                    extra[name] = sent
        return found

    return kept
