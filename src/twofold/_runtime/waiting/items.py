"""What a batch draws its items from, and how."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import TypeAlias, TypeVar

__all__ = ["DRAWS_BETWEEN_CHECKPOINTS", "Items", "arriving", "at_hand"]

T = TypeVar("T")

Items: TypeAlias = Iterable[T] | AsyncIterable[T]

DRAWS_BETWEEN_CHECKPOINTS = 32
"""A checkpoint costs more than all else about an item; most calls have one of their own."""


def at_hand(items: Items[T]) -> Iterable[T] | None:
    """Return the items if none has to be waited for, else None."""
    return None if isinstance(items, AsyncIterable) else items


def arriving(items: Items[T]) -> AsyncIterator[T]:
    """Return an iterator over items of which each may have to be waited for."""
    if not isinstance(items, AsyncIterable):
        raise TypeError(f"{type(items).__name__} is at hand")
    return aiter(items)
