# SPDX-License-Identifier: MIT
"""The client that keeps results, where there is no server: by its user's word, or by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from switched import Switched

from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.caching.client import AsyncCachingRallyClient
from twofold._runtime.waiting.scopes import current_time, sleep
from twofold._runtime.waiting.tasks import Call
from twofold.core.policy.breaker import Breaker
from twofold.core.policy.limits import Limits
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.errors import (
    DeadlineError,
    Effect,
    NotFoundError,
    OfflineError,
    RetryLaterError,
    ServerError,
    TwofoldError,
)
from twofold.events import CacheAnswered, CacheOutcome, Event
from twofold.rally import operations
from twofold.rally.freshness import DataState, Freshness, FreshnessChanged, ResultRefreshed
from twofold.rally.ids import Located
from twofold.rally.kinds import STORY

approx: Any = pytest.approx  # in place of a number

KEY = "_emulated-key-0123456789"
FRESH, STALE = 60.0, 3600.0
LONG = 2 * (FRESH + STALE)


def wall() -> float:
    return 1_700_000_000.0 + current_time()


def server(**options: Any) -> Switched:
    return Switched(RallyEmulator(tickets=70, seed=3, api_key=KEY, **options))


def client(rally: Switched, **options: Any) -> AsyncCachingRallyClient:
    given: dict[str, Any] = {
        "server": "http://rally.example",
        "api_key": KEY,
        "transport": InProcessTransport(rally),
        "limits": Limits(clock=current_time),
        "store": AsyncMemoryStore(),
        "fresh": FRESH,
        "stale": STALE,
        "wall": wall,
    }
    return AsyncCachingRallyClient(**{**given, **options})


async def test_offline_what_is_kept_is_given_however_old() -> None:
    rally, told = server(latency=1.0), list[Event]()
    async with client(rally, listener=told.append) as kept:
        stories = await kept.get_tickets("story")
        ticket = await kept.get_ticket("US1")
        asked = len(rally.asked)
        await sleep(LONG)
        kept.offline = True
        assert kept.freshness == Freshness(DataState.OFFLINE, approx(LONG, abs=5))
        assert await kept.get_tickets("story") == stories
        assert await kept.get_ticket("US1") == ticket
        assert len(rally.asked) == asked
    outcomes = [event.outcome for event in told if isinstance(event, CacheAnswered)]
    assert outcomes[-3:] == [CacheOutcome.RESCUED] * 3
    changes = [event for event in told if isinstance(event, FreshnessChanged)]
    assert {event.state for event in changes} == {DataState.OFFLINE}
    assert changes[-1].age == approx(LONG, abs=5)


async def test_a_client_may_begin_offline_and_go_online() -> None:
    rally, store = server(), AsyncMemoryStore()
    async with client(rally, store=store) as first:
        stories = await first.get_tickets("story")
    async with client(rally, store=store, offline=True) as kept:
        assert kept.offline
        assert kept.freshness == Freshness(DataState.OFFLINE, None)
        assert await kept.get_tickets("story") == stories
        kept.offline = False
        assert kept.freshness.state.name == "CACHED"
        await kept.get_tickets("defect")
        assert kept.freshness.state is DataState.LIVE


NEEDS_A_SERVER: list[Call[[AsyncCachingRallyClient], object]] = [
    lambda rally: rally.get_tickets("defect"),
    lambda rally: rally.get_ticket("US2"),
    lambda rally: rally.iter_tickets("story").all(),
    lambda rally: rally.iter("milestone").first(),
    lambda rally: rally.update_state("US1", "Accepted"),
    lambda rally: rally.update_points("/hierarchicalrequirement/1", 3),
    lambda rally: rally.add_comment("US1", "hello"),
    lambda rally: rally.bulk_update_state(["US1", "US2"], "Accepted"),
    lambda rally: rally.send(operations.update(Located(STORY, 1), {"Name": "x"}, {})),
    lambda rally: rally.raw(operations.get(Located(STORY, 1), {})),
]


@pytest.mark.parametrize("call", NEEDS_A_SERVER)
async def test_offline_nothing_is_sent(call: Call[[AsyncCachingRallyClient], object]) -> None:
    rally = server()
    async with client(rally) as kept:
        await kept.get_ticket("US1")
        asked = len(rally.asked)
        kept.offline = True
        with pytest.raises(OfflineError) as caught:
            await call(kept)
        assert len(rally.asked) == asked
    assert caught.value.effect is Effect.NONE
    assert caught.value.withheld
    assert isinstance(caught.value, RetryLaterError)


async def test_offline_neither_streams_nor_files_are_fetched(tmp_path: Path) -> None:
    rally, target = server(), tmp_path / "story.json"
    asked = operations.get(Located(STORY, 1), {})
    async with client(rally, offline=True) as kept:
        with pytest.raises(OfflineError):
            async with kept.open(asked):
                pass
        with pytest.raises(OfflineError):
            await kept.download(asked, target)
    assert rally.asked == []
    assert not target.exists()


def down(rally: Switched) -> None:
    rally.is_down = True


def silent(rally: Switched) -> None:
    rally.slower = 10_000.0


def broken(rally: Switched) -> None:
    rally.status = 503


@pytest.mark.parametrize("outage", [down, silent, broken])
async def test_in_an_outage_what_is_kept_is_given_and_the_state_says_so(
    outage: Callable[[Switched], None],
) -> None:
    rally, told = server(), list[Event]()
    async with client(rally, listener=told.append) as kept:
        stories = await kept.get_tickets("story")
        await sleep(LONG)
        outage(rally)
        assert await kept.get_tickets("story") == stories
        assert kept.freshness.state is DataState.OFFLINE
        assert not kept.offline
        rally.is_down, rally.slower, rally.status = False, 0.0, 0
        await kept.get_tickets("defect")
        assert kept.freshness == Freshness(DataState.LIVE, 0)
    states = [event.state for event in told if isinstance(event, FreshnessChanged)]
    assert states[0] is DataState.OFFLINE
    assert states[-1] is DataState.LIVE


async def test_in_an_outage_what_is_not_kept_is_the_error_it_is() -> None:
    rally = server()
    rally.is_down = True
    async with client(rally) as kept:
        with pytest.raises(ServerError) as caught:
            await kept.get_tickets("story")
        assert caught.value.status is None
        assert kept.freshness == Freshness(DataState.OFFLINE, None)
        with pytest.raises(ServerError):
            await kept.update_state("US1", "Accepted")


async def test_who_has_little_time_is_given_what_is_kept() -> None:
    rally = server()
    async with client(rally) as kept:
        stories = await kept.get_tickets("story")
        await sleep(LONG)
        rally.slower = 100.0
        began = current_time()
        assert await kept.get_tickets("story", timeout=2) == stories
        assert current_time() - began == approx(2)
        with pytest.raises(DeadlineError):
            await kept.get_tickets("defect", timeout=2)


async def test_an_open_circuit_is_an_outage() -> None:
    rally = server()
    async with client(rally, breaker=Breaker()) as kept:
        stories = await kept.get_tickets("story")
        await sleep(LONG)
        kept.circuit.force_open()
        assert await kept.get_tickets("story") == stories
        assert kept.freshness.state is DataState.OFFLINE


async def test_what_was_there_before_a_write_is_given_only_in_an_outage() -> None:
    rally = server()
    async with client(rally) as kept:
        stories = await kept.get_tickets("story")
        await kept.update_state("US1", "Accepted")
        rally.is_down = True
        assert await kept.get_tickets("story") == stories
        assert kept.freshness.state is DataState.OFFLINE
        rally.is_down = False
        assert await kept.get_tickets("story") != stories


async def test_a_refresh_that_fails_changes_nothing_and_says_why() -> None:
    rally, told = server(), list[Event]()
    async with client(rally, listener=told.append) as kept:
        stories = await kept.get_tickets("story")
        await sleep(FRESH + 5)
        rally.is_down = True
        for _ in range(2):
            assert await kept.get_tickets("story") == stories
            await kept.tasks.drain()
            assert kept.freshness.state is DataState.OFFLINE
        rally.is_down = False
        await kept.get_tickets("story")
        await kept.tasks.drain()
        assert kept.freshness.state is DataState.LIVE
    ends = [event for event in told if isinstance(event, ResultRefreshed)]
    assert [type(event.error) for event in ends] == [ServerError, ServerError, type(None)]
    assert [event.changed for event in ends] == [False] * 3


REFUSALS: list[tuple[int, type[TwofoldError]]] = [(404, NotFoundError), (429, RetryLaterError)]


@pytest.mark.parametrize(("status", "error"), REFUSALS)
async def test_a_refusal_is_no_outage(status: int, error: type[TwofoldError]) -> None:
    rally = server()
    async with client(rally, retry=None) as kept:
        await kept.get_tickets("story")
        await sleep(LONG)
        rally.status = status
        with pytest.raises(error):
            await kept.get_tickets("story")
        assert kept.freshness.state is DataState.LIVE
        kept.offline = True
        if error is NotFoundError:  # what is gone is given no more
            with pytest.raises(OfflineError):
                await kept.get_tickets("story")
        else:
            assert len(await kept.get_tickets("story")) == 40
