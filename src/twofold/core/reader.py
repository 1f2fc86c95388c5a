"""Pages of objects of one type, read straight from their bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Generic, TypeVar

import attrs
import msgspec

from .table import Column, Table

T = TypeVar("T")

MOST_BESIDE = 100
"""Names beside those of the columns, at most; a page with more is refused."""


@attrs.frozen
class Shape(Generic[T]):
    """What is compiled for objects that have the columns, and some names beside."""

    beside: frozenset[str]
    table: Table[T]
    decoder: msgspec.json.Decoder[Any]


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
        self._shape = self._shaped(frozenset())

    def read(self, body: bytes) -> tuple[Any, list[T]]:
        """Return a page and the models of its objects, fractions as Decimal.

        What is not of the expected shape raises msgspec's DecodeError, or UnicodeDecodeError.
        """
        shape = self._shape
        try:
            return self._read(shape, body)
        except msgspec.ValidationError:
            beside = self._beside(body)
            if beside <= shape.beside or len(beside) > MOST_BESIDE:
                raise
        every = beside | shape.beside
        shape = self._shaped(every if len(every) <= MOST_BESIDE else beside)
        self._shape = shape
        return self._read(shape, body)

    def _read(self, shape: Shape[T], body: bytes) -> tuple[Any, list[T]]:
        page = shape.decoder.decode(body)
        return page, shape.table.models(self._rows(page))

    def _beside(self, body: bytes) -> frozenset[str]:
        """Return the names on a page that no column has."""
        names = frozenset[str]().union(*self._rows(self._names.decode(body)))
        return names - {column.sent for column in self._columns}

    def _shaped(self, beside: frozenset[str]) -> Shape[T]:
        table = Table(self._model, self._columns, sorted(beside))
        decoder = msgspec.json.Decoder[Any](self._around(table.row), float_hook=Decimal)
        return Shape(beside, table, decoder)
