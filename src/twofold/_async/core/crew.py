# SPDX-License-Identifier: MIT
"""Those who work at one thing together, and all end before it does."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import attrs

from ..._runtime.failures import raise_as_it_was
from ..._runtime.waiting.scopes import get_cancelled_exc_class
from ..._runtime.waiting.tasks import Call, TaskGroup, hired, unwrapped_task_group
from ...core.policy.allowance import Allowance


@attrs.define(eq=False)
class Crew:
    """Hired hands, and their errors, the first of which sends all others home."""

    hands: int
    """How many were granted."""
    _tasks: TaskGroup
    _errors: list[BaseException] = attrs.field(factory=lambda: list[BaseException](), init=False)

    def start(self, work: Call[[], None]) -> None:
        """Let every hand do the same work."""
        for _ in range(self.hands):
            self.start_one(work)

    def start_one(self, work: Call[[], None]) -> None:
        """Let one more join in, hired or not."""
        self._tasks.start_soon(self.run, work)

    async def run(self, work: Call[[], None]) -> None:
        """Work along.  An error ends the crew's work and is kept for `check` to raise.

        So it needs no unwrapping, and no runtime sees an interrupt in a task of its own, where
        asyncio would stop its loop.
        """
        try:
            await work()
        except get_cancelled_exc_class():
            raise
        except BaseException as error:
            self._errors.append(error)
            self.dismiss()

    def dismiss(self) -> None:
        """Send everybody home."""
        self._tasks.cancel_scope.cancel()

    def check(self) -> None:
        """Raise the first error as it is, an interrupt before others.  For after the block."""
        interrupts = [error for error in self._errors if not isinstance(error, Exception)]
        for error in interrupts or self._errors:
            raise_as_it_was(error)

    def outranks(self, error: BaseException) -> bool:
        """Tell whether the block should end with the crew's own error, not with this one.

        So it should if this one only says that all were sent home; and an interrupt must not be
        lost to anything.
        """
        if isinstance(error, get_cancelled_exc_class()):
            return bool(self._errors)
        return any(not isinstance(kept, Exception) for kept in self._errors)


@asynccontextmanager
async def hired_crew(allowance: Allowance, wanted: int) -> AsyncGenerator[Crew]:
    """Hire up to as many hands as are wanted; all are gone when the block ends.

    The block's own error leaves as it is.  Whoever enters must `check` the crew afterwards.
    """
    crew: Crew | None = None
    with hired(allowance, wanted) as granted:
        try:
            async with unwrapped_task_group() as tasks:
                crew = Crew(granted, tasks)
                yield crew
        except BaseException as error:
            if crew is None or not crew.outranks(error):
                raise
