# SPDX-License-Identifier: MIT
"""What is written to tickets, to one or to many."""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import ArgumentError, NotFoundError
from ...outcome import BatchResult
from ...progress import ProgressCallback
from ...rally import operations
from ...rally.changes import Change
from ...rally.ids import TicketId, identify
from ...rally.models import Comment, Ticket
from .session import Session


async def update(session: Session, ticket: TicketId, change: Change) -> Ticket:
    place, scope = await session.place(ticket)
    return await session.answered(operations.update(place, change(place), scope))


async def bulk_update(
    session: Session,
    tickets: Iterable[TicketId],
    change: Change,
    *,
    concurrency: int | None,
    progress: ProgressCallback | None,
) -> BatchResult[TicketId, Ticket]:
    """Write to many tickets: one outcome each, in the order given."""
    from ..core.batch import map_all
    from .finding import locate_all

    given = list(tickets)
    workers = session.workers(concurrency)
    identities = [identify(ticket, session.prefixes) for ticket in given]
    scope = await session.scope()
    places = await locate_all(session, scope, identities, workers=workers)

    async def write(ticket: TicketId) -> Ticket:
        place = places[identify(ticket, session.prefixes)]
        if isinstance(place, NotFoundError):
            raise place
        return await session.answered(operations.update(place, change(place), scope))

    return await map_all(
        write,
        given,
        workers=workers,
        progress=progress,
        allowance=session.line.limits.threads,
    )


async def comment(session: Session, ticket: TicketId, text: str) -> Comment:
    if not text.strip():
        raise ArgumentError("a comment must not be empty")
    place, scope = await session.place(ticket)
    return await session.answered(operations.comment(place, text, scope))
