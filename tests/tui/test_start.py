"""How the application begins: what is kept at once, the first page after two round trips."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from tui.tickets import KEY, until_idle

from twofold._async.core.transport.in_process import InProcessTransport
from twofold.core.policy.limits import Limits
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.rally import AsyncCachingRallyClient
from twofold.tui.app import RallyApp

pytestmark = pytest.mark.real_time

HANGS = 60.0  # seconds
ROUND_TRIP = 0.5


def application(cache: Path, latency: float, *, offline: bool = False) -> RallyApp:
    server = RallyEmulator(tickets=400, seed=3, api_key=KEY, latency=latency)

    def client() -> AsyncCachingRallyClient:
        return AsyncCachingRallyClient(
            cache_file=cache,
            server="http://rally.example",
            api_key=KEY,
            transport=InProcessTransport(server),
            limits=Limits(),
            offline=offline,
        )

    return RallyApp(client, project="Platform", server="http://rally.example")


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    while not holds():
        await pilot.pause(0.01)


async def test_what_is_kept_is_shown_before_a_server_that_hangs_has_answered(
    tmp_path: Path,
) -> None:
    cache = tmp_path / "cache"
    app = application(cache, 0)
    async with app.run_test() as pilot:
        await until_idle(app, pilot)
        await pilot.press("slash", *"us", "enter", "2")
        await until_idle(app, pilot)
    app = application(cache, HANGS)
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(app.list.tickets) == 400)
        assert app.list.ticket is app.list.tickets[0]
        await until(pilot, lambda: app.desk.under_way)
        assert len(app.list.tickets) == 400


async def test_without_a_server_what_is_kept_is_all_there_is(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for offline in (False, True):
        app = application(cache, 0, offline=offline)
        async with app.run_test() as pilot:
            await until_idle(app, pilot)
            assert len(app.list.tickets) == 400
            assert ("Offline" in str(app.bar.render())) == offline


async def test_the_first_page_comes_after_two_round_trips(tmp_path: Path) -> None:
    began = time.monotonic()
    app = application(tmp_path / "cache", ROUND_TRIP)
    async with app.run_test() as pilot:
        opened = time.monotonic() - began
        await until(pilot, lambda: app.list.tickets)
        took = time.monotonic() - began
    assert took - opened < 3 * ROUND_TRIP


async def test_an_empty_list_says_why(tmp_path: Path) -> None:
    app = application(tmp_path / "cache", HANGS)
    async with app.run_test() as pilot:
        await until(pilot, lambda: "Reading" in app.list.render_line(1).text)
    app = application(tmp_path / "cache", 0)
    async with app.run_test() as pilot:
        await until_idle(app, pilot)
        await pilot.press("slash", *"nowhere")
        await pilot.pause()
        assert "escape clears the search" in app.list.render_line(1).text
