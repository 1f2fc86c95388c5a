"""What became of writes, as rows: of those that were made, of those that would be."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import typer

from ...errors import ArgumentError, OutcomeUnknownError
from ...outcome import Outcome
from ...rally.bulk_file import ItemState
from ...rally.bulk_record import BulkRecord, RecordedItem
from ...rally.drafts import Draft, Wanted
from ...rally.ids import ABOVE, Located, Named, Numbered, Unnumbered, known
from ...rally.models import Reference, Ticket
from ...rally.pointing import Several
from ...rally.sought import Sought
from ..entry import INTERRUPTED
from ..formats import Format, Row
from ..output import show
from .rows import plain, row, value

OF_TICKET = ("formatted_id", "name", "state", "points", "version")
CHANGED = ("id", "outcome", *OF_TICKET, "error")
PLANNED = ("id", "outcome", "formatted_id", "name", "field", "from", "to", "error")

IGNORED = "Ignored JSON element"
"""How Rally begins to say that a field was not written."""

DID: Mapping[ItemState, str] = {
    ItemState.NOT_STARTED: "not started",
    ItemState.SENT: "unknown",
    ItemState.FAILED: "failed",
    ItemState.UNKNOWN: "unknown",
}


def outcome_rows(outcomes: Iterable[Outcome[Any, Any]], did: str) -> list[Row]:
    """Return what became of each write: a row for each ticket, with what it is now if it is."""
    return [
        failed(called(outcome.item), outcome.error, CHANGED)
        if outcome.error is not None
        else written(called(outcome.item), outcome.value, did)
        for outcome in outcomes
    ]


def called(item: object) -> str:
    return item.formatted_id if isinstance(item, Ticket) else str(item)


def written(given: str, ticket: Ticket | None, did: str) -> Row:
    """Return the row of a write that was made; what the server ignored of it did not happen."""
    if ticket is None:
        return {**empty(given, did, CHANGED), "error": None}
    not_done = ignored(ticket.warnings)
    outcome = did if not_done is None else "ignored"
    return {"id": given, "outcome": outcome, **row(ticket, OF_TICKET), "error": not_done}


def ignored(warnings: Iterable[str]) -> str | None:
    """Return what a server says of fields that it did not write; None: it wrote them all."""
    said = [text for text in warnings if text.startswith(IGNORED)]
    return "; ".join(said) or None


def failed(given: str, error: Exception, columns: Sequence[str]) -> Row:
    """Return the row of a ticket that failed; a write whose answer is lost may have been made."""
    outcome = "unknown" if isinstance(error, OutcomeUnknownError) else "failed"
    said = "; ".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
    return {**empty(given, outcome, columns), "error": said}


def failures(rows: Iterable[Row]) -> int:
    """Return how many rows say that something went wrong."""
    return sum(row.get("error") is not None for row in rows)


# What would be written


def plan(
    looked_up: Iterable[Outcome[Any, Ticket]], changes: Callable[[Ticket], Mapping[str, object]]
) -> list[Row]:
    """Return what would be written: a row for each field of each ticket."""
    rows: list[Row] = []
    for outcome in looked_up:
        given = called(outcome.item)
        if outcome.error is None:
            rows += attempted(given, outcome.value, changes)
        else:
            rows.append(failed(given, outcome.error, PLANNED))
    return rows


def attempted(
    given: str, ticket: Ticket, changes: Callable[[Ticket], Mapping[str, object]]
) -> list[Row]:
    try:
        return planned(given, ticket, changes(ticket))
    except ArgumentError as error:
        return [failed(given, error, PLANNED)]


def planned(given: str, ticket: Ticket, changes: Mapping[str, object]) -> list[Row]:
    named = {"id": given, "outcome": "would update", **row(ticket, ("formatted_id", "name"))}
    return [
        {**named, "field": field, "from": before(ticket, field), "to": new, "error": None}
        for field, new in changes.items()
    ]


def before(ticket: Ticket, field: str) -> object:
    if field == "parent":
        above = (getattr(ticket, name, None) for name in ABOVE)
        return next((plain(each) for each in above if isinstance(each, Reference)), None)
    return value(ticket, field)


def changes_of(made: Draft) -> Callable[[Ticket], Mapping[str, object]]:
    """Return what a draft writes to a ticket; what is called by a name stands as it is called."""
    return lambda ticket: spelled(made.wanted(known(ticket).kind))


def spelled(wanted: Wanted) -> Mapping[str, object]:
    own = {field: spoken(new) for field, new in wanted.fields.items()}
    return own if wanted.under is None else {**own, "parent": spoken(wanted.under)}


def spoken(value: object) -> object:
    match value:
        case Sought(name=name):
            return name
        case Several(each=each):
            return [spoken(one) for one in each]
        case Located(ref=ref):
            return ref
        case Named() | Numbered() | Unnumbered():
            return value.asked
        case _:
            return plain(value)


def would(did: str, looked_up: Iterable[Outcome[str, Ticket]]) -> list[Row]:
    """Return what would be done to each ticket as a whole."""
    return outcome_rows(looked_up, f"would {did}")


# What is known when something is cut off


@contextmanager
def shown_when_interrupted(
    known: Callable[[], Sequence[Row]], format: Format, columns: Sequence[str]
) -> Generator[None]:
    """Print what is known so far if Ctrl-C ends a block; then 130."""
    try:
        yield
    except KeyboardInterrupt:
        rows = known()
        if rows:
            show(rows, format, columns)
        raise typer.Exit(INTERRUPTED) from None


def told_when_interrupted(
    record: BulkRecord, format: Format, did: str, names: Sequence[str] = ()
) -> AbstractContextManager[None]:
    """Print what the record of a bulk says of each ticket if Ctrl-C ends it."""
    return shown_when_interrupted(
        lambda: [recorded(item, did, names) for item in record.items], format, CHANGED
    )


def recorded(item: RecordedItem, did: str, names: Sequence[str]) -> Row:
    name = names[item.index] if item.index < len(names) else item.name
    return {**empty(name, DID.get(item.state, did), CHANGED), "error": item.error}


def empty(given: str, outcome: str, columns: Sequence[str]) -> Row:
    """Return the row of a ticket of which no more is known."""
    return {**dict[str, object].fromkeys(columns), "id": given, "outcome": outcome}
