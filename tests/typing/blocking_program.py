"""A program without an event loop, as its author's type checker sees it.  It is never run."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import assert_never, assert_type

from twofold import (
    BatchResult,
    Failure,
    Limits,
    Operation,
    Outcome,
    RallyClient,
    Reply,
    Retry,
    Success,
    Timeout,
    TwofoldError,
)
from twofold.blocking import fail_after, map_all, map_stream, map_strict, move_on_after, sleep
from twofold.rally import Comment, Defect, Story, Task, Ticket, TicketId, TicketList


def opened() -> None:
    with RallyClient(server="rally.example", api_key="_key", project="P") as rally:
        assert_type(rally, RallyClient)
    assert_type(rally.close(), None)


def with_options() -> RallyClient:
    return RallyClient(
        retry=Retry(attempts=2),
        concurrency=None,
        timeout=Timeout(total=10),
        limits=Limits(),
        listener=lambda event: print(event.operation),
        prepare=lambda request: request,
        proxy=None,
        transport="httpx",
        user_agent="mine/1.0",
        verify=False,
    )


def reads(rally: RallyClient) -> None:
    assert_type(rally.get_ticket("US1", timeout=3, retry=None), Ticket)
    tickets = rally.get_tickets("story", where={"Name": "it's"})
    assert_type(tickets, TicketList)
    assert_type(tickets[0], Ticket)
    assert_type([ticket.points for ticket in tickets], list[Decimal | None])


def pages(rally: RallyClient) -> None:
    listing = rally.iter_tickets(["story", "defect"], page_size=200)
    for ticket in listing:
        assert_type(ticket, Ticket)
    for page in listing.pages():
        assert_type(list(page.items), list[Ticket])
    with listing.ahead(2) as ahead:
        assert_type(ahead, Iterator[Ticket])
    assert_type(listing.all(), list[Ticket])
    assert_type(listing.first(), Ticket | None)


def writes(rally: RallyClient, ticket: Ticket) -> None:
    assert_type(rally.update_state(ticket, "Completed"), Ticket)
    assert_type(rally.update_points("US1", Decimal("0.5")), Ticket)
    assert_type(rally.add_comment(12345, "Done."), Comment)
    done = rally.bulk_update_state(["US1", ticket], "Completed", progress=print)
    assert_type(done, BatchResult[TicketId, Ticket])
    assert_type(rally.bulk_update_points([ticket], None), BatchResult[TicketId, Ticket])


def outcomes(result: BatchResult[str, Ticket]) -> None:
    for outcome in result:
        assert_type(outcome, Outcome[str, Ticket])
        if outcome.error is None:
            assert_type(outcome, Success[str, Ticket])
            assert_type(outcome.value, Ticket)
        else:
            assert_type(outcome, Failure[str])
            assert_type(outcome.error, Exception)
    assert_type(result.succeeded, list[Success[str, Ticket]])
    assert_type(result.failed, list[Failure[str]])
    assert_type(result.values(), list[Ticket])
    assert_type(result[:2], BatchResult[str, Ticket])


def matched(outcome: Outcome[str, Ticket]) -> str:
    match outcome:
        case Success(item=item, value=value):
            return item + assert_type(value, Ticket).name
        case Failure(error=TwofoldError() as error):
            return assert_type(error.operation, str | None) or ""
        case Failure(error=error):
            return str(assert_type(error, Exception))
        case _:
            assert_never(outcome)


def kinds(ticket: Ticket) -> object:
    match ticket:
        case Story():
            return assert_type(ticket.schedule_state, str | None)
        case Defect() | Task():
            return assert_type(ticket.state, str | None)
        case _:
            return assert_type(ticket, Ticket)


def batches() -> None:
    def double(number: int) -> float:
        sleep(1)
        return number * 2.0

    with fail_after(5), move_on_after(3):
        assert_type(map_all(double, range(3), workers=2), BatchResult[int, float])
        assert_type(map_strict(double, [1, 2]), list[float])
        with map_stream(double, iter([1, 2]), ordered=True) as stream:
            assert_type(stream, Iterator[Outcome[int, float]])


def operations(rally: RallyClient, operation: Operation[Ticket]) -> None:
    assert_type(rally.send(operation), Ticket)
    assert_type(rally.raw(operation), Reply)
