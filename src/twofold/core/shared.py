"""An iterator that several tasks, or threads, draw from.

The lock is plain and held while the iterator works, so whatever waits must not be drawn from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Gives each item, with its number from 0, to one of those who ask.

    After an error, or the end, there are no more.
    """

    def __init__(self, items: Iterable[T]) -> None:
        self.total: int | None = None
        """How many there were, once all are drawn."""
        self._items: Iterator[T] | None = iter(items)
        self._drawn = 0
        self._lock = Lock()

    def __iter__(self) -> Iterator[tuple[int, T]]:
        return self

    def __next__(self) -> tuple[int, T]:
        with self._lock:
            if self._items is None:
                raise StopIteration
            try:
                item = next(self._items)
            except StopIteration:
                self.total = self._drawn
                self._items = None
                raise
            except BaseException:
                self._items = None
                raise
            number, self._drawn = self._drawn, self._drawn + 1
            return number, item
