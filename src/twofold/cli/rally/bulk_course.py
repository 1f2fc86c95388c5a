"""A bulk over whatever matches: found, asked about, written to, gone on with from a record."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import typer

from ..._sync.rally.client import RallyClient
from ...errors import ArgumentError
from ...outcome import Success
from ...rally.bulk import BulkResult
from ...rally.bulk_record import BulkRecord
from ...rally.ids import TicketId
from ...rally.models import Ticket
from ..entry import FAILED
from ..formats import Format, Row
from ..output import Watch, agreed, messages, say, watching
from .bulk import Action
from .drafts import check_types, drafted
from .filters import Filters, read
from .outcomes import (
    CHANGED,
    PLANNED,
    called,
    changes_of,
    outcome_rows,
    plan,
    told_when_interrupted,
    written,
)
from .outcomes import failures as failures
from .values import values


@attrs.frozen
class Change:
    """What is to be written; nothing: the tickets are to be deleted."""

    values: dict[str, object]

    @property
    def did(self) -> str:
        return "updated" if self.values else "deleted"

    def carry_out(
        self, rally: RallyClient, found: Sequence[TicketId], record: BulkRecord, watch: Watch
    ) -> BulkResult[TicketId, Ticket] | BulkResult[TicketId, None]:
        if not self.values:
            return rally.bulk_delete(found, progress=watch("deleting"), record=record)
        return rally.bulk_update(found, self.values, progress=watch("writing"), record=record)

    def planned(self, found: Sequence[Ticket]) -> list[Row]:
        if not self.values:
            return [written(ticket.formatted_id, ticket, "would delete") for ticket in found]
        outcomes = [Success(at, ticket, ticket) for at, ticket in enumerate(found)]
        return plan(outcomes, changes_of(drafted(self.values)))

    def check(self, wanted: Filters) -> None:
        """Refuse what no ticket of the types that are wanted can have."""
        if self.values:
            check_types(drafted(self.values), wanted.types)


def change(action: Action, value: str | None) -> Change:
    """Return what is to be done, checked as far as it can be without asking."""
    if action is Action.DELETE:
        if value is not None:
            raise ArgumentError("delete takes no value")
        return Change({})
    if value is None:
        raise ArgumentError(f"{action.value} to what?  Name a value")
    fields = values(**{action.value: value})
    drafted(fields)
    return Change(fields)


def planned(
    rally: RallyClient, change: Change, wanted: Filters
) -> tuple[list[Row], tuple[str, ...]]:
    with watching(messages()) as watch:
        found = read(rally, wanted, watch)
    matched(len(found))
    return change.planned(found), PLANNED if change.values else CHANGED


def done(
    rally: RallyClient,
    change: Change,
    wanted: Filters,
    record: BulkRecord,
    format: Format,
    *,
    yes: bool,
) -> tuple[list[Row], tuple[str, ...]]:
    """Find the tickets, ask, write; the rows are what became of each."""
    found = recorded(record) or matching(rally, wanted)
    if not found:
        return [], CHANGED
    if not (yes or agreed(question(change, len(found)))):
        raise typer.Exit(FAILED)
    names = [called(each) for each in found]
    with (
        told_when_interrupted(record, format, change.did, names),
        watching(messages()) as watch,
    ):
        outcomes = change.carry_out(rally, found, record, watch)
    return outcome_rows(outcomes, change.did), CHANGED


def recorded(record: BulkRecord) -> list[TicketId]:
    """Return the tickets of a bulk that was begun."""
    if record.items:
        say(messages(), f"going on: {len(record.done)} of {len(record.items)} tickets are done")
    return [item.name for item in record.items]


def matching(rally: RallyClient, wanted: Filters) -> list[TicketId]:
    with watching(messages()) as watch:
        found = read(rally, wanted, watch)
    matched(len(found))
    return list(found)


def matched(count: int) -> None:
    say(messages(), f"{count:,} {'ticket matches' if count == 1 else 'tickets match'}")


def question(change: Change, count: int) -> str:
    what = ", ".join(f"{name} to {new or 'none'}" for name, new in change.values.items())
    return f"Set {what} of {count:,}?" if what else f"Delete {count:,}?"
