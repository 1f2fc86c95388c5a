# SPDX-License-Identifier: MIT
"""Portfolio items of any level, and what is beneath them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from ...core.text.shapes import is_object
from ...errors import ArgumentError
from ...progress import ProgressCallback
from ...rally import operations
from ...rally.asking import Scope, Wish, wish
from ...rally.ids import Located, TicketId
from ...rally.kinds import PORTFOLIO_ITEM, STORY, find_kind
from ...rally.models import ItemList, PortfolioItem, TicketList
from ...rally.query.expression import Query
from ...rally.query.values import Value
from .session import Session

# What a level is made of: stories at the lowest, portfolio items above.
BENEATH = {"UserStories": STORY, "Children": PORTFOLIO_ITEM}


async def feature(session: Session, ticket: TicketId) -> PortfolioItem:
    return (await placed(session, ticket))[0]


async def placed(session: Session, ticket: TicketId) -> tuple[PortfolioItem, Located, Scope]:
    """Read a portfolio item, and what it has beneath it; anything else is refused."""
    place, scope = await session.place(ticket)
    if not place.kind.is_portfolio:
        raise ArgumentError(f"{ticket} is a {place.kind.name}, not a portfolio item")
    asked = operations.get(place, scope, fetch=tuple(BENEATH))
    found = await session.answered(asked)
    if not isinstance(found, PortfolioItem):
        raise ArgumentError(f"{ticket} is not a portfolio item")
    return found, place, scope


def of_level(
    level: str,
    *,
    query: Query | str | None,
    where: Mapping[str, Value] | None,
    order: str | None,
    fetch: Sequence[str],
) -> Wish:
    """Return the wish for portfolio items of a level, by its bare name or by its path."""
    kind = find_kind(str(level)) or find_kind(f"portfolioitem/{level}")
    if kind is None or not kind.is_portfolio:
        raise ArgumentError(f"{level!r} is not a level of portfolio items")
    found = wish(kind.path, query=query, where=where, order=order, fetch=fetch)
    return attrs.evolve(found, kinds=(kind,))


async def features(
    session: Session, wanted: Wish, progress: ProgressCallback | None
) -> ItemList[PortfolioItem]:
    questions = operations.questions(wanted, await session.scope())
    found = await session.everything(questions, progress=progress)
    items = tuple(item for item in found if isinstance(item, PortfolioItem))
    return ItemList(items, found.warnings)


async def children(session: Session, ticket: TicketId) -> TicketList:
    """Return what is directly beneath a portfolio item: stories, or those of the level below."""
    found, place, scope = await placed(session, ticket)
    questions = [
        operations.collected(place, collection, kind, scope)
        for collection, kind in BENEATH.items()
        if is_object(found.extra.get(collection))
    ]
    if not questions:
        return TicketList(())
    items = await session.everything(questions)
    return TicketList(items.items, items.warnings)
