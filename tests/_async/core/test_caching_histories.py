# SPDX-License-Identifier: MIT
"""Many readers and writers of two accounts at once, at random, in virtual time."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st
from scripted import Scripted, ScriptedServer, fields

from twofold._async.core.caching import Caching
from twofold._async.core.pipeline import Pipeline
from twofold._async.core.shelf import Shelf
from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.cache.settings import Cache
from twofold.core.cache.statistics import Counters
from twofold.core.credentials import HeaderKey
from twofold.core.options import Terms
from twofold.core.policy.limits import Limits
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Origin, Reply, Request, Safety
from twofold.errors import TwofoldError
from twofold.events import CacheOutcome

HOME = Origin("https", "api.example", 443)
LIFE = 4

READ = Operation(Endpoint("test.read", "GET", "/thing", lambda reply: reply), "/thing")
WRITE: Operation[Reply] = Operation(
    Endpoint("test.write", "PUT", "/thing", lambda reply: reply, Safety.REPEATABLE), "/thing"
)


@attrs.frozen
class Step:
    """Somebody does something at some time, and gives up after some."""

    at: int
    account: str
    writes: bool
    patience: int


steps = st.builds(
    Step,
    at=st.integers(0, 12),
    account=st.sampled_from("aaab"),
    writes=st.sampled_from([False, False, True]),
    patience=st.sampled_from([1, 3, 100, 100]),
)


class Site(ScriptedServer):
    """Has a page for each account; a write takes place as it arrives, its answer comes later."""

    def __init__(self, delays: list[int]) -> None:
        super().__init__(self.page)
        self.delays = delays
        self.version = {"a": 0, "b": 0}

    def page(self, request: Request) -> Scripted:
        sent = dict(fields(request.headers))
        account = sent["x-key"]
        after = self.delays[len(self.requests) % len(self.delays)]
        if request.method == "PUT":
            self.version[account] += 1
            return Scripted(204, b"", after=after)
        body = f"{account} {self.version[account]}"
        said = (
            ("ETag", f'"{body}"'),
            ("Date", formatdate(1_700_000_000 + current_time(), usegmt=True)),
            ("Cache-Control", f"max-age={LIFE}"),
        )
        if sent.get("if-none-match") == f'"{body}"':
            return Scripted(304, b"", said, after=after)
        return Scripted(200, body.encode(), said, after=after)


class World:
    """What happens, and what must be so."""

    def __init__(self, delays: list[int]) -> None:
        self.site = Site(delays)
        self.written = {"a": 0, "b": 0}
        """The version that its writer knows of."""
        settings = Cache(wall=lambda: 1_700_000_000 + current_time())
        line = Pipeline(
            origin=HOME,
            base="",
            transport=InProcessTransport(self.site),
            credentials=HeaderKey("X-Key", "a"),
            terms=Terms(Timeout(total=1000), None),
            concurrency=50,
            limits=Limits(clock=current_time),
            cache=Caching(settings, Shelf(AsyncMemoryStore(), Counters(), current_time)),
        )
        self.lines = {"a": line, "b": line.acting_as(HeaderKey("X-Key", "b"))}

    async def do(self, step: Step) -> None:
        await sleep(step.at)
        with move_on_after(step.patience):
            try:
                await (self.write if step.writes else self.read)(step.account)
            except TwofoldError as error:
                raise AssertionError("nothing fails here") from error

    async def write(self, account: str) -> None:
        try:
            await self.lines[account].send(WRITE)
        finally:
            # Told or cancelled: from here on whatever it did is known to have been done.
            self.written[account] = self.site.version[account]

    async def read(self, account: str) -> None:
        known = self.written[account]
        reply = await self.lines[account].send(READ)
        owner, version = reply.body.decode().split()
        assert owner == account
        assert int(version) >= known
        if reply.cached is CacheOutcome.FRESH:
            assert int(reply.headers.get("age") or LIFE) < LIFE


@given(
    st.lists(steps, min_size=6, max_size=25),
    st.lists(st.sampled_from([0, 1, 2, 6]), min_size=3, max_size=5),
)
async def test_no_history_serves_what_is_anothers_too_old_or_from_before_a_write(
    history: list[Step], delays: list[int]
) -> None:
    """Invariant 9.1, Invariant 9.2, Invariant 9.4, Invariant 8.3"""
    world = World(delays)
    async with create_task_group() as tasks:
        for step in history:
            tasks.start_soon(world.do, step)
    cache: Any = world.lines["a"].cache
    assert attrs.astuple(cache.flights.statistics()) == (0, 0)
