# SPDX-License-Identifier: MIT
"""The library's own work, cancelled at every step: nothing is left, nothing half done."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from typing import Any

import attrs
import pytest
from scripted import Script, Scripted, ScriptedServer

from twofold._async.core.batch import map_all, map_stream
from twofold._async.core.pipeline import Pipeline
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time, sleep
from twofold.core.credentials import Credentials, HeaderKey, Signed, Unchanging
from twofold.core.options import Terms
from twofold.core.policy.allowance import THREADS
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Origin, Reply, Request
from twofold.core.wire.verdict import refusal
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.outcome import Outcome
from twofold.testing.steps.waiting import RUNTIMES, Runtime, every_step

RALLY = Origin("http", "rally.example", 80)
KEY = "_emulated-key-0123456789"
STEADY = Retry(uniform=lambda low, high: high)

BAD_GATEWAY = {"match": {"method": "GET"}, "nth": [2, 5], "fault": "status", "status": 502}
LOST = {"match": {"object": "US3", "method": "POST"}, "nth": 1, "fault": "cut_after"}


@attrs.define(eq=False)
class Desk:
    """A client of a server of its own, and what must be so once its work has ended."""

    faults: list[Any] = attrs.field(factory=lambda: list[Any]())
    server: RallyEmulator = attrs.field(init=False)
    limits: Limits = attrs.field(factory=lambda: Limits(clock=current_time), init=False)
    rally: AsyncRallyClient = attrs.field(init=False)
    seen: list[Any] = attrs.field(factory=lambda: list[Any](), init=False)

    def __attrs_post_init__(self) -> None:
        self.server = RallyEmulator(
            tickets=70, seed=3, api_key=KEY, latency=0.1, per_object=0.001, faults=self.faults
        )
        self.rally = AsyncRallyClient(
            server="http://rally.example",
            api_key=KEY,
            transport=InProcessTransport(self.server),
            limits=self.limits,
            retry=STEADY,
        )

    def in_flight(self) -> int:
        asked = Request("GET", RALLY, "/-/emulator/statistics")
        return int(json.loads(self.server.answer(asked, current_time()).body)["in_flight"])

    async def is_clean(self) -> None:
        assert self.in_flight() == 0
        is_free(self.limits, self.rally._line)
        assert (await self.rally.get_ticket("US1")).formatted_id == "US1"
        is_free(self.limits, self.rally._line)

    async def is_wholly_updated(self) -> None:
        await self.is_clean()
        found = {ticket.formatted_id: ticket for ticket in await self.rally.get_tickets("story")}
        for ticket in TEN:
            written = found[ticket].state == "Accepted"
            assert written == (found[ticket].extra["AcceptedDate"] is not None)
        for outcome in self.seen:
            assert outcome.value.state == "Accepted"
            assert found[outcome.item].state == "Accepted"


def is_free(limits: Limits, line: Pipeline) -> None:
    at_gate = line.member.gate.statistics(line.credentials.account)
    assert (at_gate.inside, at_gate.waiting) == (0, 0)
    assert limits.threads.left == THREADS


TEN = [f"US{number}" for number in range(1, 11)]


async def read(desk: Desk) -> None:
    async with desk.rally as rally:
        assert len(await rally.get_tickets(page_size=10)) == 70


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_read_of_two_rounds_with_bad_gateways(runtime: Runtime) -> None:
    steps = every_step(
        read, given=lambda: Desk([BAD_GATEWAY]), check=Desk.is_clean, runtime=runtime
    )
    print(runtime, steps)
    assert steps > 40
