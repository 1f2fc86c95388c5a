"""The pane beside the list: what it draws, when, and how it is read."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len
from rich.color_triplet import ColorTriplet
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Input
from tui.tickets import story

from twofold.rally import Comment, Ticket
from twofold.rally.records import Attachment
from twofold.tui.beside import Beside
from twofold.tui.controls import CONTROL
from twofold.tui.detail import Detail
from twofold.tui.drawing import Drawing, Drawings

pytestmark = pytest.mark.real_time

COUNT = 400
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def long_story(number: int) -> Ticket:
    """Return a story with a description of some 30,000 characters."""
    row = f"<tr><td>cell</td><td>of {number}</td></tr>"
    image = "<img src='/slm/attachment/1/shot.png'>"
    text = "<p>Some words of story {0}, paragraph {1}.</p>"
    parts = (text.format(number, each) + image * (each % 2) for each in range(COUNT))
    return story(number, description="".join(parts) + f"<table>{row * 100}</table>")


LONG, OTHER = long_story(1), long_story(2)
SHORT = story(3, "A short one", description="<p>Little.</p>")


class Watched(Detail):
    """Remembers which of its lines were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.asked.append(self.scroll_offset.y + y)
        return super().render_line(y)


class Screen(App[None]):
    """Holds the pane, and something that may have the keys instead."""

    def __init__(self) -> None:
        super().__init__()
        self.pane = Watched()

    def compose(self) -> ComposeResult:
        yield Input()
        yield self.pane


@asynccontextmanager
async def screen(
    size: tuple[int, int] = (60, 20),
) -> AsyncGenerator[tuple[Watched, Pilot[None]]]:
    app = Screen()
    async with app.run_test(size=size) as pilot:
        yield app.pane, pilot


async def until_whole(pane: Detail, pilot: Pilot[None]) -> None:
    while not pane.is_whole:
        await pilot.pause(0.005)
    await pilot.pause()


def seen(pane: Detail) -> list[str]:
    """Return what stands on the screen."""
    return [pane.render_line(y).text.rstrip() for y in range(pane.size.height)]


async def test_the_facts_come_first_then_texts_files_and_what_was_said() -> None:
    ticket = story(
        7,
        "Its name",
        owner="Ada",
        tags=("fast",),
        description="<p>What it is.</p>",
        notes="<ul><li>A note</li></ul>",
    )
    comment = Comment(ref="/c/1", object_id=1, text="<p>So <b>said</b>.</p>", created=NOON)
    file = Attachment(ref="/a/1", object_id=2, name="x.png", size=1234)
    beside = Beside([comment], [file], trouble="No.")
    async with screen() as (pane, _):
        pane.show(ticket, beside)
        said = pane.text
    order = ["! No.", "US7  Its name", "Owner      Ada", "Tags       fast", "Description"]
    order += ["What it is.", "Notes", "- A note", "Attachments", "x.png  1,234 bytes"]
    order += ["Discussion (1)", "So said."]
    places = [said.index(each) for each in order]
    assert places == sorted(places)


async def test_without_a_ticket_it_says_so() -> None:
    async with screen() as (pane, _):
        pane.show(None, Beside())
        assert pane.text == "No ticket."


async def test_what_is_on_the_screen_of_a_long_ticket_is_there_at_once_the_rest_follows() -> None:
    async with screen() as (pane, pilot):
        pane.show(LONG, Beside())
        at_once = seen(pane)
        assert not pane.is_whole
        assert any("paragraph 1" in line for line in at_once)
        await until_whole(pane, pilot)
        assert seen(pane) == at_once
        assert f"paragraph {COUNT - 1}" in pane.text
        assert pane.text.count("[image ") == COUNT // 2


async def test_only_lines_on_the_screen_are_rendered() -> None:
    async with screen() as (pane, pilot):
        pane.show(LONG, Beside())
        await until_whole(pane, pilot)
        assert len(pane.lines) > COUNT
        assert set(pane.asked) <= set(range(pane.size.height))
        pane.asked.clear()
        pane.scroll_to(y=300, animate=False)
        await pilot.pause()
        assert pane.asked
        assert set(pane.asked) <= set(range(300, 300 + pane.size.height))


async def test_what_was_drawn_once_is_not_drawn_again() -> None:
    beside = Beside(comments=())
    async with screen() as (pane, pilot):
        pane.show(LONG, beside)
        await until_whole(pane, pilot)
        drawn = pane.lines
        pane.show(SHORT, Beside())
        await pilot.pause()
        pane.show(LONG, Beside(comments=()))
        assert pane.is_whole
        assert pane.lines is drawn


async def test_a_later_ticket_wins() -> None:
    async with screen() as (pane, pilot):
        for ticket in (LONG, OTHER, LONG, OTHER):
            pane.show(ticket, Beside())
        await until_whole(pane, pilot)
        assert "of story 2," in pane.text
        assert "of story 1," not in pane.text
        pane.show(LONG, Beside())
        pane.show(SHORT, Beside())
        await pilot.pause(0.2)
        assert "Little." in pane.text


async def test_leaving_while_a_text_is_drawn_leaves_no_thread() -> None:
    before = threading.enumerate()
    async with screen() as (pane, _):
        pane.show(LONG, Beside())
        assert not pane.is_whole
    assert threading.enumerate() == before


def test_a_drawing_that_is_stopped_leaves_off() -> None:
    drawing = Drawing(LONG, Beside(), 60)
    drawing.begin(10)
    drawing.stop()
    assert drawing.rest() == []


def test_so_many_lines_are_kept_and_those_that_were_wanted_last() -> None:
    drawings = Drawings(most=100)
    stories = [story(number, description="<p>x</p>" * 20) for number in range(5)]
    for ticket in stories:
        drawing = drawings.of(ticket, Beside(), 60)
        drawing.begin(1000)
        drawings.keep(drawing)
    known = [bool(drawings.of(ticket, Beside(), 60).lines) for ticket in stories]
    assert known == [False, False, False, True, True]


async def test_the_same_ticket_stays_where_it_was_scrolled_another_begins_at_its_top() -> None:
    async with screen() as (pane, pilot):
        pane.show(LONG, Beside())
        await until_whole(pane, pilot)
        pane.scroll_to(y=250, animate=False)
        await pilot.pause()
        before = seen(pane)
        pane.show(LONG, Beside(comments=()))
        assert seen(pane) == before
        await until_whole(pane, pilot)
        assert pane.scroll_offset.y == 250
        assert seen(pane) == before
        assert "Discussion (0)" in pane.text
        pane.show(OTHER, Beside())
        assert pane.scroll_offset.y == 0
        assert seen(pane)[0].startswith("US2")


async def test_a_shorter_text_is_never_scrolled_beyond_its_end() -> None:
    async with screen() as (pane, pilot):
        pane.show(LONG, Beside())
        await until_whole(pane, pilot)
        pane.scroll_end(animate=False)
        await pilot.pause()
        pane.show(story(1, description="<p>cut</p>" * 30), Beside())
        await until_whole(pane, pilot)
        assert pane.scroll_offset.y == pane.max_scroll_y
        assert "Discussion ..." in seen(pane)


async def test_keys_and_the_wheel_scroll_it() -> None:
    async with screen() as (pane, pilot):
        pane.show(LONG, Beside())
        await until_whole(pane, pilot)
        pane.focus()
        await pilot.press("down", "down")
        await pilot.wait_for_animation()
        assert pane.scroll_offset.y == 2
        await pilot.press("end")
        await pilot.wait_for_animation()
        await pilot.pause()
        assert pane.scroll_offset.y == len(pane.lines) - pane.size.height
        await pilot.press("home")
        await pilot.wait_for_animation()
        await pilot.pause()
        assert pane.scroll_offset.y == 0


WILD = story(
    9,
    "\u6f22\u5b57\tname\nin two lines \u202egnp.exe",
    description="<p>" + "\u6f22\u5b57" * 300 + "</p><p>" + "x" * 700 + " \x1b[31mred\x07\u200f"
    "</p><pre>a\tb\n\tc</pre><p>" + "\U0001f469\u200d\U0001f680 \U0001f1e9\U0001f1ea " * 90 + "</p>"
    "<ul>" + "<ul><li>deep" * 60 + "</ul><table><tr><th>\u6f22</th><th>" + "w " * 50 + "</th><th>"
    "c</th></tr><tr><td>1</td><td colspan=2 rowspan=9>" + "long " * 80 + "</td></tr></table>",
)  # fmt: skip


@pytest.mark.parametrize("size", [(40, 10), (12, 5), (120, 30), (300, 100)])
async def test_every_line_is_as_wide_as_the_pane_and_harmless(size: tuple[int, int]) -> None:
    async with screen(size) as (pane, pilot):
        pane.show(WILD, Beside(trouble="\x1b[2J" + "t" * 400))
        await until_whole(pane, pilot)
        assert all(cell_len(line.text) <= pane.width for line in pane.lines)
        assert not any(CONTROL.search(line.text) for line in pane.lines)
        assert not any(set(line.text) & set("\n\t") for line in pane.lines)
        for place in range(0, len(pane.lines), pane.size.height):
            pane.scroll_to(y=place, animate=False)
            lines = [pane.render_line(y) for y in range(pane.size.height)]
            assert {line.cell_length for line in lines} == {pane.size.width}


async def test_it_is_wrapped_anew_for_another_width() -> None:
    async with screen((100, 20)) as (pane, pilot):
        pane.show(LONG, Beside())
        await until_whole(pane, pilot)
        text, wide = pane.text, len(pane.lines)
        await pilot.resize_terminal(30, 12)
        await until_whole(pane, pilot)
        assert len(pane.lines) > wide
        assert words(pane.text) == words(text)


def words(text: str) -> Sequence[str]:
    """Return what a text says, however its tables are drawn."""
    return [word for word in text.split() if word.isalnum()]


async def test_what_is_selected_with_the_mouse_is_copied_as_it_was_before_it_was_broken() -> None:
    said = " ".join(f"word{number}" for number in range(60))
    async with screen() as (pane, pilot):
        pane.show(story(1, "Name", description=f"<p>{said}</p>"), Beside())
        await pilot.pause()
        first = next(y for y, line in enumerate(seen(pane)) if line.startswith("word0"))
        await pilot.mouse_down(pane, offset=(1 + len("word0 "), first))
        await pilot.hover(pane, offset=(1 + len("word0"), first + 2))
        await pilot.mouse_up(pane, offset=(1 + len("word0"), first + 2))
        chosen = pane.screen.get_selected_text()
        assert chosen is not None
        assert "\n" not in chosen
        assert said.startswith(f"word0 {chosen}")
        marked = pane.render_line(first + 1)
        await pilot.press("super+c")
        assert pilot.app.clipboard == chosen
        pane.show(SHORT, Beside())
        assert not pane.screen.selections
        assert pane.render_line(first + 1) != marked


async def test_a_pane_that_is_not_on_the_screen_draws_nothing_until_it_is() -> None:
    async with screen() as (pane, pilot):
        pane.display = False
        await pilot.pause()
        pane.show(SHORT, Beside())
        await pilot.pause()
        assert "Little." not in pane.text
        pane.display = True
        await pilot.pause()
        assert "Little." in pane.text


async def test_a_theme_changes_its_colours_and_no_colour_takes_them_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with screen() as (pane, pilot):
        pane.show(SHORT, Beside(trouble="Lost."))
        await pilot.pause()
        dark = colours(pane)
        pilot.app.theme = "textual-light"
        await pilot.pause()
        assert colours(pane) != dark
        assert not all(map(is_grey, dark))
    monkeypatch.setenv("NO_COLOR", "1")
    async with screen() as (pane, pilot):
        pane.show(SHORT, Beside(trouble="Lost."))
        await pilot.pause()
        assert all(map(is_grey, colours(pane)))


def colours(pane: Detail) -> set[ColorTriplet]:
    """Return the colours of letters as they reach the terminal."""
    strips = pane.render_lines(pane.size.region)
    styles = [segment.style for strip in strips for segment in strip if segment.text.strip()]
    found = [style.color for style in styles if style is not None]
    return {colour.get_truecolor() for colour in found if colour is not None}


def is_grey(colour: ColorTriplet) -> bool:
    return max(colour) - min(colour) <= 1
