"""Tickets of every type: read, found, changed and created alike."""

from __future__ import annotations

from typing import Any

import pytest
from tui.tickets import ALL, application, on_screen, until_idle

from twofold.tui.preferences import READABLE, Preferences, preferences
from twofold.tui.screens import Choose
from twofold.tui.views import kind_of

pytestmark = pytest.mark.real_time

EVERY = Preferences(types=tuple(kind.name for kind in READABLE))


@pytest.fixture
def config(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("TWOFOLD_CONFIG", str(tmp_path / "twofold.toml"))
    return tmp_path


async def test_every_type_that_is_preferred_is_on_the_list() -> None:
    async with application(preferences=EVERY) as (app, _, _server):
        assert {kind_of(ticket) for ticket in app.list.tickets} >= {
            *("hierarchicalrequirement", "defect", "task", "testcase", "testset"),
            *("portfolioitem/feature", "portfolioitem/epic", "portfolioitem/theme"),
        }


async def test_one_type_is_shown_alone_and_each_is_counted() -> None:
    async with application() as (app, pilot, _):
        await pilot.press("v")
        assert isinstance(app.screen, Choose)
        assert "defects (17)" in on_screen(app)
        await pilot.press(*"defects", "enter")
        assert len(app.list.tickets) == 17
        assert {kind_of(ticket) for ticket in app.list.tickets} == {"defect"}
        assert "defects (17)" in str(app.bar.render())
        await pilot.press("v", *"all", "enter")
        assert len(app.list.tickets) == ALL


async def test_a_type_is_read_from_when_it_is_wanted_until_it_is_not(config: object) -> None:
    async with application() as (app, pilot, _):
        await pilot.press("v", *"other", "enter", *"test case", "enter")
        assert isinstance(app.screen, Choose)
        await until_idle(app, pilot)
        assert "testcase" in {kind_of(ticket) for ticket in app.list.tickets}
        await pilot.press(*"portfolio", "enter", "escape")
        await until_idle(app, pilot)
        assert app.screen is app.main
        kinds = {kind_of(ticket) for ticket in app.list.tickets}
        assert kinds == {"hierarchicalrequirement", "defect", "task", "testcase"}
    assert preferences().types == ("story", "defect", "task", "test case")


async def test_a_feature_has_states_of_its_own_and_a_test_case_has_none() -> None:
    async with application(preferences=EVERY) as (app, pilot, _):
        await pilot.press("slash", *"f1", "enter", "2")
        await until_idle(app, pilot)
        feature = app.list.ticket
        assert feature is not None
        assert feature.state == "Developing"
        await pilot.press("escape", "slash", *"tc1", "enter", "1")
        await until_idle(app, pilot)
        case = app.list.ticket
        assert case is not None
        assert case.formatted_id == "TC1"
        assert "Blocked" in app.list.render_line(1).text
        assert "TC1 has no states" in str([each.message for each in app._notifications][-1])


@pytest.mark.parametrize(("kind", "path"), [("feature", "portfolioitem/feature"),
                                            ("test case", "testcase")])  # fmt: skip
async def test_it_is_created_and_the_cursor_is_on_it(kind: str, path: str) -> None:
    async with application() as (app, pilot, _):
        await pilot.press("plus", *kind, "enter", *"Fresh", "enter")
        await until_idle(app, pilot)
        ticket = app.list.ticket
        assert ticket is not None
        assert (ticket.name, kind_of(ticket)) == ("Fresh", path)


async def test_what_a_type_has_not_fails_alone_when_many_are_changed() -> None:
    async with application(preferences=EVERY) as (app, pilot, _):
        await pilot.press("slash", *"tc1", "enter", "space", "escape", "slash", *"f1", "enter")
        await pilot.press("space", "b", *"points", "enter", "5", "enter")
        await until_idle(app, pilot)
        said = on_screen(app)
        assert "1 done, 1 failed" in said
        assert "a test case has no points" in said


async def test_a_type_that_cannot_be_read_leaves_the_others() -> None:
    lost = {"match": {"method": "GET", "path": "/defect"}, "fault": "errors", "errors": ["No."]}
    async with application(faults=[lost]) as (app, _, _server):
        kinds = {kind_of(ticket) for ticket in app.list.tickets}
        assert "defect" not in kinds
        assert {"hierarchicalrequirement", "task"} <= kinds
        assert ["No." in str(each.message) for each in app._notifications] == [True]
