"""Threads that take turns, so that a run on threads is as repeatable as on one loop."""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock, Thread, current_thread
from threading import enumerate as living_threads

from ..._runtime.blocking import spots
from ..._runtime.blocking.spots import Spot, guard
from ..clocks import DeadlockError, JumpingClock
from .counting import Steps

__all__ = ["in_turn"]


@contextmanager
def in_turn(steps: Steps) -> Generator[None]:
    """Let one thread run at a time in virtual time, and count its waits as steps."""
    before = spots.install(TakingTurns(steps))
    try:
        yield
    finally:
        spots.install(before)


class TakingTurns(JumpingClock):
    """One thread runs until it waits or ends, then the next one that may go on.

    First come, first served; new threads in the order of their starts.  When all wait, time jumps.
    """

    def __init__(self, steps: Steps) -> None:
        super().__init__()
        self._steps = steps
        self._due: dict[Lock, None] = {}  # the bells of those who may go on
        self._arriving = 0
        self._new: dict[Thread, Lock] = {}
        self._begun: set[Thread] = set()
        self._nobody_runs = False

    def asked(self) -> None:
        self._steps.begin()

    def wait(self, spot: Spot, until: float) -> None:
        with guard:
            if spot.bell.acquire(blocking=False):
                return
            self._waiting[spot] = until
            self._next()
        spot.bell.acquire()

    def ring(self, spot: Spot) -> None:
        if self._waiting.pop(spot, None) is not None:
            self._due[spot.bell] = None
        elif spot.bell not in self._due:
            super().ring(spot)

    def started(self) -> None:
        self._arriving += 1

    def begun(self) -> None:
        bell = Lock()
        bell.acquire()
        with guard:
            self._arriving -= 1
            self._new[current_thread()] = bell
            self._begun.add(current_thread())
            if self._nobody_runs:
                self._next()
        bell.acquire()

    def finished(self) -> None:
        if current_thread() in self._begun:
            self._begun.remove(current_thread())
            self._next()
        else:  # told by another: that thread could not be started
            self._arriving -= 1

    def _next(self) -> None:
        """Let another thread run.  The guard is held, and the caller's thread has stopped."""
        self._nobody_runs = self._arriving > 0
        if self._nobody_runs:  # who comes last sees to it: else the order were up to chance
            return
        self._line_up()
        if not self._due:
            self._jump()
        bell = next(iter(self._due))
        del self._due[bell]
        bell.release()

    def _line_up(self) -> None:
        """Put the new threads in line.  The list of living threads is in the order of starts."""
        if self._new:
            for thread in living_threads():
                if thread in self._new:
                    self._due[self._new.pop(thread)] = None

    def _jump(self) -> None:
        spot, until = min(self._waiting.items(), key=lambda waiting: waiting[1])
        if until == math.inf:
            spot = self._victim()
            spot.error = DeadlockError()
        else:
            self._now = max(self._now, until)
        self.ring(spot)
