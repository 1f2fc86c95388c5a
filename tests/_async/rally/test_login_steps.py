# SPDX-License-Identifier: MIT
"""Logging in, cancelled at every step: no turn is held, and whoever comes next writes."""

from __future__ import annotations

import json

import attrs
import pytest
from guarded import KEY, PASSWORD, USER, Guarded

from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.request import Origin, Request
from twofold.rally import operations
from twofold.rally.ids import Located
from twofold.rally.kinds import STORY
from twofold.testing.steps.waiting import RUNTIMES, Runtime, every_step

HOME, ROOT = Origin("http", "rally.example", 80), "/slm/webservice/v2.0"
STEADY = Retry(uniform=lambda low, high: high)


class Desk:
    """A login at a server whose tokens are good for three seconds."""

    def __init__(self) -> None:
        self.server = Guarded(tickets=7, latency=1.0, token_seconds=3.0)
        self.limits = Limits(clock=current_time)
        self.rally = AsyncRallyClient(
            server="http://rally.example",
            username=USER,
            password=PASSWORD,
            transport=InProcessTransport(self.server),
            limits=self.limits,
            retry=STEADY,
        )

        self.story = Located(STORY, self.first())

    def first(self) -> int:
        """The object id of US1, which nobody has to log in for."""
        target = f"{ROOT}/hierarchicalrequirement?query=(FormattedID%20=%20US1)&fetch=ObjectID"
        asked = Request("GET", HOME, target, (("ZSESSIONID", KEY),))
        said = json.loads(self.server.emulator.answer(asked, current_time()).body)
        return int(said["QueryResult"]["Results"][0]["ObjectID"])

    async def write(self, points: int) -> None:
        change = {"PlanEstimate": points}
        await self.rally.send(operations.update(self.story, change, {}))

    async def write_briefly(self) -> None:
        with move_on_after(0.5):
            await self.write(1)

    async def write_later(self, points: int) -> None:
        await sleep(0.1)
        await self.write(points)

    async def is_clean(self) -> None:
        line = self.rally._line
        turn = self.limits.renewals(line.credentials.account).gate.statistics(
            line.credentials.account
        )
        assert attrs.astuple(turn)[:2] == (0, 0)
        assert attrs.astuple(self.rally.statistics())[:2] == (0, 0)
        before = self.server.authorized
        await self.write(21)
        assert self.server.authorized - before <= 1
        assert (await self.rally.get_ticket("US1")).points == 21


async def log_in(desk: Desk) -> None:
    """A first write gives up, others take the token over, which expires before the last ones."""
    async with create_task_group() as tasks:
        tasks.start_soon(desk.write_briefly)
        for points in (2, 3):
            tasks.start_soon(desk.write_later, points)
    await sleep(2)
    async with create_task_group() as tasks:
        for points in (5, 8):
            tasks.start_soon(desk.write, points)
    assert (desk.server.authorized, desk.server.refused) == (3, 2)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_login_that_is_taken_over_and_renewed(runtime: Runtime) -> None:
    """Invariant 10.3"""
    assert every_step(log_in, given=Desk, check=Desk.is_clean, runtime=runtime) > 20
