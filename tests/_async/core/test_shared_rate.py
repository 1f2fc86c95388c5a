# SPDX-License-Identifier: MIT
"""A rate that processes share, along the line: each line here stands for one process."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from lines import HOME, LOOK
from scripted import Scripted, ScriptedServer

from twofold._async.core.client import AsyncClient
from twofold._async.core.pipeline import Pipeline
from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.store.sqlite import AsyncSQLiteStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import CancelScope, current_time, fail_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.credentials import HeaderKey
from twofold.core.listeners import Listeners
from twofold.core.options import Terms
from twofold.core.policy.lease import Claim, Tokens
from twofold.core.policy.lending import Written, lend
from twofold.core.policy.limits import Limits
from twofold.core.policy.rate import Rate
from twofold.core.policy.shared_meter import REST
from twofold.core.policy.timeout import Timeout
from twofold.errors import ArgumentError, DeadlineError, RetryLaterError, StoreError, TwofoldError
from twofold.events import Event, StoreFailed

RATE = Rate(600, per=60)


class Counter:
    """A store that one has to wait for, and that can be made to fail."""

    scope = "counter"

    def __init__(self, takes: float = 0.001) -> None:
        self.takes = takes
        self.error: Exception | None = None
        self.fails_at = 0
        self.claims: list[Claim] = []
        self._written: dict[str, Written] = {}

    async def lease(self, claim: Claim) -> Tokens:
        self.claims.append(claim)
        await sleep(self.takes / 2)
        if self.error is not None:
            raise self.error
        if len(self.claims) == self.fails_at:
            raise OSError("gone")
        written, tokens = lend(self._written.get(claim.name), claim, current_time() + 1e6)
        self._written[claim.name] = written
        await sleep(self.takes / 2)
        return tokens


def process(server: ScriptedServer, store: Any, rate: Rate = RATE, **options: Any) -> Pipeline:
    """Return a line that shares its gate with no other."""
    given: dict[str, Any] = {
        "origin": HOME,
        "base": "",
        "transport": InProcessTransport(server),
        "credentials": HeaderKey("X-Api-Key", options.pop("account", "_key")),
        "terms": Terms(options.pop("timeout", None), None),
        "concurrency": 10,
        "limits": Limits(clock=current_time),
        "rate": rate,
        "lender": store,
    }
    return Pipeline(**{**given, **options})


async def send_all(sender: Pipeline, count: int) -> None:
    async with create_task_group() as tasks:
        for _ in range(count):
            tasks.start_soon(sender.send, LOOK)


def most_in(times: Sequence[float], long: float) -> int:
    return max(sum(1 for at in times if begin <= at < begin + long) for begin in times)


async def test_processes_that_share_a_rate_are_together_within_it() -> None:
    """Invariant 4.1, along the line."""
    server, store = ScriptedServer(), Counter()
    lines = [process(server, store) for _ in range(3)]
    async with create_task_group() as tasks:
        for line in lines:
            tasks.start_soon(send_all, line, 400)
    assert len(server.times) == 1200
    assert most_in(server.times, 60.0) <= 600
    # And it is used up: one interval for each, once the burst went.
    assert server.times[-1] - server.times[0] <= 1.05 * 1200 * RATE.interval


async def test_the_store_is_not_asked_for_each_request() -> None:
    server, store = ScriptedServer(), Counter()
    line = process(server, store)
    for _ in range(100):
        await line.send(LOOK)
    assert len(store.claims) <= 15


async def test_calls_go_in_the_order_in_which_they_came() -> None:
    """Invariant 4.2: whoever of them asks the store."""
    server, store, went = ScriptedServer(), Counter(takes=0.1), list[int]()
    line = process(server, store, Rate(5, per=1))

    async def call(number: int) -> None:
        await sleep(number * 0.01)
        await line.send(LOOK)
        went.append(number)

    async with create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(call, number)
    assert went == list(range(20))


async def test_accounts_buckets_and_rates_are_counted_apart() -> None:
    server, store = ScriptedServer(), Counter()
    await process(server, store).send(LOOK)
    await process(server, store, account="_other").send(LOOK)
    await process(server, store, Rate(500, per=60)).send(LOOK)
    assert len({claim.name for claim in store.claims}) == 3
    assert not any("_key" in claim.name or "_other" in claim.name for claim in store.claims)


async def test_who_gives_up_while_it_asks_leaves_it_to_the_next() -> None:
    """Invariant 4.3, Rule 14.5."""
    server, store = ScriptedServer(), Counter(takes=0.2)
    line = process(server, store)
    scope = CancelScope()

    async def hasty() -> None:
        with scope:
            await line.send(LOOK)

    async with create_task_group() as tasks:
        tasks.start_soon(hasty)
        await sleep(0.1)
        tasks.start_soon(line.send, LOOK)
        await sleep(0.05)
        scope.cancel()
    assert len(server.times) == 1
    assert current_time() == pytest.approx(server.times[0], abs=0.01)
    assert line.member.statistics().inside == line.member.statistics().queued == 0


@pytest.mark.parametrize("error", [OSError("gone"), StoreError("locked", transient=True)])
async def test_without_its_store_a_process_keeps_to_its_part(error: Exception) -> None:
    server, store, events = ScriptedServer(), Counter(), list[Event]()
    store.error = error
    line = process(server, store, Rate(100, alone=0.2), listener=Listeners(events.append))
    began = current_time()
    await send_all(line, 100)
    assert most_in(server.times, 1.0) <= 20
    assert current_time() - began == pytest.approx(98 / 18, rel=0.05)
    failures = [event for event in events if isinstance(event, StoreFailed)]
    assert failures
    assert all(event.error is error for event in failures)
    store.error = None
    await sleep(REST)
    began = current_time()
    await send_all(line, 100)
    assert current_time() - began == pytest.approx(1.0, abs=0.1), "it is asked again"


async def test_without_its_store_nothing_is_sent_if_that_is_wished() -> None:
    server, store = ScriptedServer(), Counter()
    store.error = OSError("gone")
    line = process(server, store, Rate(100, alone=0))
    errors = list[TwofoldError]()

    async def call() -> None:
        try:
            await line.send(LOOK)
        except RetryLaterError as error:
            errors.append(error)

    async with create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(call)
    await call()
    assert len(errors) == 6
    assert all(error.retry_at is not None and "store" in error.message for error in errors)
    assert not server.requests
    assert len(store.claims) == 1, "it is left alone for a while"
    store.error = None
    await sleep(REST)
    await line.send(LOOK)
    assert len(server.requests) == 1


async def test_a_store_that_does_not_answer_is_one_that_failed() -> None:
    server, store, events = ScriptedServer(), Counter(takes=1e6), list[Event]()
    line = process(server, store, listener=Listeners(events.append))
    with fail_after(3.0):
        await send_all(line, 5)
    assert [type(event) for event in events if isinstance(event, StoreFailed)] == [StoreFailed]


async def test_tokens_that_come_too_late_count_as_a_failure() -> None:
    server, store, events = ScriptedServer(), Counter(takes=0.5), list[Event]()
    line = process(server, store, Rate(100), listener=Listeners(events.append))
    await send_all(line, 5)
    assert any(isinstance(event, StoreFailed) for event in events)
    assert len(server.requests) == 5


async def test_a_call_whose_time_is_over_meanwhile_says_so() -> None:
    server, store = ScriptedServer(), Counter(takes=0.5)
    line = process(server, store, timeout=Timeout(total=0.1))
    with pytest.raises(DeadlineError):
        await line.send(LOOK)
    assert line.member.statistics().queued == 0
    store.takes = 0.01
    await line.send(LOOK)


async def test_a_turn_that_would_come_after_the_deadline_is_refused_at_once() -> None:
    server, store = ScriptedServer(), Counter()
    rate = Rate(2, per=60)
    await send_all(process(server, store, rate), 2)
    other = process(server, store, rate, timeout=Timeout(total=5.0))
    began = current_time()
    with pytest.raises(RetryLaterError):
        await other.send(LOOK)
    assert current_time() - began < 1.0


async def test_a_throttle_that_one_process_hears_closes_the_bucket_of_all() -> None:
    """Invariant 4.6, across processes."""
    throttle = Scripted(429, headers=(("Retry-After", "30"),))
    one, other, store = ScriptedServer(throttle, Scripted()), ScriptedServer(), Counter()
    line, neighbour = process(one, store), process(other, store)
    with pytest.raises(RetryLaterError):
        await line.send(LOOK)
    began = current_time()
    await send_all(neighbour, 3)
    assert min(other.times) >= began + 29.9
    assert store.claims[1].closed == pytest.approx(30.0, abs=0.1)
    assert neighbour.member.statistics().closed == ("",)


async def test_a_throttle_that_cannot_be_told_is_an_event() -> None:
    server, store, events = ScriptedServer(Scripted(429)), Counter(), list[Event]()
    line = process(server, store, listener=Listeners(events.append))
    await sleep(0.1)
    store.fails_at = 2
    with pytest.raises(RetryLaterError):
        await line.send(LOOK)
    assert [type(event.error) for event in events if isinstance(event, StoreFailed)] == [OSError]


# What a client makes of its options

LOCAL = "http://127.0.0.1:9"


@pytest.mark.real_time
async def test_a_store_is_of_use_with_a_rate_that_it_can_count(tmp_path: Path) -> None:
    path, engine = tmp_path / "rates.db", InProcessTransport(ScriptedServer())
    store = AsyncSQLiteStore(path)
    client = AsyncClient(LOCAL, rate=RATE, store=store, transport=engine)
    await client.send(LOOK)
    await client.aclose()
    with closing(sqlite3.connect(path)) as file:
        ((name,),) = file.execute("SELECT name FROM rates").fetchall()
    assert name.startswith(LOCAL)
    await store.aclose()
    with pytest.raises(ArgumentError, match="store"):
        AsyncClient(LOCAL, store=store)
    with pytest.raises(ArgumentError, match="store"):
        AsyncClient(LOCAL, store=AsyncMemoryStore(), rate=RATE)


@pytest.mark.real_time
@pytest.mark.parametrize("rate", [Rate(40, per=0.4, burst=10), Rate(10, per=0.4, burst=10)])
async def test_lines_that_use_one_file_share_a_rate(tmp_path: Path, rate: Rate) -> None:
    """Invariant 4.1, with the file that processes share."""
    servers = [ScriptedServer(), ScriptedServer()]
    stores = [AsyncSQLiteStore(tmp_path / "rates.db", patience=5.0) for _ in servers]
    rate = Rate(rate.limit, rate.per, burst=rate.burst, alone=0.01)
    lines = [process(one, store, rate) for one, store in zip(servers, stores, strict=True)]
    began = current_time()
    async with create_task_group() as tasks:
        for line in lines:
            tasks.start_soon(send_all, line, 20)
    assert all(len(server.requests) == 20 for server in servers)
    least = 30 * rate.interval if rate.interval else math.ceil(40 / rate.limit - 1) * rate.per
    assert current_time() - began >= least
    for store in stores:
        await store.aclose()


async def test_a_file_that_cannot_be_used_costs_no_call(tmp_path: Path) -> None:
    tmp_path.joinpath("in the way").touch()
    server, events = ScriptedServer(), list[Event]()
    store = AsyncSQLiteStore(tmp_path / "in the way" / "rates.db")
    line = process(server, store, listener=Listeners(events.append))
    await send_all(line, 5)
    assert len(server.requests) == 5
    assert [type(event.error) for event in events if isinstance(event, StoreFailed)] == [StoreError]
    await store.aclose()
