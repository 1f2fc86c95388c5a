"""Keys, themes and types as a user wants them: at once, and the next time."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input
from tui.tickets import application, on_screen

from twofold.tui.preferences import Preferences, preferences, preferences_path
from twofold.tui.screens import Ask, Choose, Read

pytestmark = pytest.mark.real_time


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TWOFOLD_CONFIG", str(tmp_path / "twofold.toml"))
    return tmp_path


async def test_an_action_is_given_a_key_of_ones_own_and_one_that_is_taken_is_refused() -> None:
    async with application() as (app, pilot, _):
        await pilot.press("comma", *"one of your own", "enter", *"team", "enter")
        assert isinstance(app.screen, Ask)
        app.screen.query_one(Input).value = "f9, m"
        await pilot.press("enter")
        assert isinstance(app.screen, Ask)
        assert "m would mean mine and team" in on_screen(app)
        app.screen.query_one(Input).value = "f9, ?x"
        await pilot.press("enter")
        assert "there is no key ?x" in on_screen(app)
        app.screen.query_one(Input).value = "f9, ;"
        await pilot.press("enter")
        assert app.screen is app.main
        assert app.keys["team"] == "f9,semicolon"
        await pilot.press("semicolon")
        assert isinstance(app.screen, Read)
    assert preferences().keys == {"team": "f9, ;"}


async def test_nothing_gives_an_action_the_keys_of_the_scheme_again() -> None:
    async with application(preferences=Preferences(keys={"team": "f9"})) as (app, pilot, _):
        await pilot.press("comma", *"one of your own", "enter", *"team", "enter")
        app.screen.query_one(Input).value = ""
        await pilot.press("enter")
        assert app.keys["team"] == "t"
    assert preferences().keys == {}


async def test_a_scheme_that_needs_a_key_of_ones_own_is_refused_and_said() -> None:
    async with application(preferences=Preferences(keys={"team": "j"})) as (app, pilot, _):
        await pilot.press("comma", *"vim", "enter")
        assert "j would mean down and team" in str([each.message for each in app._notifications])
        assert app.keys["down"] == "down"
        assert app.tuning.preferences.scheme == "standard"
    assert not preferences_path().exists()


async def test_what_holds_now_is_said_in_the_settings() -> None:
    async with application(preferences=Preferences(scheme="emacs")) as (app, pilot, _):
        await pilot.press("comma")
        said = on_screen(app)
        assert "Keys: emacs (now)" in said
        assert said.count("(now)") >= 1
        assert "Keys: vim (now)" not in said


async def test_a_theme_that_is_chosen_anywhere_is_kept() -> None:
    async with application() as (app, pilot, _):
        app.theme = "nord"
        await pilot.pause()
        await pilot.pause()
    assert preferences().theme == "nord"


async def test_the_last_type_stays() -> None:
    async with application(preferences=Preferences(types=("story",))) as (app, pilot, _):
        await pilot.press("comma", *"types", "enter", *"stories", "enter")
        assert isinstance(app.screen, Choose)
        assert "[x] stories" in on_screen(app)


@pytest.mark.parametrize("types", ["[]", "['saga']", "'story'", "[3]"])
def test_types_that_there_are_not_are_said(types: str) -> None:
    preferences_path().write_text(f"types = {types}")
    assert "type" in preferences().trouble


def test_a_level_of_ones_own_workspace_is_a_type_and_one_within_another_is_read_once() -> None:
    preferences_path().write_text("types = ['Defect', 'portfolioitem/saga', 'feature']")
    found = preferences()
    assert found.types == ("defect", "portfolioitem/saga", "feature")
    assert [kind.path for kind in Preferences(types=(*found.types, "portfolio item")).kinds] == [
        "defect",
        "portfolioitem",
    ]
