# SPDX-License-Identifier: MIT
"""The cache at work, cancelled at every step: no flight is left, nothing older is served."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import attrs
import pytest
from scripted import Scripted, ScriptedServer, fields

from twofold._async.core.client import AsyncClient
from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.cache.asides import LONGEST
from twofold.core.cache.settings import Cache
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.request import Endpoint, Operation, Reply, Request, Safety
from twofold.core.store.entry import Entry
from twofold.events import CacheOutcome
from twofold.testing.steps.waiting import RUNTIMES, Runtime, every_step

LOOK = Operation(Endpoint("test.look", "GET", "/thing", lambda reply: reply), "/thing")
LIST = Operation(
    Endpoint("test.list", "GET", "/list", lambda reply: reply, tags=("list",)), "/list"
)
SET: Operation[Reply] = Operation(
    Endpoint(
        "test.set", "PUT", "/thing", lambda reply: reply, Safety.REPEATABLE, invalidates=("list",)
    ),
    "/thing",
)


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

    async def remove_tagged(self, partition: str, tag: str) -> None:
        await sleep(0.01)
        await super().remove_tagged(partition, tag)


class Library:
    """A client of a server of its own, and what must be so once its work has ended."""

    def __init__(self) -> None:
        self.version = 1
        self.server = ScriptedServer(self.answer)
        self.limits = Limits(clock=current_time)
        self.client = AsyncClient(
            "https://api.example",
            transport=InProcessTransport(self.server),
            limits=self.limits,
            retry=Retry(uniform=lambda low, high: high),
            concurrency=3,
            cache=Cache(wall=lambda: 1_700_000_000 + current_time()),
            store=SlowStore(),
        )

    def answer(self, request: Request) -> Scripted:
        if request.method == "PUT":
            self.version += 1
            return Scripted(204, b"", after=1)
        tag = f'"{self.version}"'
        said = (
            ("ETag", tag),
            ("Date", formatdate(1_700_000_000 + current_time(), usegmt=True)),
            ("Cache-Control", "max-age=5, stale-while-revalidate=60"),
        )
        if dict(fields(request.headers)).get("if-none-match") == tag:
            return Scripted(304, b"", said, after=1)
        return Scripted(200, b"%d" % self.version, said, after=1)

    async def read(self, operation: Operation[Any] = LOOK) -> Reply:
        reply: Reply = await self.client.send(operation)
        return reply

    async def is_clean(self) -> None:
        """Nothing is held, no flight is left, no task; what is read is what the server has."""
        line = self.client._line
        at_gate = line.member.gate.statistics(line.credentials.account)
        assert (at_gate.inside, at_gate.queued) == (0, 0)
        assert line.cache is not None
        assert attrs.astuple(line.cache.flights.statistics()) == (0, 0)
        assert self.client.tasks.all() == ()
        await sleep(LONGEST + 10)  # out of every window: the server is asked again
        for operation in (LOOK, LIST):
            assert (await self.read(operation)).body == b"%d" % self.version
            assert (await self.read(operation)).cached is CacheOutcome.FRESH
        await self.client.send(SET)
        for operation in (LOOK, LIST):
            assert (await self.read(operation)).body == b"%d" % self.version


async def read_and_write(library: Library) -> None:
    async with library.client as client:
        async with create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(library.read)
            tasks.start_soon(library.read, LIST)
        await sleep(10)
        assert (await library.read()).cached is CacheOutcome.STALE
        assert (await library.read()).cached is CacheOutcome.STALE
        await sleep(2)
        assert (await library.read()).cached is CacheOutcome.FRESH
        async with create_task_group() as tasks:
            tasks.start_soon(client.send, SET)
            tasks.start_soon(library.read, LIST)
        assert (await library.read()).body == b"2"
        await client.cache.invalidate(tag="list")
        with move_on_after(0.5):
            await library.read(LIST)
        assert (await library.read(LIST)).body == b"2"


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_reads_a_write_and_what_is_confirmed_aside(runtime: Runtime) -> None:
    """Invariant 0.1, Invariant 8.3, Invariant 9.4, Invariant 12.4, Rule 14.4"""
    steps = every_step(read_and_write, given=Library, check=Library.is_clean, runtime=runtime)
    assert steps > 30


async def write_and_read_again(library: Library) -> None:
    assert (await library.read()).body == b"1"
    await library.client.send(SET)
    assert (await library.read()).body == b"2"


class Witness(Library):
    async def is_clean(self) -> None:
        """Its writer has been told, or was cancelled: nobody reads what was there before."""
        for operation in (LOOK, LOOK):
            assert (await self.read(operation)).body == b"%d" % self.version


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_write_that_is_cancelled_anywhere_leaves_nothing_older(runtime: Runtime) -> None:
    """Invariant 9.4"""
    steps = every_step(write_and_read_again, given=Witness, check=Witness.is_clean, runtime=runtime)
    assert steps > 8
