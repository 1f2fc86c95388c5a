"""Scopes, deadlines and waiting for time to pass."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar, TypeVarTuple, Unpack

from anyio import (
    CancelScope,
    current_effective_deadline,
    current_time,
    fail_after,
    get_cancelled_exc_class,
    move_on_after,
    sleep,
    to_thread,
)
from anyio.lowlevel import checkpoint

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


def time_left() -> float:
    """Return the seconds until the earliest deadline around the caller, up to the first shield.

    Infinity if there is none; zero or less if it has passed, or the scope is cancelled.
    """
    return current_effective_deadline() - current_time()


def interrupts_io() -> bool:
    """Tell whether I/O that knows nothing of scopes can be given up: in a loop it can."""
    return True


def is_overdue() -> bool:
    """Return False: a scope interrupts what waits in a loop by itself."""
    return False


def interrupting(stop: Callable[[], object]) -> AbstractContextManager[None]:  # noqa: ARG001 - for threads
    """Do nothing: a scope interrupts what waits in a loop by itself."""
    return nullcontext()


async def run_sync(function: Callable[[Unpack[Args]], T], *args: *Args) -> T:
    """Call a function that may block in a worker thread.

    It cannot be interrupted: once begun, cancellation waits for its end.
    """
    return await to_thread.run_sync(function, *args)
