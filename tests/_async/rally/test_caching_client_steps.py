# SPDX-License-Identifier: MIT
"""The client that keeps results, cancelled at every step: nothing is left, nothing older given."""

from __future__ import annotations

import attrs
import pytest
from switched import Switched

from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.caching.client import AsyncCachingRallyClient
from twofold._runtime.waiting.scopes import current_time, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.cache.asides import LONGEST
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.store.entry import Entry
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.rally.freshness import DataState
from twofold.testing.steps.waiting import RUNTIMES, Runtime, every_step

KEY = "_emulated-key-0123456789"


class SlowStore(AsyncMemoryStore):
    """A store that waits, so that every step of it can be cancelled."""

    async def find(self, key: str) -> tuple[Entry, ...]:
        await sleep(0.01)
        return await super().find(key)

    async def put(self, entry: Entry, stamp: int) -> None:
        await sleep(0.01)
        await super().put(entry, stamp)
        await sleep(0.01)

    async def remove(self, key: str) -> None:
        await sleep(0.01)
        await super().remove(key)
        await sleep(0.01)


class World:
    """A client of a server of its own, and what must be so once its work has ended."""

    def __init__(self) -> None:
        self.server = Switched(RallyEmulator(tickets=7, seed=3, api_key=KEY, latency=1.0))
        self.rally = AsyncCachingRallyClient(
            server="http://rally.example",
            api_key=KEY,
            transport=InProcessTransport(self.server),
            limits=Limits(clock=current_time),
            retry=Retry(uniform=lambda low, high: high),
            store=SlowStore(),
            fresh=5,
            stale=60,
            wall=lambda: 1_700_000_000.0 + current_time(),
        )

    async def state(self) -> str | None:
        stories = await self.rally.get_tickets("story", page_size=3)
        (found,) = (one for one in stories if one.formatted_id == "US1")
        return found.state

    async def is_clean(self) -> None:
        """Nothing is held, no flight is left, no task; what is given is what the server has."""
        line = self.rally._line
        at_gate = line.member.gate.statistics(line.credentials.account)
        assert (at_gate.inside, at_gate.queued) == (0, 0)
        assert line.cache is not None
        assert attrs.astuple(line.cache.flights.statistics()) == (0, 0)
        assert self.rally.freshness.state is not DataState.REFRESHING
        await sleep(LONGEST + 10)  # out of every window: the server is asked again
        before = await self.state()
        assert await self.state() == before
        assert self.rally.freshness.state is DataState.CACHED
        wanted = "Defined" if before == "Accepted" else "Accepted"
        await self.rally.update_state("US1", wanted)
        assert await self.state() == wanted


async def read_and_write(world: World) -> None:
    async with world.rally as rally:
        async with create_task_group() as tasks:
            for _ in range(2):
                tasks.start_soon(world.state)
        await sleep(10)
        await world.state()
        await sleep(3)
        async with create_task_group() as tasks:
            tasks.start_soon(rally.update_state, "US1", "Accepted")
            tasks.start_soon(world.state)
        assert await world.state() == "Accepted"


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_reads_a_write_and_what_is_refreshed_behind(runtime: Runtime) -> None:
    """Invariant 0.1, Invariant 9.4"""
    steps = every_step(read_and_write, given=World, check=World.is_clean, runtime=runtime)
    assert steps > 30


async def write_and_read_again(world: World) -> None:
    await world.state()
    await world.rally.update_state("US1", "Accepted")
    assert await world.state() == "Accepted"


class Witness(World):
    async def is_clean(self) -> None:
        """Its writer has been told, or was cancelled: nobody reads what was there before."""
        kept = await self.state()
        await self.rally.refresh()
        assert await self.state() == kept


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_write_that_is_cancelled_anywhere_leaves_nothing_older(runtime: Runtime) -> None:
    """Invariant 9.4"""
    steps = every_step(write_and_read_again, given=Witness, check=Witness.is_clean, runtime=runtime)
    assert steps > 8
