"""One gate, an asyncio loop, a trio loop and threads at once, in real time."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable
from functools import partial

import anyio
import pytest

from twofold._async.core import admission as waiting
from twofold._sync.core import admission as blocking
from twofold.core.policy.breaker import Breaker, Verdict
from twofold.core.policy.gate import Gate, Member, Ticket
from twofold.core.policy.rate import Rate
from twofold.core.policy.seen import UNSEEN, Seen
from twofold.errors import RetryLaterError

pytestmark = pytest.mark.real_time

RATE = Rate(20, 0.1, burst=20)
EACH = 60  # requests of each of five crowds


class Log:
    """How many went, and how many were inside together."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.went = itertools.count()
        self.most = 0
        self.wrong: list[str] = []

    def enter(self, ticket: Ticket) -> None:
        if ticket.state != "inside":
            self.wrong.append(ticket.state)
        next(self.went)
        self.most = max(self.most, self.member.inside)

    def leave(self, ticket: Ticket, seen: Seen = UNSEEN) -> None:
        self.member.gate.leave(ticket, time.monotonic(), seen)


async def one(log: Log) -> None:
    ticket = await waiting.enter(Ticket(log.member), time.monotonic)
    try:
        log.enter(ticket)
        await anyio.sleep(random.uniform(0, 0.003))
    finally:
        log.leave(ticket)


async def crowd(log: Log) -> None:
    """Many in one loop, of whom every fourth is cancelled before long."""

    async def hasty() -> None:
        with anyio.CancelScope() as scope:
            tasks.start_soon(cancel, scope)
            await one(log)

    async def cancel(scope: anyio.CancelScope) -> None:
        await anyio.sleep(random.uniform(0, 0.3))
        scope.cancel()

    async with anyio.create_task_group() as tasks:
        for number in range(EACH):
            tasks.start_soon(hasty if number % 4 == 0 else partial(one, log))


def thread(log: Log) -> None:
    for _ in range(EACH):
        ticket = blocking.enter(Ticket(log.member), time.monotonic)
        try:
            log.enter(ticket)
        finally:
            log.leave(ticket)


def at_once(*calls: Callable[[], object]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert not any(each.is_alive() for each in threads), "a wake-up was lost"


def test_a_rate_holds_across_loops_and_threads_and_nobody_is_left_waiting() -> None:
    """Invariant 0.1, Invariant 4.1, Invariant 4.4"""
    member = Gate().join("me", 8, rate=RATE)
    log = Log(member)
    began = time.monotonic()
    at_once(
        partial(anyio.run, crowd, log, backend="asyncio"),
        partial(anyio.run, crowd, log, backend="trio"),
        partial(thread, log),
        partial(thread, log),
        partial(thread, log),
    )
    went = next(log.went)
    assert log.wrong == []
    assert 3 * EACH + 2 * EACH * 3 // 4 <= went <= 5 * EACH
    assert log.most <= 8
    # No window sees more than the limit, so that many windows there were, whatever else went on.
    assert time.monotonic() - began >= (went // RATE.limit - 1) * RATE.per
    counted = member.statistics()
    assert (counted.inside, counted.queued) == (0, 0)


def test_a_circuit_that_opens_refuses_those_who_wait_in_other_loops_and_threads() -> None:
    """Invariant 6.1"""
    member = Gate().join("me", 1, breaker=Breaker(calls=1, open=60.0))
    log = Log(member)
    first = Ticket(member)
    member.gate.enter(first, time.monotonic())
    refused: list[str] = []

    async def wait_in_loop(kind: str) -> None:
        with pytest.raises(RetryLaterError):
            await waiting.enter(Ticket(member), time.monotonic)
        refused.append(kind)

    def wait_in_thread() -> None:
        with pytest.raises(RetryLaterError):
            blocking.enter(Ticket(member), time.monotonic)
        refused.append("threads")

    def fail() -> None:
        while member.statistics().queued < 3:
            time.sleep(0.001)
        log.leave(first, Seen(None, Verdict.FAILURE, UNSEEN.load, 0.1))

    at_once(
        partial(anyio.run, wait_in_loop, "asyncio", backend="asyncio"),
        partial(anyio.run, wait_in_loop, "trio", backend="trio"),
        wait_in_thread,
        fail,
    )
    assert sorted(refused) == ["asyncio", "threads", "trio"]
