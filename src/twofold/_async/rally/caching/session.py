# SPDX-License-Identifier: MIT
"""The session of methods that read: what they ask for may have been kept.

A result is a complete list, however many types and pages it has, or one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from ...._runtime.waiting.scopes import checkpoint, current_time
from ....core.options import CallOptions
from ....core.request import Operation, Reply, Safety
from ....core.text.headers import Headers
from ....core.wire.reading import read
from ....progress import ProgressCallback, Reporter
from ....rally.asking import Question, R, Rows, Scope
from ....rally.caching import Kept, Place, body_of, noted, noting
from ....rally.models import ItemList
from ....rally.plan import Span, complete
from ....rally.sizes import FIRST_PAGE
from ..session import Session
from .giving import answered
from .results import Results

if TYPE_CHECKING:
    from ...core.listing import AsyncListing
    from ...core.pipeline import Pipeline

T = TypeVar("T")

ONLY = Span(0, 1, 1)


@attrs.frozen(eq=False)
class CachingSession(Session):
    """One user's way to what is kept of one server, and to the server."""

    results: Results

    async def send(self, operation: Operation[T]) -> T:
        if operation.endpoint.safety is not Safety.SAFE:
            return await super().send(operation)
        return await answered(self.results, One(operation), self.terms)

    async def everything(
        self,
        questions: Sequence[Question[R]],
        *,
        first: int = FIRST_PAGE,
        pages: int | None = None,
        progress: ProgressCallback | None = None,
    ) -> ItemList[R]:
        wanted = Everything(questions, first, pages, progress)
        found = await answered(self.results, wanted, self.terms)
        self.heed(found.warnings, wanted.operation)
        return found

    def listing(
        self,
        ask: Callable[[Scope], Sequence[Question[R]]],
        call: CallOptions,
        size: int = FIRST_PAGE,
    ) -> AsyncListing[R]:
        """List from the server: pages that nobody may ask for make no complete result."""
        return self.results.live.listing(ask, call, size)


@attrs.frozen(eq=False)
class One(Generic[T]):
    """A result that is one answer."""

    asked: Operation[T]

    @property
    def operation(self) -> str:
        return self.asked.name

    def key(self, place: Place) -> str:
        return place.key([self.asked])

    async def ask(self, session: Session, bodies: dict[Span, bytes]) -> T:
        return await session.send(noted(self.asked, bodies, ONLY))

    async def read(self, line: Pipeline, kept: Kept) -> T:
        await checkpoint()
        return as_answered(line, self.asked, body_of(kept.pieces[0]))

    def is_worth_keeping(self, value: T) -> bool:
        """What was looked up and is not there may be there the next moment."""
        return not (isinstance(value, Rows) and value.is_empty)


@attrs.frozen(eq=False)
class Everything(Generic[R]):
    """A result that is a complete list."""

    questions: Sequence[Question[R]]
    first: int
    pages: int | None
    progress: ProgressCallback | None

    @property
    def operation(self) -> str:
        return self.questions[0].endpoint.name

    def key(self, place: Place) -> str:
        # How it was cut into pages makes no other result of it.
        return place.key([question.page(1, 1) for question in self.questions])

    async def ask(self, session: Session, bodies: dict[Span, bytes]) -> ItemList[R]:
        questions = [noting(each, number, bodies) for number, each in enumerate(self.questions)]
        return await session.everything(
            questions, first=self.first, pages=self.pages, progress=self.progress
        )

    async def read(self, line: Pipeline, kept: Kept) -> ItemList[R]:
        reporter = None if self.progress is None else Reporter(self.progress, total=None)
        if reporter is None:
            return await self._read(line, kept, None)
        reporter.started(current_time())
        try:
            return await self._read(line, kept, reporter)
        finally:
            reporter.ended(current_time())

    async def _read(self, line: Pipeline, kept: Kept, reporter: Reporter | None) -> ItemList[R]:
        pages: list[tuple[Span, Rows[R]]] = []
        totals: dict[int, int] = {}
        for piece in kept.pieces:
            await checkpoint()  # a large page takes about as long as a frame on a screen
            asked = self.questions[piece.question].page(piece.start, piece.size)
            rows = as_answered(line, asked, body_of(piece))
            totals.setdefault(piece.question, rows.total or 0)
            pages.append((piece.span, rows))
            if reporter is not None:
                reporter.expect(sum(totals.values()))
                reporter.succeeded(current_time(), len(rows.items) - piece.span.repeated)
        return complete(pages, [totals[number] for number in range(len(self.questions))])

    def is_worth_keeping(self, value: ItemList[R]) -> bool:  # noqa: ARG002 - that nothing is there is a result
        return True


def as_answered(line: Pipeline, operation: Operation[T], body: bytes) -> T:
    """Read an answer once more, as it was when it came; only what succeeded is kept."""
    request = operation.request(line.origin, line.base, line.headers)
    reply = Reply(200, Headers(()), body, request)
    return read(operation, reply, line.drift.of_kept)
