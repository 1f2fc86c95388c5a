"""The commands, and what their ends mean to a shell."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from ..errors import TwofoldError
from . import demo, serve
from .entry import DONE, FAILED, INTERRUPTED

app = typer.Typer(
    name="twofold",
    help="Clients for the systems that engineering teams live in.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.add_typer(serve.app, name="serve")


def show_version(wanted: bool) -> None:
    if wanted:
        print(f"twofold {version('twofold')}")
        raise typer.Exit


@app.callback()
def options(
    _: Annotated[
        bool,
        typer.Option(
            "--version", "-V", help="Print the version.", callback=show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Clients for the systems that engineering teams live in."""


def run() -> int:
    """Run a command; an error of ours is one clear line, not a traceback."""
    try:
        app()
    except SystemExit as end:  # how typer ends, misuse included
        return end.code if isinstance(end.code, int) else DONE
    except TwofoldError as error:
        print(f"twofold: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return DONE
