"""What is odd in the rows of a table that could be read: keys too many or few, other words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TypeAlias

import attrs
import msgspec

from ..errors import DriftKind
from .columns import Column, Rows, Values, sent_in


@attrs.frozen
class Odd:
    """What is not as the columns say, and in which rows."""

    key: str
    kind: DriftKind
    rows: Sequence[int]
    """Their places, in order; never none."""


Places: TypeAlias = Callable[[Rows], Sequence[int]]
"""What finds the rows that are odd in one way."""


def oddities(
    columns: Sequence[Column], absent: Collection[str]
) -> Iterator[tuple[str, DriftKind, Places]]:
    """Return in which ways rows that were decoded may yet be odd, and what finds those."""
    for place, column in enumerate(columns):
        sent = sent_in(place)
        if column.default is msgspec.UNSET:
            yield column.sent, DriftKind.UNKNOWN_KEY, places_of_set(sent)
        if column.is_due and column.sent in absent:
            yield column.sent, DriftKind.MISSING_KEY, places_of_unset(sent)
        if column.words is not None:
            words = column.words | {msgspec.UNSET}
            yield column.sent, DriftKind.UNKNOWN_WORD, places_beyond(sent, words)


def places_of_set(sent: Values) -> Places:
    return lambda rows: [at for at, each in enumerate(sent(rows)) if each is not msgspec.UNSET]


def places_of_unset(sent: Values) -> Places:
    return lambda rows: [at for at, each in enumerate(sent(rows)) if each is msgspec.UNSET]


def places_beyond(sent: Values, words: AbstractSet[object]) -> Places:
    def places(rows: Rows) -> Sequence[int]:
        if words >= {*sent(rows)}:  # as it is nearly always, and several times as fast
            return ()
        return [at for at, each in enumerate(sent(rows)) if each not in words]

    return places
