# SPDX-License-Identifier: MIT
"""The client that keeps results: what it gives when, in virtual time and without a wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest
from switched import Switched

from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.caching.client import AsyncCachingRallyClient
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import CancelScope, current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.cache.settings import Cache
from twofold.core.policy.limits import Limits
from twofold.core.task import Background
from twofold.emulators.exchange import Answer, Incoming
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.errors import (
    ArgumentError,
    ConflictError,
    CredentialsError,
    DeadlineError,
    NotFoundError,
    OfflineError,
    OutcomeUnknownError,
    RequestError,
    ServerError,
)
from twofold.events import CacheAnswered, CacheOutcome, Event
from twofold.progress import Progress
from twofold.rally.freshness import DataState, Freshness, FreshnessChanged, ResultRefreshed

approx: Any = pytest.approx  # in place of a number

KEY = "_emulated-key-0123456789"
FRESH, STALE = 60.0, 3600.0
EPOCH = 1_700_000_000.0


def wall() -> float:
    return EPOCH + current_time()


def server(**options: Any) -> Switched:
    given: dict[str, Any] = {"tickets": 70, "seed": 3, "api_key": KEY}
    return Switched(RallyEmulator(**{**given, **options}))


def plain(rally: Switched, **options: Any) -> AsyncRallyClient:
    given: dict[str, Any] = {
        "server": "http://rally.example",
        "api_key": KEY,
        "transport": InProcessTransport(rally),
        "limits": Limits(clock=current_time),
    }
    return AsyncRallyClient(**{**given, **options})


def client(rally: Switched, **options: Any) -> AsyncCachingRallyClient:
    given: dict[str, Any] = {
        "server": "http://rally.example",
        "api_key": KEY,
        "transport": InProcessTransport(rally),
        "limits": Limits(clock=current_time),
        "store": options.get("store") or AsyncMemoryStore(),
        "fresh": FRESH,
        "stale": STALE,
        "wall": wall,
    }
    return AsyncCachingRallyClient(**{**given, **options})


async def rename(rally: Switched, name: str, ticket: str = "US1") -> None:
    """Change something behind the caching client's back."""
    async with plain(rally) as other:
        await other.bulk_update_state([ticket], name)


async def state_of(rally: AsyncRallyClient, ticket: str = "US1") -> str | None:
    stories = await rally.get_tickets("story")
    (found,) = (one for one in stories if one.formatted_id == ticket)
    return found.state


async def keeps_nothing(rally: AsyncCachingRallyClient, kinds: str | None) -> None:
    rally.offline = True
    with pytest.raises(OfflineError):
        await rally.get_tickets(kinds)
    rally.offline = False


async def test_what_is_fresh_is_given_and_nobody_is_asked() -> None:
    rally = server(latency=1.0)
    async with client(rally) as kept:
        first = await kept.get_tickets()
        asked, began = len(rally.asked), current_time()
        await sleep(FRESH - 5)
        assert await kept.get_tickets() == first
        assert len(rally.asked) == asked
        assert current_time() - began == approx(FRESH - 5)


async def test_how_a_list_was_cut_into_pages_makes_no_other_result_of_it() -> None:
    rally = server(tickets=700)
    async with client(rally) as kept:
        first = await kept.get_tickets("story", page_size=20, pages=7)
        asked = len(rally.asked)
        assert asked > 3
        assert await kept.get_tickets("story", page_size=2000) == first
        assert len(rally.asked) == asked


async def test_what_is_stale_is_given_at_once_and_asked_for_behind() -> None:
    rally, told = server(latency=1.0), list[Event]()
    async with client(rally, listener=told.append) as kept:
        before = await state_of(kept)
        await sleep(FRESH + 5)
        await rename(rally, "Accepted")
        began = current_time()
        assert await state_of(kept) == before != "Accepted"
        assert current_time() == began
        await sleep(0.5)
        assert kept.freshness == Freshness(DataState.REFRESHING, approx(FRESH + 8, abs=3))
        await sleep(1)
        assert await state_of(kept) == "Accepted"
        assert kept.freshness == Freshness(DataState.CACHED, approx(1.5))
    assert [event.changed for event in told if isinstance(event, ResultRefreshed)] == [True]
    states = [event.state for event in told if isinstance(event, FreshnessChanged)]
    assert DataState.REFRESHING in states
    assert states[-1] is DataState.CACHED


async def test_a_refresh_that_brings_the_same_makes_live_of_what_was_given() -> None:
    rally, told = server(), list[Event]()
    async with client(rally, listener=told.append) as kept:
        await kept.get_tickets("story")
        await sleep(FRESH + 5)
        await kept.get_tickets("story")
        await sleep(1)
        assert kept.freshness == Freshness(DataState.LIVE, approx(1))
    assert [event.changed for event in told if isinstance(event, ResultRefreshed)] == [False]


async def test_many_who_find_it_stale_ask_once() -> None:
    rally, told = server(latency=1.0), list[Event]()
    async with client(rally, listener=told.append) as kept:
        await kept.get_tickets("story")
        await sleep(FRESH + 5)
        asked = len(rally.asked)
        async with create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(kept.get_tickets, "story")
        await kept.tasks.drain()
        assert len(rally.asked) == asked + 1
    assert len([event for event in told if isinstance(event, ResultRefreshed)]) == 1


async def test_many_who_find_nothing_ask_once_and_share_no_value() -> None:
    rally, found = server(latency=1.0), list[Any]()
    async with client(rally) as kept:

        async def read() -> None:
            found.append(await kept.get_tickets("story"))

        async with create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(read)
        assert len(rally.asked) == 1
    assert all(one == found[0] for one in found)
    assert len({id(one[0]) for one in found}) == 5


async def test_a_client_that_is_not_entered_asks_first() -> None:
    rally = server(latency=1.0)
    kept = client(rally)
    before = await state_of(kept)
    await sleep(FRESH + 5)
    await rename(rally, "Accepted")
    assert await state_of(kept) == "Accepted" != before
    assert kept.freshness.state is DataState.LIVE
    await kept.aclose()


async def test_what_is_older_than_stale_is_asked_for_first() -> None:
    rally = server(latency=1.0)
    async with client(rally) as kept:
        await state_of(kept)
        await sleep(FRESH + STALE + 5)
        await rename(rally, "Accepted")
        assert await state_of(kept) == "Accepted"


async def test_without_lifetimes_the_server_is_always_asked() -> None:
    rally = server()
    async with client(rally, fresh=0, stale=0) as kept:
        for number in range(1, 4):
            await kept.get_tickets("story")
            assert len(rally.asked) == number


async def test_a_clock_that_went_back_makes_nothing_fresh() -> None:
    rally, back = server(), [0.0]
    async with client(rally, wall=lambda: wall() - back[0]) as kept:
        await kept.get_tickets("story")
        back[0] = 1000.0
        await kept.get_tickets("story")
        assert len(rally.asked) == 2


async def test_leaving_cancels_a_refresh() -> None:
    rally, told = server(), list[Event]()
    async with client(rally, listener=told.append, background=Background(drain=0)) as kept:
        await kept.get_tickets("story")
        await sleep(FRESH + 5)
        rally.slower = 10.0
        await kept.get_tickets("story")
        await sleep(1)
        assert kept.freshness.state.name == "REFRESHING"
        began = current_time()
    assert current_time() == began
    assert kept.freshness.state is DataState.CACHED
    assert [event for event in told if isinstance(event, ResultRefreshed)] == []


async def test_a_cancelled_read_keeps_nothing_and_harms_none() -> None:
    rally = server(tickets=700, latency=1.0)
    async with client(rally) as kept:
        with move_on_after(1.5):
            await kept.get_tickets(page_size=20)
        await keeps_nothing(kept, None)
        assert len(await kept.get_tickets(page_size=20)) == 700


async def test_who_waits_for_another_s_requests_keeps_a_time_of_its_own() -> None:
    rally = server(latency=10.0)
    async with client(rally) as kept, create_task_group() as tasks:
        tasks.start_soon(kept.get_tickets, "story")
        await sleep(1)
        began = current_time()
        with pytest.raises(DeadlineError):
            await kept.get_tickets("story", timeout=2)
        assert current_time() - began == approx(2)
        assert len(await kept.get_tickets("story")) == 40


async def test_a_page_that_fails_leaves_nothing_behind() -> None:
    rally = server(tickets=700)

    def lacking(request: Incoming, answer: Answer) -> Answer:
        is_later = "start=1&" not in request.target
        return attrs.evolve(answer, status=404) if is_later else answer

    rally.change = lacking
    async with client(rally) as kept:
        with pytest.raises(NotFoundError):
            await kept.get_tickets("story", page_size=20)
        await keeps_nothing(kept, "story")


async def test_a_list_that_changes_while_it_is_read_is_not_kept() -> None:
    rally = server(tickets=700)

    def growing(request: Incoming, answer: Answer) -> Answer:
        said = json.loads(answer.body)
        if "start=1&" not in request.target:
            said["QueryResult"]["TotalResultCount"] += 1
        return attrs.evolve(answer, body=json.dumps(said).encode())

    rally.change = growing
    async with client(rally) as kept:
        with pytest.raises(ConflictError):
            await kept.get_tickets("story", page_size=20)
        await keeps_nothing(kept, "story")


async def test_a_listing_by_pages_comes_from_the_server() -> None:
    rally = server()
    async with client(rally) as kept:
        for number in (1, 2):
            assert len(await kept.iter_tickets("story").all()) == 40
            assert len(rally.asked) == number
        await keeps_nothing(kept, "story")


async def test_what_was_not_found_is_looked_up_again() -> None:
    rally = server()
    async with client(rally) as kept:
        for number in (1, 2):
            with pytest.raises(NotFoundError):
                await kept.get_ticket("US9999")
            assert len(rally.asked) == number


async def test_what_the_server_refuses_is_kept_no_more() -> None:
    rally = server()
    async with client(rally) as kept:
        await kept.get_tickets("story")
        await sleep(FRESH + 5)
        rally.status = 401
        await kept.get_tickets("story")
        await sleep(1)
        with pytest.raises(CredentialsError):
            await kept.get_tickets("story")


async def test_warnings_are_heeded_whether_the_server_says_them_or_not() -> None:
    rally, store = server(), AsyncMemoryStore()

    def warning(_: Incoming, answer: Answer) -> Answer:
        said = json.loads(answer.body)
        said["QueryResult"]["Warnings"] = ["It is not callable"]
        return attrs.evolve(answer, body=json.dumps(said).encode())

    rally.change = warning
    async with client(rally, store=store) as kept:
        for _ in range(2):
            assert (await kept.get_tickets("story")).warnings == ("It is not callable",)
    async with client(rally, store=store, strict=True) as strict:
        for kind in ("story", "defect", "defect"):
            with pytest.raises(RequestError, match="It is not callable"):
                await strict.get_tickets(kind)
    assert len(rally.asked) == 2


async def test_progress_is_told_of_what_is_kept_too() -> None:
    told: list[Progress] = []
    async with client(server()) as kept:
        await kept.get_tickets("story")
        await kept.get_tickets("story", progress=told.append)
    assert (told[0].done, told[-1].done, told[-1].total) == (0, 40, 40)


async def test_each_answer_says_what_it_was() -> None:
    rally, told = server(), list[Event]()
    async with client(rally, listener=told.append) as kept:
        await kept.get_tickets("story")
        await sleep(10)
        await kept.get_tickets("story")
        await sleep(FRESH)
        await kept.get_tickets("story")
        counted = await kept.cache.statistics()
    answered = [event for event in told if isinstance(event, CacheAnswered)]
    assert [(event.outcome, event.age) for event in answered] == [
        (CacheOutcome.MISS, None),
        (CacheOutcome.FRESH, approx(10)),
        (CacheOutcome.STALE, approx(70)),
    ]
    assert {event.operation for event in answered} == {"rally.query"}
    assert (counted.fresh, counted.stale, counted.misses) == (1, 1, 1)


# Writes


async def test_a_write_is_seen_by_the_next_read() -> None:
    rally = server()
    async with client(rally) as kept:
        for points in (Decimal(8), Decimal(13)):
            await kept.get_ticket("US1")
            await kept.get_tickets("story")
            await kept.update_points("US1", points)
            assert (await kept.get_ticket("US1")).points == points
            stories = await kept.get_tickets("story")
            assert {one.points for one in stories if one.formatted_id == "US1"} == {points}


async def test_a_write_of_another_client_on_the_same_store_is_seen() -> None:
    rally, store = server(), AsyncMemoryStore()
    async with client(rally, store=store) as one, client(rally, store=store) as other:
        await state_of(one)
        await other.update_state("US1", "Accepted")
        assert await state_of(one) == "Accepted"


async def test_who_reads_after_another_wrote_is_not_given_what_was_asked_for_before() -> None:
    rally, store = server(latency=1.0), AsyncMemoryStore()
    async with client(rally, store=store) as one, client(rally, store=store) as other:
        async with create_task_group() as tasks:
            rally.slower = 30.0
            tasks.start_soon(one.get_tickets, "story")
            await sleep(1)
            rally.slower = 0.0
            await other.update_state("US1", "Accepted")
            began = current_time()
            assert await state_of(one) == "Accepted"
            assert current_time() - began == approx(1)


async def test_a_write_whose_answer_is_lost_counts_as_done() -> None:
    rally = server(faults=[{"match": {"method": "POST"}, "fault": "cut_after"}])
    async with client(rally, retry=None) as kept:
        before = await kept.get_discussions("US1")
        with pytest.raises(OutcomeUnknownError):
            await kept.add_comment("US1", "lost")
        assert len(await kept.get_discussions("US1")) == len(before) + 1


async def test_a_write_that_was_refused_costs_nothing() -> None:
    rally = server()
    async with client(rally) as kept:
        await kept.get_tickets("story")
        with pytest.raises(RequestError):
            await kept.update_state("US1", "Nonsense")
        asked = len(rally.asked)
        await kept.get_tickets("story")
        assert len(rally.asked) == asked


async def test_a_cancelled_write_counts_as_done() -> None:
    rally = server()
    async with client(rally) as kept:
        await state_of(kept)
        rally.slower = 5.0
        with CancelScope() as scope:
            async with create_task_group() as tasks:
                tasks.start_soon(kept.update_state, "US1", "Accepted")
                await sleep(7)
                scope.cancel()
        rally.slower = 0.0
        assert await state_of(kept) == "Accepted"


async def test_a_read_under_way_when_a_write_ends_is_not_believed_later() -> None:
    rally = server(latency=1.0)
    async with client(rally) as kept, create_task_group() as tasks:
        place = (await kept.get_ticket("US1")).ref
        rally.slower = 10.0
        tasks.start_soon(kept.get_tickets, "story")
        await sleep(1)
        rally.slower = 0.0
        await kept.update_state(place, "Accepted")
        await sleep(30)
        assert await state_of(kept) == "Accepted"


async def test_what_a_write_looks_up_comes_from_the_server() -> None:
    rally = server()
    async with client(rally) as kept:
        await kept.get_ticket("US1")
        asked = len(rally.asked)
        await kept.update_state("US1", "Accepted")
        assert len(rally.asked) == asked + 2


async def test_where_a_write_goes_is_not_taken_from_what_is_kept() -> None:
    rally, store = server(), AsyncMemoryStore()
    project = {"project": "Meridian Platform", "store": store}
    async with client(rally, **project) as first:
        await first.get_tickets("story")
    rally.asked.clear()
    async with client(rally, **project) as kept:
        await kept.get_tickets("story")
        assert rally.asked == []
        await kept.update_state("US1", "Accepted")
    assert any("/project?" in asked for asked in rally.asked)


async def test_refresh_has_everything_asked_for_and_clear_keeps_nothing() -> None:
    rally = server()
    async with client(rally) as kept:
        await kept.get_tickets("story")
        await kept.refresh()
        await kept.get_tickets("story")
        assert len(rally.asked) == 2
        rally.is_down = True
        await kept.refresh()
        assert len(await kept.get_tickets("story")) == 40
        await kept.clear()
        with pytest.raises(ServerError):
            await kept.get_tickets("story")


async def test_one_kind_of_result_can_be_taken_out() -> None:
    rally = server()
    async with client(rally) as kept:
        await kept.get_tickets("story")
        await kept.get_tags()
        await kept.cache.invalidate(operation="rally.tags")
        await kept.get_tickets("story")
        assert len(rally.asked) == 2
        await kept.get_tags()
        assert len(rally.asked) == 3


async def test_a_result_that_is_too_large_to_be_kept_is_read_all_the_same() -> None:
    rally = server(tickets=700)
    async with client(rally, store=AsyncMemoryStore(most=20_000)) as kept:
        for _ in range(2):
            assert len(await kept.get_tickets()) == 700
        assert (await kept.cache.statistics()).bytes < 20_000


# Whose it is

OTHERS: list[dict[str, Any]] = [
    {"server": "http://other.example"},
    {"api_key": "_another-key-0123456789"},
    {"project": "Commerce"},
    {"workspace": "Meridian Engineering"},
]


@pytest.mark.parametrize("options", OTHERS)
async def test_what_is_kept_for_one_is_found_by_no_other(options: dict[str, Any]) -> None:
    key = "_another-key-0123456789"
    rally, store = server(accounts={key: "mei.tanaka@meridian.example"}), AsyncMemoryStore()
    async with client(rally, store=store) as one, client(rally, store=store, **options) as other:
        await one.get_tickets("story")
        asked = len(rally.asked)
        await other.get_tickets("story")
        assert len(rally.asked) > asked
        await other.clear()
        if "api_key" in options or "server" in options:
            await one.get_tickets("story")
            assert len(rally.asked) == asked + 1


# How much at once


async def test_at_most_twelve_requests_are_in_flight_whatever_runs() -> None:
    rally = server(tickets=1400, latency=1.0, concurrency=100)
    async with client(rally) as kept:
        for kind in ("story", "defect", "task"):
            await kept.get_tickets(kind, page_size=20)
        await sleep(FRESH + 5)
        rally.most_in_flight = 0
        async with create_task_group() as tasks:
            for kind in ("story", "defect", "task"):
                tasks.start_soon(kept.get_tickets, kind)
            tasks.start_soon(kept.get_features)
            tasks.start_soon(kept.bulk_update_state, ["US1", "US2", "US3"], "Accepted")
            for ticket in range(5, 25):
                tasks.start_soon(kept.get_ticket, f"US{ticket}")
        await kept.tasks.drain()
    assert 6 < rally.most_in_flight <= 12


async def test_one_slot_is_enough() -> None:
    rally = server(tickets=700, latency=1.0)
    async with client(rally, concurrency=1) as kept:
        for _ in range(2):
            async with create_task_group() as tasks:
                tasks.start_soon(kept.get_tickets)
                tasks.start_soon(kept.get_ticket, "US1")
            await sleep(FRESH + 5)
        await kept.tasks.drain()
    assert rally.most_in_flight == 1


# What cannot be


WRONG: list[tuple[Callable[[], dict[str, Any]], str]] = [
    (lambda: {"fresh": -1}, "fresh"),
    (lambda: {"stale": "long"}, "stale"),
    (lambda: {"cache": Cache()}, "cache"),
    (lambda: {"store": object()}, "store"),
    (lambda: {"store": AsyncMemoryStore(), "cache_file": "kept.db"}, "cache_file"),
    (lambda: {"nonsense": 1}, "nonsense"),
]


@pytest.mark.parametrize(("options", "name"), WRONG)
def test_a_wrong_option_is_refused_by_its_name(
    options: Callable[[], dict[str, Any]], name: str
) -> None:
    with pytest.raises(ArgumentError, match=name):
        client(server(), **options())


async def test_what_came_in_smaller_pages_than_were_asked_for_is_kept_whole() -> None:
    rally_server = server(largest_page=15)
    async with client(rally_server) as rally:
        asked = await rally.get_tickets()
        kept = await rally.get_tickets()
        assert rally.freshness.state is DataState.CACHED
    assert len(asked) == 70
    assert list(kept) == list(asked)
