"""What is kept for each place that code runs in: an event loop, or the process for threads."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from .forks import renewed_in_child

K = TypeVar("K")
T = TypeVar("T")


class KeptByHome(Generic[K, T]):
    """Things by home and key, each made once; they go when their home does.

    Safe to share between event loops and threads.
    """

    def __init__(self) -> None:
        self._inherited: list[object] = []
        self._homes: weakref.WeakKeyDictionary[object, dict[K, T]] = weakref.WeakKeyDictionary()
        self._lock = Lock()
        renewed_in_child(self)

    def renew(self) -> None:
        """Keep what is the parent's, never to be used: closing it here would end it there too."""
        self._inherited.append(self._homes)
        self._homes = weakref.WeakKeyDictionary()
        self._lock = Lock()

    def find(self, home: object, key: K) -> T | None:
        things = self._homes.get(home)  # one step, like the next: it needs no lock
        return None if things is None else things.get(key)

    def keep(self, home: object, key: K, make: Callable[[], T]) -> tuple[T, bool]:
        """Return the thing of a home and key, making it if need be; and whether the home is new."""
        made = make()
        with self._lock:
            is_new = home not in self._homes
            return self._homes.setdefault(home, {}).setdefault(key, made), is_new

    def take(self, home: object) -> list[T]:
        """Take out everything of a home, to be closed."""
        with self._lock:
            return list(self._homes.pop(home, {}).values())
