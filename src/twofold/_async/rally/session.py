# SPDX-License-Identifier: MIT
"""What all methods of one client share: the line, the scope, the prefixes, how warnings are taken.

The client only names its methods; what carries one out is a function that is given this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import attrs

from ..._runtime.waiting.scopes import current_time
from ...core.options import CallOptions, known
from ...core.policy.checks import whole
from ...core.request import Operation, Page
from ...core.unset import UNSET
from ...errors import Effect, RequestError
from ...progress import ProgressCallback, Reporter
from ...rally import account
from ...rally.asking import Question, R, Rows, Scope
from ...rally.elsewhere import check_server
from ...rally.ids import Identity, Located, TicketId, identify
from ...rally.kinds import Kind
from ...rally.models import ItemList
from ...rally.operations import RawRows
from ...rally.sizes import FIRST_PAGE, LARGEST_PAGE
from ...rally.structure import Raw
from ...rally.wire import Answered
from .scope import Scoping

if TYPE_CHECKING:
    from ...core.options import Terms
    from ..core.listing import AsyncListing
    from ..core.pipeline import Pipeline
    from .reading import Cursor

T = TypeVar("T")

OPTIONS = ("timeout", "retry")


@attrs.frozen(eq=False)
class Session:
    """One user's way to one server, on the terms of one method call."""

    line: Pipeline
    scoping: Scoping
    prefixes: Mapping[str, Kind]
    strict: bool
    terms: Terms

    def under(self, call: CallOptions) -> Session:
        """Return the same for one method call, which was given `call` for itself."""
        known(call, OPTIONS)
        terms = self.line.under(call.get("timeout", UNSET), call.get("retry", UNSET))
        return attrs.evolve(self, terms=terms)

    async def scope(self) -> Scope:
        return await self.scoping.scope(self)

    def identify(self, ticket: TicketId) -> Identity:
        """Tell what an id names; refuse what is none, or is of another server."""
        check_server(ticket, self.line.origin)
        return identify(ticket, self.prefixes)

    async def place(self, ticket: TicketId) -> tuple[Located, Scope]:
        """Locate a ticket; what is no id is refused before anything is sent."""
        from .finding import locate

        identity = self.identify(ticket)
        scope = await self.scope()
        return await locate(self, scope, identity), scope

    async def send(self, operation: Operation[T]) -> T:
        return await self.line.send(operation, self.terms)

    async def found(self, ask: Callable[[int], Operation[Rows[Raw]]]) -> RawRows:
        """Return all rows of a look-up, which `ask` asks for from a row on: mostly they are few."""
        rows: list[Raw] = []
        while True:
            page = await self.send(ask(len(rows) + 1))
            rows += page.items
            if not page.items or len(rows) >= (page.total or 0):
                return rows

    async def answered(self, operation: Operation[Answered[T]]) -> T:
        answer = await self.send(operation)
        self.heed(answer.warnings, operation.name)
        return answer.value

    def heed(self, warnings: tuple[str, ...], operation: str) -> None:
        """Raise warnings if the client is strict; the listener was told in any case."""
        if warnings and self.strict:
            error = RequestError(
                "Rally warned: " + "; ".join(warnings), texts=warnings, effect=Effect.DONE
            )
            error.operation = operation
            raise error

    def workers(self, wanted: int | None = None) -> int:
        """Return how many requests one method has under way at once."""
        if wanted is not None:
            return whole("concurrency", wanted, 1)
        return self.line.member.concurrency or account.CONCURRENCY

    async def everything(
        self,
        questions: Sequence[Question[R]],
        *,
        first: int = FIRST_PAGE,
        pages: int | None = None,
        progress: ProgressCallback | None = None,
    ) -> ItemList[R]:
        """Return all that the questions find: complete, each once, in the order of questions."""
        from .reading import read_all

        async def fetch(question: Question[R], start: int, rows: int) -> Rows[R]:
            return await self.send(question.page(start, rows))

        reporter = None if progress is None else Reporter(progress, total=None)
        if reporter is not None:
            reporter.started(current_time())
        try:
            found = await read_all(
                fetch,
                questions,
                first=first,
                pages=self.workers() if pages is None else pages,
                workers=self.workers(),
                allowance=self.line.limits.threads,
                reporter=reporter,
            )
        finally:
            if reporter is not None:
                reporter.ended(current_time())
        self.heed(found.warnings, questions[0].endpoint.name)
        return found

    def listing(
        self,
        ask: Callable[[Scope], Sequence[Question[R]]],
        call: CallOptions,
        size: int = FIRST_PAGE,
    ) -> AsyncListing[R]:
        """List what the questions find, page by page; `call` holds for each page."""
        from ..core.listing import AsyncListing
        from .reading import Cursor, page_at

        rows = whole("page_size", size, 1, LARGEST_PAGE)

        async def fetch_page(cursor: Cursor) -> Page[R]:
            session = self.under(call)
            questions = ask(await session.scope())

            async def fetch(question: Question[R], start: int, rows: int) -> Rows[R]:
                found = await session.send(question.page(start, rows))
                self.heed(found.warnings, question.endpoint.name)
                return found

            return await page_at(cursor, questions, rows, fetch)

        return AsyncListing(fetch_page, Cursor(), self.line.limits.threads)
