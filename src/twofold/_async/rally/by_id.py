# SPDX-License-Identifier: MIT
"""Many tickets, read by their ids: each type is asked once for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from ..._runtime.waiting.scopes import current_time
from ...errors import NotFoundError, RequestError, TwofoldError
from ...outcome import BatchResult, Failure, Outcome, Success
from ...progress import ProgressCallback, Reporter
from ...rally import operations
from ...rally.asking import Scope, wish
from ...rally.finding import LookUp, everywhere, look_ups, missing
from ...rally.ids import Identity, Numbered, TicketId, Unnumbered
from ...rally.models import Ticket
from ...rally.query.expression import one_of
from ...rally.several import several
from ..core.batch import map_unnoted
from .finding import locate_all
from .session import Session

Read: TypeAlias = Ticket | TwofoldError
"""A ticket as it is now, or why there is none."""


async def read(
    session: Session, given: Iterable[TicketId], progress: ProgressCallback | None
) -> BatchResult[TicketId, Ticket]:
    """Return one outcome for each ticket, in the order given."""
    items = several("tickets", given)
    identities = [session.identify(each) for each in items]
    reporter = None if progress is None else Reporter(progress, total=len(set(identities)))
    if reporter is not None:
        reporter.started(current_time())
    try:
        found = await tickets(session, identities, reporter)
        for failed in found.values():
            if reporter is not None and isinstance(failed, TwofoldError):
                reporter.failed(current_time())
    finally:
        if reporter is not None:
            reporter.ended(current_time())
    pairs = enumerate(zip(items, identities, strict=True))
    return BatchResult(tuple(outcome(index, item, found[its]) for index, (item, its) in pairs))


def outcome(index: int, item: TicketId, read: Read) -> Outcome[TicketId, Ticket]:
    if isinstance(read, TwofoldError):
        return Failure(index, item, read)
    return Success(index, item, read)


async def tickets(
    session: Session, identities: Sequence[Identity], reporter: Reporter | None = None
) -> Mapping[Identity, Read]:
    """Return the tickets of these ids, of whatever projects they are.

    An ObjectID alone does not say of which type it is, nor does a ticket say its own UUID: these
    are looked up first.
    """
    if not identities:
        return {}
    scope = everywhere(await session.scope())
    vague = [each for each in identities if isinstance(each, Numbered | Unnumbered)]
    placed = await locate_all(session, scope, vague, workers=session.workers())
    places = {each: placed.get(each, each) for each in identities}

    async def ask(question: LookUp) -> Mapping[Identity, Read]:
        found = await answered(session, scope, question)
        if reporter is not None:
            count = sum(isinstance(one, Ticket) for one in found.values())
            reporter.succeeded(current_time(), count)
        return found

    known = [place for place in places.values() if not isinstance(place, NotFoundError)]
    found: dict[Identity, Read] = {}
    for each in await map_unnoted(
        ask, look_ups(known), workers=session.workers(), allowance=session.line.limits.threads
    ):
        found.update(each)
    return {
        each: place if isinstance(place, NotFoundError) else found.get(place) or missing(place)
        for each, place in places.items()
    }


async def answered(session: Session, scope: Scope, question: LookUp) -> Mapping[Identity, Read]:
    """Ask one type; what the server will not have of that type is the error of its tickets."""
    wanted = one_of(question.field, [each.asked for each in question.identities])
    questions = operations.questions(wish(question.types, query=wanted), scope)
    try:
        rows = await session.everything(questions)
    except (NotFoundError, RequestError) as error:
        return dict.fromkeys(question.identities, error)
    # On a typed query the prefix may be ignored: `US12` can find `DE12`.
    by_key = {key: row for row in rows for key in (row.formatted_id, str(row.object_id))}
    return {each: by_key[each.key] for each in question.identities if each.key in by_key}
