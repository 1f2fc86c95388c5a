"""Objects that come by the thousand, read as a table: decoded by rows, made models by columns.

It is for models whose fields have other names on the wire, or that keep what they do not know;
where the names are the same, msgspec makes the models itself.  It is strict: an object of another
shape than was expected is refused, and left to whoever reads leniently.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from inspect import ismemberdescriptor
from itertools import repeat
from typing import Any, Generic, TypeVar

import attrs
import msgspec

from ..errors import DriftKind
from .columns import Column, Rows, Values, attribute, sent_in
from .odd import Odd, oddities

T = TypeVar("T")


class Table(Generic[T]):
    """Reads objects of one type.

    `beside` are names on the wire that no column has: what is sent for them is kept, as it is, in
    the `extra` of the model.  Any further name is refused when a `row` is decoded, and so is a row
    without one that is due, unless it is among the `absent`.
    """

    def __init__(
        self,
        model: type[T],
        columns: Sequence[Column],
        beside: Sequence[str] = (),
        absent: Collection[str] = (),
    ) -> None:
        unknown = [Column(name, Any, msgspec.UNSET) for name in beside]
        known = [expected(column, absent) for column in columns]
        self.row = row_type(model.__name__, [*known, *unknown])
        """The type to decode."""
        self._model = model
        self._fields = [
            (slot(model, field), values)
            for field, values in values_of(model, columns, beside, absent).items()
        ]
        self._oddities = [*oddities([*columns, *unknown], absent)]

    def models(self, rows: Rows) -> list[T]:
        """Make a model of each row, in their order; what a `make` raises is raised as it is.

        A model is filled past its initialiser, which for a frozen class of twenty fields takes
        longer than the decoding.
        """
        models = [self._model.__new__(self._model) for _ in rows]
        for put, values in self._fields:
            deque(map(put, models, values(rows)), maxlen=0)
        return models

    def odd(self, rows: Rows, is_news: Callable[[str, DriftKind], bool]) -> Iterator[Odd]:
        """Find what is not as the columns say; rows are counted only of what `is_news`."""
        for key, kind, places in self._oddities:
            if is_news(key, kind) and (found := places(rows)):
                yield Odd(key, kind, found)


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


def expected(column: Column, absent: Collection[str]) -> Column:
    """Return a column as its rows must be: what is due has no default."""
    if not column.is_due:
        return column
    missing = msgspec.UNSET if column.sent in absent else msgspec.NODEFAULT
    return attrs.evolve(column, default=missing)


def values_of(
    model: type[Any], columns: Sequence[Column], beside: Sequence[str], absent: Collection[str]
) -> Mapping[str, Values]:
    """Return where the values of each field of a model come from."""
    sent = {
        column.field: column_values(place, column, column.sent in absent)
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


def column_values(place: int, column: Column, may_be_unset: bool) -> Values:
    sent, make = sent_in(place), column.make
    read = filled(sent, column.default) if may_be_unset else sent
    if make is None:
        return read
    return lambda rows: make(read(rows))


def filled(sent: Values, default: Any) -> Values:
    """Put the default of a column where nothing was sent."""
    return lambda rows: [default if each is msgspec.UNSET else each for each in sent(rows)]


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
    beside = [(name, sent_in(first + place)) for place, name in enumerate(names)]

    def kept(rows: Rows) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [{} for _ in rows]
        for name, read in beside:
            for extra, sent in zip(found, read(rows), strict=True):
                if sent is not msgspec.UNSET:
                    extra[name] = sent
        return found

    return kept
