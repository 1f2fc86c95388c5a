"""Rows as tables, for people: what a program should read is written by `formats`."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from .formats import Row, cell

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

# Where nobody looks, no line is too long: nothing is wrapped or cut.
UNBOUNDED = 1_000_000


def visible(text: str) -> str:
    """Show control characters as escapes: data must not be able to steer the terminal."""
    return CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text.replace("\t", " "))


def shown(value: object) -> Text:
    return Text(visible(cell(value)), overflow="fold")


def across(rows: Sequence[Row], columns: Sequence[str]) -> RenderableType:
    """Lay out a line for each row."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(visible(name), overflow="fold")
    for row in rows:
        table.add_row(*(shown(row.get(name)) for name in columns))
    return table


def upright(rows: Sequence[Row]) -> RenderableType:
    """Lay out a line for each field, one row under another."""
    return Group(*(fields(row) for row in rows))


def fields(row: Row) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in row.items():
        table.add_row(visible(name), shown(value))
    return table


def as_text(layout: RenderableType) -> str:
    """Draw a table for a file or another program: no colour, no width, no blanks at the end."""
    console = Console(
        file=io.StringIO(),
        width=UNBOUNDED,
        force_terminal=False,
        color_system=None,
        legacy_windows=False,
    )
    with console.capture() as drawn:
        console.print(layout)
    return "".join(f"{line.rstrip()}\n" for line in drawn.get().split("\n") if line.strip())
