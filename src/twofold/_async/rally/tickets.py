# SPDX-License-Identifier: MIT
"""Tickets, found and read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ...core.options import CallOptions
from ...core.policy.checks import whole
from ...errors import ArgumentError
from ...progress import ProgressCallback
from ...rally import operations
from ...rally.asking import Scope, Wish, wish
from ...rally.finding import everywhere
from ...rally.ids import FORMATTED_ID, TicketId
from ...rally.kinds import Kind, is_among
from ...rally.models import Ticket, TicketList
from ...rally.query.expression import any_of, condition
from ...rally.sizes import LARGEST_PAGE
from .session import Session

if TYPE_CHECKING:
    from ..core.listing import AsyncListing

SEARCHED = ("Name", "Description", "Notes")


async def read(
    session: Session,
    wanted: Wish,
    *,
    page_size: int,
    pages: int | None,
    progress: ProgressCallback | None,
) -> TicketList:
    """Return every ticket that is wanted."""
    size = whole("page_size", page_size, 1, LARGEST_PAGE)
    count = None if pages is None else whole("pages", pages, 1)
    questions = operations.questions(wanted, await session.scope())
    found = await session.everything(questions, first=size, pages=count, progress=progress)
    return TicketList(found.items, found.warnings)


def listed(
    session: Session, wanted: Wish, call: CallOptions, page_size: int
) -> AsyncListing[Ticket]:
    """List tickets page by page."""
    return session.listing(partial(operations.questions, wanted), call, page_size)


async def one(session: Session, ticket: TicketId) -> Ticket:
    place, scope = await session.place(ticket)
    return await session.answered(operations.get(place, scope))


async def search(session: Session, text: str, types: Iterable[str] | str | None) -> TicketList:
    """Return the tickets that hold a text, that of its FormattedID first."""
    asked = text.strip() if isinstance(text, str) else ""  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
    if not asked:
        raise ArgumentError("there is nothing to search for")
    wanted = wish(types, query=any_of(condition(name, asked, "contains") for name in SEARCHED))
    scope = await session.scope()
    exact = await by_id(session, asked, wanted.kinds if types else None, scope)
    found = await session.everything(operations.questions(wanted, scope))
    by_ref = {ticket.ref: ticket for ticket in [*exact, *found]}
    return TicketList(tuple(by_ref.values()), found.warnings)


async def by_id(
    session: Session, text: str, kinds: Sequence[Kind] | None, scope: Scope
) -> list[Ticket]:
    """Return the ticket whose FormattedID a text is, of any project, if it is of these kinds."""
    match = FORMATTED_ID.fullmatch(text)
    kind = None if match is None else session.prefixes.get(match[1].upper())
    if kind is None or not (kinds is None or kind in kinds or is_among(kind, kinds)):
        return []
    own = wish(kind.path, query=condition("FormattedID", text.upper()))
    found = await session.everything(operations.questions(own, everywhere(scope)))
    # On a typed query the prefix may be ignored: `US12` can find `DE12`.
    return [ticket for ticket in found if ticket.formatted_id == text.upper()]
