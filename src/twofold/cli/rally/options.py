"""The options that the Rally commands share, and how they come to a client."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.console import Console

from ...errors import ArgumentError
from ..formats import Format
from ..output import Watch, messages, warn_on, watching
from .words import states, types

if TYPE_CHECKING:
    from ..._sync.rally.client import RallyClient

Server: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Host or URL; else $RALLY_SERVER or the settings file.", show_default=False),
]
Workspace: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Name, ref or ObjectID; else $RALLY_WORKSPACE.", show_default=False),
]
Project: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Name, ref or ObjectID; else $RALLY_PROJECT.", show_default=False),
]
Written: TypeAlias = Annotated[Format, typer.Option("--format", help="How stdout is written.")]
DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Look up and print what would be written; write nothing.")
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

# Which ticket, or tickets.

Id: TypeAlias = Annotated[
    str, typer.Argument(metavar="ID", help="US12, an ObjectID or a ref.", show_default=False)
]
Ids: TypeAlias = Annotated[
    list[str], typer.Argument(metavar="ID...", help="US12, an ObjectID or a ref.")
]
SomeIds: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID", help="US12, an ObjectID or a ref.", show_default=False),
]
IdFile: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="FILE|-", help="Further ids, one a line, # for comments; -: stdin."),
]
RecordFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        dir_okay=False,
        help="Keep a record of what was done; the same command goes on from there.",
        show_default=False,
    ),
]

# What is looked for.

Types: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        help="story, defect, task, testcase, feature, ...; may be repeated.  Stories, defects and "
        "tasks, if left out.",
        show_default=False,
        autocompletion=types,
    ),
]
InState: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="A story's schedule state, a defect's or task's state.", autocompletion=states
    ),
]
OfOwner: TypeAlias = Annotated[
    str | None, typer.Option(help="The owner's user name; `me`: who calls; `none`: nobody.")
]
InIteration: TypeAlias = Annotated[
    str | None, typer.Option(help="The iteration's name; `none`: those in none.")
]
Where: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FIELD=VALUE",
        help="Rally's field equals a value, whatever it holds; no value: the field is empty.  "
        "May be repeated.",
        show_default=False,
    ),
]
InQuery: TypeAlias = Annotated[str | None, typer.Option(help="A query in Rally's own language.")]
Order: TypeAlias = Annotated[
    str | None,
    typer.Option("--order", "--sort", help="Within each type, such as 'LastUpdateDate DESC'."),
]
Columns: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A column, in place of the usual ones: a field as `show` names it, or as Rally "
        "does.  May be repeated.",
        show_default=False,
    ),
]


def client(
    console: Console, server: str | None, workspace: str | None, project: str | None
) -> RallyClient:
    """Make the client; its warnings go to stderr.  Key and password are never arguments."""
    from ..._sync.rally.client import RallyClient

    return RallyClient(
        server=server, workspace=workspace, project=project, listener=warn_on(console)
    )


@contextmanager
def reaching(
    server: str | None, workspace: str | None, project: str | None
) -> Generator[tuple[RallyClient, Watch]]:
    """Give a client, and what shows its progress where somebody looks."""
    console = messages()
    with client(console, server, workspace, project) as rally, watching(console) as watch:
        yield rally, watch


def ids_of(given: Iterable[str] | None, file: str | None) -> list[str]:
    """Return the ids of the command line, then those of a file."""
    if not given and file is None:
        raise ArgumentError("no tickets: name some, or give --file")
    return [*(given or ()), *([] if file is None else listed(text_of(file)))]


def listed(text: str) -> list[str]:
    """Return one id a line, without comments and blank lines."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def text_of(file: str) -> str:
    """Read a file, or stdin for `-`, as UTF-8."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise ArgumentError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ArgumentError(f"{file} is not UTF-8 text: {error}") from error


def pair_of(option: str, text: str) -> tuple[str, str]:
    """Take NAME=VALUE apart at its first equals sign."""
    name, sign, value = text.partition("=")
    if not sign:
        raise ArgumentError(f"{option} takes NAME=VALUE, not {text!r}")
    return name.strip(), value
