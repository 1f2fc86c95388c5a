"""`twofold serve`: a stand-in server on this machine, until it is interrupted."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Annotated

import attrs
import typer

from ..core.text.shapes import is_array
from ..errors import ArgumentError
from .entry import DONE, INTERRUPTED, MISUSE, missing_extra

NEEDED = {"uvicorn": "emulators", "httptools": "emulators"}

app = typer.Typer(help="Serve a stand-in on this machine.", no_args_is_help=True)


@app.callback()
def systems() -> None:
    """Serve a stand-in on this machine, for tests, demonstrations and work without a network."""


@app.command()
def rally(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0: any free one.", min=0, max=65535)] = 0,
    tickets: Annotated[int, typer.Option(help="How many there are.", min=0)] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same data.")] = 0,
    latency: Annotated[float, typer.Option(help="Seconds that a request takes.", min=0)] = 0.0,
    per_object: Annotated[float, typer.Option(help="Seconds that an object adds.", min=0)] = 0.0,
    faults: Annotated[
        Path | None, typer.Option(help="A JSON list of faults.", exists=True, dir_okay=False)
    ] = None,
    fixed_clock: Annotated[
        bool, typer.Option("--fixed-clock", help="Times stand still, whatever changes first.")
    ] = False,
) -> None:
    """Serve Rally.  Prints one line of JSON when it answers: where it is, and how to log in."""
    lacking = missing_extra(NEEDED)
    if lacking is not None:
        typer.echo(lacking, err=True)
        raise typer.Exit(MISUSE)
    from ..emulators.rally.dates import START
    from ..emulators.rally.emulator import RallyEmulator
    from ..emulators.serve import serve

    try:
        emulator = RallyEmulator(
            tickets=tickets,
            seed=seed,
            latency=latency,
            per_object=per_object,
            faults=() if faults is None else faults_in(faults),
            clock=(lambda: START) if fixed_clock else START,
        )
    except ValueError as error:
        raise ArgumentError(str(error)) from error

    def announce(url: str) -> None:
        where = {"url": url, "server": url.partition("://")[2]}
        print(json.dumps({**where, **attrs.asdict(emulator.ready)}), flush=True)

    ended_by = serve(emulator, host=host, port=port, announce=announce)
    raise typer.Exit(INTERRUPTED if ended_by is signal.SIGINT else DONE)


def faults_in(path: Path) -> list[object]:
    try:
        faults = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArgumentError(f"{path} cannot be read as JSON: {error}") from error
    if not is_array(faults):
        raise ArgumentError(f"{path} must hold a JSON list of faults")
    return faults
