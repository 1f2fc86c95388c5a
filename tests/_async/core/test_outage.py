# SPDX-License-Identifier: MIT
from __future__ import annotations

import attrs
import pytest
from scripted import Scripted, ScriptedServer

from twofold._async.core.client import AsyncClient
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.policy.adaptive import Adaptive
from twofold.core.policy.breaker import Breaker
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Reply, Request
from twofold.core.wire.verdict import refusal
from twofold.errors import DeadlineError, RetryLaterError, TwofoldError


def read(reply: Reply) -> int:
    refused = refusal(reply)
    if refused is not None:
        raise refused
    return reply.status


RATE = 100.0
DIES, RECOVERS, END = 10.0, 70.0, 85.0
LOOK = Operation(Endpoint("test.look", "GET", "/thing", read), "/thing")
QUICK = Breaker(open=1.0, longest_open=8.0)


@attrs.frozen
class Fate:
    after: float
    cut: str | None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b"{}"


class Mortal:
    """A server that dies for a minute: it drops connections at once, or after a long silence."""

    def __init__(self, silence: float) -> None:
        self.silence = silence
        self.born = current_time()
        self.requests: list[float] = []

    def answer(self, request: Request, now: float) -> Fate:
        now -= self.born
        self.requests.append(now)
        dead = DIES <= now < RECOVERS
        return Fate(self.silence if dead else 0.05, "dropped" if dead else None)

    def left(self, answer: Fate, now: float) -> None:
        """Nobody tells the dead."""

    def requests_a_call(self) -> float:
        return sum(1 for at in self.requests if DIES <= at < RECOVERS) / (RATE * (RECOVERS - DIES))


async def failures(server: Mortal, breaker: Breaker | None) -> list[float]:
    """Call a hundred times a second; return when the calls began that failed."""
    client = AsyncClient(
        "http://mortal.example",
        transport=InProcessTransport(server),
        limits=Limits(clock=current_time),
        timeout=Timeout(total=3.0, attempt=1.0, read=1.0),
        breaker=breaker,
    )
    failed: list[float] = []

    async def call() -> None:
        began = current_time() - server.born
        try:
            await client.send(LOOK)
        except TwofoldError:
            failed.append(began)

    async with client, create_task_group() as tasks:
        while current_time() < server.born + END:
            tasks.start_soon(call)
            await sleep(1 / RATE)
    return failed


async def test_without_a_breaker_an_outage_is_not_amplified() -> None:
    """Invariant 3.2, Invariant 3.3: and all is well within 10 s."""
    server = Mortal(0.001)
    failed = await failures(server, None)
    assert len(failed) > RATE * (RECOVERS - DIES) * 0.9, "it was dead"
    assert server.requests_a_call() <= 1.13
    assert max(failed) < RECOVERS + 10


@pytest.mark.parametrize("silence", [0.001, 1e9])
async def test_with_a_breaker_the_dead_are_left_alone_until_they_are_well(silence: float) -> None:
    server = Mortal(silence)
    failed = await failures(server, QUICK)
    assert len(failed) > RATE * (RECOVERS - DIES) * 0.9, "it was dead"
    assert server.requests_a_call() < 0.1
    assert max(failed) < RECOVERS + 10


async def test_throttling_without_end_is_ended_by_the_deadline() -> None:
    """Invariant 5.6: nobody waits for a server that says no for ever."""
    server = ScriptedServer(Scripted(status=429, after=0.01))
    client = AsyncClient(
        "http://throttling.example",
        transport=InProcessTransport(server),
        limits=Limits(clock=current_time),
        timeout=10.0,
        retry=Retry(attempts=1000),
        concurrency=Adaptive(start=10),
    )
    began = current_time()
    ends: list[float] = []

    async def call() -> None:
        with pytest.raises((RetryLaterError, DeadlineError)):
            await client.send(LOOK)
        ends.append(current_time() - began)

    async with client, create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(call)
    assert len(ends) == 20
    assert max(ends) <= 10.0 + 1e-6
    assert 1 <= (client.statistics().limit or 0) < 10
