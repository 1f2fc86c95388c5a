"""What the application reads of the server, and when: nobody waits for it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

import attrs

from ..errors import OfflineError, TwofoldError
from ..events import AttemptEnded, Event, RetryScheduled
from ..rally import AsyncCachingRallyClient, ItemList, Iteration, Ticket, TicketList, User
from ..rally.freshness import FreshnessChanged, ResultRefreshed
from .board import Span
from .desk import Job, Work
from .detail import Beside
from .panels import explained, of_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .app import RallyApp

T = TypeVar("T")

FIRST = 100  # tickets of the first page
REST = 0.15  # seconds that the cursor stays on a ticket before more of it is fetched

SHOWN = ("story", "defect", "task")


class Reading:
    """Reads for one application."""

    def __init__(self, app: RallyApp) -> None:
        self._app = app
        self._complete = False
        self.connection = ""
        """What is wrong with the connection; empty: nothing that is known."""

    def begin(self) -> None:
        """Show what is kept, however old it is; then read what there is now."""
        self._app.desk.read("kept", Job("looking what is kept", kept, self._kept, self._failed))

    def _kept(self, tickets: TicketList | None) -> None:
        if tickets is not None:
            self._show(tickets)
        self._read_all()

    def _read_all(self) -> None:
        """Read the first page and everything, side by side; what comes first is shown first."""
        if not self._complete:
            self._read("first", "the first page", first_page, self._first)
        self._read("me", "who you are", who, self._me)
        self._read("iterations", "iterations", iterations, self._iterations)
        self.again()

    def _read(self, name: str, what: str, work: Work[T], done: Callable[[T], None]) -> None:
        self._app.desk.read(name, Job(f"reading {what}", work, done, self._failed))

    def again(self) -> None:
        """Read everything: what is kept is shown at once, and asked for anew behind."""
        self._read("all", "tickets", everything, self._all)

    def refresh(self) -> None:
        """Read everything, and believe nothing that is kept."""
        self._app.desk.read("anew", Job("refreshing", anew, self._anew, self._failed))

    def heard(self, event: Event) -> None:
        """Show what the client did behind: a result that is another one now is read again."""
        if isinstance(event, ResultRefreshed) and event.changed:
            self._app.call_later(self.again)
        elif isinstance(event, FreshnessChanged):
            self._app.call_later(self._app.tell)
        elif isinstance(event, AttemptEnded):
            self.connection = "" if event.error is None else of_connection(event.error)
        elif isinstance(event, RetryScheduled):
            self.connection = f"{of_connection(event.error)}, again in {event.pause:.0f} s"

    def look_at(self, ticket: Ticket | None) -> None:
        """Fetch what else there is of a ticket, if the cursor stays on it."""
        if ticket is not None:
            self._app.main.set_timer(REST, partial(self._look_again, ticket))

    def _look_again(self, ticket: Ticket) -> None:
        now = self._app.list.ticket
        if now is None or now.ref != ticket.ref:
            return
        known = self._app.beside.get(ticket.ref)
        if known is None or known.comments is None or known.is_old:
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
        known = self._app.beside.get(ticket.ref, found)
        self._app.beside[ticket.ref] = attrs.evolve(found, trouble=known.trouble)
        self._app.draw_detail()

    def _first(self, tickets: Sequence[Ticket]) -> None:
        if not self._complete:
            self._app.board.put(*tickets)
            self._app.draw()

    def _all(self, tickets: TicketList) -> None:
        self._complete = True
        self._app.desk.give_up("first")
        self._show(tickets)

    def _anew(self, _: None) -> None:
        """Read again what is shown beside the tickets too, when the cursor comes to it."""
        self._app.beside = {
            ref: attrs.evolve(beside, is_old=True) for ref, beside in self._app.beside.items()
        }
        self._read_all()
        self.look_at(self._app.list.ticket)

    def _show(self, tickets: TicketList) -> None:
        self._app.board.replace(tickets)
        self._app.draw()
        self._app.settled()

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


async def kept(client: AsyncCachingRallyClient) -> TicketList | None:
    """Return what is kept, asking nobody, whatever was written since; None: nothing is.

    Nothing else may be asked of the client meanwhile.
    """
    was, client.offline = client.offline, True
    try:
        return await client.get_tickets(SHOWN)
    except OfflineError:
        return None
    finally:
        client.offline = was


async def anew(client: AsyncCachingRallyClient) -> None:
    await client.refresh()


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
