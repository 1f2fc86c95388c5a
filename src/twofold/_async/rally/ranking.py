# SPDX-License-Identifier: MIT
"""Where a ticket stands among the others."""

from __future__ import annotations

from ...errors import NotFoundError
from ...rally import written
from ...rally.ids import Located, TicketId
from ...rally.models import Ticket
from .finding import locate_all
from .session import Session


async def rank(
    session: Session,
    ticket: TicketId,
    above: TicketId | None,
    below: TicketId | None,
    to: str | None,
) -> Ticket:
    own = session.identify(ticket)
    given = below if above is None else above
    if given is None or to is not None or (above is not None and below is not None):
        end = written.end_of_ranks(above, below, to)
        place, scope = await session.place(ticket)
        return await session.answered(written.rank(place, "rankTo", end, scope))
    other = session.identify(given)
    written.check_apart(own, other)
    scope = await session.scope()
    found = await locate_all(session, scope, [own, other], workers=session.workers())
    place, beside = there(found[own]), there(found[other])
    written.check_apart(place, beside)
    side: written.Side = "rankBelow" if above is None else "rankAbove"
    return await session.answered(written.rank(place, side, beside.ref, scope))


def there(found: Located | NotFoundError) -> Located:
    if isinstance(found, NotFoundError):
        raise found
    return found
