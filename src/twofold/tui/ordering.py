"""In which order tickets are shown, found a slice at a time.

Sorting many at once would keep the screen from being drawn; a slice does not.  A thread would be no
better: a sort lets no other run until it is done, and what it sorts would change meanwhile.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any, Protocol, TypeVar

from ..rally.models import Ticket
from .relations import name_of, parent_of

T = TypeVar("T")

SLICE = 1000
"""Tickets that are looked at before others have their turn: some milliseconds."""


class Order(enum.Enum):
    """What comes first; tickets that are equal in it stay in the order of their last change."""

    RECENT = "recent"
    STATE = "state"
    OWNER = "owner"
    PARENT = "parent"

    @property
    def next(self) -> Order:
        every = list(Order)
        return every[(every.index(self) + 1) % len(every)]


class Placed(Protocol):
    """What is put in order."""

    @property
    def ticket(self) -> Ticket: ...
    @property
    def recent(self) -> float: ...


def in_slices(items: Sequence[T]) -> Generator[Sequence[T]]:
    for start in range(0, len(items), SLICE):
        yield items[start : start + SLICE]


def ordered(items: Sequence[T], key: Callable[[T], Any]) -> Generator[None, None, list[T]]:
    """Return items in order, those that are equal as they were; each step is a slice."""
    runs: list[list[T]] = []
    for part in in_slices(items):
        runs.append(sorted(part, key=key))
        yield
    found: list[T] = []
    merged = iter(runs[0]) if len(runs) == 1 else merge(*runs, key=key)
    while part := list(islice(merged, SLICE)):
        found += part
        yield
    return found


def recency(updated: datetime | None) -> float:
    """Return a number that is smaller the later something was changed."""
    return math.inf if updated is None else -updated.timestamp()


def last(text: str) -> tuple[str, ...]:
    """Return a key that puts what is empty after all else."""
    return (text.lower(),) if text else ("\U0010ffff",)


KEYS: Mapping[Order, Callable[[Placed], Any]] = {
    Order.RECENT: attrgetter("recent"),
    Order.STATE: lambda row: last(row.ticket.state or ""),
    Order.OWNER: lambda row: last(name_of(row.ticket.owner)),
    Order.PARENT: lambda row: last(name_of(parent_of(row.ticket))),
}
