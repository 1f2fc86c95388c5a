"""The options that the Rally commands share, and what is read of them before anything is sent."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.console import Console

from ..errors import ArgumentError
from .formats import Format
from .output import warn_on

if TYPE_CHECKING:
    from .._sync.rally.client import RallyClient

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


def client(
    console: Console, server: str | None, workspace: str | None, project: str | None
) -> RallyClient:
    """Make the client; its warnings go to stderr.  Key and password are never arguments."""
    from .._sync.rally.client import RallyClient

    return RallyClient(
        server=server, workspace=workspace, project=project, listener=warn_on(console)
    )


def condition_of(text: str) -> tuple[str, str]:
    """Take FIELD=VALUE apart at its first equals sign."""
    field, sign, value = text.partition("=")
    if not sign:
        raise ArgumentError(f"--where takes FIELD=VALUE, not {text!r}")
    return field.strip(), value


def ids_of(given: Iterable[str], file: str | None) -> list[str]:
    """Return the ids of the command line, then those of a file."""
    return [*given, *([] if file is None else listed(text_of(file)))]


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
