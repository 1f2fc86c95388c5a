"""What is asked and written, while the world does not wait: nothing of it is lost unseen."""

from __future__ import annotations

import pytest
from textual.widgets import TextArea
from tui.tickets import application, until_idle

from twofold.tui.screens import Choose, Write

pytestmark = pytest.mark.real_time

HANGS = 60.0  # seconds
ERROR = {"fault": "errors", "errors": ["No."]}


async def test_ctrl_c_leaves_while_something_is_asked_too() -> None:
    async with application() as (app, pilot, _):
        await pilot.press("comma")
        assert isinstance(app.screen, Choose)
        await pilot.press("ctrl+c")
    assert app.return_code == 130


async def test_a_text_that_was_changed_is_left_with_two_escapes_in_a_row() -> None:
    async with application() as (app, pilot, _):
        await pilot.press("c", "x", "escape")
        assert isinstance(app.screen, Write)
        await pilot.press("y", "escape")
        assert isinstance(app.screen, Write)
        assert app.screen.text == "xy"
        await pilot.press("escape")
        assert app.screen is app.main
        await pilot.press("c", "escape")
        assert app.screen is app.main


async def test_a_text_that_could_not_be_sent_is_there_the_next_time() -> None:
    async with application(faults=[{"match": {"method": "POST"}, "nth": [1], **ERROR}]) as (
        app,
        pilot,
        _,
    ):
        await pilot.press("c", *"hello", "ctrl+s")
        await until_idle(app, pilot)
        await pilot.press("c")
        assert app.screen.query_one(TextArea).text == "hello"
        await pilot.press("ctrl+s")
        await until_idle(app, pilot)
        await pilot.press("c")
        assert app.screen.query_one(TextArea).text == ""


async def test_what_the_server_does_not_say_is_said_where_it_was_asked_for() -> None:
    lost = {"match": {"method": "GET", "path": "/user"}, **ERROR}
    async with application(faults=[lost]) as (app, pilot, _):
        await pilot.press("a")
        await until_idle(app, pilot)
        assert isinstance(app.screen, Choose)
        assert "No." in app.screen.trouble


async def test_the_states_of_two_tickets_are_set_though_both_waited_for_one_answer() -> None:
    async with application(latency=0.2) as (app, pilot, _):
        await pilot.press("slash", *"us", "enter")
        two = [ticket.ref for ticket in app.list.tickets[:2]]
        await pilot.press("2", "down", "2")
        await until_idle(app, pilot)
        states = {getattr(app.board.get(ref), "state", None) for ref in two}
        assert len(states) == 1
        assert not app.list.failed


async def test_leaving_says_what_was_not_done() -> None:
    hangs = {"match": {"method": "POST"}, "fault": "delay", "seconds": HANGS}
    async with application(faults=[hangs]) as (app, pilot, _):
        await pilot.press("slash", *"us", "enter", *["space"] * 3, "b", *"points", "enter", "1")
        await pilot.press("enter", "home", "p", *["backspace"] * 5, "2", "enter")
        await pilot.pause(0.3)
        bulk, single = app.desk.unfinished
        assert bulk.startswith("3 tickets: points: 0 of 3 done, nobody knows of US")
        assert single.endswith("points 2: not begun")
