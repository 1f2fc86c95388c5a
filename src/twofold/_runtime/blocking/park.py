"""Places where threads wait for each other; whoever changes one wakes exactly whom it concerns."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from threading import current_thread
from types import TracebackType

from . import spots
from .scopes import checkpoint, current_time, park
from .spots import Spot, guard

__all__ = ["CapacityLimiter", "Event", "Lock", "ParkingPlace", "call_soon"]


class ParkingPlace:
    """Where one thread waits until it is woken, from any loop or thread.

    It is woken once and for all; whoever waits afterwards does not wait.
    """

    __slots__ = ("_spot", "_woken")

    def __init__(self) -> None:
        self._woken = False
        self._spot: Spot | None = None  # made by the waiter, since most places see none

    @property
    def woken(self) -> bool:
        return self._woken

    def wait(self, seconds: float = math.inf) -> bool:
        """Wait until woken; return False if that takes longer."""
        with guard:
            self._spot = spot = Spot()
            spot.woken = self._woken
        park(spot, current_time() + seconds)
        return self._woken

    def wake(self) -> bool:
        """Wake whoever waits here, or will; return True: a thread can always be woken."""
        with guard:
            self._woken = True
            if self._spot is not None:
                spots.wake(self._spot)
        return True


def call_soon(there: object, call: Callable[[], object]) -> bool:  # noqa: ARG001 - for loops
    """Call at once: whatever threads share may be changed from any of them."""
    call()
    return True


class Event:
    """Something that happens once, and wakes all who wait for it."""

    def __init__(self) -> None:
        self._set = False
        self._waiting: set[Spot] = set()

    def set(self) -> None:
        with guard:
            self._set = True
            for spot in self._waiting:
                spots.wake(spot)

    def is_set(self) -> bool:
        return self._set

    def wait(self) -> None:
        with guard:
            spot = Spot()
            spot.woken = self._set
            self._waiting.add(spot)
        try:
            park(spot)
        finally:
            with guard:
                self._waiting.discard(spot)


class CapacityLimiter:
    """So many tokens, lent first come, first served; a token is handed from one to the next."""

    def __init__(self, total_tokens: float) -> None:
        self._borrowers: set[object] = set()
        self._queue: OrderedDict[object, Spot] = OrderedDict()
        self._tokens = checked(total_tokens)

    @property
    def total_tokens(self) -> float:
        return self._tokens

    @total_tokens.setter
    def total_tokens(self, total_tokens: float) -> None:
        with guard:
            self._tokens = checked(total_tokens)
            self._hand_over()

    @property
    def borrowed_tokens(self) -> int:
        return len(self._borrowers)

    @property
    def available_tokens(self) -> float:
        return self._tokens - len(self._borrowers)

    def acquire(self) -> None:
        self.acquire_on_behalf_of(current_thread())

    def release(self) -> None:
        self.release_on_behalf_of(current_thread())

    def acquire_on_behalf_of(self, borrower: object) -> None:
        """Borrow a token; RuntimeError if this borrower has one, or is waiting for one."""
        checkpoint()
        with guard:
            if borrower in self._borrowers or borrower in self._queue:
                raise RuntimeError("this borrower holds one of this limiter's tokens, or waits")
            self._queue[borrower] = spot = Spot()
            self._hand_over()
            if spot.woken:
                return
        try:
            park(spot)
        except BaseException:
            self._give_up(borrower)
            raise

    def release_on_behalf_of(self, borrower: object) -> None:
        """Give a token back; RuntimeError if this borrower has none."""
        with guard:
            if borrower not in self._borrowers:
                raise RuntimeError("this borrower holds none of this limiter's tokens")
            self._borrowers.remove(borrower)
            self._hand_over()

    def _give_up(self, borrower: object) -> None:
        """Leave the queue; a token that was handed over meanwhile goes on to the next."""
        with guard:
            self._queue.pop(borrower, None)
            self._borrowers.discard(borrower)
            self._hand_over()

    def _hand_over(self) -> None:
        while self._queue and len(self._borrowers) < self._tokens:
            borrower, spot = self._queue.popitem(last=False)
            self._borrowers.add(borrower)
            spots.wake(spot)

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def checked(total_tokens: float) -> float:
    if not isinstance(total_tokens, int) and not math.isinf(total_tokens):
        raise TypeError("total_tokens must be an int or math.inf")
    if total_tokens < 0:
        raise ValueError("total_tokens must be >= 0")
    return total_tokens


class Lock:
    """One at a time, first come, first served."""

    def __init__(self, *, fast_acquire: bool = False) -> None:  # noqa: ARG002 - anyio's signature
        self._limiter = CapacityLimiter(1)

    def locked(self) -> bool:
        return bool(self._limiter.borrowed_tokens)

    def acquire(self) -> None:
        self._limiter.acquire()

    def release(self) -> None:
        self._limiter.release()

    def __enter__(self) -> None:
        self._limiter.acquire()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._limiter.release()
