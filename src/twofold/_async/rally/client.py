# SPDX-License-Identifier: MIT
"""The Rally client: tickets read completely and fast, and written safely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar, Unpack

from ..._runtime.waiting.scopes import current_time
from ...core.options import UNSET, Terms, Unset
from ...core.policy.checks import whole
from ...core.policy.retry import Retry
from ...core.policy.timeout import Timeout
from ...core.request import Operation, Page
from ...errors import ArgumentError, Effect, NotFoundError, RequestError
from ...outcome import BatchResult
from ...progress import ProgressCallback, Reporter
from ...rally import account, operations
from ...rally.changes import Change, points_change, state_change
from ...rally.ids import Located, TicketId, identify
from ...rally.ids import prefixes as known_prefixes
from ...rally.models import Comment, Ticket, TicketList
from ...rally.operations import LARGEST_PAGE, Question, Rows, Scope, wish
from ...rally.plan import FIRST_PAGE
from ...rally.query import Value
from ...rally.wire import Answered
from ..core.batch import map_all
from ..core.client import AsyncClient
from ..core.listing import AsyncListing
from ..core.options import AsyncOptions, line
from .finding import locate, locate_all
from .reading import Cursor, page_at, read_all
from .scope import Scoping

T = TypeVar("T")

QUERIED = "rally.query"


class AsyncRallyClient(AsyncClient):
    """A client of one Rally server, for one user.

    ::

        async with AsyncRallyClient(server="rally1.rallydev.com") as rally:
            ticket = await rally.get_ticket("US123")
            await rally.update_state(ticket, "Completed")

    Every argument that is left out comes from the environment (`RALLY_SERVER`, `RALLY_APIKEY`,
    `RALLY_WORKSPACE`, `RALLY_PROJECT`), then from the settings file.  `workspace` and `project` are
    a name, a ref or an ObjectID; without them the user's defaults hold.  `prefixes` names those of
    FormattedIDs that this workspace has beside the standard ones: ``{"BUG": "defect"}``.  With
    `strict`, a warning of the server is an error; a change that it ignored is one.

    Twelve requests at once, at most: Rally slows down everything beyond.  A `timeout` that a method
    is given bounds the method as a whole; the client's own bounds each of its requests.
    """

    def __init__(
        self,
        *,
        server: str | None = None,
        api_key: str | None = None,
        workspace: str | None = None,
        project: str | None = None,
        prefixes: Mapping[str, str] | None = None,
        strict: bool = False,
        **options: Unpack[AsyncOptions],
    ) -> None:
        origin, base = account.place(server)
        made = line(
            origin,
            base,
            account.credentials(api_key),
            options,
            concurrency=account.CONCURRENCY,
            headers=account.IDENTIFICATION,
        )
        super().__init__(made)
        self._scoping = Scoping(
            account.workspace(workspace),
            account.project(project),
        )
        self._prefixes = known_prefixes(prefixes)
        self._strict = strict

    async def get_tickets(
        self,
        types: Iterable[str] | str | None = None,
        *,
        query: str | None = None,
        where: Mapping[str, Value] | None = None,
        order: str | None = None,
        fetch: Sequence[str] = (),
        page_size: int = FIRST_PAGE,
        pages: int | None = None,
        progress: ProgressCallback | None = None,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> TicketList:
        """Return every ticket that matches: complete, each once, in the order of types and rows.

        `query` is in Rally's language; `where` names fields that must equal a value, whatever it
        holds.  `order` is Rally's (`LastUpdateDate DESC`); ObjectID is its last key always.
        `fetch` names fields beside the model's own; they are found in `extra`.

        The first `page_size` rows of every type are asked for at once; the rest is cut into about
        `pages` pages of equal length (the client's concurrency, if not given).  A page that fails
        fails the read; if the list changes meanwhile, ConflictError: never a partial list.
        """
        size = whole("page_size", page_size, 1, LARGEST_PAGE)
        wanted = wish(types, query=query, where=where, order=order, fetch=fetch)
        terms = self._line.under(timeout, retry)
        workers = self._workers()
        count = workers if pages is None else whole("pages", pages, 1)
        questions = wanted.questions(await self._scoping.scope(self._line, terms))

        async def fetch_rows(question: Question, start: int, rows: int) -> Rows:
            return await self._line.send(question.page(start, rows), terms)

        reporter = None if progress is None else Reporter(progress, total=None)
        if reporter is not None:
            reporter.started(current_time())
        try:
            found = await read_all(
                fetch_rows,
                questions,
                first=size,
                pages=count,
                workers=workers,
                allowance=self._line.limits.threads,
                reporter=reporter,
            )
        finally:
            if reporter is not None:
                reporter.ended(current_time())
        self._heed(found.warnings, QUERIED)
        return found

    def iter_tickets(
        self,
        types: Iterable[str] | str | None = None,
        *,
        query: str | None = None,
        where: Mapping[str, Value] | None = None,
        order: str | None = None,
        fetch: Sequence[str] = (),
        page_size: int = FIRST_PAGE,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> AsyncListing[Ticket]:
        """List tickets page by page, type after type, as they are asked for.

        A page is fetched when the one before is used up, or `ahead`; what is not asked for is not
        fetched.  A list that changes meanwhile may show a ticket twice or not at all.  `timeout`
        and `retry` hold for each page.
        """
        size = whole("page_size", page_size, 1, LARGEST_PAGE)
        wanted = wish(types, query=query, where=where, order=order, fetch=fetch)

        self._line.under(timeout, retry)

        async def fetch_page(cursor: Cursor) -> Page[Ticket]:
            terms = self._line.under(timeout, retry)
            questions = wanted.questions(await self._scoping.scope(self._line, terms))

            async def fetch_rows(question: Question, start: int, rows: int) -> Rows:
                found = await self._line.send(question.page(start, rows), terms)
                self._heed(found.warnings, QUERIED)
                return found

            return await page_at(cursor, questions, size, fetch_rows)

        return AsyncListing(fetch_page, Cursor())

    async def get_ticket(
        self,
        ticket: TicketId,
        *,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> Ticket:
        """Return a ticket by its FormattedID, ref or ObjectID, or as it is now."""
        terms = self._line.under(timeout, retry)
        place, scope = await self._place(ticket, terms)
        return await self._answered(operations.get(place, scope), terms)

    async def update_state(
        self,
        ticket: TicketId,
        state: str,
        *,
        field: str | None = None,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> Ticket:
        """Set the state: the schedule state of a story, the state of a defect or a task.

        `field` names another one.  Repeated after a lost answer, since twice is as good as once.
        """
        return await self._update(
            ticket, state_change(state, field), self._line.under(timeout, retry)
        )

    async def update_points(
        self,
        ticket: TicketId,
        points: Decimal | float | str | None,
        *,
        field: str | None = None,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> Ticket:
        """Set the size: points of a story or defect, estimated hours of a task; None clears it.

        `field` names another one.  Repeated after a lost answer, since twice is as good as once.
        """
        return await self._update(
            ticket, points_change(points, field), self._line.under(timeout, retry)
        )

    async def add_comment(
        self,
        ticket: TicketId,
        text: str,
        *,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> Comment:
        """Add a comment to a ticket's discussion; the text is plain, not HTML.

        It is sent once: if its answer is lost, OutcomeUnknownError.
        """
        if not text.strip():
            raise ArgumentError("a comment must not be empty")
        terms = self._line.under(timeout, retry)
        place, scope = await self._place(ticket, terms)
        return await self._answered(operations.comment(place, text, scope), terms)

    async def bulk_update_state(
        self,
        tickets: Iterable[TicketId],
        state: str,
        *,
        field: str | None = None,
        concurrency: int | None = None,
        progress: ProgressCallback | None = None,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> BatchResult[TicketId, Ticket]:
        """Set the state of many tickets: one outcome each, in the order given.

        An id that is none is refused before anything is sent; a ticket that fails spoils no other.
        """
        return await self._bulk(
            tickets,
            state_change(state, field),
            concurrency,
            progress,
            self._line.under(timeout, retry),
        )

    async def bulk_update_points(
        self,
        tickets: Iterable[TicketId],
        points: Decimal | float | str | None,
        *,
        field: str | None = None,
        concurrency: int | None = None,
        progress: ProgressCallback | None = None,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> BatchResult[TicketId, Ticket]:
        """Set the size of many tickets: one outcome each, in the order given.

        An id that is none is refused before anything is sent; a ticket that fails spoils no other.
        """
        return await self._bulk(
            tickets,
            points_change(points, field),
            concurrency,
            progress,
            self._line.under(timeout, retry),
        )

    async def _bulk(
        self,
        tickets: Iterable[TicketId],
        change: Change,
        concurrency: int | None,
        progress: ProgressCallback | None,
        terms: Terms,
    ) -> BatchResult[TicketId, Ticket]:
        given = list(tickets)
        workers = self._workers() if concurrency is None else whole("concurrency", concurrency, 1)
        identities = [identify(ticket, self._prefixes) for ticket in given]
        scope = await self._scoping.scope(self._line, terms)
        places = await locate_all(self._line, scope, identities, terms, workers=workers)

        async def write(ticket: TicketId) -> Ticket:
            place = places[identify(ticket, self._prefixes)]
            if isinstance(place, NotFoundError):
                raise place
            return await self._answered(operations.update(place, change(place.kind), scope), terms)

        return await map_all(
            write,
            given,
            workers=workers,
            progress=progress,
            allowance=self._line.limits.threads,
        )

    async def _update(self, ticket: TicketId, change: Change, terms: Terms) -> Ticket:
        place, scope = await self._place(ticket, terms)
        return await self._answered(operations.update(place, change(place.kind), scope), terms)

    async def _place(self, ticket: TicketId, terms: Terms) -> tuple[Located, Scope]:
        """Locate a ticket; what is no id is refused before anything is sent."""
        identity = identify(ticket, self._prefixes)
        scope = await self._scoping.scope(self._line, terms)
        return await locate(self._line, scope, identity, terms), scope

    async def _answered(self, operation: Operation[Answered[T]], terms: Terms) -> T:
        answer = await self._line.send(operation, terms)
        self._heed(answer.warnings, operation.name)
        return answer.value

    def _heed(self, warnings: tuple[str, ...], operation: str) -> None:
        """Raise warnings if the client is strict; the listener was told in any case."""
        if warnings and self._strict:
            error = RequestError(
                "Rally warned: " + "; ".join(warnings), texts=warnings, effect=Effect.DONE
            )
            error.operation = operation
            raise error

    def _workers(self) -> int:
        return self._line.concurrency or account.CONCURRENCY
