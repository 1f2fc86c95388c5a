"""Places where tasks wait for each other.

The parking place alone may be woken from another loop or thread; the rest belongs to one loop.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from threading import RLock
from typing import Any

from anyio import CapacityLimiter, Event, Lock, move_on_after
from anyio.lowlevel import checkpoint

from .homes import home

__all__ = ["CapacityLimiter", "Event", "Lock", "ParkingPlace", "call_soon"]


class ParkingPlace:
    """Where one task waits until it is woken, from any loop or thread.

    It is woken once and for all; whoever waits afterwards does not wait.
    """

    __slots__ = ("_guard", "_home", "_signal", "_woken")

    def __init__(self) -> None:
        self._woken = False
        self._signal: Event | None = None  # made by the waiter, since most places see none
        self._home: object = None
        self._guard = RLock()  # a finaliser may wake somebody in the midst of anything

    @property
    def woken(self) -> bool:
        return self._woken

    async def wait(self, seconds: float = math.inf) -> bool:
        """Wait until woken; return False if that takes longer."""
        signal = self._published()
        # Asked only now: a waker says so and then looks for the signal, hence one sees the other.
        if self._woken:
            await checkpoint()
        elif seconds == math.inf:
            await signal.wait()  # a scope would cost more than the wait itself
        else:
            with move_on_after(seconds):
                await signal.wait()
        return self._woken

    def wake(self) -> bool:
        """Wake whoever waits here, or will; return False if its loop is closed for good."""
        with self._guard:
            self._woken = True
            signal, there = self._signal, self._home
        return signal is None or call_soon(there, signal.set)

    def _published(self) -> Event:
        if self._signal is None:
            signal, there = Event(), home()
            with self._guard:
                self._home, self._signal = there, signal
        return self._signal


def call_soon(there: Any, call: Callable[[], object]) -> bool:
    """Call at once if the caller is at home there, else soon; False if that loop is closed."""
    if is_here(there):
        call()
        return True
    soon = getattr(there, "call_soon_threadsafe", None) or there.run_sync_soon
    try:
        soon(call)
    except RuntimeError:  # asyncio: the loop is closed; trio: the run is finished
        return False
    return True


def is_here(there: object) -> bool:
    try:
        return home() is there
    except RuntimeError:  # no loop in this thread
        return False
