"""What some make and one takes: bounded, in the order of making or in the order of numbers.

Nothing waits here: whoever cannot go on leaves its place and is woken there; then it asks again.
A place is the seam's parking place, so makers and taker may be tasks or threads.
"""

from __future__ import annotations

import enum
from collections import deque
from threading import Lock
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class Place(Protocol):
    """Where somebody waits: the seam's parking place."""

    def wake(self) -> bool: ...


class Nothing(enum.Enum):
    """Why there is nothing to take."""

    YET = "yet"
    EVER = "ever"


class Window(Generic[T]):
    """Holds at most `size` things that are being made or wait to be taken.

    Makers number their things from 0 without a gap, each having entered before it began the next
    one.  Ordered, they are taken in the order of their numbers, so one that is late holds up the
    taker, and at most `size` are made beyond it.
    """

    def __init__(self, size: int, *, makers: int, ordered: bool = False) -> None:
        self._free = size
        self._makers = makers
        self._ordered = ordered
        self._made: dict[int, T] = {}
        self._put = 0
        self._taken = 0
        self._error: Exception | None = None
        self._waiting: deque[Place] = deque()
        self._taker: Place | None = None
        self._lock = Lock()

    def enter(self, place: Place) -> bool:
        """Claim room for one more thing; if there is none, the place is woken when there is."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            self._waiting.append(place)
            return False

    def put(self, number: int, thing: T) -> None:
        """Hand over a thing for which room was claimed."""
        with self._lock:
            self._made[number if self._ordered else self._put] = thing
            self._put += 1
            taker = self._woken_taker() if self._taken in self._made else None
        if taker is not None:
            taker.wake()

    def leave(self, error: Exception | None = None) -> None:
        """Stop making, having claimed room in vain; an error is taken after all that was made."""
        with self._lock:
            self._makers -= 1
            self._error = self._error or error
            woken = [self._freed(), None if self._makers else self._woken_taker()]
        for place in woken:
            if place is not None:
                place.wake()

    def take(self, place: Place) -> T | Nothing:
        """Take the next thing; if there is nothing yet, the place is woken when there is.

        After the last thing comes the makers' error, once.
        """
        with self._lock:
            if self._taken not in self._made:
                return self._nothing(place)
            thing = self._made.pop(self._taken)
            self._taken += 1
            maker = self._freed()
        if maker is not None:
            maker.wake()
        return thing

    def _nothing(self, place: Place) -> Nothing:
        if self._makers:
            self._taker = place
            return Nothing.YET
        error, self._error = self._error, None
        if error is not None:
            raise error
        return Nothing.EVER

    def _freed(self) -> Place | None:
        """Make room for one more; return who is to be woken for it."""
        self._free += 1
        return self._waiting.popleft() if self._waiting else None

    def _woken_taker(self) -> Place | None:
        taker, self._taker = self._taker, None
        return taker
