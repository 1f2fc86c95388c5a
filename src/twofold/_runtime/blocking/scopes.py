"""Scopes, deadlines and waiting for time to pass.

Cancellation is cooperative: every wait in a cancelled scope raises Cancelled, again and again,
until the scope is left.  Blocking I/O under way is not interrupted, except by `interrupting`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from contextvars import ContextVar
from threading import RLock
from types import TracebackType
from typing import Self, TypeVar, TypeVarTuple, Unpack

from . import spots
from .spots import Spot, guard

__all__ = [
    "CancelScope",
    "checkpoint",
    "current_time",
    "fail_after",
    "get_cancelled_exc_class",
    "interrupting",
    "interrupts_io",
    "is_overdue",
    "move_on_after",
    "run_sync",
    "sleep",
    "time_left",
]

T = TypeVar("T")
Args = TypeVarTuple("Args")


class Cancelled(BaseException):
    """Raised in a waiting thread whose scope is cancelled."""


class CancelScope:
    """A block that can be cancelled, from any thread, or by its deadline."""

    def __init__(self, *, deadline: float = math.inf, shield: bool = False) -> None:
        self.parent: CancelScope | None = None
        self.parked: set[Spot] = set()
        self.cords: set[Cord] = set()
        self._deadline = deadline
        self._shield = shield
        self._entered = False
        self._active = False
        self._cancelled = False
        self._caught = False

    @property
    def deadline(self) -> float:
        """When the scope is cancelled by itself, in the time of `current_time`."""
        return self._deadline

    @deadline.setter
    def deadline(self, deadline: float) -> None:
        with guard:
            self._deadline = deadline
            self._look_again()

    @property
    def shield(self) -> bool:
        """Whether cancellation from outside is held off."""
        return self._shield

    @property
    def cancel_called(self) -> bool:
        """Whether the scope was cancelled, or its deadline passed while it was active."""
        with guard:
            return self.is_cancelled(spots.clock.now())

    @property
    def cancelled_caught(self) -> bool:
        """Whether the block was left because this scope was cancelled, and no outer one."""
        return self._caught

    def cancel(self, reason: str | None = None) -> None:  # noqa: ARG002 - anyio's signature
        """Cancel the block, and all that waits in it, up to shields."""
        with guard:
            self._cancelled = True
            self._look_again()
            cords = tuple(self.cords)
        with ExitStack() as pulling:
            for cord in cords:
                pulling.callback(cord.pull)

    def is_cancelled(self, now: float) -> bool:
        """Tell whether it is; once cancelled by its deadline it stays so, though that be moved."""
        if self._active and self._deadline <= now:
            self._cancelled = True
        return self._cancelled

    def _look_again(self) -> None:
        for spot in self.parked:
            spots.clock.ring(spot)

    def __enter__(self) -> Self:
        if self._entered:
            raise RuntimeError("a CancelScope is good for one block only")
        self._entered = self._active = True
        self.parent = innermost.get()
        innermost.set(self)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        now = spots.clock.now()
        # Whatever is innermost: Ctrl-C may have come before an inner scope could be left.
        innermost.set(self.parent)
        with guard:
            mine = self.is_cancelled(now) and isinstance(exc, Cancelled)
            self._active = False
            theirs = not self._shield and any(scope.is_cancelled(now) for scope in visible())
        self._caught = mine and not theirs
        return self._caught


innermost: ContextVar[CancelScope | None] = ContextVar("innermost", default=None)


def visible() -> Sequence[CancelScope]:
    """Return the scopes whose cancellation concerns the caller: up to the first shield."""
    scopes: list[CancelScope] = []
    scope = innermost.get()
    while scope is not None:
        scopes.append(scope)
        scope = None if scope.shield else scope.parent
    return scopes


def earliest(scopes: Sequence[CancelScope], now: float) -> float:
    """Return the earliest deadline; raise Cancelled if one has passed.  The guard is held."""
    deadline = math.inf
    for scope in scopes:
        if scope.is_cancelled(now):
            raise Cancelled
        deadline = min(deadline, scope.deadline)
    return deadline


def park(spot: Spot, until: float = math.inf, *, shield: bool = False) -> bool:
    """Wait until the spot is woken; return False if it is `until` before.

    Raises Cancelled as soon as the caller's scope is, even if the spot was woken as well: whoever
    was handed something there must pass it on.
    """
    scopes = () if shield else visible()
    waited = False
    try:
        while True:
            spots.clock.asked()
            with guard:
                # Asked first: else one who is cancelled takes one thing more, and tests flicker.
                now = spots.clock.now()
                deadline = earliest(scopes, now)
                if spot.error is not None:
                    raise spot.error
                if spot.woken or (waited and until <= now):
                    return spot.woken
                for scope in scopes:
                    scope.parked.add(spot)
            spots.clock.wait(spot, min(until, deadline))
            waited = True
    finally:
        with guard:
            for scope in scopes:
                scope.parked.discard(spot)


def sleep(delay: float) -> None:
    """Wait for so many seconds."""
    park(Spot(), current_time() + delay)


def checkpoint() -> None:
    """Raise Cancelled if the caller's scope is cancelled."""
    spots.clock.asked()
    with guard:
        earliest(visible(), spots.clock.now())


def current_time() -> float:
    """Return the time that deadlines are given in."""
    return spots.clock.now()


def time_left() -> float:
    """Return the seconds until the earliest deadline around the caller, up to the first shield.

    Infinity if there is none; zero or less if it has passed, or the scope is cancelled.
    """
    scopes = visible()
    if not scopes:
        return math.inf
    now = spots.clock.now()
    with guard:
        try:
            return earliest(scopes, now) - now
        except Cancelled:
            return -math.inf


def get_cancelled_exc_class() -> type[BaseException]:
    """Return what is raised where a cancelled thread waits."""
    return Cancelled


def move_on_after(delay: float | None, shield: bool = False) -> CancelScope:
    """Return a scope that is cancelled so many seconds from now; None: never."""
    deadline = math.inf if delay is None else current_time() + delay
    return CancelScope(deadline=deadline, shield=shield)


@contextmanager
def fail_after(
    delay: float | None, shield: bool = False, reason: str | None = None
) -> Generator[CancelScope]:
    """Raise TimeoutError if the block takes longer than so many seconds; None: never."""
    with move_on_after(delay, shield) as scope:
        yield scope
    if scope.cancelled_caught and scope.deadline <= current_time():
        raise TimeoutError(reason) if reason else TimeoutError


def run_sync(function: Callable[[Unpack[Args]], T], *args: *Args) -> T:
    """Call a function that may block, in this thread.

    It cannot be interrupted: once begun, cancellation waits for its end.
    """
    checkpoint()
    return function(*args)


def interrupts_io() -> bool:
    """Tell whether I/O that knows nothing of scopes can be given up: a blocked thread cannot."""
    return False


def is_overdue() -> bool:
    """Tell whether I/O that goes on by pieces is to be given up: `checkpoint` would raise."""
    return time_left() <= 0


def interrupting(stop: Callable[[], object]) -> AbstractContextManager[None]:
    """Call `stop` if a scope around the caller, up to the first shield, is cancelled meanwhile.

    For blocking I/O: `stop` makes it return at once, as `socket.shutdown` does.  It is called from
    the cancelling thread, once at most, and never after the block was left; its OSError is of no
    interest.  The block then ends in cancellation, whatever it returned or raised.  A deadline
    alone calls nothing: the I/O must have a timeout of its own.
    """
    scopes = visible()
    return Cord(stop, scopes) if scopes else UNSCOPED


class Unscoped:
    """Nobody can cancel a caller with no scope around it."""

    def __enter__(self) -> None:
        spots.clock.asked()

    def __exit__(self, *left: object) -> None:
        """Nothing was begun."""


UNSCOPED = Unscoped()


class Cord:
    """A call that whoever cancels a scope makes, as long as the block lasts."""

    def __init__(self, stop: Callable[[], object], scopes: Sequence[CancelScope]) -> None:
        self._stop = stop
        self._scopes = scopes
        self._pulled = False
        self._cut = False
        self._lock = RLock()  # leaving the block waits for a `stop` under way

    def pull(self) -> None:
        with self._lock:
            if not self._pulled and not self._cut:
                self._pulled = True
                with suppress(OSError):  # a socket, say, that was closed by the other end
                    self._stop()

    def __enter__(self) -> None:
        spots.clock.asked()
        with guard:
            earliest(self._scopes, spots.clock.now())
            for scope in self._scopes:
                scope.cords.add(self)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with guard:
            for scope in self._scopes:
                scope.cords.discard(self)
        with self._lock:
            self._cut = True
        if self._pulled and (exc is None or isinstance(exc, Exception)):
            raise Cancelled from exc
