# SPDX-License-Identifier: MIT
"""Many tickets, written to: looked up together, then each by itself, one outcome each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ...errors import ArgumentError, NotFoundError
from ...rally import operations, written
from ...rally.asking import Scope
from ...rally.bulk import BulkResult, Manner, Write, called, job, touched
from ...rally.changes import Change
from ...rally.drafts import Draft, New, new
from ...rally.elsewhere import check_fields
from ...rally.ids import Identity, Located, TicketId
from ...rally.kinds import Kind
from ...rally.models import Ticket
from ...rally.several import several
from .bulk_course import Prepared, Work, carried_out
from .creating import bodies
from .finding import locate_all
from .intents import intended
from .session import Session

if TYPE_CHECKING:
    from ...rally.bulk_file import Job

P = TypeVar("P")
T = TypeVar("T")

Place = Located | NotFoundError


async def update(
    session: Session,
    method: str,
    tickets: Iterable[TicketId],
    draft: Draft,
    given: Mapping[str, object],
    manner: Manner,
) -> BulkResult[TicketId, Ticket]:
    """Write a draft to many tickets; `given` is what the method was given, apart from those."""
    items = several("tickets", tickets)
    identities = [session.identify(ticket) for ticket in items]
    check_fields(draft.given, session.line.origin)
    intent = intended(draft)

    async def prepare(indexes: Sequence[int]) -> Mapping[int, Prepared[Ticket]]:
        scope, places = await placed(session, identities, indexes, manner)
        there = {place: None for place in places.values() if isinstance(place, Located)}
        change = await intent(session, list(there))
        make = partial(updating, change, scope)
        return {index: attempted(make, place) for index, place in places.items()}

    described = job_on(session, method, given, identities)
    return await carried_out(session, Work(described, items, prepare), manner)


async def delete(
    session: Session, tickets: Iterable[TicketId], manner: Manner
) -> BulkResult[TicketId, None]:
    """Move many tickets to the recycle bin."""
    items = several("tickets", tickets)
    identities = [session.identify(ticket) for ticket in items]

    async def prepare(indexes: Sequence[int]) -> Mapping[int, Prepared[None]]:
        scope, places = await placed(session, identities, indexes, manner)
        make = partial(deleting, scope)
        return {index: attempted(make, place) for index, place in places.items()}

    described = job_on(session, "bulk_delete", {}, identities)
    return await carried_out(session, Work(described, items, prepare, is_removal=True), manner)


async def create(
    session: Session, type: str, items: Iterable[Mapping[str, object]], manner: Manner
) -> BulkResult[Mapping[str, object], Ticket]:
    """Create many tickets of one type; each is sent once."""
    given = several("items", items)
    made = [new_one(index, type, item, session.prefixes) for index, item in enumerate(given)]
    for each in made:
        check_fields(each.draft.given, session.line.origin)

    async def prepare(indexes: Sequence[int]) -> Mapping[int, Prepared[Ticket]]:
        scope = await session.scope()
        body = await bodies(session, [made[index] for index in indexes])
        make = partial(creating, body, scope)
        return {index: attempted(make, made[index]) for index in indexes}

    described = job(
        "bulk_create",
        where(session),
        {"type": made[0].kind.path if made else type, "items": given},
        [str(each.draft.given["name"]) for each in made],
    )
    return await carried_out(session, Work(described, given, prepare, is_repeatable=False), manner)


def job_on(
    session: Session, method: str, given: Mapping[str, object], identities: Sequence[Identity]
) -> Job:
    return job(method, where(session), given, [called(identity) for identity in identities])


def where(session: Session) -> Sequence[str | None]:
    """Return what says which server and which part of it is written to."""
    line, scoping = session.line, session.scoping
    return [f"{line.origin}{line.base}", scoping.workspace, scoping.project]


async def placed(
    session: Session, identities: Sequence[Identity], indexes: Sequence[int], manner: Manner
) -> tuple[Scope, Mapping[int, Place]]:
    """Return where the tickets of some items are, and what they are under."""
    scope = await session.scope()
    workers = session.workers(manner.concurrency)
    wanted = [identities[index] for index in indexes]
    found = await locate_all(session, scope, wanted, workers=workers, families=True)
    return scope, {index: found[identities[index]] for index in indexes}


def attempted(make: Callable[[P], Write[T]], item: P | NotFoundError) -> Prepared[T]:
    """Return what is to be sent for one item, or why it cannot be."""
    if isinstance(item, NotFoundError):
        return NotFoundError(item.message)  # one of its own: a ticket may be given twice
    try:
        return make(item)
    except Exception as error:
        return error


def updating(change: Change, scope: Scope, place: Located) -> Write[Ticket]:
    fields = change(place)
    return Write(operations.update(place, fields, scope), touched(place, fields))


def deleting(scope: Scope, place: Located) -> Write[None]:
    return Write(written.delete(place, scope), touched(place, {}))


def creating(body: Callable[[New], Mapping[str, Any]], scope: Scope, made: New) -> Write[Ticket]:
    fields = body(made)
    return Write(written.create(made.kind, fields, scope), touched(None, fields))


def new_one(index: int, type: str, item: Mapping[str, object], prefixes: Mapping[str, Kind]) -> New:
    """Check what one new ticket is to be; an error says which one it is."""
    if not isinstance(item, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
        raise ArgumentError(f"item {index} must be a mapping of names to values, not {item!r}")
    fields = {name: value for name, value in item.items() if name != "name"}
    try:
        return new(type, item.get("name"), fields, prefixes)
    except ArgumentError as error:
        raise ArgumentError(f"item {index}: {error.message}") from error
