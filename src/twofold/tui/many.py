"""What is changed of all tickets that are marked, and how it went with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import TwofoldError
from ..outcome import BatchResult
from ..progress import Progress
from ..rally import Ticket
from ..rally.ids import TicketId
from .desk import Job, Work
from .edits import number
from .panels import explained, outcomes_text
from .screens import Ask, Choose, Read

if TYPE_CHECKING:
    from .app import RallyApp

CHANGES = (("state", "State"), ("points", "Points"))


class Many:
    """Bulk changes for one application."""

    def __init__(self, app: RallyApp) -> None:
        self._app = app

    def acts(self) -> Mapping[str, Callable[[], object]]:
        return {"bulk": self.menu}

    def menu(self) -> None:
        """Ask what is to be done with all that are marked."""
        tickets = self.marked()
        if not tickets:
            self._app.notify("Mark tickets first: space marks one, ctrl+a all that are shown")
            return

        def answered(change: str | None) -> None:
            match change:
                case "state":
                    self._app.edits.with_states(tickets[0], partial(self.state, tickets))
                case "points":
                    self.points(tickets)
                case _:
                    return

        self._app.push_screen(Choose(f"Change {len(tickets)} tickets", CHANGES), answered)

    def marked(self) -> Sequence[Ticket]:
        found = [self._app.board.get(ref) for ref in sorted(self._app.list.marked)]
        return [ticket for ticket in found if ticket is not None]

    def state(self, tickets: Sequence[Ticket], values: Sequence[str]) -> None:
        def answered(state: str | None) -> None:
            if state is not None:
                self.send(
                    tickets,
                    f"state {state}",
                    lambda client: client.bulk_update_state(tickets, state, progress=self.progress),
                )

        options = [(value, value) for value in values]
        self._app.push_screen(Choose(f"State of {len(tickets)} tickets", options), answered)

    def points(self, tickets: Sequence[Ticket]) -> None:
        def answered(said: str | None) -> None:
            if said is not None:
                size = number(said)
                self.send(
                    tickets,
                    f"points {said}",
                    lambda client: client.bulk_update_points(tickets, size, progress=self.progress),
                )

        self._app.push_screen(Ask(f"Points of {len(tickets)} tickets", "", number), answered)

    def send(
        self, tickets: Sequence[Ticket], what: str, work: Work[BatchResult[TicketId, Ticket]]
    ) -> None:
        """Write to many, one bulk after another, and show how it went with each."""
        job: Job[Any] = Job(
            f"{len(tickets)} tickets: {what}",
            work,
            partial(self._done, tickets, what),
            self._failed,
        )
        self._app.desk.write("bulk", job)

    def progress(self, progress: Progress) -> None:
        self._app.progress = f"{progress.done} of {progress.total}"
        self._app.tell()

    def _done(
        self, tickets: Sequence[Ticket], what: str, result: BatchResult[TicketId, Ticket]
    ) -> None:
        self._app.progress = ""
        self._app.put(*(one.value for one in result.succeeded))
        failed = {ticket.ref for ticket in tickets} - {one.value.ref for one in result.succeeded}
        self._app.list.failed |= failed
        self._app.list.marked = failed
        self._app.draw()
        names = {str(ticket): str(ticket) for ticket in tickets}
        text = outcomes_text(result, names)
        title = f"{what}: {len(result.succeeded)} done, {len(result.failed)} failed"
        self._app.push_screen(Read(title, text))

    def _failed(self, error: TwofoldError) -> None:
        self._app.progress = ""
        self._app.notify(explained(error), severity="error", timeout=15, markup=False)
