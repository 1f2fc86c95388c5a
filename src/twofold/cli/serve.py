"""`twofold serve`: a stand-in server on this machine, until it is interrupted."""

from __future__ import annotations

import json
import re
import signal
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import attrs
import typer

from ..core.text.shapes import is_array
from ..errors import ArgumentError
from .entry import DONE, INTERRUPTED, MISUSE, missing_extra

if TYPE_CHECKING:
    from ..emulators.fault_proxy import FaultProxy

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
    concurrency: Annotated[
        int, typer.Option(help="Requests served at once; others wait.", min=1)
    ] = 12,
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="Writes that overlap on one parent fail.")
    ] = False,
    stable_order: Annotated[
        bool, typer.Option("--stable-order", help="Pages agree on rows whose order is equal.")
    ] = False,
    token_seconds: Annotated[
        float, typer.Option(help="How long a token for writes is good.", min=0)
    ] = float("inf"),
    extension: Annotated[
        list[str] | None, typer.Option(help="Allow this extension of attachments; repeatable.")
    ] = None,
    roll_up: Annotated[
        bool, typer.Option("--roll-up", help="Stories take state and points from their children.")
    ] = False,
    forbidden_as_403: Annotated[
        bool, typer.Option("--forbidden-as-403", help="A missing right is a page with that status.")
    ] = False,
    account: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=KEY", help="A user who may log in, and his key; repeatable."),
    ] = None,
    fetch_depth: Annotated[
        int, typer.Option(help="Levels of objects that a fetch fills.", min=1)
    ] = 3,
) -> None:
    """Serve Rally.  Prints one line of JSON when it answers: where it is, and how to log in."""
    lacking = missing_extra(NEEDED)
    if lacking is not None:
        typer.echo(lacking, err=True)
        raise typer.Exit(MISUSE)
    from ..emulators.fault_proxy_reading import is_ours
    from ..emulators.rally.dates import START
    from ..emulators.rally.emulator import RallyEmulator
    from ..emulators.serve import serve

    listed = [] if faults is None else faults_in(faults)
    own = {at: each for at, each in enumerate(listed) if not is_ours(each)}
    try:
        emulator = RallyEmulator(
            tickets=tickets,
            seed=seed,
            latency=latency,
            per_object=per_object,
            faults=list(own.values()),
            concurrency=concurrency,
            conflicts=conflicts,
            unstable_ties=not stable_order,
            token_seconds=token_seconds,
            extensions=extension or None,
            roll_up=roll_up,
            forbidden_as_403=forbidden_as_403,
            accounts=names_by_key(account or []),
            fetch_depth=fetch_depth,
            clock=(lambda: START) if fixed_clock else START,
        )
    except ValueError as error:
        raise ArgumentError(renumbered(str(error), list(own))) from error
    proxy = proxy_for(listed, host, port) if len(own) < len(listed) else None

    def announce(url: str) -> None:
        place = url if proxy is None else proxy.url
        where = {"url": place, "server": place.partition("://")[2]}
        beyond = {} if proxy is None else {"direct": url}
        print(json.dumps({**where, **attrs.asdict(emulator.ready), **beyond}), flush=True)

    if proxy is None:
        ended_by = serve(emulator, host=host, port=port, announce=announce)
    else:
        with closing(proxy):
            ended_by = serve(emulator, announce=announce, beside=proxy.run)
    raise typer.Exit(INTERRUPTED if ended_by is signal.SIGINT else DONE)


def names_by_key(accounts: list[str]) -> dict[str, str]:
    """Read further accounts, each a user's name and his key; no name holds an equals sign."""
    read: dict[str, str] = {}
    for each in accounts:
        name, sign, key = each.partition("=")
        if not (name and sign and key):
            raise ArgumentError("--account must be a user's name, an equals sign and a key")
        if key in read:
            raise ArgumentError("--account: two users have the same key")
        read[key] = name
    return read


def faults_in(path: Path) -> list[object]:
    try:
        faults = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ArgumentError(f"{path} cannot be read as JSON: {error}") from error
    if not is_array(faults):
        raise ArgumentError(f"{path} must hold a JSON list of faults")
    return faults


def proxy_for(faults: list[object], host: str, port: int) -> FaultProxy:
    """Make the proxy that stands in front of the emulator; it takes its own faults of the list."""
    from ..emulators.fault_proxy import FaultProxy

    try:
        return FaultProxy(faults, host=host, port=port)
    except ValueError as error:
        raise ArgumentError(str(error)) from error


def renumbered(message: str, places: list[int]) -> str:
    """Name a fault by its place in the file; the emulator was given a part of the list."""
    return re.sub(r"faults\[(\d+)\]", lambda at: f"faults[{places[int(at[1])]}]", message)
