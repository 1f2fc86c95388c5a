"""How the application begins: what is kept at once, the first page after two round trips.

Round trips are counted, not timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import anyio
import pytest
from textual.pilot import Pilot
from tui.tickets import KEY, until_idle

from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.transport.engine import Arriving, AsyncTransport
from twofold._async.core.transport.in_process import InProcessTransport
from twofold.cli.rally.tui import made
from twofold.core.policy.limits import Limits
from twofold.core.request import Patience, Reply, Request
from twofold.core.task import Background
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.rally import AsyncCachingRallyClient
from twofold.tui.app import RallyApp

pytestmark = pytest.mark.real_time

HANGS = 60.0  # seconds


def application(
    cache: Path,
    *,
    latency: float = 0.0,
    transport: AsyncTransport | None = None,
    **options: Any,
) -> RallyApp:
    server = RallyEmulator(tickets=400, seed=3, api_key=KEY, latency=latency)

    def client() -> AsyncCachingRallyClient:
        return AsyncCachingRallyClient(
            cache_file=cache,
            server="http://rally.example",
            api_key=KEY,
            transport=transport or InProcessTransport(server),
            limits=Limits(),
            **options,
        )

    return RallyApp(client, project="Platform", server="http://rally.example")


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    while not holds():
        await pilot.pause(0.01)


async def test_without_a_server_what_is_kept_is_all_there_is(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for offline in (False, True):
        app = application(cache, offline=offline)
        async with app.run_test() as pilot:
            await until_idle(app, pilot)
            assert len(app.list.tickets) == 426
            assert ("Offline" in str(app.bar.render())) == offline


class InRounds:
    """Answers what was asked only when told to: all of it at once, which is a round trip."""

    interruptible = True

    def __init__(self) -> None:
        self.emulator = RallyEmulator(tickets=400, seed=3, api_key=KEY)
        self.asked: list[str] = []
        """The types of what is asked in this round."""
        self._server = InProcessTransport(self.emulator)
        self._answered = anyio.Event()

    async def exchange(self, request: Request, patience: Patience) -> Reply:
        self.asked.append(request.target.partition("?")[0].rpartition("/")[2])
        await self._answered.wait()
        return await self._server.exchange(request, patience)

    def open(self, request: Request, patience: Patience) -> AbstractAsyncContextManager[Arriving]:
        return self._server.open(request, patience)

    async def aclose(self) -> None:
        await self._server.aclose()

    def answer(self) -> list[str]:
        """Begin the next round; return what was asked in this one."""
        asked, self.asked = self.asked, []
        self._answered.set()
        self._answered = anyio.Event()
        return asked


async def rounds_until_there_are_tickets(app: RallyApp, server: InRounds) -> list[list[str]]:
    rounds: list[list[str]] = []
    async with app.run_test() as pilot:
        while not app.list.tickets:
            while not (server.asked or app.list.tickets):
                await pilot.pause(0.01)
            await anyio.wait_all_tasks_blocked()
            rounds.append(server.answer())
            await pilot.pause()
    return rounds


@pytest.mark.parametrize("is_named", [False, True])
async def test_the_first_page_comes_after_two_round_trips_at_most(
    tmp_path: Path, is_named: bool
) -> None:
    server = InRounds()
    name = server.emulator.ready.project if is_named else None
    app = application(tmp_path / "cache", transport=server, project=name)
    rounds = await rounds_until_there_are_tickets(app, server)
    assert len(rounds) <= 2
    first = ["hierarchicalrequirement", "defect", "task", "portfolioitem"]
    assert sorted(rounds[-1][: len(first)]) == sorted(first)


async def test_what_is_kept_is_there_before_the_first_round_trip(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    app = application(cache)
    async with app.run_test() as pilot:
        await until_idle(app, pilot)
        await pilot.press("slash", *"us", "enter", "2")
        await until_idle(app, pilot)
    server = InRounds()
    app = application(cache, transport=server)
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(app.list.tickets) == 426)
        await until(pilot, lambda: server.asked)
        assert len(app.list.tickets) == 426


async def test_an_empty_list_says_why(tmp_path: Path) -> None:
    app = application(tmp_path / "cache", latency=HANGS)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "Reading" in app.list.render_line(1).text)
    app = application(tmp_path / "cache")
    async with app.run_test() as pilot:
        await until_idle(app, pilot)
        await pilot.press("slash", *"nowhere")
        await pilot.pause()
        assert "escape clears the search" in app.list.render_line(1).text


async def test_who_leaves_waits_for_nothing_that_is_asked_for_behind() -> None:
    client = made(server="http://rally.example", api_key=KEY, store=AsyncMemoryStore())
    async with client:
        await client.tasks.start(anyio.sleep_forever)
        began = time.monotonic()
    assert time.monotonic() - began < Background().drain / 2
