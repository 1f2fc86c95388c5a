"""The options that say what is to be written to a ticket."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from .words import states

State: TypeAlias = Annotated[
    str | None, typer.Option(help="The state, wherever its type keeps it.", autocompletion=states)
]
Points: TypeAlias = Annotated[
    str | None, typer.Option(help="The points (hours, for a task); `none` clears them.")
]
Owner: TypeAlias = Annotated[
    str | None, typer.Option(help="A user name, `me`, or `none`.", show_default=False)
]
Parent: TypeAlias = Annotated[
    str | None, typer.Option(help="What it is to be under: an id, or `none`.", show_default=False)
]
Iteration: TypeAlias = Annotated[
    str | None, typer.Option(help="An iteration's name or ref, or `none`.", show_default=False)
]
Release: TypeAlias = Annotated[
    str | None, typer.Option(help="A release's name or ref, or `none`.", show_default=False)
]
Fields: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE",
        help="Any other field, by its name as `show` has it or as Rally does; no value clears it.  "
        "May be repeated.",
        show_default=False,
    ),
]
