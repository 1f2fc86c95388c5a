"""Pages of objects of one type, read straight from their bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Generic, TypeVar

import attrs
import msgspec

from .table import Column, Table

T = TypeVar("T")

DECODING = (msgspec.DecodeError, UnicodeDecodeError)

MOST_BESIDE = 100
"""Names beside those of the columns, at most; a page with more is refused."""


@attrs.frozen
class Shape(Generic[T]):
    """What is compiled for objects that have the columns, and some names beside."""

    beside: frozenset[str]
    table: Table[T]
    decoder: msgspec.json.Decoder[Any]
    rows: Callable[[Any], Any]

    def read(self, body: bytes) -> tuple[Any, list[T]] | None:
        try:
            page = self.decoder.decode(body)
            return page, self.table.models(self.rows(page))
        except DECODING:
            return None


class Reader(Generic[T]):
    """Reads pages, and learns what their objects hold beside the fields of the model.

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
        self._names = msgspec.json.Decoder[Any](around(dict[str, msgspec.Raw]))
        self._plain = self._learnt = self._shape(frozenset())

    def read(self, body: bytes) -> tuple[Any, list[T]] | None:
        """Return a page and the models of its objects, fractions as Decimal.

        None: it is not JSON, or not of the shape that is expected.
        """
        # What is unknown stands in the first object of a page already: to find that out is cheap.
        return self._plain.read(body) or self._learnt.read(body) or self._learn(body)

    def _learn(self, body: bytes) -> tuple[Any, list[T]] | None:
        """Read a page that has names which no page had before."""
        beside, before = self._beside(body), self._learnt.beside
        if beside <= before or len(beside) > MOST_BESIDE:
            return None
        every = beside | before
        shape = self._shape(every if len(every) <= MOST_BESIDE else beside)
        found = shape.read(body)
        if found is not None:
            self._learnt = shape
        return found

    def _beside(self, body: bytes) -> frozenset[str]:
        """Return the names on a page that no column has."""
        try:
            rows = self._rows(self._names.decode(body))
        except DECODING:
            return frozenset()
        return frozenset[str]().union(*rows) - {column.sent for column in self._columns}

    def _shape(self, beside: frozenset[str]) -> Shape[T]:
        table = Table(self._model, self._columns, sorted(beside))
        decoder = msgspec.json.Decoder[Any](self._around(table.row), float_hook=Decimal)
        return Shape(beside, table, decoder, self._rows)
