"""Tables in a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from twofold.tui.blocks import Cell, Row, Table
from twofold.tui.tables import shared, table_lines

HEAD = Row([Cell("Name"), Cell("Why")], is_head=True)
FITS = Table([HEAD, Row([Cell("a"), Cell("b")]), Row([Cell("\u6f22\u5b57!"), Cell("c")])])
LONG = Table([HEAD, Row([Cell("a"), Cell("some words")]), Row([Cell("b"), Cell("c")])])


def drawn(table: Table, width: int) -> list[str]:
    return [line.text for line in table_lines(table, width) if line is not None]


def test_columns_stand_below_each_other_and_their_names_are_parted_from_them() -> None:
    assert drawn(FITS, 40) == [
        "Name  \u2502 Why",
        "\u2500\u2500\u2500\u2500\u2500\u2500\u253c\u2500\u2500\u2500\u2500",
        "a     \u2502 b",
        "\u6f22\u5b57! \u2502 c",
    ]


def test_a_column_that_is_too_wide_is_broken_into_lines_and_rows_are_parted() -> None:
    rule = "\u2500" * 5 + "\u253c" + "\u2500" * 9
    assert drawn(LONG, 15) == [
        *["Name \u2502 Why", rule],
        *["a    \u2502 some", "     \u2502 words", rule, "b    \u2502 c"],
    ]


def test_where_columns_would_be_too_narrow_each_row_is_told() -> None:
    assert drawn(LONG, 12) == ["- Name: a", "  Why: some", "  words", "- Name: b", "  Why: c"]


def test_cells_of_several_columns_and_of_several_lines_keep_the_others_in_place() -> None:
    across = Table([
        Row([Cell("one"), Cell("two"), Cell("three")]),
        Row([Cell("across them", columns=2), Cell("x\ny")]),
    ])  # fmt: skip
    rule = "\u2500" * 4 + "\u253c" + "\u2500" * 5 + "\u253c" + "\u2500" * 6
    assert drawn(across, 40) == [
        *["one \u2502 two \u2502 three", rule],
        *["across    \u2502 x", "them      \u2502 y"],
    ]


def test_ten_thousand_cells_are_measured_row_by_row() -> None:
    rows = [Row([Cell(f"cell {row} {column}") for column in range(10)]) for row in range(1000)]
    steps = list(table_lines(Table(rows), 200))
    assert steps.count(None) == 1000
    assert len(steps) == 2000


@pytest.mark.parametrize(
    ("natural", "room", "widths"),
    [
        ([3, 4], 7, [3, 4]),
        ([3, 100], 23, [3, 20]),
        ([3, 100, 12, 100], 45, [3, 15, 12, 15]),
        ([100, 100], 15, None),
        ([100] * 9, 20, None),
        ([1] * 9, -3, None),
    ],
)
def test_columns_that_need_less_than_their_share_leave_it_to_others(
    natural: list[int], room: int, widths: list[int] | None
) -> None:
    assert shared(natural, room) == widths


cells = st.builds(Cell, st.text(alphabet="ab \u6f22\n"), st.integers(1, 3))
rows = st.builds(Row, st.lists(cells, min_size=2, max_size=6), st.booleans())


@given(st.lists(rows, min_size=1, max_size=6), st.integers(8, 90))
def test_no_line_is_wider_than_there_is_room(rows: list[Row], width: int) -> None:
    assert all(cell_len(line) <= width for line in drawn(Table(rows), width))
