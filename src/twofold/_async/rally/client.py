# SPDX-License-Identifier: MIT
"""The Rally client: tickets read completely and fast, and written safely.

It only names what can be done; how it is done stands in the modules beside, a subject each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Unpack

from ...rally.sizes import FIRST_PAGE
from ..core.client import AsyncClient

if TYPE_CHECKING:
    from decimal import Decimal

    from ...core.options import CallOptions
    from ...outcome import BatchResult
    from ...progress import ProgressCallback
    from ...rally.ids import TicketId
    from ...rally.models import Comment, ItemList, PortfolioItem, Ticket, TicketList
    from ...rally.query.expression import Query
    from ...rally.query.values import Referable, Value
    from ...rally.records import (
        AllowedValue,
        Attachment,
        Iteration,
        Record,
        Release,
        Revision,
        Tag,
        User,
    )
    from ...rally.sprint import SprintSummary
    from ...rally.timeboxes import When
    from ..core.listing import AsyncListing
    from ..core.options import AsyncOptions

# What carries a method out is imported by the method: who imports a client may not even make one.


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

    Types are story, defect, task, test case, test set, defect suite, feature, epic, initiative,
    theme, and `portfolioitem/<level>` for what else a workspace has; where none are named, stories,
    defects and tasks are meant.  A `query` is an expression of `Q`, or text in Rally's language;
    `State` and `PlanEstimate` in it mean the field where each type keeps its state and its size.

    Twelve requests at once, at most: Rally slows down everything beyond.  Every method takes
    `timeout` and `retry` for itself: a `timeout` given so bounds the method as a whole, the
    client's own bounds each of its requests.
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
        from ...rally import account
        from ...rally.ids import prefixes as known_prefixes
        from .scope import Scoping
        from .session import Session

        super().__init__(
            account.address(server),
            credentials=account.credentials(api_key),
            headers=account.IDENTIFICATION,
            defaults={"concurrency": account.CONCURRENCY},
            **options,
        )
        scoping = Scoping(account.workspace(workspace), account.project(project))
        self._session = Session(self._line, scoping, known_prefixes(prefixes), strict)

    async def get_tickets(
        self,
        types: Iterable[str] | str | None = None,
        *,
        query: Query | str | None = None,
        where: Mapping[str, Value] | None = None,
        order: str | None = None,
        fetch: Sequence[str] = (),
        page_size: int = FIRST_PAGE,
        pages: int | None = None,
        progress: ProgressCallback | None = None,
        **call: Unpack[CallOptions],
    ) -> TicketList:
        """Return every ticket that matches: complete, each once, in the order of types and rows.

        `where` names fields that must equal a value, whatever it holds.  `order` is Rally's
        (`LastUpdateDate DESC`); ObjectID is its last key always.  `fetch` names fields beside the
        model's own; they are found in `extra`.

        The first `page_size` rows of every type are asked for at once; the rest is cut into about
        `pages` pages of equal length (the client's concurrency, if not given).  A page that fails
        fails the read; if the list changes meanwhile, ConflictError: never a partial list.
        """
        from ...rally.asking import wish
        from . import tickets

        wanted = wish(types, query=query, where=where, order=order, fetch=fetch)
        return await tickets.read(
            self._session,
            wanted,
            self._session.terms(call),
            page_size=page_size,
            pages=pages,
            progress=progress,
        )

    def iter_tickets(
        self,
        types: Iterable[str] | str | None = None,
        *,
        query: Query | str | None = None,
        where: Mapping[str, Value] | None = None,
        order: str | None = None,
        fetch: Sequence[str] = (),
        page_size: int = FIRST_PAGE,
        **call: Unpack[CallOptions],
    ) -> AsyncListing[Ticket]:
        """List tickets page by page, type after type, as they are asked for.

        A page is fetched when the one before is used up, or `ahead`; what is not asked for is not
        fetched.  A list that changes meanwhile may show a ticket twice or not at all.  `timeout`
        and `retry` hold for each page.
        """
        from ...rally.asking import wish
        from . import tickets

        wanted = wish(types, query=query, where=where, order=order, fetch=fetch)
        return tickets.listed(self._session, wanted, call, page_size)

    async def search_tickets(
        self,
        text: str,
        types: Iterable[str] | str | None = None,
        **call: Unpack[CallOptions],
    ) -> TicketList:
        """Return the tickets whose name, description or notes hold a text, in capitals or not.

        If the text is a FormattedID, that ticket comes first, of whatever type it is unless `types`
        are named.
        """
        from . import tickets

        return await tickets.search(self._session, text, types, self._session.terms(call))

    async def get_ticket(self, ticket: TicketId, **call: Unpack[CallOptions]) -> Ticket:
        """Return a ticket by its FormattedID, ref or ObjectID, or as it is now."""
        from . import tickets

        return await tickets.one(self._session, ticket, self._session.terms(call))

    async def get_discussions(
        self, ticket: TicketId, **call: Unpack[CallOptions]
    ) -> ItemList[Comment]:
        """Return every post in a ticket's discussion, oldest first."""
        from . import histories

        return await histories.discussion(self._session, ticket, self._session.terms(call))

    async def get_revisions(
        self, ticket: TicketId, **call: Unpack[CallOptions]
    ) -> ItemList[Revision]:
        """Return every change of a ticket, latest first; number 0 is its creation."""
        from . import histories

        return await histories.revisions(self._session, ticket, self._session.terms(call))

    async def get_attachments(
        self, ticket: TicketId, **call: Unpack[CallOptions]
    ) -> ItemList[Attachment]:
        """Return what is attached to a ticket, without the bytes, oldest first."""
        from . import histories

        return await histories.attachments(self._session, ticket, self._session.terms(call))

    async def get_iterations(
        self,
        when: When = None,
        *,
        query: Query | str | None = None,
        below: bool = False,
        **call: Unpack[CallOptions],
    ) -> ItemList[Iteration]:
        """Return the iterations of the project by their start: current, past, future or all.

        What is current is decided by the server's day.  Each project has its own, of the same names
        and dates; `below` adds those of the projects beneath.
        """
        from . import timeboxes

        terms = self._session.terms(call)
        return await timeboxes.iterations(self._session, when, query, below, terms)

    async def get_releases(
        self,
        when: When = None,
        *,
        query: Query | str | None = None,
        below: bool = False,
        **call: Unpack[CallOptions],
    ) -> ItemList[Release]:
        """Return the releases of the project by their start: current, past, future or all.

        What is current is decided by the server's day.  Each project has its own, of the same names
        and dates; `below` adds those of the projects beneath.
        """
        from . import timeboxes

        terms = self._session.terms(call)
        return await timeboxes.releases(self._session, when, query, below, terms)

    async def get_sprint_summary(
        self, iteration: Iteration | str | None = None, **call: Unpack[CallOptions]
    ) -> SprintSummary:
        """Add up the stories, defects and tasks of an iteration; None means the current one.

        It is found by its name, or if one is given by name and dates, in every project of the
        client's scope: the same sprint exists once per project.
        """
        from . import timeboxes

        terms = self._session.terms(call)
        return await timeboxes.sprint_summary(self._session, iteration, terms)

    async def get_feature(self, feature: TicketId, **call: Unpack[CallOptions]) -> PortfolioItem:
        """Return a portfolio item, of any level, by its FormattedID, ref or ObjectID."""
        from . import portfolio

        return await portfolio.feature(self._session, feature, self._session.terms(call))

    async def get_features(
        self,
        level: str = "feature",
        *,
        query: Query | str | None = None,
        where: Mapping[str, Value] | None = None,
        order: str | None = None,
        fetch: Sequence[str] = (),
        progress: ProgressCallback | None = None,
        **call: Unpack[CallOptions],
    ) -> ItemList[PortfolioItem]:
        """Return every portfolio item of a level that matches: complete, each once.

        `level` is as the workspace calls it: feature, epic, initiative, theme, or another name.
        """
        from . import portfolio

        wanted = portfolio.of_level(level, query=query, where=where, order=order, fetch=fetch)
        terms = self._session.terms(call)
        return await portfolio.features(self._session, wanted, terms, progress)

    async def get_feature_children(
        self, feature: TicketId, **call: Unpack[CallOptions]
    ) -> TicketList:
        """Return what is directly beneath a portfolio item, highest rank first.

        These are stories at the lowest level, and portfolio items above.
        """
        from . import portfolio

        return await portfolio.children(self._session, feature, self._session.terms(call))

    async def get_users(
        self,
        *,
        query: Query | str | None = None,
        disabled: bool | None = False,
        **call: Unpack[CallOptions],
    ) -> ItemList[User]:
        """Return the users of the workspace, by their UserName.

        Those that are disabled are left out, unless `disabled` is True (only those) or None (all).
        """
        from . import people

        return await people.users(self._session, query, disabled, self._session.terms(call))

    async def get_current_user(self, **call: Unpack[CallOptions]) -> User:
        """Return whom the credentials belong to."""
        from . import people

        return await people.current_user(self._session, self._session.terms(call))

    async def get_tags(
        self,
        *,
        query: Query | str | None = None,
        archived: bool | None = False,
        **call: Unpack[CallOptions],
    ) -> ItemList[Tag]:
        """Return the tags of the workspace, by name.

        Those that are archived are left out, unless `archived` is True (only those) or None (all).
        """
        from . import people

        return await people.tags(self._session, query, archived, self._session.terms(call))

    async def get_allowed_values(
        self, type: str, field: str, **call: Unpack[CallOptions]
    ) -> tuple[AllowedValue, ...]:
        """Return the values that a field of a type may have, in their order.

        The state of portfolio items is an object: its values are the states of that level.
        """
        from . import anything

        terms = self._session.terms(call)
        return await anything.allowed_values(self._session, type, field, terms)

    def iter(
        self,
        type: str,
        *,
        query: Query | str | None = None,
        order: str | None = None,
        fetch: Sequence[str] = (),
        page_size: int = FIRST_PAGE,
        **call: Unpack[CallOptions],
    ) -> AsyncListing[Record]:
        """List objects of any type of WSAPI, page by page: `milestone`, `project`, `preference`.

        They have all their fields, or with `fetch` those named, by Rally's names and as sent.  A
        query of a type is taken as it is.  `timeout` and `retry` hold for each page.
        """
        from . import anything

        return anything.listed(self._session, type, query, order, fetch, page_size, call)

    async def get(
        self, ref: Referable | str, *, fetch: Sequence[str] = (), **call: Unpack[CallOptions]
    ) -> Record:
        """Return an object of any type by its ref, `/milestone/12`, or by what refers to it.

        It has all its fields, or with `fetch` those named, by Rally's names and as sent.
        """
        from . import anything

        return await anything.one(self._session, ref, fetch, self._session.terms(call))

    async def update_state(
        self,
        ticket: TicketId,
        state: str,
        *,
        field: str | None = None,
        **call: Unpack[CallOptions],
    ) -> Ticket:
        """Set the state: the schedule state of a story, the state of a defect or a task.

        `field` names another one.  Repeated after a lost answer, since twice is as good as once.
        """
        from ...rally.changes import state_change
        from . import writing

        change = state_change(state, field)
        return await writing.update(self._session, ticket, change, self._session.terms(call))

    async def update_points(
        self,
        ticket: TicketId,
        points: Decimal | float | str | None,
        *,
        field: str | None = None,
        **call: Unpack[CallOptions],
    ) -> Ticket:
        """Set the size: points of a story or defect, estimated hours of a task; None clears it.

        `field` names another one.  Repeated after a lost answer, since twice is as good as once.
        """
        from ...rally.changes import points_change
        from . import writing

        change = points_change(points, field)
        return await writing.update(self._session, ticket, change, self._session.terms(call))

    async def add_comment(
        self, ticket: TicketId, text: str, **call: Unpack[CallOptions]
    ) -> Comment:
        """Add a comment to a ticket's discussion; the text is plain, not HTML.

        It is sent once: if its answer is lost, OutcomeUnknownError.
        """
        from . import writing

        return await writing.comment(self._session, ticket, text, self._session.terms(call))

    async def bulk_update_state(
        self,
        tickets: Iterable[TicketId],
        state: str,
        *,
        field: str | None = None,
        concurrency: int | None = None,
        progress: ProgressCallback | None = None,
        **call: Unpack[CallOptions],
    ) -> BatchResult[TicketId, Ticket]:
        """Set the state of many tickets: one outcome each, in the order given.

        An id that is none is refused before anything is sent; a ticket that fails spoils no other.
        """
        from ...rally.changes import state_change
        from . import writing

        return await writing.bulk_update(
            self._session,
            tickets,
            state_change(state, field),
            self._session.terms(call),
            concurrency=concurrency,
            progress=progress,
        )

    async def bulk_update_points(
        self,
        tickets: Iterable[TicketId],
        points: Decimal | float | str | None,
        *,
        field: str | None = None,
        concurrency: int | None = None,
        progress: ProgressCallback | None = None,
        **call: Unpack[CallOptions],
    ) -> BatchResult[TicketId, Ticket]:
        """Set the size of many tickets: one outcome each, in the order given.

        An id that is none is refused before anything is sent; a ticket that fails spoils no other.
        """
        from ...rally.changes import points_change
        from . import writing

        return await writing.bulk_update(
            self._session,
            tickets,
            points_change(points, field),
            self._session.terms(call),
            concurrency=concurrency,
            progress=progress,
        )
