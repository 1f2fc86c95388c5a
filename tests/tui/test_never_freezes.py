"""Over a server that takes a minute for everything, and left at any moment."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
import time

import pytest
from tui.tickets import application, until_idle

from twofold.tui.screens import Ask, Choose, Read

pytestmark = pytest.mark.real_time

HANGS = 60.0  # seconds


async def test_everything_that_needs_no_answer_works_while_a_server_hangs() -> None:
    async with application(latency=HANGS, waits=False) as (app, pilot, _):
        await pilot.press("slash", *"nothing", "escape", "i", "m", "o")
        for key in ("question_mark", "t"):
            await pilot.press(key)
            assert isinstance(app.screen, Read)
            await pilot.press("escape")
        await pilot.press("comma")
        assert isinstance(app.screen, Choose)
        await pilot.press("escape")
        assert app.desk.under_way
        assert not len(app.board)


async def test_the_spinner_turns_while_something_is_under_way() -> None:
    async with application(latency=HANGS, waits=False) as (app, pilot, _):
        seen: set[str] = set()
        while len(seen) < 4:
            await pilot.pause(0.02)
            seen.add(str(app.bar.render()))
        assert app.desk.under_way


async def test_of_changes_that_wait_for_one_before_the_last_of_a_kind_counts() -> None:
    async with application() as (app, pilot, _):
        await pilot.press("slash", *"us", "enter")
        ticket = app.list.ticket
        assert ticket is not None
        for digit in "135":
            await pilot.press("p")
            assert isinstance(app.screen, Ask)
            await pilot.press("ctrl+u", "end", *["backspace"] * 5, digit, "enter")
        await until_idle(app, pilot)
        now = app.board.get(ticket.ref)
        assert now is not None
        assert now.points == 5


@pytest.mark.parametrize("seed", range(20))
async def test_leaving_at_a_random_moment_leaves_nothing_behind(seed: int) -> None:
    chance = random.Random(seed)
    tasks, threads = asyncio.all_tasks(), threading.active_count()
    async with application(latency=chance.choice([0.0, 0.01, HANGS]), waits=False) as (
        app,
        pilot,
        _,
    ):
        for key in chance.choices(["down", "i", "r", "o", "1", "p", "escape", "f5"], k=4):
            await pilot.press(key)
        await pilot.pause(chance.uniform(0, 0.2))
        began = time.monotonic()
        app.exit()
    assert time.monotonic() - began < HANGS
    await asyncio.sleep(0)
    gc.collect()
    assert asyncio.all_tasks() == tasks
    assert threading.active_count() <= threads
    assert not app.desk.under_way
