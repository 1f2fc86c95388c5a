"""What a broken world looks like in the application."""

from __future__ import annotations

from typing import Any

import pytest
from tui.tickets import application, on_screen, until_idle

from twofold.tui.keys import ACTIONS
from twofold.tui.preferences import Preferences, preferences, preferences_path, save
from twofold.tui.screens import Choose, Read

pytestmark = pytest.mark.real_time


async def test_a_key_that_is_refused_half_way_is_said_at_the_ticket() -> None:
    refused = {"match": {"method": "POST"}, "fault": "status", "status": 401}
    async with application(faults=[refused]) as (app, pilot, _):
        await pilot.press("slash", *"us", "enter", "2")
        await until_idle(app, pilot)
        ticket = app.list.ticket
        assert ticket is not None
        assert "Check RALLY_APIKEY" in app.beside[ticket.ref].trouble
        assert ticket.ref in app.list.failed


async def test_a_bulk_during_which_the_server_fails_tells_of_each_ticket() -> None:
    lost = {"match": {"method": "POST"}, "nth": [1, 2, 3, 4], "fault": "errors", "errors": ["No."]}
    async with application(faults=[lost]) as (app, pilot, _):
        await pilot.press("slash", *"us", "enter", *["space"] * 6, "b", *"points", "enter", "1")
        await pilot.press("enter")
        await until_idle(app, pilot)
        assert isinstance(app.screen, Read)
        assert "2 done, 4 failed" in app.screen.title_text
        await pilot.press("escape")
        assert len(app.list.marked) == 4


async def test_a_server_that_cannot_be_asked_at_the_start_is_said() -> None:
    async with application(waits=False, faults=[{"fault": "status", "status": 403}]) as (
        app,
        pilot,
        _,
    ):
        while not app._notifications:
            await pilot.pause(0.02)
        assert any("403" in str(each.message) for each in app._notifications)
        await pilot.press("down", "1", "p", "space", "b")
        assert app.screen is app.main


async def test_markup_in_a_name_or_a_description_is_text() -> None:
    async with application() as (app, pilot, _):
        ticket = app.list.ticket
        assert ticket is not None
        await pilot.press("plus", *"defect", "enter")
        name = "[red]x[/red] [@click=app.quit]y[/]"
        app.screen.query_one("Input").value = name  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until_idle(app, pilot)
        assert app.list.ticket is not None
        assert app.list.ticket.name == name
        await pilot.pause()
        assert on_screen(app).count(name) == 2


async def test_every_action_is_in_the_command_palette() -> None:
    async with application() as (app, _, _server):
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert {each.text for each in ACTIONS} <= set(titles)
        assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_leaving_says_how_it_ended(key: str) -> None:
    async with application() as (app, pilot, _):
        await pilot.press(key)
        await pilot.pause()
    assert app.return_code == (130 if key == "ctrl+c" else 0)


@pytest.fixture
def config(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("TWOFOLD_CONFIG", str(tmp_path / "twofold.toml"))
    return tmp_path


async def test_settings_are_kept_and_a_broken_file_is_put_aside(config: Any) -> None:
    path = preferences_path()
    path.write_text("theme = [")
    assert "tui.toml" in preferences().trouble
    async with application() as (app, pilot, _):
        app.tuning.preferences = preferences()
        await pilot.press("comma")
        assert isinstance(app.screen, Choose)
        await pilot.press(*"vim", "enter")
        assert app.keys["down"] == "down,j"
        await pilot.press("j")
        assert app.list.cursor == 1
    assert preferences() == Preferences(scheme="vim")
    assert path.with_suffix(".broken.toml").read_text() == "theme = ["


@pytest.mark.parametrize(
    "text",
    ["theme = 3", "scheme = 'dvorak'", "[keys]\nfly = 'x'", "[keys]\nteam = 'm'", "colour = 'x'",
     "\x00", "keys = 1"],
)  # fmt: skip
def test_what_a_file_cannot_say_is_said_and_the_usual_holds(text: str, config: Any) -> None:
    preferences_path().write_text(text)
    assert preferences().trouble
    assert preferences().keys == {}


def test_what_is_saved_is_read_again(config: Any) -> None:
    wanted = Preferences("nord", "emacs", {"team": "f7", "state(1)": "f8"})
    save(wanted)
    assert preferences() == wanted
