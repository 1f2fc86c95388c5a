"""A program without an event loop, as its author's type checker sees it.  It is never run."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Unpack, assert_never, assert_type

from twofold import (
    Attachment,
    Background,
    BackgroundTask,
    BatchResult,
    CachingRallyClient,
    CallEnded,
    CallOptions,
    Client,
    Drift,
    DriftCounts,
    DriftError,
    DriftKind,
    Endpoint,
    Event,
    Failure,
    Fault,
    HeaderKey,
    Limits,
    Listing,
    Monitor,
    Operation,
    Options,
    Outcome,
    Page,
    RallyClient,
    RallyClientProtocol,
    Reply,
    Retry,
    Stream,
    Success,
    TaskState,
    Timeout,
    TwofoldError,
    Upload,
    multipart,
    upload,
)
from twofold.blocking import fail_after, map_all, map_stream, map_strict, move_on_after, sleep
from twofold.rally import (
    BulkResult,
    Comment,
    DataState,
    Defect,
    Story,
    Task,
    Ticket,
    TicketId,
    TicketList,
)


def opened() -> None:
    with RallyClient(server="rally.example", api_key="_key", project="P") as rally:
        assert_type(rally, RallyClient)
        reads(rally)
    assert_type(rally.close(), None)


def kept() -> None:
    with CachingRallyClient(cache_file="kept.db", fresh=30, offline=True) as rally:
        assert_type(rally, CachingRallyClient)
        assert_type(rally.freshness.state, DataState)
        assert_type(rally.freshness.age, float | None)
        assert_type(rally.refresh(), None)
        reads(rally)


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
        background=Background(concurrency=4, drain=0),
        verify=False,
    )


def reads(rally: RallyClientProtocol) -> None:
    assert_type(rally.get_ticket("US1", timeout=3, retry=None), Ticket)
    tickets = rally.get_tickets("story", where={"Name": "it's"})
    assert_type(tickets, TicketList)
    assert_type(tickets[0], Ticket)
    assert_type([ticket.points for ticket in tickets], list[Decimal | None])


def in_the_background(rally: RallyClient) -> None:
    task = rally.tasks.start(rally.get_ticket, "US1", name="look")
    assert_type(task, BackgroundTask[Ticket])
    assert_type(task.result(), Ticket)
    assert_type(task.state, TaskState)
    assert_type(rally.tasks.drain(timeout=5), bool)


def watched(rally: RallyClient, monitor: Monitor) -> None:
    rally.listeners.add(monitor)
    assert_type(monitor.snapshot().resources.in_flight, int)
    with rally.watch(size=10, drop="newest") as events:
        for event in events:
            assert_type(event, Event)
            if isinstance(event, CallEnded):
                assert_type(event.seconds, float)


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


def writes(rally: RallyClientProtocol, ticket: Ticket) -> None:
    assert_type(rally.update_state(ticket, "Completed"), Ticket)
    assert_type(rally.update_points("US1", Decimal("0.5")), Ticket)
    assert_type(rally.add_comment(12345, "Done."), Comment)
    done = rally.bulk_update_state(["US1", ticket], "Completed", progress=print)
    assert_type(done, BulkResult[TicketId, Ticket])
    assert_type(rally.bulk_update_points([ticket], None), BulkResult[TicketId, Ticket])


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


class ShopClient(Client):
    """As the author of another service's client writes it."""

    def __init__(self, key: str, **options: Unpack[Options]) -> None:
        defaults: Options = {"concurrency": 3}
        signed = HeaderKey("X-Key", key)
        super().__init__("shop.example", credentials=signed, defaults=defaults, **options)

    def price(self, name: str, **call: Unpack[CallOptions]) -> Decimal:
        return self.send(PRICE.operation(json={"of": name}, name=name), **call)

    def names(self, **call: Unpack[CallOptions]) -> Listing[str]:
        return self.pages(lambda cursor: NAMES.operation(query={"from": cursor}), "a", **call)


PRICE = Endpoint("shop.price", "GET", "/prices/{name}", lambda reply: Decimal(reply.status))
NAMES = Endpoint("shop.names", "GET", "/names", lambda reply: Page([str(reply.status)]))


def transfers(client: Client) -> None:
    with client.open(PRICE.operation(name="tea")) as answer:
        assert_type(answer, Stream)
        for piece in answer:
            assert_type(piece, bytes)
        for line in answer.lines():
            assert_type(line, str)
        assert_type(answer.read(most=100), bytes)
    assert_type(client.download(PRICE.operation(name="tea"), "tea.txt"), Path)
    body = upload("tea.txt", progress=lambda told: print(told.done))
    assert_type(body, Upload)
    form = multipart({"a": "b", "c": b"d"}, {"file": Attachment(iter([b"e"])), "other": "tea.txt"})
    client.send(PRICE.operation(name="tea", body=form))


def clients_of_ones_own() -> None:
    with ShopClient("_key", timeout=3) as shop:
        assert_type(shop, ShopClient)
        assert_type(shop.price("tea", timeout=1, retry=None), Decimal)
        assert_type(shop.names(timeout=None).all(), list[str])


def drift() -> None:
    strict = RallyClient(strict="drift")
    assert_type(strict.drift, DriftCounts)
    for each, times in strict.drift.counts.items():
        assert_type(each, Drift)
        assert_type(each.kind, DriftKind)
        assert_type(times, int)
    error = DriftError("no", faults=())
    assert_type(error.faults, tuple[Fault, ...])
