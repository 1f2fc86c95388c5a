"""Which of many writes may go now: those that touch the same ticket go one after another.

The server refuses a write that overlaps another one on a ticket or on what it belongs to.  Nothing
waits here: who finds nothing to take leaves word where it waits, and asks again once woken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from heapq import heapify, heappop, heappush
from threading import Lock
from typing import TypeAlias

from ..core.policy.slots import Place

Turn: TypeAlias = tuple[int, int]
"""How many must still go from here on, one after another (negative), and the number of a write."""


class Turns:
    """Gives each write to one of those who ask, once all before it that touch the same are done.

    Writes are numbered from 0; `touches` says what each of them touches.  Those with the longest
    row of writes behind them go first, so that at the end nobody waits for one long row.
    """

    def __init__(self, touches: Sequence[Collection[object]]) -> None:
        self._behind: list[list[int]] = [[] for _ in touches]
        self._before = [0] * len(touches)
        self._follow(touches)
        self._turns = self._ranked()
        self._ready = [self._turns[each] for each, before in enumerate(self._before) if not before]
        heapify(self._ready)
        self._left = len(touches)
        self._taken = bytearray(len(touches))
        self._waiting: list[Place] = []
        self._lock = Lock()

    def _follow(self, touches: Sequence[Collection[object]]) -> None:
        """Let each write follow the one before it, in the order given, on all that it touches."""
        last: dict[object, int] = {}
        for number, touched in enumerate(touches):
            before = {last[each] for each in touched if each in last}
            for each in before:
                self._behind[each].append(number)
            self._before[number] = len(before)
            last |= dict.fromkeys(touched, number)

    def _ranked(self) -> list[Turn]:
        longest = [0] * len(self._before)
        for number in reversed(range(len(longest))):
            longest[number] = 1 + max((longest[each] for each in self._behind[number]), default=0)
        return [(-length, number) for number, length in enumerate(longest)]

    def take(self, most: int = 1, place: Place | None = None) -> tuple[int, ...] | None:
        """Take writes that may go together, in this order: what is behind one of them may come too.

        None: there is nothing now, and the place is woken when it is worth asking again.  An empty
        tuple: there is nothing left for anybody.
        """
        with self._lock:
            taken = self._taken_now(most)
            if not taken and self._left:
                if place is not None:
                    self._waiting.append(place)
                return None
            woken = [] if self._left else self._all_waiting()
        wake(woken)
        return taken

    def _taken_now(self, most: int) -> tuple[int, ...]:
        taken: list[int] = []
        freed = Counter[int]()
        along: list[Turn] = []  # what may go only together with what is taken here
        while len(taken) < most:
            turn = heappop(along) if along else self._fitting(most - len(taken), most)
            if turn is None:
                break
            _, number = turn
            taken.append(number)
            self._taken[number] = True
            for each in self._behind[number]:
                freed[each] += 1
                if freed[each] == self._before[each]:
                    heappush(along, self._turns[each])
        self._left -= len(taken)
        return tuple(taken)

    def _fitting(self, room: int, most: int) -> Turn | None:
        """Take out the first whose row finds room: one that is torn would hold up its rest."""
        too_long: list[Turn] = []
        found = None
        while self._ready and found is None:
            turn = heappop(self._ready)
            if -turn[0] <= room or room == most:
                found = turn
            else:
                too_long.append(turn)
        for turn in too_long:
            heappush(self._ready, turn)
        return found

    def done(self, numbers: Iterable[int]) -> None:
        """Let those go that are behind these, however these ended."""
        with self._lock:
            for number in numbers:
                for each in self._behind[number]:
                    self._before[each] -= 1
                    if not self._before[each] and not self._taken[each]:
                        heappush(self._ready, self._turns[each])
            woken = self._all_waiting()
        wake(woken)

    def _all_waiting(self) -> list[Place]:
        waiting, self._waiting = self._waiting, []
        return waiting


def wake(places: Iterable[Place]) -> None:
    for place in places:
        place.wake()
