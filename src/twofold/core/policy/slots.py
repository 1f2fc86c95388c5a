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
    """Entered and left; nobody waits while there is room, unless somebody woken is on the way.

    One at a time is woken, and wakes the next once it is inside: where one does all the work, the
    others sleep on.
    """

    def __init__(self, size: int) -> None:
        self.lock = Lock()
        """For an owner who changes something of its own with it: see `occupy` and `vacate`."""
        self._free = size
        self._waiting: deque[Place] = deque()
        self._coming = False

    def enter(self, place: Place | None = None) -> bool:
        """Enter if there is room; if not, the place is woken once it is worth asking again."""
        with self.lock:
            if place is not None:
                self._coming = False
            if not self.occupy():
                if place is not None:
                    self._waiting.append(place)
                return False
            following = self._next()
        wake(following)
        return True

    def leave(self) -> None:
        """Make room for one more."""
        with self.lock:
            following = self.vacate()
        wake(following)

    def occupy(self) -> bool:
        """Enter if there is room, for one who was not woken and holds the lock."""
        if not self._free:
            return False
        self._free -= 1
        return True

    def vacate(self) -> Place | None:
        """Make room, for one who holds the lock and then wakes whom this returns."""
        self._free += 1
        return None if self._coming else self._next()

    def forget(self, place: Place) -> None:
        """Take out a place where nobody waits any more; if it was woken, so is the next."""
        with self.lock:
            if place in self._waiting:
                self._waiting.remove(place)
            else:
                self._coming = False
            following = self._next()
        wake(following)

    def _next(self) -> Place | None:
        if self._coming or not self._free or not self._waiting:
            return None
        self._coming = True
        return self._waiting.popleft()


def wake(place: Place | None) -> None:
    if place is not None:
        place.wake()
