"""A terminal without colour: not a code of one is sent to it.

What a colour says is said by reverse, bold and underlined text, and by signs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter


def knows_colour(environment: Mapping[str, str]) -> bool:
    """Tell whether colours are wanted, and known by a terminal of this name.

    Source: no-color.org, "when present and not an empty string"; the number is terminfo's.
    """
    return not environment.get("NO_COLOR") and colours_of(environment.get("TERM", "")) != 0


def colours_of(terminal: str) -> int | None:
    """Return how many colours a terminal has; None: nothing is known of it."""
    try:
        import curses
    except ImportError:  # there is none on Windows
        return None
    try:
        curses.setupterm(terminal, 1)
    except curses.error:
        return None
    return max(0, curses.tigetnum("colors"))


class Colourless(LineFilter):
    """Takes the colours out of whatever is drawn, and leaves how it is written."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        del background
        return [
            Segment(text, None if style is None else without_colour(style), control)
            for text, style, control in segments
        ]


@lru_cache(1024)
def without_colour(style: Style) -> Style:
    return style.without_color


COLOURLESS = (Colourless(),)

COLOURLESS_CSS = """
Input:nocolor > .input--cursor, TextArea:nocolor .text-area--cursor { text-style: reverse; }
Input:nocolor > .input--selection, TextArea:nocolor .text-area--selection {
    text-style: reverse;
}
Input:nocolor > .input--placeholder { text-style: dim; }
Input:nocolor:focus { border: heavy white; }
OptionList:nocolor > .option-list--option-highlighted { text-style: bold underline; }
CommandList:nocolor > .option-list--option-highlighted { text-style: bold underline; }
FooterKey:nocolor .footer-key--key { text-style: bold reverse; }
Toast:nocolor { border: round white; }
Toast:nocolor.-error, Toast:nocolor.-warning { border: heavy white; text-style: bold; }
StatusBar:nocolor { text-style: reverse; }
Detail:nocolor:focus { border-left: heavy white; }
Question:nocolor .wrong { text-style: bold; }
TicketList:nocolor > .ticket-list--head { text-style: underline; }
TicketList:nocolor > .ticket-list--cursor { text-style: bold underline; }
TicketList:nocolor:focus > .ticket-list--cursor { text-style: reverse; }
TicketList:nocolor > .ticket-list--failed { text-style: bold; }
"""
"""What is seen without colour.  The colours in it are those of lines that are drawn at all.

Lists of options know no reversed text (Textual 8.2), so theirs is underlined.
"""
