"""Every format holds the rows it was given, whatever stands in them."""

from __future__ import annotations

import csv
import io
import json
import re
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from twofold.cli.formats import WRITERS, Format, Row, as_csv, as_json, as_jsonl, as_yaml, columns_of
from twofold.cli.tables import across, as_text, upright

ANY_TEXT = st.text()
ROWS = st.lists(st.fixed_dictionaries({"a": ANY_TEXT, "b c": ANY_TEXT}), max_size=4)
COLUMNS = ("a", "b c")


@given(ROWS)
def test_csv_holds_any_text(rows: list[dict[str, str]]) -> None:
    written = io.StringIO(as_csv(rows, COLUMNS), newline="")
    head, *lines = csv.reader(written)
    assert head == list(COLUMNS)
    assert [[*map(meant, line)] for line in lines] == [[row["a"], row["b c"]] for row in rows]


def meant(text: str) -> str:
    """Return the text of a cell, as the docs say that one comes to it."""
    return text[1:] if re.match(r"'+[=+\-@\t\r]", text) else text


@given(ROWS)
def test_jsonl_holds_any_text_and_a_row_is_a_line(rows: list[dict[str, str]]) -> None:
    *lines, end = as_jsonl(rows, COLUMNS).split("\n")
    assert end == ""
    assert [json.loads(line) for line in lines] == rows
    assert json.loads(as_json(rows, COLUMNS)) == rows


@given(ROWS)
def test_yaml_holds_any_text(rows: list[dict[str, str]]) -> None:
    assert yaml.safe_load(as_yaml(rows, COLUMNS)) == rows


@pytest.mark.parametrize(
    "text", ["1e5", "1.5e-3", "0o17", "no", "null", "2026-01-01", "1_000", "~"]
)
def test_text_that_looks_like_something_else_is_quoted_in_yaml(text: str) -> None:
    assert as_yaml([{"a": text}], ["a"]) == f"- a: '{text}'\n"


@pytest.mark.parametrize(
    ("given", "spelt"),
    [("0.50", "0.50"), ("3", "3"), ("12345678901234567890.1", "12345678901234567890.1")],
)
def test_a_fraction_is_written_digit_for_digit(given: str, spelt: str) -> None:
    rows: list[Row] = [{"points": Decimal(given)}]
    assert as_json(rows, ["points"]) == f'[\n  {{\n    "points": {spelt}\n  }}\n]\n'
    assert as_jsonl(rows, ["points"]) == f'{{"points":{spelt}}}\n'
    assert as_csv(rows, ["points"]) == f"points\n{spelt}\n"
    assert as_yaml(rows, ["points"]) == f"- points: {spelt}\n"


def test_csv_spells_what_is_no_text_as_json_does() -> None:
    rows: list[Row] = [{"a": "1+1", "b": None, "c": True, "d": ["x", {"y": 1}]}]
    assert as_csv(rows, columns_of(rows)) == 'a,b,c,d\n1+1,,true,"[""x"",{""y"":1}]"\n'


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "'=1", "''@a"])
def test_a_text_that_a_spreadsheet_would_calculate_begins_with_an_apostrophe(text: str) -> None:
    rows: list[Row] = [{"a": text}]
    (_, (cell,)) = csv.reader(io.StringIO(as_csv(rows, ["a"]), newline=""))
    assert cell == f"'{text}"
    assert json.loads(as_json(rows, ["a"])) == rows


@pytest.mark.parametrize("value", [Decimal("-1.5"), "it's", "'quoted'", "1-1", "(=1)", " =1"])
def test_numbers_and_other_texts_are_written_as_they_are(value: object) -> None:
    assert as_csv([{"a": value}], ["a"]) == f"a\n{value}\n"


@pytest.mark.parametrize("format", WRITERS)
def test_no_row_is_no_row_in_every_format(format: Format) -> None:
    expected = {"json": "[]\n", "jsonl": "", "csv": "a,b c\n", "yaml": "[]\n"}
    assert WRITERS[format]([], COLUMNS) == expected[format]


def test_rows_of_different_kinds_have_all_columns_in_csv() -> None:
    rows: list[Row] = [{"a": 1}, {"b": 2, "a": 3}]
    assert as_csv(rows, columns_of(rows)) == "a,b\n1,\n3,2\n"


def test_a_table_takes_nothing_for_markup_and_shows_control_characters() -> None:
    drawn = as_text(across([{"name": "[bold]x[/bold] \x1b[31m\u009b"}], ["name"]))
    assert "[bold]x[/bold] \\x1b[31m\\x9b" in drawn


def test_a_table_in_a_file_is_never_cut_and_on_a_terminal_loses_no_letter() -> None:
    rows: list[Row] = [{"id": "US1", "name": "long" * 100}]
    assert "long" * 100 in as_text(across(rows, ["id", "name"]))
    narrow = Console(file=io.StringIO(), width=40)
    with narrow.capture() as drawn:
        narrow.print(upright(rows))
    assert "".join(drawn.get().split()).replace("US1", "").count("long") == 100
