"""Tables as lines that fit: in columns where these are wide enough to be read, else row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size

from .blocks import Cell, Paragraph, Row, Table
from .controls import in_one_line
from .wrapping import Line, Step, lines_of, wrapped

BETWEEN, CROSSING = " \u2502 ", "\u2500\u253c\u2500"
RULE = "\u2500"
READABLE = 8  # cells that a column keeps in which not everything fits


def table_lines(table: Table, width: int) -> Iterator[Step]:
    """Yield the lines of a table.

    A column that would be wider than its share is broken into lines; if that makes it too narrow to
    be read, each row is told by itself, every cell with the name of its column.
    """
    count = max(row.columns for row in table.rows)
    natural = [1] * count
    is_tall = False
    for row in table.rows:
        measure(row, natural)
        is_tall = is_tall or any("\n" in cell.text for cell in row.cells)
        yield None
    widths = shared(natural, width - len(BETWEEN) * (count - 1))
    if widths is None:
        yield from told(table, width)
    else:
        yield from aligned(table, widths, is_tall=is_tall or widths != natural)


def measure(row: Row, natural: list[int]) -> None:
    """Widen columns to what stands in them; what stands in several is broken instead."""
    column = 0
    for cell in row.cells:
        if cell.columns == 1:
            natural[column] = max(natural[column], *map(cell_len, cell.text.split("\n")))
        column += cell.columns


def shared(natural: Sequence[int], room: int) -> Sequence[int] | None:
    """Return how wide columns are, those that need less than their share leaving it to others.

    None: some would be too narrow.
    """
    if sum(natural) <= room:
        return natural
    share, left = 0, room
    for place, wanted in enumerate(sorted(natural)):
        share = left // (len(natural) - place)
        if wanted > share:
            break
        left -= wanted
    return [min(wanted, share) for wanted in natural] if share >= READABLE else None


def aligned(table: Table, widths: Sequence[int], *, is_tall: bool) -> Iterator[Step]:
    """Yield rows in columns; rules part them if some take several lines."""
    rule = Line(CROSSING.join(RULE * width for width in widths), "quiet")
    before: Row | None = None
    for row in table.rows:
        if before is not None and (is_tall or (before.is_head and not row.is_head)):
            yield rule
        yield from row_lines(row, widths)
        before = row


def row_lines(row: Row, widths: Sequence[int]) -> Iterator[Line]:
    column = 0
    columns: list[list[str]] = []
    for cell in row.cells:
        reached = widths[column : column + cell.columns]
        columns.append(padded(cell, sum(reached) + len(BETWEEN) * (len(reached) - 1)))
        column += cell.columns
    empty = [" " * cell_len(pieces[0]) for pieces in columns]
    for number in range(max(map(len, columns))):
        pieces = [
            each[number] if number < len(each) else none
            for each, none in zip(columns, empty, strict=True)
        ]
        yield Line(BETWEEN.join(pieces).rstrip(" "), "heading" if row.is_head else "")


def padded(cell: Cell, width: int) -> list[str]:
    """Return the lines of a cell, all of one width."""
    lines = cell.text.split("\n")
    return [set_cell_size(piece, width) for line in lines for piece, _ in wrapped(line, width)]


def told(table: Table, width: int) -> Iterator[Step]:
    """Yield rows one after another, a line for each cell that says something."""
    names = names_of(table.rows[0])
    for row in table.rows[1:] if names else table.rows:
        sign, column = "- ", 0
        for cell in row.cells:
            if cell.text:
                name = f"{names[column]}: " if column < len(names) and names[column] else ""
                said = Paragraph(name + in_one_line(cell.text), sign, "  ")
                yield from lines_of(said, width, label=len(sign + name))
                sign = "  "
            column += cell.columns


def names_of(row: Row) -> Sequence[str]:
    """Return what a row calls its columns; none if it does not."""
    if not row.is_head:
        return ()
    return [name for cell in row.cells for name in [in_one_line(cell.text)] * cell.columns]
