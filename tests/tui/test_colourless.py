"""What is seen without colour."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from tui.tickets import application, until_idle

from twofold.tui.colourless import Colourless, knows_colour

pytestmark = pytest.mark.real_time


def test_an_empty_no_color_means_nothing() -> None:
    assert not knows_colour({"NO_COLOR": "1", "TERM": "xterm-256color"})
    assert knows_colour({"NO_COLOR": "", "TERM": "no-such-terminal"})


def test_a_line_keeps_how_it_is_written_and_loses_its_colours() -> None:
    style = Style.parse("bold underline red on blue")
    (found, bare) = Colourless().apply([Segment("x", style), Segment("y")], Color(0, 0, 0))
    assert found == Segment("x", Style.parse("bold underline"))
    assert bare == Segment("y")


async def test_the_cursor_what_is_marked_and_what_failed_are_told_apart() -> None:
    refused = {"match": {"method": "POST"}, "fault": "errors", "errors": ["No."]}
    async with application(colour=False, faults=[refused]) as (app, pilot, _):
        await pilot.press("slash", *"us", "enter", "2", "down", "space")
        await until_idle(app, pilot)
        lines = {line: app.list.render_line(line) for line in (0, 1, 2, 3)}
        styles = {line: next(iter(strip)).style for line, strip in lines.items()}
        assert [strip.text[:2] for strip in lines.values()] == ["  ", "! ", "* ", "  "]
        assert styles[0] is not None
        assert styles[0].underline
        assert styles[1] is not None
        assert styles[1].bold
        assert styles[3] is not None
        assert styles[3].reverse
        await pilot.press("tab")
        left = next(iter(app.list.render_line(3))).style
        assert left is not None
        assert left.underline
        assert not left.reverse
