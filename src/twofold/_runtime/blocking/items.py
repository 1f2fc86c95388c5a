"""What a batch draws its items from, and how."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias, TypeVar

__all__ = ["DRAWS_BETWEEN_CHECKPOINTS", "Items", "arriving", "at_hand"]

T = TypeVar("T")

Items: TypeAlias = Iterable[T]

DRAWS_BETWEEN_CHECKPOINTS = 1
"""A checkpoint costs little, and a call that blocks elsewhere has none of its own."""


def at_hand(items: Items[T]) -> Iterable[T] | None:
    """Return the items if none has to be waited for, else None: a generator may well block."""
    return items if isinstance(items, Collection) else None


def arriving(items: Items[T]) -> Iterator[T]:
    """Return an iterator over items of which each may have to be waited for."""
    return iter(items)
