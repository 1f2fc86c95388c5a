# SPDX-License-Identifier: MIT
"""Tasks that outlive the call that started them, but never the block of their client."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Generic, TypeVar, TypeVarTuple

import attrs

from ..._runtime.waiting.homes import home
from ..._runtime.waiting.park import ParkingPlace, call_soon
from ..._runtime.waiting.scopes import CancelScope, checkpoint, move_on_after
from ..._runtime.waiting.tasks import Call, CallWith
from ...core.policy.allowance import of_this_process
from ...core.task import Background, Block, Record, TaskState
from ...core.tasks import TaskTable
from ...errors import NotEnteredError
from .crew import Crew, hired_crew

logger = logging.getLogger("twofold")

T = TypeVar("T")
Args = TypeVarTuple("Args")


@attrs.frozen(repr=False)
class AsyncBackgroundTask(Generic[T]):
    """A task of a client: how far it has come, and its result.

    It can be asked, waited for and cancelled from any loop and thread.
    """

    _record: Record[T]
    _table: TaskTable

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.name!r} {self.state.value}>"

    @property
    def id(self) -> int:
        """Its number, from 1, among the tasks of its client."""
        return self._record.id

    @property
    def name(self) -> str:
        return self._record.name

    @property
    def state(self) -> TaskState:
        return self._record.state

    @property
    def started(self) -> float | None:
        """When it began to run, in seconds on the client's clock; None: it did not."""
        return self._record.started

    @property
    def ended(self) -> float | None:
        """When it ended, on the same clock; None: it has not."""
        return self._record.ended

    @property
    def error(self) -> BaseException | None:
        """What it raised; None: nothing, or not yet."""
        return self._record.error

    async def wait(self) -> None:
        """Wait until it has ended, in whatever way."""
        await checkpoint()
        place = ParkingPlace()
        if self._table.watch(self._record, place):
            try:
                await place.wait()
            finally:
                self._table.unwatch(self._record, place)

    async def result(self) -> T:
        """Wait until it has ended; return its value or raise its error.

        A task that was cancelled has neither: that is an OutcomeUnknownError.
        """
        await self.wait()
        return self._record.unwrap()

    def cancel(self) -> None:
        """Have it end as soon as it waits, or never begin; one that has ended stays as it is."""
        interrupt = self._table.unwant(self._record)
        if interrupt is not None:
            interrupt()


class AsyncBackgroundTasks:
    """The tasks of a client: started in its `with` block, ended before the block is left.

    ::

        async with AsyncRallyClient() as rally:
            task = await rally.tasks.start(rally.get_tickets, "story", name="stories")
            ...
            stories = await task.result()

    A task's error is kept for whoever asks; it disturbs neither the others nor the client.
    """

    def __init__(self, settings: Background, clock: Callable[[], float]) -> None:
        self._table = TaskTable(settings, clock)

    async def start(
        self,
        call: CallWith[*Args, T],
        *args: *Args,
        name: str | None = None,
    ) -> AsyncBackgroundTask[T]:
        """Have something called in a task of its own, in a copy of the caller's context.

        NotEnteredError unless the client is entered where the caller runs: in its event loop, or in
        any thread.  ConflictError if a task of that name has not ended; without a name it is called
        `task-1`, after its number.  Beyond `Background(concurrency=)` it is pending at first.
        """
        await checkpoint()
        return AsyncBackgroundTask(self._begun(partial(call, *args), name), self._table)

    def get(self, which: int | str) -> AsyncBackgroundTask[Any]:
        """Return a task by its number, or the last one of that name; NotFoundError: none is known.

        Ended tasks are known for a while: the last `Background(kept=)`, for `kept_for` seconds.
        """
        return AsyncBackgroundTask(self._table.find(which), self._table)

    def all(self) -> tuple[AsyncBackgroundTask[Any], ...]:
        """Return every task that is known, in the order of their start."""
        return tuple(AsyncBackgroundTask(record, self._table) for record in self._table.all())

    def cancel(self, which: int | str) -> AsyncBackgroundTask[Any]:
        """Cancel a task, and return it: `wait` says when it has ended."""
        task = self.get(which)
        task.cancel()
        return task

    async def drain(self, timeout: float | None = None) -> bool:
        """Wait until no task is left, those started meanwhile included; False: it took longer.

        Not to be called by one of the tasks: it would wait for itself.
        """
        return await self._drained(None, timeout)

    def aside(self, call: Call[[], object]) -> bool:
        """Have something called that nobody waits for or asks about, if the client is entered here.

        False: it is not, so the caller has to do it.  What it raises is logged.
        """
        try:
            self._begun(call, None, is_quiet=True)
        except NotEnteredError:
            return False
        return True

    @asynccontextmanager
    async def block(self) -> AsyncGenerator[None]:
        """Accept tasks for the block.

        When it is left they are given `Background(drain=)` seconds to end, none if the block ended
        in an error; then they are cancelled, and all have ended when this has.
        """
        async with hired_crew(of_this_process, 0) as crew:
            block = self._table.open(home(), partial(self._begin, crew))
            try:
                try:
                    yield
                finally:
                    self._table.close(block)
                is_drained = await self._drained(block, self._table.settings.drain)
            finally:
                self._table.dismiss(home(), block)
            if not is_drained:
                crew.dismiss()
        crew.check()

    async def _drained(self, block: Block | None, seconds: float | None) -> bool:
        with move_on_after(seconds):
            while (record := self._table.oldest(block)) is not None:
                await AsyncBackgroundTask(record, self._table).wait()
            return True
        return False

    def _begun(
        self, call: Callable[[], Any], name: str | None, *, is_quiet: bool = False
    ) -> Record[Any]:
        record, is_next = self._table.add(home(), call, name, is_quiet=is_quiet)
        if is_next:
            try:
                record.block.begin(record)
            except BaseException:  # the system has no more threads
                self._table.drop(record)
                raise
        return record

    def _begin(self, crew: Crew, record: Record[Any]) -> None:
        record.context.run(crew.start_one, partial(self._carry_out, record))

    async def _carry_out(self, record: Record[Any]) -> None:
        """Run a task to its end, whichever that is, and have the next one begin."""
        try:
            with CancelScope() as scope:
                if self._table.run(record, partial(call_soon, home(), scope.cancel)):
                    self._table.complete(record, await record.call())
        except Exception as error:
            self._table.fail(record, error)
            if record.is_quiet:
                logger.warning("what was done aside failed", exc_info=error)
        except (KeyboardInterrupt, SystemExit) as error:
            self._table.fail(record, error)
            raise
        finally:
            self._follow(record)

    def _follow(self, record: Record[Any]) -> None:
        following = self._table.left(record)
        while following is not None:
            try:
                following.block.begin(following)
            except Exception as error:  # the system has no more threads
                self._table.fail(following, error)
                following = self._table.left(following)
            else:
                return
