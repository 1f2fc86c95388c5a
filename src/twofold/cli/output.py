"""Data on stdout, all else on stderr; where nobody looks, neither colour nor movement."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bars
from rich.text import Text

from ..events import Event, Warned
from ..progress import Progress, ProgressCallback
from .entry import MISUSE
from .formats import WRITERS, Format, Row, columns_of, lacking
from .tables import across, as_text, upright, visible

Watch: TypeAlias = Callable[[str], ProgressCallback | None]
"""Begins to show one more piece of work; None where nobody could see it move."""


def messages() -> Console:
    """Return the console for what is not data; FORCE_COLOR and the like do not colour a pipe."""
    return Console(stderr=True, force_terminal=sys.stderr.isatty())


def writable(format: Format) -> None:
    """End with a sentence, before anything is sent, if a format needs what is not installed."""
    sentence = lacking(format)
    if sentence is not None:
        typer.echo(sentence, err=True)
        raise typer.Exit(MISUSE)


def show(
    rows: Sequence[Row],
    format: Format,
    columns: Sequence[str] | None = None,
    *,
    is_upright: bool = False,
) -> None:
    """Write rows to stdout; `columns` are those to expect even where there is no row."""
    names = columns_of(rows) if columns is None else columns
    with a_reader_who_may_leave():
        if format is not Format.TABLE:
            send(WRITERS[format](rows, names))
            return
        layout = upright(rows) if is_upright else across(rows, names)
        if sys.stdout.isatty():
            Console().print(layout)
        else:
            send(as_text(layout))


def send(text: str) -> None:
    """Write in UTF-8 whatever the locale, and leave the ends of lines as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


@contextmanager
def a_reader_who_may_leave() -> Generator[None]:
    """End the output quietly when the reader has seen enough, as `head` does."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        drop_the_rest()
        if not isinstance(error, BrokenPipeError):
            raise


def drop_the_rest() -> None:
    """Send what is still in the buffer nowhere: it would fail once more when the process ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


@contextmanager
def watching(console: Console) -> Generator[Watch]:
    """Show live progress on a terminal; nothing at all elsewhere."""
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, console=console, transient=True) as bars:
        yield lambda work: following(bars, bars.add_task(work, total=None))


def following(bars: Bars, task: TaskID) -> ProgressCallback:
    def tell(progress: Progress) -> None:
        bars.update(task, completed=progress.done, total=progress.total)

    return tell


def say(console: Console, sentence: str) -> None:
    console.print(Text(one_line(sentence)), soft_wrap=True)


def askable(*, yes: bool) -> None:
    """End with a sentence, before anything is sent, if nobody is there who could be asked."""
    if not (yes or sys.stdin.isatty()):
        typer.echo("nobody can be asked whether this is meant: say --yes", err=True)
        raise typer.Exit(MISUSE)


def agreed(question: str) -> bool:
    """Ask on the terminal; whatever is not yes is no."""
    console = messages()
    console.print(Text(f"{one_line(question)} [y/N] "), end="", soft_wrap=True)
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        return True
    say(console, "nothing was done")
    return False


def one_line(text: str) -> str:
    """Put what a server may have said in any form into one line."""
    return visible(" ".join(text.split()))


def warn_on(console: Console) -> Callable[[Event], None]:
    """Return a listener that passes on the server's warnings, each once."""
    told = dict[str, None]()

    def heed(event: Event) -> None:
        if not isinstance(event, Warned):
            return
        for text in event.texts:
            if text not in told:
                told[text] = None
                say(console, f"warning: {text}")

    return heed
