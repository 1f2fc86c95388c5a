"""Paragraphs as lines that fit: measured in cells, broken between words where that is possible."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len, chop_cells

from .blocks import Paragraph

TAB = 8
NARROWEST = 4  # cells
SIGNS = 8  # characters a cell, above which it is not asked how many cells they take
# Each of these takes one cell: where there is nothing else, letters need not be measured.
ONE_CELL = re.compile(r"[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482]*+")
# A word and the blanks after it.  A line may end after each character of Chinese or Japanese.
CJK = r"\u2e80-\ud7a3\uf900-\ufaff\uff00-\uff60\U00020000-\U0003fffd"
WORD = re.compile(rf"(?=.)([{CJK}]|[^ {CJK}]*+)( *+)")


class Line(NamedTuple):
    """One line of the screen."""

    text: str
    style: str = ""
    """What it is; empty: just text."""
    label: int = 0
    """How many characters at its front are a label."""
    joint: str = "\n"
    """What stood between it and the line above: where that was broken to fit, no new line."""
    indent: int = 0
    """How many characters at its front stand there because the line above was broken."""


Step: TypeAlias = Line | None
"""A line, or a moment at which one may leave off before the next."""


def lines_of(paragraph: Paragraph, width: int, style: str = "", label: int = 0) -> Iterator[Line]:
    """Yield the lines of a paragraph; indentation takes no more than half of them."""
    cut = max(0, len(paragraph.rest) - width // 2)
    first, rest = paragraph.first[cut:], paragraph.rest[cut:]
    room = width - len(rest)
    text = paragraph.text.expandtabs(TAB) if "\t" in paragraph.text else paragraph.text
    style = "heading" if paragraph.is_heading else style
    front, indent = first, 0
    for piece, joint in wrapped(text, room):
        yield Line(front + piece, style, max(0, label - cut), joint, indent)
        front, indent, label = rest, len(rest), 0


def wrapped(text: str, width: int) -> Iterator[tuple[str, str]]:
    """Yield text in pieces that fit, each with what stood before it and is left out.

    That is a line's end before the first, blanks between words, and nothing within a word that
    fits in no line.
    """
    width = max(width, NARROWEST)
    if len(text) <= width // 2 or (len(text) <= width and ONE_CELL.fullmatch(text)):
        yield text, "\n"
    elif ONE_CELL.fullmatch(text):
        yield from wrapped_narrow(text, width)
    else:
        yield from wrapped_wide(text, width)


def wrapped_narrow(text: str, width: int) -> Iterator[tuple[str, str]]:
    """Wrap text in which each character takes one cell."""
    begin, joint = 0, "\n"
    while len(text) - begin > width:
        end = text.rfind(" ", begin, begin + width + 1)
        line = text[begin : max(begin, end)].rstrip(" ") or text[begin : begin + width]
        yield line, joint
        begin, joint = after_blanks(text, begin + len(line))
    yield text[begin:], joint


def after_blanks(text: str, place: int) -> tuple[int, str]:
    """Return where what follows blanks begins, and the blanks."""
    end = place
    while text.startswith(" ", end):
        end += 1
    return end, text[place:end]


def wrapped_wide(text: str, width: int) -> Iterator[tuple[str, str]]:
    """Wrap text of any characters."""
    line, used, joint = "", 0, "\n"
    for match in WORD.finditer(text):
        word, blanks = match[1], match[2]
        cells = cells_of(word, width)
        if used + cells > width and line.strip(" "):
            said = line.rstrip(" ")
            yield said, joint
            line, used, joint = "", 0, line[len(said) :]
        while cells > width:
            piece = front_of(word, width)
            yield piece, joint
            word, joint = word[len(piece) :], ""
            cells = cells_of(word, width)
        line, used = line + word + blanks, used + cells + len(blanks)
    yield line.rstrip(" "), joint


def cells_of(word: str, width: int) -> int:
    """Return how many cells a word takes, or that it takes more than there are."""
    return width + 1 if len(word) > width * SIGNS else cell_len(word)


def front_of(word: str, width: int) -> str:
    """Return as much of a word as fits, and at least one character."""
    front = word[: width * SIGNS]
    return (chop_cells(front, width) or [front])[0]


def copied(lines: Sequence[Line], begin: int = 0, end: int | None = None) -> str:
    """Return lines as the text that they were broken from.

    Of the first line only what is from `begin` on counts, of the last what is before `end`.
    """
    said: list[str] = []
    for place, line in enumerate(lines):
        stop = end if place == len(lines) - 1 else None
        said += [
            line.joint if place else "",
            line.text[max(line.indent, 0 if place else begin) : stop],
        ]
    return "".join(said)
