"""Cancellation at every step, for threads."""

from __future__ import annotations

from collections.abc import Callable
from threading import enumerate as living_threads
from typing import Literal, TypeVar

from ..._runtime.blocking.scopes import CancelScope, innermost
from .counting import Steps
from .repeating import LeftError, StepError, at_every_step, refuse
from .turns import in_turn

__all__ = ["RUNTIMES", "Runtime", "StepError", "every_step"]

W = TypeVar("W")

Runtime = Literal["threads"]
RUNTIMES: tuple[Runtime, ...] = ("threads",)


def every_step(
    scenario: Callable[[W], object],
    *,
    given: Callable[[], W],
    check: Callable[[W], object],
    runtime: Runtime = "threads",
    only: int | None = None,
) -> int:
    """Carry a scenario out undisturbed, then once for each of its steps, cancelled there.

    A step begins when a thread of the scenario is about to wait in this package, is woken there, or
    asks whether it is cancelled.  One thread runs at a time, so each run takes the same steps.
    Whatever is used must be made by `given` or by the scenario itself, anew for each run, with a
    fixed seed where there is chance.

    After each run no thread, scope, file or socket may be left; then `check` looks at what was
    given for anything half done, and may use it.  What it raises, and what the scenario raises, is
    a StepError that names the step; that one alone is run with ``only=``.

    Returns the number of steps::

        assert every_step(read, given=Desk, check=Desk.is_clean) > 20
    """

    def run(steps: Steps) -> None:
        with in_turn(steps):
            carry_out(scenario, given(), check, steps)

    return at_every_step(run, runtime, ("began",), only=only)


def carry_out(
    scenario: Callable[[W], object], world: W, check: Callable[[W], object], steps: Steps
) -> None:
    threads, around = set(living_threads()), innermost.get()
    with CancelScope() as scope, steps.counted(scope.cancel):
        scenario(world)
    if innermost.get() is not around:
        raise LeftError("left over: a scope")
    refuse("thread", (thread.name for thread in living_threads() if thread not in threads))
    check(world)
