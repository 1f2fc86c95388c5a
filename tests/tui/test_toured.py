"""What a tour of the application in a real terminal came upon, and what holds since."""

from __future__ import annotations

import pytest
from textual.containers import VerticalScroll
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import OptionList, Static
from tui.tickets import application, story, until_idle

from twofold.tui.app import RallyApp
from twofold.tui.screens import Choose, Read, Write

pytestmark = pytest.mark.real_time

HANGS = 60.0  # seconds
SIZES = ((40, 10), (80, 24), (120, 32), (300, 100))


def burst(app: RallyApp, *keys: str) -> None:
    """Have keys come all at once, as from a clipboard, or to a busy machine."""
    for key in keys:
        app.post_message(Key(key, key if len(key) == 1 else None))


async def until_shown(app: RallyApp, pilot: Pilot[None], text: str) -> None:
    while text not in str([each.message for each in app._notifications]):
        await pilot.pause(0.02)


async def test_what_is_typed_behind_the_key_of_the_search_is_searched_for() -> None:
    async with application() as (app, pilot, _):
        burst(app, "slash", *"us12")
        while app.view.search != "us12":
            await pilot.pause(0.02)
        assert not app.desk.under_way
        assert not app.desk.unfinished


async def test_what_is_typed_behind_a_key_that_asks_is_the_answer() -> None:
    async with application() as (app, pilot, _):
        burst(app, "slash", *"us", "enter", "p", "ctrl+u", *"13", "enter")
        while app.board.get((app.list.ticket or app.list.tickets[0]).ref) is None:
            await pilot.pause(0.02)
        while not any(ticket.points == 13 for ticket in app.list.tickets):
            await pilot.pause(0.02)
        await until_idle(app, pilot)
        assert app.list.ticket is not None
        assert app.list.ticket.points == 13


@pytest.mark.parametrize("size", SIZES)
async def test_the_last_line_of_what_is_read_can_be_seen(size: tuple[int, int]) -> None:
    async with application(size=size) as (app, pilot, _):
        await pilot.press("question_mark")
        assert isinstance(app.screen, Read)
        text, box = app.screen.query_one(VerticalScroll), app.screen.children[0]
        await pilot.pause()
        assert text.region.bottom <= box.content_region.bottom
        assert text.size.height > 1


@pytest.mark.parametrize("size", SIZES)
async def test_the_last_of_many_options_can_be_seen(size: tuple[int, int]) -> None:
    async with application(size=size) as (app, pilot, _):
        await pilot.press("comma", "up")
        assert isinstance(app.screen, Choose)
        await pilot.pause()
        options = app.screen.query_one(OptionList)
        box = app.screen.children[0]
        assert options.highlighted == options.option_count - 1
        assert options.region.bottom <= box.content_region.bottom
        assert options.size.height > 1


async def test_what_is_wrong_with_an_answer_is_said_beneath_the_question() -> None:
    async with application() as (app, pilot, _):
        await pilot.press("slash", *"us", "enter", "p", "ctrl+u", "x", "enter")
        title, hint = app.screen.query(Static)
        assert "Points of" in str(title.render())
        assert "x is not a number" in str(hint.render())


async def test_the_end_of_what_is_read_is_there_at_once() -> None:
    async with application(size=(80, 20)) as (app, pilot, _):
        await pilot.press("question_mark", "end")
        text = app.screen.query_one(VerticalScroll)
        assert text.max_scroll_y > 0
        assert text.scroll_y == text.max_scroll_y


async def test_the_outcomes_of_a_bulk_wait_until_what_is_written_is_sent() -> None:
    async with application(latency=0.3) as (app, pilot, _):
        await pilot.press("slash", *"us", "enter", *["space"] * 3, "b", *"points", "enter", "1")
        await pilot.press("enter", "c", *"done")
        while app.desk.under_way:
            await pilot.pause(0.02)
        assert isinstance(app.screen, Write)
        await pilot.press("escape", "escape")
        while not isinstance(app.screen, Read):
            await pilot.pause(0.02)
        assert "3 done, 0 failed" in app.screen.title_text


async def test_a_state_that_waits_for_the_server_is_promised_at_once() -> None:
    delay = {"match": {"path": "allowedValues"}, "fault": "delay", "seconds": HANGS}
    slow = {"match": {"path": "TypeDefinition"}, "fault": "delay", "seconds": HANGS}
    async with application(faults=[delay, slow]) as (app, pilot, _):
        await pilot.press("slash", *"us", "enter", "2")
        await until_shown(app, pilot, "state number 2, as soon as it is known which")


async def test_an_image_in_the_notes_is_offered_as_one_in_the_description_is() -> None:
    pictured = story(900, notes='<p>As seen:</p><img src="/slm/attachment/7/a.png">')
    async with application() as (app, pilot, _):
        app.board.put(pictured)
        app.draw()
        app.list.go_to(pictured.ref)
        await pilot.press("f", *"open image")
        assert isinstance(app.screen, Choose)
        assert "/slm/attachment/7/a.png" in str(
            app.screen.query_one(OptionList).get_option_at_index(0).prompt
        )
