# SPDX-License-Identifier: MIT
"""What the workers of one batch share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Sized
from contextlib import contextmanager
from typing import Generic, TypeVar

from ..._runtime.waiting.items import Items
from ..._runtime.waiting.scopes import current_time, get_cancelled_exc_class
from ..._runtime.waiting.tasks import Call
from ...core.policy.checks import whole
from ...errors import ArgumentError, OutcomeUnknownError
from ...outcome import Failure, Outcome, Success
from ...progress import ProgressCallback, Reporter
from .source import numbered

I = TypeVar("I")  # noqa: E741 - the item
T = TypeVar("T")


class Work(Generic[I, T]):
    """A call to be made for each item, and who is told how far it has come.

    Iterating draws the next item, calls for it, and gives its number and its outcome; any number
    of workers may iterate at once.
    """

    def __init__(
        self, call: Call[[I], T], items: Items[I], workers: int, progress: ProgressCallback | None
    ) -> None:
        if not callable(call):
            raise ArgumentError(f"the call of a batch must be callable, not {call!r}")
        if not (hasattr(items, "__iter__") or hasattr(items, "__aiter__")):
            raise ArgumentError(f"the items of a batch must be iterable, not {items!r}")
        if not (progress is None or callable(progress)):
            raise ArgumentError(f"progress must be callable, not {progress!r}")
        wanted = whole("workers", workers, 1)
        total = len(items) if isinstance(items, Sized) else None
        self.workers = wanted if total is None else max(1, min(wanted, total))
        """How many at most: no more than there are items."""
        self._call = call
        self._items = numbered(items)
        self._reporter = None if progress is None else Reporter(progress, total=total)

    def __aiter__(self) -> AsyncIterator[tuple[int, Outcome[I, T]]]:
        return self

    async def __anext__(self) -> tuple[int, Outcome[I, T]]:
        index, item = await self._items.__anext__()
        return index, await self.outcome(index, item)

    def alone(self) -> AsyncIterator[tuple[int, Outcome[I, T]]]:
        """Return an iterator for one who works alone, and may give up on a call and go on.

        That call has an outcome too, the next one: a failure, since nobody knows how it ended.
        """
        return Alone(self)

    def failed(self, index: int, item: I, error: Exception) -> Failure[I]:
        if self._reporter is not None:
            self._reporter.failed(current_time())
        return Failure(index, item, error)

    async def draw(self) -> tuple[int, I]:
        return await self._items.__anext__()

    @contextmanager
    def told(self) -> Generator[None]:
        """Tell at the start and at the end of a block how far the work has come."""
        if self._reporter is None:
            yield
            return
        self._reporter.started(current_time())
        try:
            yield
        finally:
            self._reporter.ended(current_time(), total=self._items.total)

    async def outcome(self, index: int, item: I) -> Outcome[I, T]:
        """Call for one item."""
        try:
            value = await self._call(item)
        except Exception as error:
            return self.failed(index, item, error)
        if self._reporter is not None:
            self._reporter.succeeded(current_time())
        return Success(index, item, value)


class Alone(Generic[I, T]):
    def __init__(self, work: Work[I, T]) -> None:
        self._work = work
        self._cut_off: Failure[I] | None = None

    def __aiter__(self) -> AsyncIterator[tuple[int, Outcome[I, T]]]:
        return self

    async def __anext__(self) -> tuple[int, Outcome[I, T]]:
        if self._cut_off is not None:
            failure, self._cut_off = self._cut_off, None
            return failure.index, failure
        index, item = await self._work.draw()
        try:
            return index, await self._work.outcome(index, item)
        except get_cancelled_exc_class():
            error = OutcomeUnknownError("the call was cut off: nobody waited for its end")
            self._cut_off = self._work.failed(index, item, error)
            raise
