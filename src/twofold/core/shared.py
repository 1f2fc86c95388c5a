"""An iterator that several tasks, or threads, draw from.

The lock is plain and held while the iterator works, so whatever waits must not be drawn from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Each item goes to one of those who ask; after an error, or the end, there are no more."""

    def __init__(self, items: Iterable[T]) -> None:
        self._items = iter(items)
        self._lock = Lock()

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        with self._lock:
            try:
                return next(self._items)
            except BaseException:
                self._items = iter(())
                raise
