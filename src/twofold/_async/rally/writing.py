# SPDX-License-Identifier: MIT
"""One ticket, written to."""

from __future__ import annotations

from ...errors import ArgumentError, Effect, NotFoundError, TwofoldError
from ...rally import operations, written
from ...rally.asking import Scope
from ...rally.drafts import Draft
from ...rally.elsewhere import check_fields
from ...rally.ids import Located, Numbered, TicketId
from ...rally.models import Comment, Ticket
from ...rally.sendable import sendable
from .intents import intended
from .session import Session


async def write(session: Session, ticket: TicketId, made: Draft) -> Ticket:
    """Write a draft; what the kind of ticket has not is refused first, if the id tells the kind."""
    identity = session.identify(ticket)
    check_fields(made.given, session.line.origin)
    if not isinstance(identity, Numbered):
        made.check(identity.kind)
    place, scope = await session.place(ticket)
    change = await intended(made)(session, [place])
    return await session.answered(operations.update(place, change(place), scope))


async def as_it_is(session: Session, place: Located, scope: Scope) -> Ticket:
    """Read a ticket that was just written to: if that fails, the write is done all the same."""
    try:
        return await session.answered(operations.get(place, scope))
    except TwofoldError as error:
        error.effect = Effect.DONE
        raise


async def delete(session: Session, ticket: TicketId) -> None:
    place, scope = await session.place(ticket)
    try:
        await session.answered(written.delete(place, scope))
    except NotFoundError as error:
        if not written.was_deleted_before(error):
            raise


async def comment(session: Session, ticket: TicketId, text: str) -> Comment:
    if not isinstance(text, str) or not text.strip():  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
        raise ArgumentError("a comment must be text, and not empty")
    sendable("text", text)
    place, scope = await session.place(ticket)
    return await session.answered(operations.comment(place, text, scope))
