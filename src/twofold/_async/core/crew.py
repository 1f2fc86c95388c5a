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
    """Hired hands, and the first error of any of them, which sends all others home."""

    hands: int
    """How many were granted."""
    _tasks: TaskGroup
    _error: BaseException | None = None

    def start(self, work: Call[[], None]) -> None:
        """Let every hand do the same work."""
        for _ in range(self.hands):
            self._tasks.start_soon(self.run, work)

    async def run(self, work: Call[[], None]) -> None:
        """Work along.  An error ends the crew's work and is kept for `check` to raise.

        Nobody but the one who hired the crew sees it, so it needs no wrapping; and no runtime sees
        an interrupt in a task of its own, where asyncio would stop its loop.
        """
        try:
            await work()
        except get_cancelled_exc_class():
            raise
        except BaseException as error:
            self._error = self._error or error
            self.dismiss()

    def dismiss(self) -> None:
        """Send everybody home."""
        self._tasks.cancel_scope.cancel()

    def check(self) -> None:
        """Raise the first error, as it is.  To be called after the crew's block."""
        if self._error is not None:
            raise_as_it_was(self._error)

    def outranks(self, error: BaseException) -> bool:
        """Tell whether the crew's own error is what the block should end with.

        That is so if the other one only says that all were sent home, and for an interrupt, which
        must not be lost.
        """
        if self._error is None:
            return False
        return not isinstance(self._error, Exception) or isinstance(
            error, get_cancelled_exc_class()
        )


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
