"""Cancellation at every step, for asyncio and trio."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

import anyio
from anyio.lowlevel import checkpoint

from .counting import Steps
from .loops import mine, stepping, tasks
from .repeating import LeftError, StepError, at_every_step, refuse

__all__ = ["RUNTIMES", "Runtime", "StepError", "every_step"]

W = TypeVar("W")

Runtime = Literal["asyncio", "trio"]
RUNTIMES: tuple[Runtime, ...] = ("asyncio", "trio")

ROUNDS = 10  # what a finaliser started may still need, while no time passes


def every_step(
    scenario: Callable[[W], Awaitable[object]],
    *,
    given: Callable[[], W],
    check: Callable[[W], Awaitable[object]],
    runtime: Runtime,
    only: int | None = None,
) -> int:
    """Carry a scenario out undisturbed, then cancelled at each of its steps.

    A step is one resumption of a task of the scenario; one run is cancelled as it begins, another
    as it ends, when the task waits.  Each run has an event loop of its own, and takes the same
    steps.  Whatever is used must be made by `given` (which is called in that loop) or by the
    scenario itself, anew for each run, with a fixed seed where there is chance.

    After each run no task, thread, file or socket may be left, nor the cancellation; then `check`
    looks at what was given for anything half done, and may use it.  What it raises, and what the
    scenario raises, is a StepError that names the step; that one alone is run with ``only=``.

    Returns the number of steps.  To be called where no loop runs::

        assert every_step(read, given=Desk, check=Desk.is_clean, runtime="trio") > 20
    """

    def run(steps: Steps) -> None:
        with stepping(runtime, steps) as options:
            anyio.run(
                carry_out, scenario, given, check, steps, backend=runtime, backend_options=options
            )

    return at_every_step(run, runtime, ("began", "ended"), only=only)


async def carry_out(
    scenario: Callable[[W], Awaitable[object]],
    given: Callable[[], W],
    check: Callable[[W], Awaitable[object]],
    steps: Steps,
) -> None:
    mine.set(True)
    world = given()
    before = set(tasks())
    with anyio.CancelScope() as scope:
        with steps.counted(scope.cancel):
            await scenario(world)
    await settle()
    refuse("task", (name for task, name in tasks().items() if task not in before))
    await check(world)


async def settle() -> None:
    """Let tasks that have nothing more to wait for come to their end."""
    try:
        for _ in range(ROUNDS):
            await checkpoint()
    except anyio.get_cancelled_exc_class() as error:
        raise LeftError("left over: the cancellation, outside its scope") from error
