# SPDX-License-Identifier: MIT
"""The library's own work, cancelled at every step: nothing is left, nothing half done."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import attrs
import pytest
from scripted import Scripted, ScriptedServer

from twofold._async.core.batch import map_stream
from twofold._async.core.pipeline import Pipeline
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.credentials import Credentials, HeaderKey, Signed, Unchanging
from twofold.core.options import Terms
from twofold.core.policy.allowance import THREADS
from twofold.core.policy.gate import Gate
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Origin, Reply, Request
from twofold.emulators.rally.dates import START
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.outcome import Outcome
from twofold.progress import Progress
from twofold.rally.models import Ticket
from twofold.testing.steps.waiting import RUNTIMES, Runtime, StepError, every_step

RALLY = Origin("http", "rally.example", 80)
KEY = "_emulated-key-0123456789"
STEADY = Retry(uniform=lambda low, high: high)
TEN = [f"US{number}" for number in range(1, 11)]

BAD_GATEWAYS = {"match": {"method": "GET"}, "nth": [3, 7], "fault": "status", "status": 502}
LOST = {"match": {"object": "US3", "method": "POST"}, "nth": 1, "fault": "cut_after"}
SLOW = {"match": {"object": "US5", "method": "POST"}, "fault": "delay", "seconds": 1}


class Desk:
    """A client of a server of its own, and what must be so once its work has ended."""

    def __init__(self, *faults: Any) -> None:
        self.server = RallyEmulator(
            tickets=42, seed=3, api_key=KEY, latency=0.1, per_object=0.01, faults=faults
        )
        self.limits = Limits(clock=current_time)
        self.rally = AsyncRallyClient(
            server="http://rally.example",
            api_key=KEY,
            transport=InProcessTransport(self.server),
            limits=self.limits,
            retry=STEADY,
            concurrency=3,
        )
        self.told: list[Progress] = []

    async def is_clean(self) -> None:
        """Nothing is held, neither here nor at the server, and the next request finds its way."""
        assert self.in_flight() == 0
        assert is_free(self.limits, self.rally._line)
        assert (await self.rally.get_ticket("US1")).formatted_id == "US1"
        assert is_free(self.limits, self.rally._line)

    async def is_wholly_written(self) -> None:
        """Each ticket was written wholly or not at all, and all that is told was done."""
        await self.is_clean()
        stories = await self.rally.get_tickets("story")
        written = [story.formatted_id for story in stories if story.points == 77]
        changed = [story.formatted_id for story in stories if (story.updated or START) > START]
        assert written == changed
        assert {*written} <= {*TEN}
        done = self.told[-1].done if self.told else 0
        assert done <= len(written) <= done + 4  # so many may be under way
        assert not any(progress.failed for progress in self.told)

    def in_flight(self) -> int:
        """How many requests the server works at: it must have heard of all who left."""
        asked = Request("GET", RALLY, "/-/emulator/statistics")
        return int(json.loads(self.server.answer(asked, current_time()).body)["in_flight"])


def is_free(limits: Limits, line: Pipeline) -> bool:
    """Nobody is inside the gate or in its queue, and all threads were given back."""
    at_gate = line.member.gate.statistics(line.credentials.account)
    return attrs.astuple(at_gate)[:2] == (0, 0) and limits.threads.left == THREADS


async def read(desk: Desk) -> None:
    async with desk.rally as rally:
        tickets = await rally.get_tickets(page_size=2, pages=12)
    assert len(tickets) == 42


async def leave_pages(desk: Desk) -> None:
    seen: list[str] = []
    async with desk.rally as rally, rally.iter_tickets(page_size=3).ahead(2) as tickets:
        async for ticket in tickets:
            seen.append(ticket.formatted_id)
            await sleep(0.03)
            if len(seen) == 20:
                break
    assert len(seen) == 20


async def write(desk: Desk) -> None:
    async with desk.rally as rally:
        result = await rally.bulk_update_points(TEN, 77, concurrency=4, progress=desk.told.append)
    assert [outcome.item for outcome in result] == TEN
    assert not result.failed


async def read_ten(desk: Desk) -> None:
    """Four workers share three slots: one is always queued."""
    threads = desk.limits.threads
    async with (
        desk.rally as rally,
        map_stream(rally.get_ticket, TEN, workers=4, allowance=threads) as outcomes,
    ):
        assert [outcome.error async for outcome in outcomes] == [None] * len(TEN)


async def leave_stream(desk: Desk) -> None:
    seen: list[Outcome[str, Ticket]] = []
    async with (
        desk.rally as rally,
        map_stream(
            rally.get_ticket, TEN, workers=4, ordered=True, allowance=desk.limits.threads
        ) as outcomes,
    ):
        async for outcome in outcomes:
            seen.append(outcome)
            if len(seen) == 5:
                break
    assert [outcome.item for outcome in seen] == TEN[:5]
    assert not any(outcome.error for outcome in seen)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_read_of_two_rounds_with_bad_gateways(runtime: Runtime) -> None:
    """Invariant 0.1, Invariant 12.4, Rule 14.1"""
    steps = every_step(read, given=lambda: Desk(BAD_GATEWAYS), check=Desk.is_clean, runtime=runtime)
    assert steps > 15


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_pages_that_are_fetched_ahead_and_left_early(runtime: Runtime) -> None:
    """Invariant 0.1, Invariant 12.4, Rule 14.4"""
    steps = every_step(
        leave_pages, given=lambda: Desk(BAD_GATEWAYS), check=Desk.is_clean, runtime=runtime
    )
    assert steps > 15


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_bulk_of_ten_writes_one_lost_and_one_slow(runtime: Runtime) -> None:
    """Invariant 0.1, Invariant 12.5, Rule 14.4"""
    steps = every_step(
        write, given=lambda: Desk(LOST, SLOW), check=Desk.is_wholly_written, runtime=runtime
    )
    assert steps > 15


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_stream_in_order_that_is_left_early(runtime: Runtime) -> None:
    """Invariant 0.1, Invariant 12.4"""
    steps = every_step(leave_stream, given=Desk, check=Desk.is_clean, runtime=runtime)
    assert steps > 15


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_gate_that_forgets_nobody_would_be_found(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Gate, "forget", lambda gate, ticket, now: None)
    with pytest.raises(StepError) as caught:
        every_step(read_ten, given=Desk, check=Desk.is_clean, runtime=runtime)
    assert caught.value.step > 1


API = Origin("https", "api.example", 443)
LOOK = Operation(Endpoint("test.look", "GET", "/thing", Reply.json), "/thing")
ISSUE = Operation(Endpoint("test.issue", "POST", "/token", Reply.json), "/token")


@attrs.define(eq=False)
class Token(Unchanging):
    """Credentials that want a token first."""

    issuer: Credentials | None = attrs.field(factory=lambda: HeaderKey("X-Api-Key", KEY))
    account: str = "token"
    secrets: tuple[str, ...] = ()
    token: str = ""
    renewals: int = 0

    def ready(self, operation: Operation[Any], now: float) -> bool:
        return bool(self.token)

    def sign(self, request: Request) -> Signed:
        assert self.token
        return Signed(request, 0)

    def renewal(self) -> Generator[Operation[Any], Any, None]:
        self.renewals += 1
        said = yield ISSUE
        self.token = said["token"]


class Bureau:
    """A line whose token takes a second to be issued."""

    def __init__(self) -> None:
        self.server = ScriptedServer(self.answer)
        self.limits = Limits(clock=current_time)
        self.token = Token()
        self.line = Pipeline(
            origin=API,
            base="/api",
            transport=InProcessTransport(self.server),
            credentials=self.token,
            terms=Terms(Timeout(), STEADY),
            concurrency=2,
            limits=self.limits,
        )

    def answer(self, request: Request) -> Scripted:
        return Scripted(body=b'{"token": "t"}', after=1)

    async def look(self) -> None:
        assert await self.line.send(LOOK) == {"token": "t"}

    async def look_briefly(self) -> None:
        with move_on_after(0.5):
            await self.look()

    async def look_later(self) -> None:
        await sleep(0.1)
        await self.look()

    async def is_clean(self) -> None:
        """No turn is held, and whoever comes next looks with a token."""
        assert is_free(self.limits, self.line)
        turn = self.limits.renewals("token").gate.statistics("token")
        assert attrs.astuple(turn)[:2] == (0, 0)
        before = self.token.renewals
        had = self.token.token
        await self.look()
        assert self.token.renewals == before + (not had)


async def take_over(bureau: Bureau) -> None:
    async with create_task_group() as tasks:
        tasks.start_soon(bureau.look_briefly)
        for _ in range(4):
            tasks.start_soon(bureau.look_later)
    assert bureau.token.renewals == 2


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_renewal_that_another_takes_over(runtime: Runtime) -> None:
    """Invariant 10.3, Rule 14.5"""
    steps = every_step(take_over, given=Bureau, check=Bureau.is_clean, runtime=runtime)
    assert steps > 20
