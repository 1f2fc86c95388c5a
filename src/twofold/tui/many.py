"""What is changed of all tickets that are marked, and how it went with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from ..errors import TwofoldError
from ..outcome import BatchResult
from ..progress import Progress
from ..rally import Ticket
from ..rally.ids import TicketId
from .desk import Job, Work
from .panels import explained, outcomes_text
from .screens import Read

if TYPE_CHECKING:
    from .app import RallyApp

CHANGES = (
    ("state", "State"),
    ("points", "Points"),
    ("owner", "Owner"),
    ("iteration", "Iteration"),
    ("parent", "Parent"),
    ("delete", "Delete: into the recycle bin"),
)


class Many:
    """Bulk changes for one application."""

    def __init__(self, app: RallyApp) -> None:
        self._app = app
        self._ask = app.asking

    def acts(self) -> Mapping[str, Callable[[], object]]:
        return {"bulk": self.menu}

    def menu(self) -> None:
        """Ask what is to be done with all that are marked."""
        tickets = self.marked()
        if not tickets:
            self._app.notify("Mark tickets first: space marks one, ctrl+a all that are shown")
            return
        title = f"Change {len(tickets)} tickets"
        self._ask.one_of(title, CHANGES, lambda change: self._chosen(change, tickets))

    def marked(self) -> Sequence[Ticket]:
        found = [self._app.board.get(ref) for ref in sorted(self._app.list.marked)]
        return [ticket for ticket in found if ticket is not None]

    def _chosen(self, change: str, tickets: Sequence[Ticket]) -> None:
        bulk = Bulk(tickets, self._progress)
        title = f"{change.capitalize()} of {len(tickets)} tickets"
        send = partial(self._send, tickets, change)
        match change:
            case "state":
                self._ask.state(title, tickets[0], lambda state: send(bulk.state(state)))
            case "points":
                self._ask.points(title, "", lambda size: send(bulk.points(size)))
            case "owner":
                self._ask.owner(title, lambda owner: send(bulk.owner(owner)))
            case "iteration":
                self._ask.iteration(title, lambda name: send(bulk.iteration(name)))
            case "parent":
                self._ask.parent(title, lambda parent: send(bulk.parent(parent)))
            case _:
                sure = [("no", "No, keep them"), ("yes", f"Yes, delete {len(tickets)} tickets")]
                self._ask.one_of(title, sure, lambda said: self._delete(said, tickets, bulk))

    def _delete(self, said: str, tickets: Sequence[Ticket], bulk: Bulk) -> None:
        if said == "yes":
            self._send(tickets, "delete", bulk.delete())

    def _send(
        self, tickets: Sequence[Ticket], what: str, work: Work[BatchResult[TicketId, Any]]
    ) -> None:
        """Write to many, one bulk after another, and show how it went with each."""
        done = partial(self._done, tickets, what)
        self._app.desk.write(
            "bulk", Job(f"{len(tickets)} tickets: {what}", work, done, self._failed)
        )

    def _progress(self, progress: Progress) -> None:
        self._app.progress = f"{progress.done} of {progress.total}"
        self._app.tell()

    def _done(
        self, tickets: Sequence[Ticket], what: str, result: BatchResult[TicketId, Any]
    ) -> None:
        """Show what has become of them; those that failed stay marked."""
        self._app.progress = ""
        for outcome in result.succeeded:
            if outcome.value is None:
                self._app.board.drop(tickets[outcome.index].ref)
        self._app.put(*(one.value for one in result.succeeded if one.value is not None))
        failed = {tickets[outcome.index].ref for outcome in result.failed}
        self._app.list.failed |= failed
        self._app.list.marked = failed
        self._app.tell()
        title = f"{what}: {len(result.succeeded)} done, {len(result.failed)} failed"
        self._app.push_screen(Read(title, outcomes_text(result)))

    def _failed(self, error: TwofoldError) -> None:
        self._app.progress = ""
        self._app.notify(explained(error), severity="error", timeout=15, markup=False)


@attrs.frozen
class Bulk:
    """What can be done to several tickets at once."""

    tickets: Sequence[Ticket]
    progress: Callable[[Progress], None]

    def state(self, state: str) -> Work[BatchResult[TicketId, Any]]:
        return lambda client: client.bulk_update_state(self.tickets, state, progress=self.progress)

    def points(self, size: Decimal | None) -> Work[BatchResult[TicketId, Any]]:
        return lambda client: client.bulk_update_points(self.tickets, size, progress=self.progress)

    def owner(self, owner: str | None) -> Work[BatchResult[TicketId, Any]]:
        return lambda client: client.bulk_assign_owner(self.tickets, owner, progress=self.progress)

    def iteration(self, name: str | None) -> Work[BatchResult[TicketId, Any]]:
        return lambda client: client.bulk_set_iteration(self.tickets, name, progress=self.progress)

    def parent(self, parent: str | None) -> Work[BatchResult[TicketId, Any]]:
        return lambda client: client.bulk_set_parent(self.tickets, parent, progress=self.progress)

    def delete(self) -> Work[BatchResult[TicketId, Any]]:
        return lambda client: client.bulk_delete(self.tickets, progress=self.progress)
