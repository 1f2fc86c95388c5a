"""The spot where one thread waits, and the clock it waits by.

Rules: whatever threads share here is changed under the guard, which is held for microseconds and
never while waiting.  Each thread waits at a spot of its own, so that a change wakes exactly those
whom it concerns.
"""

from __future__ import annotations

import os
import sys
import time
from threading import Lock, RLock

__all__ = ["Clock", "Spot", "clock", "guard", "install", "wake"]

# A lock cannot be interrupted on Windows: Ctrl-C is noticed between two waits.
LONGEST_WAIT = 1.0 if sys.platform == "win32" else 3600.0

# One that the same thread may take twice: a finaliser or a signal's handler may wake somebody while
# its own thread is inside.
guard = RLock()

if hasattr(os, "register_at_fork"):  # held across the fork, so that no other thread holds it then
    os.register_at_fork(
        before=guard.acquire, after_in_parent=guard.release, after_in_child=guard.release
    )


class Spot:
    """Where one thread waits.  Its bell says only: look again."""

    __slots__ = ("bell", "error", "joins", "woken")

    def __init__(self, *, joins: bool = False) -> None:
        self.bell = Lock()  # locked: silent
        self.bell.acquire()
        self.woken = False
        self.joins = joins
        self.error: BaseException | None = None


class Clock:
    """Real time, and how to wait in it."""

    def now(self) -> float:
        """Return the time in seconds; it never goes back."""
        return time.monotonic()

    def wait(self, spot: Spot, until: float) -> None:
        """Wait for the spot's bell, or until then, or for any shorter time."""
        seconds = min(until - self.now(), LONGEST_WAIT)
        spot.bell.acquire(timeout=max(seconds, 0))

    def ring(self, spot: Spot) -> None:
        """Have the thread at a spot look again; twice is as good as once."""
        if spot.bell.locked():
            spot.bell.release()

    def started(self) -> None:
        """Take note of one more thread."""

    def begun(self) -> None:
        """Let the caller's thread, a new one, begin."""

    def asked(self) -> None:
        """Take note that the caller is about to wait, or to ask whether it is cancelled."""

    def finished(self) -> None:
        """Take note of one thread less."""


clock = Clock()


def install(another: Clock) -> Clock:
    """Let another clock tell the time to all threads; return the one so far."""
    global clock
    before, clock = clock, another
    return before


def wake(spot: Spot) -> None:
    """Wake the thread at a spot for good.  The guard is held."""
    spot.woken = True
    clock.ring(spot)
