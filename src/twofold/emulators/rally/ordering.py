"""The order of results, and its instability where the caller left it open."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import attrs

from .model import ElementType, Record
from .query.comparison import position_key
from .query.predicate import Route, route
from .refused import Refused

ALIASES = {"Rank": "DragAndDropRank"}
UNIQUE = ("ObjectID", "ObjectUUID", "DragAndDropRank")

Rank = tuple[bool, Any]


@attrs.frozen
class Key:
    """One part of an order."""

    found: Route
    is_descending: bool

    def of(self) -> Callable[[Record], Rank]:
        """Return what a record is sorted by; an empty value comes first."""
        if self.found.last.name == "ObjectID" and not self.found.steps:
            return lambda record: (True, record.oid)
        return partial(_rank, self.found, position_key(self.found.last))

    def is_unique(self, types: Sequence[ElementType]) -> bool:
        if self.found.steps:
            return False
        name = self.found.last.name
        return name in UNIQUE or (name == "FormattedID" and len(types) == 1)


def keys(order: str, types: Sequence[ElementType]) -> list[Key]:
    """Read `Field [ASC|DESC], ...`; the field must be known to all types."""
    return [_key(part.split(), types) for part in order.split(",") if part.strip()]


@attrs.frozen
class Ordered:
    """All results of a query in order, and where runs of equal ones begin (none: all differ)."""

    records: list[Record]
    runs: list[int]

    def page(self, first: int, size: int) -> list[Record]:
        """Return results from an index on. Equal ones stand elsewhere on every page: each run is
        turned by where the page begins, as a database does whose plan depends on it."""
        places = range(first, min(first + size, len(self.records)))
        if not self.runs:
            return self.records[places.start : places.stop]
        return [self.records[self._turned(place, first)] for place in places]

    def _turned(self, place: int, first: int) -> int:
        run = bisect_right(self.runs, place) - 1
        begin = self.runs[run]
        end = self.runs[run + 1] if run + 1 < len(self.runs) else len(self.records)
        return begin + (place - begin + first) % (end - begin)


def ordered(
    records: list[Record], order: Sequence[Key], types: Sequence[ElementType], *, stable: bool
) -> Ordered:
    """Sort by all keys; `stable` keeps equal records in place on all pages."""
    records = list(records)
    for key in reversed(order):
        records.sort(key=key.of(), reverse=key.is_descending)
    if stable or any(key.is_unique(types) for key in order):
        return Ordered(records, [])
    return Ordered(records, _runs(records, [key.of() for key in order]))


def _runs(records: list[Record], ranks: list[Callable[[Record], Rank]]) -> list[int]:
    marks = [[rank(record) for rank in ranks] for record in records]
    return [0, *(place for place, (a, b) in enumerate(pairwise(marks), 1) if a != b)]


def _key(words: list[str], types: Sequence[ElementType]) -> Key:
    name = ALIASES.get(words[0], words[0])
    path = name.split(".")
    found = [route([each], path) for each in types]
    first = found[0]
    if first is None or None in found or first.through_collection:
        raise Refused(f"Cannot sort using unknown attribute {words[0]}")
    return Key(first, is_descending=len(words) > 1 and words[1].upper() == "DESC")


def _rank(found: Route, position: Callable[[Any], Any], record: Record) -> Rank:
    value = found.value(record)
    if isinstance(value, Record):
        return (True, str(value.values.get(value.type.label, "")))
    place = position(value)
    return (place is not None, "" if place is None else place)
