"""The application, driven by its keys, over an emulator."""

from __future__ import annotations

import pytest
from tui.tickets import ALL, application, until_idle

from twofold.tui.screens import Ask, Choose, Read, Write

pytestmark = pytest.mark.real_time


async def test_every_ticket_is_on_the_list_and_the_cursor_shows_the_first() -> None:
    async with application() as (app, pilot, _):
        assert len(app.list.tickets) == ALL
        assert app.list.ticket is app.list.tickets[0]
        await pilot.press("down", "down", "up", "end")
        assert app.list.cursor == ALL - 1
        await pilot.press("home")
        assert app.list.cursor == 0


async def test_a_search_narrows_the_list_as_it_is_typed_and_escape_ends_it() -> None:
    async with application() as (app, pilot, _):
        wanted = app.list.tickets[5]
        await pilot.press("slash", *wanted.formatted_id.lower())
        assert wanted in app.list.tickets
        assert len(app.list.tickets) < ALL
        await pilot.press("escape")
        assert len(app.list.tickets) == ALL


async def test_a_number_key_sets_the_state_at_the_server() -> None:
    async with application() as (app, pilot, _):
        await pilot.press("slash", *"us", "enter")
        ticket = app.list.ticket
        assert ticket is not None
        states = {}
        for key in ("1", "2"):
            await pilot.press(key)
            await until_idle(app, pilot)
            now = app.board.get(ticket.ref)
            assert now is not None
            states[key] = now.state
            assert now.version is not None
        assert len(set(states.values())) == 2


async def test_points_that_are_none_are_refused_where_they_are_typed() -> None:
    async with application() as (app, pilot, _):
        await pilot.press("slash", *"us", "enter", "p")
        assert isinstance(app.screen, Ask)
        await pilot.press("x", "enter")
        assert isinstance(app.screen, Ask)
        await pilot.press("backspace", "ctrl+u", "5", "enter")
        await until_idle(app, pilot)
        assert app.list.ticket is not None
        assert app.list.ticket.points == 5


async def test_a_comment_appears_in_the_discussion() -> None:
    async with application() as (app, pilot, _):
        ticket = app.list.ticket
        assert ticket is not None
        await pilot.press("c")
        assert isinstance(app.screen, Write)
        await pilot.press(*"hello", "ctrl+s")
        await until_idle(app, pilot)
        comments = app.beside[ticket.ref].comments
        assert comments is not None
        assert [comment.text for comment in comments][-1] == "hello"


async def test_marked_tickets_change_together_and_each_has_an_outcome() -> None:
    async with application() as (app, pilot, _):
        await pilot.press("slash", *"us", "enter", "space", "space", "space", "b")
        assert isinstance(app.screen, Choose)
        await pilot.press(*"points", "enter")
        assert isinstance(app.screen, Ask)
        await pilot.press("8", "enter")
        await until_idle(app, pilot)
        assert isinstance(app.screen, Read)
        assert "3 done, 0 failed" in app.screen.title_text
        await pilot.press("escape")
        assert sum(ticket.points == 8 for ticket in app.list.tickets) >= 3
        assert not app.list.marked


async def test_help_and_team_open_and_close() -> None:
    async with application() as (app, pilot, _):
        for key in ("question_mark", "t"):
            await pilot.press(key)
            assert isinstance(app.screen, Read)
            await pilot.press("escape")
            assert app.screen is app.main


@pytest.mark.parametrize("size", [(40, 10), (300, 100)])
async def test_the_smallest_and_the_largest_terminal_show_the_list(size: tuple[int, int]) -> None:
    async with application(size=size) as (app, pilot, _):
        await pilot.press("down", "enter", "escape", "end")
        assert app.list.cursor == ALL - 1
