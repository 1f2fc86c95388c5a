"""Rows, written to a file that is there once it is whole; or to stdout, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ...core.landing import Landing
from ...errors import ArgumentError
from ..formats import Row, csv_lines, json_lines
from ..output import a_reader_who_may_leave, send
from .export import Lines

STDOUT = Path("-")

WRITERS: Mapping[Lines, Callable[[Iterable[Row], Sequence[str]], Iterator[str]]] = {
    Lines.CSV: csv_lines,
    Lines.JSONL: json_lines,
}


def line_format(file: Path, given: Lines | None) -> Lines:
    """Return the format that is asked for, or that the end of a file's name says.

    What cannot be written to is refused before anything is sent.
    """
    if file != STDOUT and not file.absolute().parent.is_dir():
        raise ArgumentError(f"{file.parent} is no folder")
    if given is not None:
        return given
    with suppress(ValueError):
        return Lines(file.suffix.lower().lstrip("."))
    if file.suffix and file != STDOUT:
        raise ArgumentError(f"{file.name}: is it csv or jsonl?  Say so with --format")
    return Lines.JSONL


def save(file: Path, format: Lines, rows: Iterable[Row], columns: Sequence[str]) -> None:
    """Write rows; of a file that cannot be written whole nothing is left."""
    lines = WRITERS[format](rows, columns)
    if file == STDOUT:
        with a_reader_who_may_leave():
            for line in lines:
                send(line)
        return
    landing = Landing(file, None)
    try:
        landing.begin()
        for line in lines:
            landing.write([line.encode("utf-8", "surrogateescape")])
        landing.finish(file.name, durable=False)
    finally:
        landing.discard()
