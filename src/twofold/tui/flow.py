"""Text that comes in pieces, as paragraphs: lists and quotations are indented, no two empty lines
follow each other.

It knows no tag.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from .blocks import BLANK, Block, Paragraph
from .controls import in_one_line, without_controls
from .html_rows import Rows

DEEPEST = 24  # cells that lists within lists are indented by
LINE = 8  # characters that a line or a cell counts for, however short it is
QUOTED = 4  # quotations within quotations that are seen as such


@attrs.define
class List:
    """A list that has begun."""

    indent: int
    """Cells before the signs of its items."""
    number: int | None
    """The next one; None: it has none."""
    hang: int = 0
    """Cells that the sign of its item takes; none between two items."""

    def next_sign(self) -> str:
        sign = "- " if self.number is None else f"{self.number}. "
        self.number = None if self.number is None else self.number + 1
        self.hang = len(sign)
        return sign


@attrs.define(eq=False)
class Flow:
    """What was said so far, and how far in the next line stands."""

    rows: Rows | None = None
    """The table that is open: lines go into its cell, if one is open too."""
    is_heading: bool = False
    quoted: int = 0
    _size: int = attrs.field(default=0, init=False)
    _done: list[Block] = attrs.field(factory=list[Block], init=False)
    _said: list[str] = attrs.field(factory=list[str], init=False)
    """The pieces of the line that has begun."""
    _ends_blank: bool = attrs.field(default=True, init=False)
    _gap: bool = attrs.field(default=False, init=False)
    """Whether an empty line comes before the next one."""
    _has_begun: bool = attrs.field(default=False, init=False)
    _lists: list[List] = attrs.field(factory=list[List], init=False)
    _sign: str = attrs.field(default="", init=False)
    """Of an item that has said nothing yet."""

    @property
    def size(self) -> int:
        """How much was said: characters, and some for each line and each cell."""
        return self._size + LINE * (0 if self.rows is None else self.rows.cells)

    def drained(self) -> Iterator[Block]:
        """Yield what is finished, once."""
        yield from self._done
        self._done.clear()

    # Text.

    def say(self, text: str) -> None:
        """Add to the line; what is blank counts once."""
        said = in_one_line(text)
        self._say(said.lstrip(" ") if self._ends_blank else said)

    def say_kept(self, text: str) -> None:
        """Add lines as they are."""
        first, *more = without_controls(text).split("\n")
        self._say(first)
        for line in more:
            self.break_line()
            self._say(line)

    def _say(self, text: str) -> None:
        if text:
            self._said.append(text)
            self._size += len(text)
            self._ends_blank = text[-1] == " "

    @property
    def place(self) -> int:
        """Where in its line the next piece stands."""
        return len(self._said)

    def said_since(self, place: int) -> str:
        """Return what was said of this line since a place, if that was in it."""
        return "".join(self._said[place:])

    # Lines.

    def break_line(self) -> None:
        """End the line; if there is none, leave an empty one."""
        self._gap = not self._end() or self._gap

    def end_line(self, *, gap: bool = False) -> None:
        """End the line, if one was begun; `gap` leaves an empty one before the next."""
        self._end()
        self._gap = self._gap or gap

    def _end(self) -> bool:
        """End the line; tell whether there was one."""
        if not self._said:
            return False
        text = "".join(self._said).rstrip(" ")
        self._said.clear()
        self._ends_blank = True
        # A line of blanks that do not break is how editors keep one empty.
        if text.strip():
            self._put_line(text.replace("\xa0", " "))
        elif text:
            self._gap = True
        return bool(text)

    def _put_line(self, text: str) -> None:
        rest = self._indent
        sign, self._sign = self._sign, ""
        line = Paragraph(text, rest[: len(rest) - len(sign)] + sign, rest, self.is_heading)
        if self.rows is not None and self.rows.is_in_cell:
            self.rows.add(line)
        else:
            self.put(line)

    @property
    def _indent(self) -> str:
        inner = self._lists[-1].indent + self._lists[-1].hang if self._lists else 0
        return "> " * min(self.quoted, QUOTED) + " " * inner

    def put(self, block: Block) -> None:
        if self._gap and self._has_begun:
            self._done.append(BLANK)
        self._gap, self._has_begun = False, True
        self._done.append(block)
        self._size += LINE

    # Lists and tables.

    def begin_list(self, *, has_numbers: bool) -> None:
        inner = self._lists[-1].indent + self._lists[-1].hang if self._lists else 0
        self._lists.append(List(min(inner, DEEPEST), 1 if has_numbers else None))

    def end_list(self) -> None:
        if self._lists:
            self._lists.pop()

    def begin_item(self) -> None:
        if not self._lists:
            self.begin_list(has_numbers=False)
        self._sign = self._lists[-1].next_sign()

    def end_item(self) -> None:
        self._sign = ""
        if self._lists:
            self._lists[-1].hang = 0

    def end_table(self) -> None:
        """End the table that is open, if there is one."""
        rows, self.rows = self.rows, None
        if rows is not None:
            for block in rows.blocks():
                self.put(block)
            self._size += LINE * rows.cells
