# SPDX-License-Identifier: MIT
"""What became of the items of a bulk so far."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar, cast

import attrs

from ..._runtime.waiting.scopes import current_time
from ...errors import Effect, TwofoldError
from ...outcome import Failure, Outcome, Success
from ...progress import Reporter
from ...rally.bulk import BulkResult
from ...rally.bulk_record import BulkRecord

I = TypeVar("I")  # noqa: E741 - the item
T = TypeVar("T")


@attrs.frozen(eq=False)
class Tally(Generic[I, T]):
    """The outcomes so far, told to the record and to whoever watches the progress."""

    items: Sequence[I]
    record: BulkRecord
    reporter: Reporter | None
    outcomes: dict[int, Outcome[I, T]] = attrs.field(factory=dict[int, Outcome[I, T]])

    def succeeded(self, index: int, value: T) -> None:
        self.outcomes[index] = Success(index, self.items[index], value)
        if self.reporter is not None:
            self.reporter.succeeded(current_time())

    def failed(self, index: int, error: Exception) -> None:
        self.outcomes[index] = Failure(index, self.items[index], error)
        if self.reporter is not None:
            self.reporter.failed(current_time())

    def missed(self, index: int, error: Exception) -> None:
        """Take note of an item that was not done, or of which nobody knows."""
        self.note(index, error)
        self.failed(index, error)

    def gone(self, index: int) -> None:
        """Take note of an item that has been removed, by a write whose answer was lost."""
        self.record.succeeded(index, None)
        self.succeeded(index, cast("T", None))  # nothing else comes of a removal

    def note(self, index: int, error: Exception) -> None:
        effect = error.effect if isinstance(error, TwofoldError) else Effect.UNKNOWN
        self.record.missed(index, shown(error), is_unknown=effect is not Effect.NONE)

    def result(self) -> BulkResult[I, T]:
        return BulkResult(tuple(self.outcomes[index] for index in range(len(self.items))))

    @contextmanager
    def told(self) -> Generator[None]:
        """Tell at the start and at the end of a block how far the bulk has come."""
        if self.reporter is None:
            yield
            return
        self.reporter.started(current_time())
        try:
            yield
        finally:
            self.reporter.ended(current_time())


def shown(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
