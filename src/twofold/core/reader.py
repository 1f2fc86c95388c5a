"""Pages of objects of one type, read straight from their bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from threading import Lock
from typing import Any, Generic, TypeVar

import attrs
import msgspec

from ..errors import DriftKind
from .columns import Column, Rows
from .forks import renewed_in_child
from .odd import Odd
from .table import Table

T = TypeVar("T")

DECODING = (msgspec.DecodeError, UnicodeDecodeError)

MOST_BESIDE = 100
"""Names beside those of the columns, at most; a page with more is refused."""


class Compiling:
    """Lets one thread at a time make decoders.

    They share types, such as that of the names on a page, and one that is made while another
    thread makes it too may be seen half made (msgspec 0.22): then the process dies.
    """

    def __init__(self) -> None:
        self.renew()
        renewed_in_child(self)

    def renew(self) -> None:
        self._lock = Lock()

    def decoder(self, type: Any) -> msgspec.json.Decoder[Any]:
        with self._lock:
            return msgspec.json.Decoder(type, float_hook=Decimal)


COMPILING = Compiling()


@attrs.frozen
class Learnt:
    """In what the objects of a page differ from the columns."""

    beside: frozenset[str] = frozenset()
    """Names that no column has."""
    absent: frozenset[str] = frozenset()
    """Names that are due, and that some object is without."""

    def __or__(self, other: Learnt) -> Learnt:
        return Learnt(self.beside | other.beside, self.absent | other.absent)

    @property
    def is_too_much(self) -> bool:
        return len(self.beside) > MOST_BESIDE


@attrs.frozen
class Found(Generic[T]):
    """A page, and the models of its objects."""

    page: Any
    models: list[T]
    _rows: Rows
    _table: Table[T]

    def odd(self, is_news: Callable[[str, DriftKind], bool]) -> Iterator[Odd]:
        """Find what is not as the columns say; objects are counted only of what `is_news`."""
        return self._table.odd(self._rows, is_news)


@attrs.frozen
class Shape(Generic[T]):
    """What is compiled for objects that differ from the columns in what was learnt."""

    learnt: Learnt
    table: Table[T]
    decoder: msgspec.json.Decoder[Any]
    rows: Callable[[Any], Rows]

    def read(self, body: bytes) -> Found[T] | None:
        try:
            page = self.decoder.decode(body)
            rows = self.rows(page)
            return Found(page, self.table.models(rows), rows, self.table)
        except DECODING:
            return None


class Reader(Generic[T]):
    """Reads pages, and learns what their objects hold beside the fields of the model, or lack.

    `around` makes the type of a page of the type of its rows; `rows` finds the rows of a page.
    Threads may share it: what one learns, the next page of another has the use of.
    """

    def __init__(
        self,
        model: type[T],
        columns: Sequence[Column],
        *,
        around: Callable[[Any], Any],
        rows: Callable[[Any], Any],
    ) -> None:
        self._model = model
        self._columns = columns
        self._around = around
        self._rows = rows
        self._known = frozenset(column.sent for column in columns)
        self._due = frozenset(
            column.sent
            for column in columns
            if column.is_due and column.default is not msgspec.NODEFAULT
        )
        self._names = COMPILING.decoder(around(dict[str, msgspec.Raw]))
        self._plain = self._last = self._shape(Learnt())

    def read(self, body: bytes) -> Found[T] | None:
        """Return a page and the models of its objects, fractions as Decimal.

        None: it is not JSON, or not of the shape that is expected.
        """
        # What is odd stands in the first object of a page already: to find that out is cheap.
        return self._plain.read(body) or self._last.read(body) or self._learn(body)

    def _learn(self, body: bytes) -> Found[T] | None:
        """Read a page that differs from the columns as no page did before."""
        own, before = self._differing(body), self._last.learnt
        every = own | before
        if every == before or own.is_too_much:
            return None
        shape = self._shape(own if every.is_too_much else every)
        found = shape.read(body)
        if found is not None:
            self._last = shape
        return found

    def _differing(self, body: bytes) -> Learnt:
        """Return in what the objects on a page differ from the columns, by their names."""
        try:
            rows = self._rows(self._names.decode(body))
        except DECODING:
            return Learnt()
        every = frozenset[str]().union(*rows)
        return Learnt(every - self._known, self._due.difference(common(rows)))

    def _shape(self, learnt: Learnt) -> Shape[T]:
        table = Table(self._model, self._columns, sorted(learnt.beside), learnt.absent)
        decoder = COMPILING.decoder(self._around(table.row))
        return Shape(learnt, table, decoder, self._rows)


def common(rows: Sequence[Mapping[str, object]]) -> AbstractSet[str]:
    """Return the names that all rows have."""
    return frozenset(rows[0]).intersection(*rows) if rows else frozenset()
