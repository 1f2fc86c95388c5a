"""So many may be inside at once; who finds no room leaves word where it waits.

Nothing waits here.  Whoever is woken asks again, and may find that another was quicker: a slot is
not handed from one to the next, since that would cost a change of threads each time.
"""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import Protocol


class Place(Protocol):
    """Where somebody waits: the seam's parking place, good for being woken once."""

    def wake(self) -> bool: ...


class Slots:
    """Entered and left; no wake-up is lost, and nobody waits while there is room."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._waiting: deque[Place] = deque()
        self._lock = Lock()

    def enter(self, place: Place | None = None) -> bool:
        """Enter if there is room; if not, the place is woken as soon as it is worth asking again."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            if place is not None:
                self._waiting.append(place)
            return False

    def leave(self) -> None:
        """Make room for one more."""
        with self._lock:
            self._free += 1
        self._wake_next()

    def forget(self, place: Place) -> None:
        """Take out a place where nobody waits any more; if it was woken, so is the next."""
        with self._lock:
            waits = place in self._waiting
            if waits:
                self._waiting.remove(place)
        if not waits:
            self._wake_next()

    def _wake_next(self) -> None:
        with self._lock:
            place = self._waiting.popleft() if self._waiting and self._free else None
        if place is not None:
            place.wake()
