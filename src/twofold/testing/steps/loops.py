"""Event loops that tell when a task takes a step."""

from __future__ import annotations

import asyncio
import math
import sys
import time
from collections.abc import Coroutine, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from importlib import import_module
from itertools import count
from types import TracebackType
from typing import Any, Literal, cast

from ..._runtime.waiting.homes import home
from .. import clocks
from ..clocks import DeadlockError, JumpingLoop, virtual_backend
from .counting import Steps
from .repeating import LeftError

__all__ = ["mine", "stepping", "tasks"]

Options = dict[str, Any]


def stepping(runtime: Literal["asyncio", "trio"], steps: Steps) -> AbstractContextManager[Options]:
    """Give the options of a runtime in virtual time that counts steps."""
    return on_trio(steps) if runtime == "trio" else on_asyncio(steps)


def tasks() -> Mapping[object, str]:
    """Return every task of the loop that runs here, and its name."""
    if isinstance(home(), asyncio.AbstractEventLoop):
        return {task: task.get_name() for task in asyncio.all_tasks()}
    return dict(family(sys.modules["trio"].lowlevel.current_root_task()))


def family(task: Any) -> Generator[tuple[Any, str]]:
    """Yield a task of trio's and all beneath it."""
    yield task, task.name
    for nursery in task.child_nurseries:
        for child in nursery.child_tasks:
            yield from family(child)


@contextmanager
def on_asyncio(steps: Steps) -> Generator[Options]:
    mishaps: list[str] = []
    numbers = count()

    def make(loop: asyncio.AbstractEventLoop, coroutine: Any, **given: Any) -> SteppedTask:
        return SteppedTask(next(numbers), Stepped(coroutine, steps), loop=loop, **given)

    def loop() -> JumpingLoop:
        made = JumpingLoop()
        made.set_task_factory(make)
        made.set_exception_handler(lambda _, mishap: mishaps.append(mishap["message"]))
        return made

    yield {"loop_factory": loop}
    if mishaps:
        raise LeftError("the loop complained: " + "; ".join(mishaps))


class SteppedTask(asyncio.Task[Any]):
    """A task whose place in a set is its number, not its address.

    Anyio cancels the tasks of a scope in the order of a set.
    """

    def __init__(self, number: int, *args: Any, **given: Any) -> None:
        self._number = number
        super().__init__(*args, **given)

    def __hash__(self) -> int:
        return self._number


class Stepped(Coroutine[Any, Any, Any]):
    """A task's coroutine; each time it is resumed counts."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], steps: Steps) -> None:
        self._coroutine = coroutine
        self._steps = steps

    def send(self, value: Any) -> Any:
        self._steps.begin()
        try:
            return self._coroutine.send(value)
        finally:
            self._steps.end()

    def throw(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,  # noqa: ARG002 - the protocol's
        tb: TracebackType | None = None,  # noqa: ARG002 - likewise
    ) -> Any:
        self._steps.begin()
        try:
            # What asyncio throws is an error, never a type with its arguments.
            return self._coroutine.throw(cast("BaseException", typ))
        finally:
            self._steps.end()

    def close(self) -> None:
        self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield from self._coroutine.__await__())

    def __getattr__(self, name: str) -> Any:  # its state, which anyio asks for, and its names
        return getattr(self._coroutine, name)


mine: ContextVar[bool] = ContextVar("mine", default=False)
"""Whether a task belongs to the scenario, and not to trio; inherited from task to task."""


@contextmanager
def on_trio(steps: Steps) -> Generator[Options]:
    with without_chance():
        yield {**virtual_backend("trio")[1], "instruments": [Stepping(steps)]}


class Stepping:
    """An instrument of trio's: it is told of each resumption, and whenever there is none."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._stuck_since: float | None = None

    def before_task_step(self, task: Any) -> None:
        self._stuck_since = None
        if task.context.get(mine, False):
            self._steps.begin()

    def after_task_step(self, task: Any) -> None:
        if task.context.get(mine, False):
            self._steps.end()

    def before_io_wait(self, timeout: float) -> None:  # noqa: ARG002 - an instrument's signature
        """End what nothing would ever wake: trio itself would wait for it for good."""
        from outcome import Error  # trio's own; it may be missing where trio is

        trio = sys.modules["trio"].lowlevel
        seen = trio.current_statistics()
        if seen.tasks_runnable or seen.seconds_to_next_deadline < math.inf:
            return
        now = time.monotonic()
        self._stuck_since = self._stuck_since or now
        if now - self._stuck_since > clocks.IN_VAIN:
            self._stuck_since = None
            for task in leaves(trio.current_root_task()):
                trio.reschedule(task, Error(DeadlockError()))


def leaves(root: Any) -> list[Any]:
    """Return the scenario's tasks that wait for no task of their own."""
    waiting = [task for task, _ in family(root) if task.context.get(mine, False)]
    return [task for task in waiting if not any(each.child_tasks for each in task.child_nurseries)]


@contextmanager
def without_chance() -> Generator[None]:
    """Let trio run tasks in an order that is always the same.

    Trio keeps the two switches for this to itself; Hypothesis and pytest-trio use them as well.
    """
    scheduler: Any = import_module("trio._core._run")
    before = scheduler._ALLOW_DETERMINISTIC_SCHEDULING  # noqa: SLF001 - there is no public one
    state = scheduler._r.getstate()  # noqa: SLF001 - likewise
    scheduler._ALLOW_DETERMINISTIC_SCHEDULING = True  # noqa: SLF001 - likewise
    scheduler._r.seed(0)  # noqa: SLF001 - likewise
    try:
        yield
    finally:
        scheduler._ALLOW_DETERMINISTIC_SCHEDULING = before  # noqa: SLF001 - likewise
        scheduler._r.setstate(state)  # noqa: SLF001 - likewise
