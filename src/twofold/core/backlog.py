"""Events that wait for a slow reader: so many at most, and a count of those that were dropped."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import Literal

from ..errors import ArgumentError
from ..events import Event
from .policy.checks import whole
from .policy.slots import Place

Drop = Literal["oldest", "newest"]


class Backlog:
    """A listener that keeps what it hears until it is taken; safe to share between threads.

    When it is full the oldest event makes room for the new one, or the new one is dropped.
    """

    def __init__(self, size: int, drop: Drop = "oldest") -> None:
        if drop not in ("oldest", "newest"):
            raise ArgumentError(f"drop must be 'oldest' or 'newest', not {drop!r}")
        self._size = whole("size", size, 1)
        self._drops_oldest = drop == "oldest"
        self._events: deque[Event] = deque()
        self._waiting: deque[Place] = deque()
        self._lock = Lock()
        self.dropped = 0
        """How many were dropped so far."""

    def __call__(self, event: Event) -> None:
        with self._lock:
            if len(self._events) < self._size:
                self._events.append(event)
            else:
                self.dropped += 1
                if self._drops_oldest:
                    self._events.popleft()
                    self._events.append(event)
            reader = self._waiting.popleft() if self._waiting else None
        if reader is not None:
            reader.wake()

    def take(self, place: Place) -> Event | None:
        """Take the oldest event; None: there is none, and the place is woken when there is."""
        with self._lock:
            if self._events:
                return self._events.popleft()
            self._waiting.append(place)
            return None

    def wake_all(self) -> None:
        """Wake everybody who waits, though there is nothing to take."""
        with self._lock:
            readers = list(self._waiting)
            self._waiting.clear()
        for reader in readers:
            reader.wake()

    def forget(self, place: Place) -> None:
        """Take out a place where nobody waits any more; if it was woken, so is the next."""
        with self._lock:
            if place in self._waiting:
                self._waiting.remove(place)
                return
            following = self._waiting.popleft() if self._waiting and self._events else None
        if following is not None:
            following.wake()
