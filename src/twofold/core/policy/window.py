"""What some make and one takes: bounded, in the order of making or in the order of numbers.

Nothing waits here: who finds nothing to take leaves word where it waits, and asks again once woken.
"""

from __future__ import annotations

import enum
from threading import Lock
from typing import Generic, TypeVar

from .slots import Place, Slots

T = TypeVar("T")


class Nothing(enum.Enum):
    """Why there is nothing to take."""

    YET = "yet"
    EVER = "ever"


class Window(Generic[T]):
    """Holds at most `size` things that are being made or wait to be taken.

    Makers number their things from 0 without a gap, and enter `slots` before they begin the next
    one.  Ordered, they are taken in the order of their numbers, so one that is late holds up the
    taker, and at most `size - 1` are made beyond it.
    """

    def __init__(self, size: int, *, makers: int, ordered: bool = False) -> None:
        self.slots = Slots(size)
        self._makers = makers
        self._ordered = ordered
        self._made: dict[int, T] = {}
        self._put = 0
        self._taken = 0
        self._error: Exception | None = None
        self._taker: Place | None = None
        self._lock = Lock()

    def put(self, number: int, thing: T) -> None:
        """Hand over a thing for which a slot was entered."""
        with self._lock:
            self._made[number if self._ordered else self._put] = thing
            self._put += 1
            taker = self._woken_taker() if self._taken in self._made else None
        if taker is not None:
            taker.wake()

    def stop(self, error: Exception | None = None) -> None:
        """Make no more, having entered in vain; an error is taken after all that was made."""
        with self._lock:
            self._makers -= 1
            self._error = self._error or error
            taker = None if self._makers else self._woken_taker()
        self.slots.leave()
        if taker is not None:
            taker.wake()

    def take(self, place: Place | None = None) -> T | Nothing:
        """Take the next thing; if there is none yet, the place is woken when there is.

        After the last thing comes the makers' error, once.
        """
        with self._lock:
            if self._taken not in self._made:
                return self._nothing(place)
            thing = self._made.pop(self._taken)
            self._taken += 1
        self.slots.leave()
        return thing

    def _nothing(self, place: Place | None) -> Nothing:
        if self._makers:
            self._taker = place
            return Nothing.YET
        error, self._error = self._error, None
        if error is not None:
            raise error
        return Nothing.EVER

    def _woken_taker(self) -> Place | None:
        taker, self._taker = self._taker, None
        return taker
