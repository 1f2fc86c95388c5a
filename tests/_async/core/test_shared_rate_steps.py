# SPDX-License-Identifier: MIT
"""Calls that ask a store for their rate, cancelled at every step: the others go on."""

from __future__ import annotations

import pytest
from lines import HOME, LOOK
from scripted import ScriptedServer

from twofold._async.core.pipeline import Pipeline
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time, fail_after, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.credentials import Anonymous
from twofold.core.options import Terms
from twofold.core.policy.lease import Claim, Tokens
from twofold.core.policy.lending import Written, lend
from twofold.core.policy.limits import Limits
from twofold.core.policy.rate import Rate
from twofold.core.policy.shared_meter import SharedMeter
from twofold.testing.steps.waiting import RUNTIMES, Runtime, every_step

SLOW, BROKEN = 2, 3  # the second claim is slow, the third fails


class Counter:
    """A store that one has to wait for; some claims go wrong."""

    scope = "counter"

    def __init__(self) -> None:
        self.claims = 0
        self._written: Written | None = None

    async def lease(self, claim: Claim) -> Tokens:
        self.claims += 1
        number = self.claims
        await sleep(3.0 if number == SLOW else 0.01)
        if number == BROKEN:
            raise OSError("gone")
        self._written, tokens = lend(self._written, claim, current_time())
        await sleep(0.01)
        return tokens


class World:
    """A line with a small rate, and a store that counts it."""

    def __init__(self) -> None:
        self.server, self.store = ScriptedServer(), Counter()
        self.line = Pipeline(
            origin=HOME,
            base="",
            transport=InProcessTransport(self.server),
            credentials=Anonymous(),
            terms=Terms(None, None),
            concurrency=2,
            limits=Limits(clock=current_time),
            rate=Rate(4, per=1, alone=0.5),
            lender=self.store,
        )

    async def call(self) -> None:
        await self.line.send(LOOK)

    async def call_briefly(self) -> None:
        with move_on_after(0.015):  # it asks the store, and does not hear what it says
            await self.call()

    async def is_clean(self) -> None:
        """Nobody is inside or waits, nobody is to ask the store, and a call goes through."""
        self.is_free()
        with fail_after(20):
            await self.call()
        self.is_free()

    def is_free(self) -> None:
        at_gate = self.line.member.statistics()
        assert (at_gate.inside, at_gate.queued) == (0, 0)
        for queue in self.line.member.account.queues.values():
            assert isinstance(queue.shared, SharedMeter)
            assert queue.shared.asker is None


async def several(world: World) -> None:
    async with create_task_group() as tasks:
        tasks.start_soon(world.call_briefly)
        for _ in range(9):
            tasks.start_soon(world.call)
    assert world.store.claims > BROKEN


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_calls_that_ask_a_store_cancelled_at_every_step(runtime: Runtime) -> None:
    """Invariant 0.1, Invariant 4.3, Rule 14.1, Rule 14.5."""
    steps = every_step(several, given=World, check=World.is_clean, runtime=runtime)
    assert steps > 25
