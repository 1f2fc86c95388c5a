"""The rows of a table of HTML, as they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from .blocks import BLANK, Block, Cell, Paragraph, Row, Table

MOST_COLUMNS = 32  # as far as a cell reaches to the right
MOST_ROWS = 1000  # as far as a cell reaches down


@attrs.define
class OpenCell:
    """A cell whose end has not come yet."""

    is_head: bool
    columns: int
    rows: int
    lines: list[str] = attrs.field(factory=list[str])


@attrs.define
class Rows:
    """What is known of a table until it ends."""

    cells: int = attrs.field(default=0, init=False)
    """How many there are, those included that others reach down into."""
    _done: list[Row] = attrs.field(factory=list[Row], init=False)
    _row: list[OpenCell] = attrs.field(factory=list[OpenCell], init=False)
    _cell: OpenCell | None = attrs.field(default=None, init=False)
    _number: int = attrs.field(default=0, init=False)
    _from_above: dict[int, int] = attrs.field(factory=dict[int, int], init=False)
    """Of columns that a cell reaches down in: the number of the last row that it reaches."""

    @property
    def is_in_cell(self) -> bool:
        return self._cell is not None

    def add(self, paragraph: Paragraph) -> None:
        """Add a line to the cell that is open."""
        if self._cell is not None:
            self._cell.lines.append(paragraph.plain)

    def begin_cell(self, name: str, attributes: Mapping[str, str]) -> None:
        columns = reach(attributes.get("colspan"), MOST_COLUMNS)
        rows = reach(attributes.get("rowspan"), MOST_ROWS)
        self._cell = OpenCell(name == "th", columns, rows)
        self._row.append(self._cell)
        self.cells += 1

    def end_cell(self) -> None:
        self._cell = None

    def end_row(self) -> None:
        self.end_cell()
        if not self._row:
            return
        cells = tuple(self._placed())
        if any(cell.lines for cell in self._row):
            self._done.append(Row(cells, all(cell.is_head for cell in self._row)))
        self._row.clear()
        self._number += 1

    def _placed(self) -> Iterator[Cell]:
        """Yield the cells of a row, and empty ones where others reach down from above."""
        column = 0
        for cell in self._row:
            while self._from_above.get(column, -1) >= self._number:
                column += 1
                self.cells += 1
                yield Cell()
            if cell.rows > 1 and column < MOST_COLUMNS:
                reached = range(column, column + cell.columns)
                self._from_above |= dict.fromkeys(reached, self._number + cell.rows - 1)
            column += cell.columns
            yield Cell("\n".join(cell.lines), cell.columns)

    def blocks(self) -> Iterator[Block]:
        """Yield the table; one of a single column is no table, but how a text was laid out."""
        self.end_row()
        if any(len(row.cells) > 1 for row in self._done):
            yield Table(tuple(self._done))
        else:
            yield from paragraphs(self._done)


def paragraphs(rows: list[Row]) -> Iterator[Paragraph]:
    for place, row in enumerate(rows):
        if place:
            yield BLANK
        for line in row.cells[0].text.split("\n"):
            yield Paragraph(line, is_heading=row.is_head)


def reach(said: str | None, most: int) -> int:
    """Return how far a cell reaches; 1 if what is said is no number, as in browsers."""
    # No more than `most` has digits: Python refuses to read numbers of thousands of them.
    return max(1, min(int(said[:4]), most)) if said is not None and said.isdecimal() else 1
