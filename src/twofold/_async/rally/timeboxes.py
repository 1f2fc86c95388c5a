# SPDX-License-Identifier: MIT
"""Iterations and releases, and what an iteration amounts to."""

from __future__ import annotations

from ...errors import NotFoundError
from ...rally import lists, operations
from ...rally.asking import narrowed, wish
from ...rally.models import ItemList
from ...rally.query.expression import Query
from ...rally.query.fields import Q
from ...rally.records import Iteration, Release
from ...rally.sprint import SprintSummary, summary
from ...rally.timeboxes import When, during, own_project, planned_into
from .session import Session


async def iterations(
    session: Session, when: When, query: Query | str | None, below: bool
) -> ItemList[Iteration]:
    wanted = during(when, "StartDate", "EndDate", narrowed(query))
    scope = own_project(await session.scope(), below)
    asked = lists.question(lists.ITERATIONS, Iteration, scope, query=wanted, order="StartDate")
    return await session.everything([asked])


async def releases(
    session: Session, when: When, query: Query | str | None, below: bool
) -> ItemList[Release]:
    start, end = "ReleaseStartDate", "ReleaseDate"
    wanted = during(when, start, end, narrowed(query))
    scope = own_project(await session.scope(), below)
    asked = lists.question(lists.RELEASES, Release, scope, query=wanted, order=start)
    return await session.everything([asked])


async def sprint_summary(session: Session, iteration: Iteration | str | None) -> SprintSummary:
    """Add up the tickets of a sprint; None means the one that is under way."""
    query, name = planned_into(iteration)
    if iteration is None:
        current = await iterations(session, "current", None, False)
        name = ", ".join(dict.fromkeys(each.name or "" for each in current))
    questions = operations.questions(wish(None, query=query), await session.scope())
    found = await session.everything(questions)
    if isinstance(iteration, str) and not found:
        await there_is(session, iteration)
    return summary(name, found)


async def there_is(session: Session, name: str) -> None:
    """Refuse a name that no iteration has: it is misspelt, and no empty sprint."""
    if not await iterations(session, None, Q.name == name, True):
        raise NotFoundError(
            f"there is no iteration called {name!r}, or these credentials cannot see it"
        )
