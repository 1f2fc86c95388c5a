"""What is on the screen: the tickets of a view, what is known of one, and the line at the foot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..errors import TwofoldError
from ..rally import Ticket
from ..rally.freshness import DataState
from .board import Board
from .detail import Beside
from .panels import explained
from .status import Status, at, said, why_empty
from .views import View

if TYPE_CHECKING:
    from .app import RallyApp


class Showing:
    """Shows one application's tickets."""

    def __init__(self, app: RallyApp) -> None:
        self._app = app
        self.board = Board()
        self.view = View()
        self.shown = self.board.show(self.view)
        self.beside: dict[str, Beside] = {}
        """What was fetched for each ticket alone, and what went wrong with it."""

    def look(self, **changes: Any) -> None:
        """Look at the board otherwise: another search, span, order."""
        self.view = attrs.evolve(self.view, **changes)
        self.draw()

    def draw(self) -> None:
        """Show what the board has for this view."""
        self.shown = self.board.show(self.view)
        self._app.list.show(self.shown.tickets)
        self.tell()

    def tell(self) -> None:
        """Bring the status bar up to date."""
        if self._app.is_running:
            status = self._status()
            self._app.bar.show(status)
            self._app.list.say_why(why_empty(status, self._app.keys))

    def _status(self) -> Status:
        app = self._app
        return Status(
            app.project or at(app.server),
            self.view,
            self.shown,
            len(app.list.marked),
            self._freshness(),
            app.hearing.connection,
            app.desk.doing,
            app.reading.trouble,
        )

    def _freshness(self) -> str:
        """Say how current the tickets are: what is kept is being refreshed while it is read."""
        now, reading = self._app.desk.freshness, self._app.reading
        if now is None or reading.is_looking_what_is_kept:
            return ""
        if now.state is DataState.LIVE and reading.is_reading and not len(self.board):
            return ""  # what is live is not a ticket yet
        if reading.is_reading and now.state is DataState.CACHED:
            now = attrs.evolve(now, state=DataState.REFRESHING)
        return said(now)

    def draw_detail(self) -> None:
        ticket = self._app.list.ticket
        beside = Beside() if ticket is None else self.beside.get(ticket.ref, Beside())
        self._app.detail.show(ticket, beside)

    def put(self, *tickets: Ticket) -> None:
        """Show what tickets have become."""
        self.board.put(*tickets)
        for ticket in tickets:
            self._app.list.failed.discard(ticket.ref)
            self._note(ticket, "")
        self.draw()

    def trouble(self, ticket: Ticket, error: TwofoldError) -> None:
        """Show at a ticket what went wrong with it."""
        said = explained(error)
        self._note(ticket, said)
        self._app.list.failed.add(ticket.ref)
        self._app.list.refresh()
        self._app.notify(f"{ticket.formatted_id}: {said}", severity="error", markup=False)
        self.draw_detail()

    def _note(self, ticket: Ticket, trouble: str) -> None:
        known = self.beside.get(ticket.ref)
        if trouble or (known is not None and known.trouble):
            self.beside[ticket.ref] = attrs.evolve(known or Beside(), trouble=trouble)

    def doubt_all(self) -> None:
        """Have what is beside the tickets fetched again when the cursor comes to it."""
        self.beside = {
            ref: attrs.evolve(beside, is_old=True) for ref, beside in self.beside.items()
        }
