"""What rich text consists of, once its markup is gone: paragraphs and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import attrs


@attrs.frozen
class Paragraph:
    """Text without a break in it; blanks are as many as are to be seen."""

    text: str
    first: str = ""
    """What stands before it: the sign of a list, the depth of it, a quotation."""
    rest: str = ""
    """What stands before its further lines, if it takes several; as long as `first`."""
    is_heading: bool = False

    @property
    def plain(self) -> str:
        return self.first + self.text


BLANK = Paragraph("")


@attrs.frozen
class Cell:
    """Some lines, and how many columns they stand in."""

    text: str = ""
    columns: int = 1


@attrs.frozen
class Row:
    """Cells from left to right; `is_head`: they name their columns."""

    cells: Sequence[Cell]
    is_head: bool = False

    @property
    def columns(self) -> int:
        return sum(cell.columns for cell in self.cells)


@attrs.frozen
class Table:
    """At least two columns; rows may have fewer than others."""

    rows: Sequence[Row]

    @property
    def plain(self) -> str:
        return "\n".join(
            " | ".join(cell.text.replace("\n", " / ") for cell in row.cells) for row in self.rows
        )


Block: TypeAlias = Paragraph | Table
