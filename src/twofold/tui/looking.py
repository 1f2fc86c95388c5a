"""What else there is of the ticket under the cursor: fetched once the cursor rests on it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs
from textual.timer import Timer

from ..rally import Ticket
from .beside import Beside
from .desk import Job
from .fetching import beside

if TYPE_CHECKING:
    from .app import RallyApp

REST = 0.15  # seconds that the cursor stays on a ticket before more of it is fetched


class Looking:
    """Looks for one application at one ticket after another."""

    def __init__(self, app: RallyApp) -> None:
        self._app = app
        self._rest: Timer | None = None

    def look_at(self, ticket: Ticket | None) -> None:
        """Fetch what else there is of a ticket, if the cursor stays on it."""
        if self._rest is not None:
            self._rest.stop()
        if ticket is not None:
            self._rest = self._app.main.set_timer(REST, partial(self._look_again, ticket))

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
        self._app.showing.draw_detail()
