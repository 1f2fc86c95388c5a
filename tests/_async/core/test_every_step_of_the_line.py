# SPDX-License-Identifier: MIT
"""Flights, hedges and retries at once, cancelled at every step: nothing of them is left."""

from __future__ import annotations

from collections import Counter

import attrs
import pytest
from scripted import Scripted, ScriptedServer

from twofold._async.core.options import caching
from twofold._async.core.pipeline import Pipeline
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.cache.settings import Cache
from twofold.core.credentials import Anonymous
from twofold.core.flight import Flights, FlightStatistics
from twofold.core.options import Terms
from twofold.core.policy.allowance import THREADS
from twofold.core.policy.breaker import Breaker, State
from twofold.core.policy.budget import Budget
from twofold.core.policy.hedge import Hedge
from twofold.core.policy.limits import Limits
from twofold.core.policy.rate import Rate
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Origin, Reply, Request, Safety
from twofold.core.wire.verdict import refusal
from twofold.testing.steps.waiting import RUNTIMES, Runtime, StepError, every_step

HOME = Origin("https", "api.example", 443)
LOST, SLOW, QUICK = Scripted(502, after=0.1), Scripted(after=5.0), Scripted(after=0.1)

# For each place what its requests are answered, the last line again and again.
SCRIPTS = {
    "/api/thing": [LOST, LOST, SLOW, QUICK],
    "/api/other": [SLOW, QUICK],
    "/api/made": [LOST, QUICK],
}


def read(reply: Reply) -> int:
    refused = refusal(reply)
    if refused is not None:
        raise refused
    return reply.status


LOOK = Operation(Endpoint("test.look", "GET", "/thing", read), "/thing")
GLANCE = Operation(Endpoint("test.look", "GET", "/other", read), "/other")
PUT = Operation(Endpoint("test.put", "PUT", "/made", read, Safety.REPEATABLE), "/made")


class Server(ScriptedServer):
    """Knows which requests are under way."""

    def __init__(self) -> None:
        super().__init__(self.script)
        self.seen = Counter[str]()
        self.under_way: dict[int, float] = {}

    def script(self, request: Request) -> Scripted:
        lines = SCRIPTS[request.target]
        self.seen[request.target] += 1
        return lines[min(self.seen[request.target], len(lines)) - 1]

    def answer(self, request: Request, now: float) -> Scripted:
        answer = attrs.evolve(super().answer(request, now))
        self.under_way[id(answer)] = now + answer.after
        self.kept = [*getattr(self, "kept", []), answer]  # so that no two have one address
        return answer

    def left(self, answer: Scripted, now: float) -> None:
        super().left(answer, now)
        del self.under_way[id(answer)]


class World:
    """A line with everything, that knows how long answers take."""

    def __init__(self) -> None:
        self.server = Server()
        self.limits = Limits(clock=current_time)
        self.cache = caching(Cache(), None, current_time)
        self.line = Pipeline(
            origin=HOME,
            base="/api",
            transport=InProcessTransport(self.server),
            credentials=Anonymous(),
            terms=Terms(Timeout(), Retry(budget=Budget(ratio=1.0), uniform=lambda low, high: high)),
            concurrency=4,
            limits=self.limits,
            breaker=Breaker(),
            rate=Rate(1000),
            cache=self.cache,
            hedge=Hedge(least=0.5, samples=1),
        )
        assert self.line.hedging is not None
        self.line.hedging.note("test.look", 0.1)

    @property
    def flights(self) -> Flights:
        assert self.cache is not None
        return self.cache.flights

    async def look(self) -> None:
        assert await self.line.send(LOOK) == 200

    async def look_briefly(self) -> None:
        with move_on_after(0.05):
            await self.look()

    async def look_later(self) -> None:
        await sleep(0.01)
        await self.look()

    async def glance(self) -> None:
        assert await self.line.send(GLANCE) == 200

    async def put(self) -> None:
        assert await self.line.send(PUT) == 200

    async def is_clean(self) -> None:
        """No slot, flight, probe or thread is held, and the server works at nothing."""
        self.is_free()
        await self.look()
        self.is_free()

    def is_free(self) -> None:
        now = current_time()
        at_gate = self.line.member.gate.statistics(self.line.credentials.account)
        assert (at_gate.inside, at_gate.queued) == (0, 0)
        assert self.flights.statistics() == FlightStatistics(0, 0)
        assert self.limits.threads.left == THREADS
        assert all(end <= now for end in self.server.under_way.values())
        circuit = self.line.member.circuit
        assert circuit is not None
        assert circuit.state is State.CLOSED


async def everything(world: World) -> None:
    async with create_task_group() as tasks:
        tasks.start_soon(world.look_briefly)
        for _ in range(3):
            tasks.start_soon(world.look_later)
        tasks.start_soon(world.glance)
        tasks.start_soon(world.put)
    # Of a leader that is cancelled, then one that fails, is slow when repeated, and copied.
    assert world.server.seen["/api/thing"] == 4
    assert world.server.seen["/api/other"] == 2
    assert world.server.seen["/api/made"] == 2


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_flights_hedges_and_retries_at_once(runtime: Runtime) -> None:
    """Invariant 0.1, Invariant 7.5, Invariant 8.3, Rule 14.1, Rule 14.5, Rule 14.6."""
    steps = every_step(everything, given=World, check=World.is_clean, runtime=runtime)
    assert steps > 25


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_flight_whose_leader_leaves_nobody_behind_would_be_found(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Flights, "leave", lambda flights, seat: None)
    with pytest.raises(StepError):
        every_step(everything, given=World, check=World.is_clean, runtime=runtime)
