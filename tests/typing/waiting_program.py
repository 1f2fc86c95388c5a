"""A program on asyncio or trio, as its author's type checker sees it.  It is never run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Unpack, assert_never, assert_type

from twofold import (
    AsyncBackgroundTask,
    AsyncCachingRallyClient,
    AsyncClient,
    AsyncListing,
    AsyncOptions,
    AsyncRallyClient,
    AsyncRallyClientProtocol,
    AsyncStream,
    Attachment,
    Background,
    BatchResult,
    CallEnded,
    CallOptions,
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
    Monitor,
    Operation,
    Outcome,
    Page,
    Reply,
    Retry,
    Success,
    TaskState,
    Timeout,
    TwofoldError,
    Upload,
    multipart,
    upload,
)
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
from twofold.waiting import fail_after, map_all, map_stream, map_strict, move_on_after, sleep


async def opened() -> None:
    async with AsyncRallyClient(server="rally.example", api_key="_key", project="P") as rally:
        assert_type(rally, AsyncRallyClient)
        await reads(rally)
    assert_type(await rally.aclose(), None)


async def kept() -> None:
    async with AsyncCachingRallyClient(cache_file="kept.db", fresh=30, offline=True) as rally:
        assert_type(rally, AsyncCachingRallyClient)
        assert_type(rally.freshness.state, DataState)
        assert_type(rally.freshness.age, float | None)
        assert_type(await rally.refresh(), None)
        await reads(rally)


def with_options() -> AsyncRallyClient:
    return AsyncRallyClient(
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


async def reads(rally: AsyncRallyClientProtocol) -> None:
    assert_type(await rally.get_ticket("US1", timeout=3, retry=None), Ticket)
    tickets = await rally.get_tickets("story", where={"Name": "it's"})
    assert_type(tickets, TicketList)
    assert_type(tickets[0], Ticket)
    assert_type([ticket.points for ticket in tickets], list[Decimal | None])


async def in_the_background(rally: AsyncRallyClient) -> None:
    task = await rally.tasks.start(rally.get_ticket, "US1", name="look")
    assert_type(task, AsyncBackgroundTask[Ticket])
    assert_type(await task.result(), Ticket)
    assert_type(task.state, TaskState)
    assert_type(await rally.tasks.drain(timeout=5), bool)


async def watched(rally: AsyncRallyClient, monitor: Monitor) -> None:
    rally.listeners.add(monitor)
    assert_type(monitor.snapshot().resources.in_flight, int)
    with rally.watch(size=10, drop="newest") as events:
        async for event in events:
            assert_type(event, Event)
            if isinstance(event, CallEnded):
                assert_type(event.seconds, float)


async def pages(rally: AsyncRallyClient) -> None:
    listing = rally.iter_tickets(["story", "defect"], page_size=200)
    async for ticket in listing:
        assert_type(ticket, Ticket)
    async for page in listing.pages():
        assert_type(list(page.items), list[Ticket])
    async with listing.ahead(2) as ahead:
        assert_type(ahead, AsyncIterator[Ticket])
    assert_type(await listing.all(), list[Ticket])
    assert_type(await listing.first(), Ticket | None)


async def writes(rally: AsyncRallyClientProtocol, ticket: Ticket) -> None:
    assert_type(await rally.update_state(ticket, "Completed"), Ticket)
    assert_type(await rally.update_points("US1", Decimal("0.5")), Ticket)
    assert_type(await rally.add_comment(12345, "Done."), Comment)
    done = await rally.bulk_update_state(["US1", ticket], "Completed", progress=print)
    assert_type(done, BulkResult[TicketId, Ticket])
    assert_type(await rally.bulk_update_points([ticket], None), BulkResult[TicketId, Ticket])


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


async def batches() -> None:
    async def double(number: int) -> float:
        await sleep(1)
        return number * 2.0

    with fail_after(5), move_on_after(3):
        assert_type(await map_all(double, range(3), workers=2), BatchResult[int, float])
        assert_type(await map_strict(double, [1, 2]), list[float])
        async with map_stream(double, iter([1, 2]), ordered=True) as stream:
            assert_type(stream, AsyncIterator[Outcome[int, float]])


async def operations(rally: AsyncRallyClient, operation: Operation[Ticket]) -> None:
    assert_type(await rally.send(operation), Ticket)
    assert_type(await rally.raw(operation), Reply)


class AsyncShopClient(AsyncClient):
    """As the author of another service's client writes it."""

    def __init__(self, key: str, **options: Unpack[AsyncOptions]) -> None:
        defaults: AsyncOptions = {"concurrency": 3}
        signed = HeaderKey("X-Key", key)
        super().__init__("shop.example", credentials=signed, defaults=defaults, **options)

    async def price(self, name: str, **call: Unpack[CallOptions]) -> Decimal:
        return await self.send(PRICE.operation(json={"of": name}, name=name), **call)

    def names(self, **call: Unpack[CallOptions]) -> AsyncListing[str]:
        return self.pages(lambda cursor: NAMES.operation(query={"from": cursor}), "a", **call)


PRICE = Endpoint("shop.price", "GET", "/prices/{name}", lambda reply: Decimal(reply.status))
NAMES = Endpoint("shop.names", "GET", "/names", lambda reply: Page([str(reply.status)]))


async def transfers(client: AsyncClient) -> None:
    async with client.open(PRICE.operation(name="tea")) as answer:
        assert_type(answer, AsyncStream)
        async for piece in answer:
            assert_type(piece, bytes)
        async for line in answer.lines():
            assert_type(line, str)
        assert_type(await answer.read(most=100), bytes)
    assert_type(await client.download(PRICE.operation(name="tea"), "tea.txt"), Path)
    body = upload("tea.txt", progress=lambda told: print(told.done))
    assert_type(body, Upload)
    form = multipart({"a": "b", "c": b"d"}, {"file": Attachment(iter([b"e"])), "other": "tea.txt"})
    await client.send(PRICE.operation(name="tea", body=form))


async def clients_of_ones_own() -> None:
    async with AsyncShopClient("_key", timeout=3) as shop:
        assert_type(shop, AsyncShopClient)
        assert_type(await shop.price("tea", timeout=1, retry=None), Decimal)
        assert_type(await shop.names(timeout=None).all(), list[str])


def drift() -> None:
    strict = AsyncRallyClient(strict="drift")
    assert_type(strict.drift, DriftCounts)
    for each, times in strict.drift.counts.items():
        assert_type(each, Drift)
        assert_type(each.kind, DriftKind)
        assert_type(times, int)
    error = DriftError("no", faults=())
    assert_type(error.faults, tuple[Fault, ...])
