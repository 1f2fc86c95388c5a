"""What the application reads of the server, and when: nobody waits for it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs

from ..errors import TwofoldError
from ..events import Event
from ..rally import AsyncCachingRallyClient, ItemList, Iteration, Ticket, TicketList, User
from ..rally.freshness import FreshnessChanged, ResultRefreshed
from .board import Span
from .desk import Job
from .detail import Beside
from .panels import explained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .app import RallyApp

FIRST = 100  # tickets of the first page
REST = 0.15  # seconds that the cursor stays on a ticket before more of it is fetched

SHOWN = ("story", "defect", "task")


class Reading:
    """Reads for one application."""

    def __init__(self, app: RallyApp) -> None:
        self._app = app
        self._complete = False

    def begin(self) -> None:
        """Read the first page and everything, side by side; what comes first is shown first."""
        desk = self._app.desk
        desk.read("first", Job("reading the first page", first_page, self._first, self._failed))
        desk.read("me", Job("reading who you are", who, self._me, self._failed))
        desk.read(
            "iterations", Job("reading iterations", iterations, self._iterations, self._failed)
        )
        self.again()

    def again(self) -> None:
        """Read everything: what is kept is shown at once, and asked for anew behind."""
        self._app.desk.read("all", Job("reading tickets", everything, self._all, self._failed))

    def refresh(self) -> None:
        """Read everything, and believe nothing that is kept."""
        self._app.desk.read("all", Job("refreshing", anew, self._all, self._failed))

    def heard(self, event: Event) -> None:
        """Show what the client did behind: a result that is another one now is read again."""
        if isinstance(event, ResultRefreshed) and event.changed:
            self._app.call_later(self.again)
        elif isinstance(event, FreshnessChanged):
            self._app.call_later(self._app.tell)

    def look_at(self, ticket: Ticket | None) -> None:
        """Fetch what else there is of a ticket, if the cursor stays on it."""
        if ticket is not None:
            self._app.main.set_timer(REST, partial(self._look_again, ticket))

    def _look_again(self, ticket: Ticket) -> None:
        now = self._app.list.ticket
        if now is None or now.ref != ticket.ref:
            return
        known = self._app.beside.get(ticket.ref)
        if known is None or known.comments is None:
            self.look_beside(ticket)

    def look_beside(self, ticket: Ticket) -> None:
        """Fetch the discussion of a ticket and what is attached to it."""
        self._app.desk.read(
            "beside",
            Job(
                f"reading {ticket.formatted_id}",
                partial(beside, ticket),
                partial(self._beside, ticket),
                partial(self._app.trouble, ticket),
            ),
        )

    def _beside(self, ticket: Ticket, found: Beside) -> None:
        self._app.beside[ticket.ref] = found
        self._app.draw_detail()

    def _first(self, tickets: Sequence[Ticket]) -> None:
        if not self._complete:
            self._app.board.put(*tickets)
            self._app.draw()

    def _all(self, tickets: TicketList) -> None:
        self._complete = True
        self._app.desk.give_up("first")
        self._app.board.replace(tickets)
        self._app.draw()

    def _me(self, user: User) -> None:
        self._app.board.me = user.ref
        if self._app.view.mine:
            self._app.draw()

    def _iterations(self, found: dict[str, Span]) -> None:
        self._app.board.spans = found
        self._app.draw()

    def _failed(self, error: TwofoldError) -> None:
        self._app.notify(explained(error), severity="error", timeout=15, markup=False)


async def first_page(client: AsyncCachingRallyClient) -> Sequence[Ticket]:
    listing = client.iter_tickets(SHOWN, order="LastUpdateDate DESC", page_size=FIRST)
    async for page in listing.pages():
        return page.items
    return ()


async def everything(client: AsyncCachingRallyClient) -> TicketList:
    return await client.get_tickets(SHOWN)


async def anew(client: AsyncCachingRallyClient) -> TicketList:
    await client.refresh()
    return await client.get_tickets(SHOWN)


async def who(client: AsyncCachingRallyClient) -> User:
    return await client.get_current_user()


async def iterations(client: AsyncCachingRallyClient) -> dict[str, Span]:
    """Return when each iteration is, by its name."""
    spans: dict[str, Span] = {}
    for span in (Span.PAST, Span.FUTURE, Span.CURRENT):
        found: ItemList[Iteration] = await client.get_iterations(span.value, below=True)
        spans |= {each.name: span for each in found if each.name is not None}
    return spans


async def beside(ticket: Ticket, client: AsyncCachingRallyClient) -> Beside:
    comments = await client.get_discussions(ticket)
    return attrs.evolve(Beside(comments), files=await client.get_attachments(ticket))
