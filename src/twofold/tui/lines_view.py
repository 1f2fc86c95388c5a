"""A pane of lines, of which only those on the screen are ever drawn.

They can be scrolled, and selected with the mouse: places in a selection are lines of the pane and
characters in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from .wrapping import Line, copied

VIRTUAL_SIZE: Reactive[Size] = vars(Widget)["virtual_size"]


class LinesView(ScrollView):
    """Shows lines that are as wide as it is."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "lines--text",
        "lines--title",
        "lines--heading",
        "lines--label",
        "lines--quiet",
        "lines--trouble",
    }
    DEFAULT_CSS = """
    LinesView { padding: 0 1; overflow-x: hidden; overflow-y: scroll; }
    LinesView > .lines--title { text-style: bold; }
    LinesView > .lines--heading { text-style: bold; }
    LinesView > .lines--label { color: $text-muted; }
    LinesView > .lines--quiet { color: $text-muted; }
    LinesView > .lines--trouble { color: $text-error; text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: Sequence[Line] = ()

    @property
    def width(self) -> int:
        """How many cells a line may take; 0: it is not on the screen."""
        return self.scrollable_content_region.width

    @property
    def bottom(self) -> int:
        """The first line below the screen."""
        return self.scroll_offset.y + self.size.height

    @property
    def text(self) -> str:
        """All that it says, in lines as they were before they were broken to fit."""
        return copied(self.lines)

    def put(self, lines: Sequence[Line], *, is_below: bool = False) -> None:
        """Have other lines; `is_below`: only such as are below the screen are others."""
        self.lines = lines
        if not is_below:
            self.refresh()
        # Set as usual it would have the whole screen laid out, which costs more than all this.
        self.set_reactive(VIRTUAL_SIZE, Size(self.width, len(lines)))
        self.vertical_scrollbar.window_virtual_size = len(lines)
        self.scroll_y = min(self.scroll_y, self.max_scroll_y)

    def render_line(self, y: int) -> Strip:
        place, width = self.scroll_offset.y + y, self.size.width
        base = self._style("text")
        if place >= len(self.lines):
            return Strip.blank(width, base)
        strip = Strip(self._segments(self.lines[place], self._selected(place)))
        return strip.adjust_cell_length(width, base).apply_offsets(0, place)

    def _segments(self, line: Line, selected: range) -> Iterator[Segment]:
        text, style, label = line.text, self._style(line.style or "text"), self._style("label")
        ends = {0, line.label, selected.start, selected.stop, len(text)}
        for begin, end in pairwise(sorted(min(each, len(text)) for each in ends)):
            part = label if begin < line.label else style
            yield Segment(text[begin:end], part + self._chosen if begin in selected else part)

    @property
    def _chosen(self) -> Style:
        return self.screen.get_component_rich_style("screen--selection")

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"lines--{name}")

    def _selected(self, place: int) -> range:
        """Return which characters of a line are selected."""
        selection = self.text_selection
        span = None if selection is None else selection.get_span(place)
        if span is None:
            return range(0)
        begin, end = span
        return range(begin, len(self.lines[place].text) if end == -1 else end)

    def select_nothing(self) -> None:
        if self.text_selection is not None:
            self.screen.clear_selection()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        begin = Offset() if selection.start is None else selection.start
        if selection.end is None:
            return copied(self.lines[begin.y :], begin.x), "\n"
        return copied(self.lines[begin.y : selection.end.y + 1], begin.x, selection.end.x), "\n"
