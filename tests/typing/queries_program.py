"""Queries and what is read with them, as a type checker sees it.  It is never run."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from datetime import date
from typing import assert_type

from twofold import AsyncListing, AsyncRallyClient
from twofold.rally import (
    AllowedValue,
    Comment,
    Field,
    ItemList,
    Iteration,
    PortfolioItem,
    Q,
    Query,
    Record,
    Revision,
    SprintSummary,
    TicketList,
    User,
    all_of,
    today,
)


def comparing_gives_a_query(user: User, iteration: Iteration) -> None:
    assert_type(Q.state, Field)
    assert_type(Q.iteration.name, Field)
    assert_type(Q["Iteration.Name"], Field)
    assert_type(Q.state == "Open", Query)
    assert_type(Q.state != None, Query)  # noqa: E711 - that is how it is written
    assert_type(Q.owner == user, Query)
    assert_type(Q.iteration == iteration, Query)
    assert_type(Q.updated >= today - 7, Query)
    assert_type(Q.created < date(2026, 5, 1), Query)
    assert_type(Q.name.contains("x") & ~Q.points.between(1, 3.5) | Q.owner.is_null(), Query)
    assert_type(all_of([Q.state.in_(["A", None]), Query.parse("a = 1")]), Query)


def and_nothing_else() -> None:
    if Q.state == "Open":  # pyright: ignore[reportGeneralTypeIssues] - it raises TypeError
        print("never")
    print((Q.state == "Open") & True)  # type: ignore[operator]
    print(Q.name.contains(3))  # type: ignore[arg-type]


async def what_is_read_is_known(rally: AsyncRallyClient) -> None:
    assert_type(await rally.get_tickets(query=Q.state == "Open"), TicketList)
    assert_type(await rally.get_tickets(query="State = Open"), TicketList)
    assert_type(await rally.get_iterations("current"), ItemList[Iteration])
    assert_type((await rally.get_users())[0], User)
    assert_type(await rally.get_current_user(), User)
    assert_type(await rally.get_features("epic"), ItemList[PortfolioItem])
    assert_type(await rally.get_discussions("US1"), ItemList[Comment])
    assert_type((await rally.get_revisions("US1"))[:2], tuple[Revision, ...])
    assert_type(await rally.get_allowed_values("defect", "State"), tuple[AllowedValue, ...])
    assert_type(await rally.get_sprint_summary(), SprintSummary)
    assert_type(rally.iter("milestone"), AsyncListing[Record])
    assert_type(await rally.get("/milestone/1", timeout=3), Record)
    await rally.get_iterations("yesterday")  # type: ignore[arg-type]
    await rally.get_users(timout=3)  # type: ignore[call-arg]
