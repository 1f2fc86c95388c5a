"""Rows as text in the formats that programs read.  How a table looks is `tables`' affair.

Values are written as they are: a fraction digit for digit, a time with its offset, text unaltered.
But CSV is opened in spreadsheets, and what is in a ticket somebody else wrote: see `inert`.
"""

from __future__ import annotations

import csv
import enum
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from .entry import missing_extra

Row: TypeAlias = Mapping[str, object]
"""Names and plain values: text, numbers, truth, None, and lists and objects of these."""


class Format(enum.StrEnum):
    """How data is written to stdout."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    YAML = "yaml"


# Numbers stay numbers, digit for digit.
ENCODER = msgspec.json.Encoder(decimal_format="number")


def lacking(format: Format) -> str | None:
    """Return the sentence that says what to install for a format, or None if all is there."""
    return missing_extra({"yaml": "cli"}) if format is Format.YAML else None


def columns_of(rows: Sequence[Row]) -> list[str]:
    """Return every name that occurs, in the order of its first appearance."""
    return list(dict.fromkeys(name for row in rows for name in row))


def cell(value: object) -> str:
    """Spell one value: nothing for None, text as it is, all else as JSON spells it."""
    if value is None:
        return ""
    return value if isinstance(value, str) else ENCODER.encode(value).decode()


def as_json(rows: Sequence[Row], columns: Sequence[str]) -> str:  # noqa: ARG001 - as its siblings
    return msgspec.json.format(ENCODER.encode(rows), indent=2).decode() + "\n"


def as_jsonl(rows: Sequence[Row], columns: Sequence[str]) -> str:
    return "".join(json_lines(rows, columns))


def json_lines(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[str]:  # noqa: ARG001 - as its sibling
    return (ENCODER.encode(row).decode() + "\n" for row in rows)


def as_csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """Write RFC 4180 with a head, except that lines end as those of other commands do."""
    return "".join(csv_lines(rows, columns))


def csv_lines(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[str]:
    yield csv_line(columns)
    for row in rows:
        yield csv_line([cell(inert(row.get(name))) for name in columns])


# What spreadsheets take for a formula, with the apostrophes that tell them not to.
FORMULA = re.compile(r"'*[=+\-@\t\r]")


def inert(value: object) -> object:
    """Put an apostrophe before a text that a spreadsheet would calculate.

    Whoever wants the text itself takes one away where apostrophes and one of `=+-@`, a tab or a
    carriage return begin it; or reads another format.  Numbers stay numbers, minus and all.
    """
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def csv_line(cells: Sequence[str]) -> str:
    # Older Pythons quote a lone CR only if it is part of their own line end.
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n") + "\n"


def as_yaml(rows: Sequence[Row], columns: Sequence[str]) -> str:  # noqa: ARG001 - as its siblings
    from .yaml_text import yaml_text  # the other formats do without its library

    return yaml_text(rows)


WRITERS: Mapping[Format, Callable[[Sequence[Row], Sequence[str]], str]] = {
    Format.JSON: as_json,
    Format.JSONL: as_jsonl,
    Format.CSV: as_csv,
    Format.YAML: as_yaml,
}
