"""What is changed of all tickets that are marked, and how it went with each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict

import attrs

from ..errors import TwofoldError
from ..outcome import BatchResult
from ..progress import Progress
from ..rally import BulkRecord, Ticket
from ..rally.ids import TicketId
from .desk import Course, Job, Work
from .panels import explained, outcomes_text
from .screens import Read

if TYPE_CHECKING:
    from .app import RallyApp

LATER = 0.2  # seconds

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
        bulk = Bulk(tickets, self._app.tell)
        title = f"{change.capitalize()} of {len(tickets)} tickets"
        send = partial(self._send, bulk, change)
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
                self._ask.one_of(title, sure, lambda said: self._delete(said, bulk))

    def _delete(self, said: str, bulk: Bulk) -> None:
        if said == "yes":
            self._send(bulk, "delete", bulk.delete())

    def _send(self, bulk: Bulk, what: str, work: Work[BatchResult[TicketId, Any]]) -> None:
        """Write to many, one bulk after another, and show how it went with each."""
        tickets = bulk.tickets
        done = partial(self._done, tickets, what)
        job = Job(
            f"{len(tickets)} tickets: {what}",
            work,
            done,
            self._failed,
            course=bulk.course,
            left=bulk.left,
        )
        self._app.desk.write(["bulk", *(ticket.ref for ticket in tickets)], job)

    def _done(
        self, tickets: Sequence[Ticket], what: str, result: BatchResult[TicketId, Any]
    ) -> None:
        """Show what has become of them; those that failed stay marked."""
        gone = [tickets[one.index].ref for one in result.succeeded if one.value is None]
        self._app.board.drop(*gone)
        self._app.put(*(one.value for one in result.succeeded if one.value is not None))
        failed = {tickets[outcome.index].ref for outcome in result.failed}
        self._app.list.failed |= failed
        self._app.list.marked = failed
        self._app.tell()
        title = f"{what}: {len(result.succeeded)} done, {len(result.failed)} failed"
        self._tell(Read(title, outcomes_text(result)))

    def _tell(self, outcomes: Read) -> None:
        """Show outcomes as soon as nothing is asked: the keys that come now are meant for that."""
        if self._app.screen is self._app.main:
            self._app.push_screen(outcomes)
        else:
            self._app.main.set_timer(LATER, partial(self._tell, outcomes))

    def _failed(self, error: TwofoldError) -> None:
        self._app.notify(explained(error), severity="error", timeout=15, markup=False)


class Told(TypedDict):
    """Who is told how far a bulk has come."""

    progress: Callable[[Progress], None]
    record: BulkRecord


@attrs.frozen
class Bulk:
    """What can be done to several tickets at once."""

    tickets: Sequence[Ticket]
    tell: Callable[[], None]
    """Called when it has come further."""
    course: Course = attrs.field(factory=Course)
    record: BulkRecord = attrs.field(factory=BulkRecord)

    def left(self) -> str:
        """Say how far it came, and of which tickets nobody knows."""
        record = self.record
        doubt = ", ".join(self.tickets[each.index].formatted_id for each in record.unknown)
        said = [f"{len(record.done)} of {len(self.tickets)} done"]
        said += [f"{len(record.failed)} failed"] if record.failed else []
        said += [f"{len(record.not_started)} not begun"] if record.not_started else []
        said += [f"nobody knows of {doubt}"] if doubt else []
        return ", ".join(said)

    def state(self, state: str) -> Work[BatchResult[TicketId, Any]]:
        return lambda client: client.bulk_update_state(self.tickets, state, **self._told)

    def points(self, size: Decimal | None) -> Work[BatchResult[TicketId, Any]]:
        return lambda client: client.bulk_update_points(self.tickets, size, **self._told)

    def owner(self, owner: str | None) -> Work[BatchResult[TicketId, Any]]:
        return lambda client: client.bulk_assign_owner(self.tickets, owner, **self._told)

    def iteration(self, name: str | None) -> Work[BatchResult[TicketId, Any]]:
        return lambda client: client.bulk_set_iteration(self.tickets, name, **self._told)

    def parent(self, parent: str | None) -> Work[BatchResult[TicketId, Any]]:
        return lambda client: client.bulk_set_parent(self.tickets, parent, **self._told)

    def delete(self) -> Work[BatchResult[TicketId, Any]]:
        return lambda client: client.bulk_delete(self.tickets, **self._told)

    @property
    def _told(self) -> Told:
        return {"progress": self._come, "record": self.record}

    def _come(self, progress: Progress) -> None:
        self.course.said = f"{progress.done} of {progress.total}"
        self.tell()
