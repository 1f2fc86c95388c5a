"""The commands, and what their ends mean to a shell."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from ..errors import ArgumentError, TwofoldError
from . import demo, serve
from .entry import DONE, FAILED, INTERRUPTED, MISUSE
from .output import one_line
from .rally import app as rally

app = typer.Typer(
    name="twofold",
    help="Clients for the systems that engineering teams live in.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.add_typer(serve.app, name="serve")
app.add_typer(rally.app, name="rally")


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
    """Run a command; an error of ours or of the machine is one clear line, not a traceback."""
    try:
        app(prog_name="twofold")
    except SystemExit as end:  # how typer ends, misuse included
        return end.code if isinstance(end.code, int) else DONE
    except ArgumentError as error:
        return told(error, MISUSE)
    except (TwofoldError, OSError) as error:
        return told(error, FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    return DONE


def told(error: Exception, code: int) -> int:
    print(f"twofold: {one_line(str(error))}", file=sys.stderr)
    return code
