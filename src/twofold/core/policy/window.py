"""What some make and one takes: bounded, in the order of making or in the order of numbers.

Nothing waits here: who finds nothing to take leaves word where it waits, and asks again once woken.
"""

from __future__ import annotations

import enum
from typing import Generic, TypeVar

from .slots import Place, Slots, wake

T = TypeVar("T")


class Nothing(enum.Enum):
    """Why there is nothing to take."""

    YET = "yet"
    EVER = "ever"


class Window(Generic[T]):
    """Holds at most `size` things that are being made or wait to be taken.

    Makers number their things from 0 without a gap; each enters `slots` before it begins its first,
    and is told by `put` whether it has entered for the next.  Ordered, things are taken in the
    order of their numbers, so one that is late holds up the taker, and at most `size - 1` are made
    beyond it.
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
        self._lock = self.slots.lock  # one for both: this is done for every item of a batch

    def put(self, number: int, thing: T) -> bool:
        """Hand over a thing for which a slot was entered; True: one for the next is entered too."""
        with self._lock:
            self._made[number if self._ordered else self._put] = thing
            self._put += 1
            has_entered = self.slots.occupy()
            if self._taker is None or self._taken not in self._made:
                return has_entered
            taker = self._woken_taker()
        wake(taker)
        return has_entered

    def stop(self, error: Exception | None = None) -> None:
        """Make no more, having entered in vain; an error is taken after all that was made."""
        with self._lock:
            self._makers -= 1
            self._error = self._error or error
            taker = None if self._makers else self._woken_taker()
            maker = self.slots.vacate()
        wake(maker)
        wake(taker)

    def wake_taker(self) -> None:
        """Wake who waits, though there may be nothing to take."""
        with self._lock:
            taker = self._woken_taker()
        wake(taker)

    def take(self, place: Place | None = None) -> T | Nothing:
        """Take the next thing; if there is none yet, the place is woken when there is.

        After the last thing comes the makers' error, once.
        """
        with self._lock:
            if self._taken not in self._made:
                return self._nothing(place)
            thing = self._made.pop(self._taken)
            self._taken += 1
            maker = self.slots.vacate()
        wake(maker)
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
