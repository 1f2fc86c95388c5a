# SPDX-License-Identifier: MIT
"""What is written to tickets, to one or to many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...errors import ArgumentError, NotFoundError
from ...outcome import BatchResult
from ...progress import ProgressCallback
from ...rally import operations
from ...rally.changes import Change
from ...rally.ids import TicketId, identify
from ...rally.models import Comment, Ticket
from .session import Session

if TYPE_CHECKING:
    from ...core.options import Terms


async def update(session: Session, ticket: TicketId, change: Change, terms: Terms) -> Ticket:
    place, scope = await session.place(ticket, terms)
    return await session.answered(operations.update(place, change(place.kind), scope), terms)


async def bulk_update(
    session: Session,
    tickets: Iterable[TicketId],
    change: Change,
    terms: Terms,
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
    scope = await session.scope(terms)
    places = await locate_all(session.line, scope, identities, terms, workers=workers)

    async def write(ticket: TicketId) -> Ticket:
        place = places[identify(ticket, session.prefixes)]
        if isinstance(place, NotFoundError):
            raise place
        return await session.answered(operations.update(place, change(place.kind), scope), terms)

    return await map_all(
        write,
        given,
        workers=workers,
        progress=progress,
        allowance=session.line.limits.threads,
    )


async def comment(session: Session, ticket: TicketId, text: str, terms: Terms) -> Comment:
    if not text.strip():
        raise ArgumentError("a comment must not be empty")
    place, scope = await session.place(ticket, terms)
    return await session.answered(operations.comment(place, text, scope), terms)
