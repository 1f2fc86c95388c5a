"""Virtual time for each runtime: when everybody waits, the clock jumps to the next deadline.

Tests state exact durations and take no time.  Only waiting that the runtime knows of makes time
pass.  On asyncio and trio real sockets, processes and worker threads look like idleness, and time
jumps over them: use real clocks there.  On threads a thread that is busy with real I/O holds the
clock; but it counts the test's own thread and those of task groups only, no others.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Literal

from .._runtime.blocking import spots
from .._runtime.blocking.spots import Clock, Spot, guard

__all__ = ["DeadlockError", "JumpingClock", "JumpingLoop", "virtual_backend", "virtual_threads"]

NANOSECOND = 1e-9
IN_VAIN = 30.0  # real seconds after which a loop with nothing to wait for is taken to be stuck


class DeadlockError(RuntimeError):
    """Everybody waits, and nothing will wake anybody."""

    def __init__(self) -> None:
        super().__init__("everybody waits, and nothing will wake anybody")


def virtual_backend(name: Literal["asyncio", "trio"]) -> tuple[str, dict[str, Any]]:
    """Return a runtime in virtual time, for one test: its name and its options.

    As the value of anyio's `anyio_backend` fixture, or for
    `anyio.run(main, backend=name, backend_options=options)`.
    """
    if name == "asyncio":
        return name, {"loop_factory": JumpingLoop}
    from trio.testing import MockClock

    return name, {"clock": MockClock(autojump_threshold=0)}


@contextmanager
def virtual_threads() -> Generator[JumpingClock]:
    """Put the blocking runtime in virtual time; the caller's own thread is one that counts."""
    clock = JumpingClock()
    before = spots.install(clock)
    try:
        yield clock
    finally:
        spots.install(before)


class JumpingSelector(selectors.DefaultSelector):
    """Never waits for time: tells its loop to jump instead."""

    loop: JumpingLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            return self._hope()
        self.loop.jump(timeout)
        return []

    def _hope(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for another thread to call: no task of the loop will go on by itself."""
        ready = super().select(IN_VAIN)
        if not ready:
            raise DeadlockError
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop of asyncio whose time is a counter."""

    def __init__(self) -> None:
        selector = JumpingSelector()
        selector.loop = self
        self._now = 0.0
        super().__init__(selector)

    def time(self) -> float:
        return self._now

    def jump(self, delay: float) -> None:
        """Let time pass."""
        self._now += delay
        # Asyncio runs what is due within a nanosecond: months from zero there is no such number.
        if self._now + NANOSECOND == self._now:
            self._now = math.nextafter(self._now, math.inf)


class JumpingClock(Clock):
    """For threads: jumps once every thread of the runtime waits.

    Of several that are due the longest waiting goes first, and until it waits again alone: a run
    is as repeatable as on one loop.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._threads = 1
        self._waiting: dict[Spot, float] = {}

    def now(self) -> float:
        return self._now

    def wait(self, spot: Spot, until: float) -> None:
        with guard:
            if spot.bell.acquire(blocking=False):
                return
            self._waiting[spot] = until
            self._jump_if_all_wait()
        try:
            spot.bell.acquire()
        finally:
            with guard:
                self._waiting.pop(spot, None)

    def ring(self, spot: Spot) -> None:
        self._waiting.pop(spot, None)
        super().ring(spot)

    def started(self) -> None:
        self._threads += 1

    def finished(self) -> None:
        self._threads -= 1
        self._jump_if_all_wait()

    def _jump_if_all_wait(self) -> None:
        if len(self._waiting) < self._threads:
            return
        spot, until = min(self._waiting.items(), key=lambda waiting: waiting[1])
        if until == math.inf:
            spot = self._victim()
            spot.error = DeadlockError()
        else:
            self._now = max(self._now, until)
        self.ring(spot)

    def _victim(self) -> Spot:
        """Choose who is told of a deadlock: not one who joins others, since they must end first."""
        return min(self._waiting, key=lambda spot: spot.joins)
