"""`twofold rally tui`: the application, over a server or over a stand-in of it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..emulated import emulator
from ..entry import MISUSE, missing_extra
from .options import Project, Server, Workspace

if TYPE_CHECKING:
    from ..._async.rally.caching.client import AsyncCachingRallyClient

NEEDED = {"textual": "tui"}
TICKETS = 1000  # of the demonstration

# The collector looks through everything so seldom that it does not do so while tickets are read:
# among fifty thousand of them that stops the screen for 100 ms, several times.
SELDOM = (2_000, 10, 500)
ESCAPE = 20
"""Milliseconds for which escape might still be the beginning of another key."""


def tui(
    demo: Annotated[
        bool, typer.Option("--demo", help="Over a stand-in on this machine, with made-up tickets.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody: show what was kept the last time.")
    ] = False,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Work with tickets in an application that fills the terminal."""
    lacking = missing_extra(NEEDED)
    if lacking is not None:
        typer.echo(lacking, err=True)
        raise typer.Exit(MISUSE)
    # Textual reads it as it is imported, and would have escape take up to a fifth of a second.
    os.environ.setdefault("ESCDELAY", str(ESCAPE))
    from ...rally import account
    from ...tui.app import RallyApp
    from ...tui.colourless import knows_colour
    from ...tui.endings import when_hung_up
    from ...tui.plain_terminal import knows_unicode, refusal
    from ...tui.preferences import preferences

    refused = refusal(os.environ, is_terminal=sys.stdin.isatty() and sys.stderr.isatty())
    if refused is not None:
        typer.echo(refused, err=True)
        raise typer.Exit(MISUSE)
    with ExitStack() as kept:
        if demo:
            ready = kept.enter_context(emulator("rally", ["--tickets", str(TICKETS)]))
            opened = demonstration(ready["server"], ready["api_key"])
            name, address = "Demonstration", ready["url"]
        else:
            opened = client(server, workspace, project, offline=offline)
            name, address = account.project(project) or "", account.address(server)
        application = RallyApp(
            opened,
            project=name,
            server=address.removesuffix(account.BASE),
            preferences=preferences(),
            unicode=knows_unicode(os.environ),
            colour=knows_colour(os.environ),
            # What stays needs not be looked through again and again while somebody types.
            settled=gc.freeze,
        )
        kept.callback(application.files.close)
        when_hung_up(kept.close)
        gc.set_threshold(*SELDOM)
        application.run()
    raise typer.Exit(application.return_code or 0)


def demonstration(server: str, key: str) -> Callable[[], AsyncCachingRallyClient]:
    """Return what makes a client of the stand-in: it keeps nothing beyond its own life."""

    def make() -> AsyncCachingRallyClient:
        from ..._async.core.store.memory import AsyncMemoryStore

        return made(server=f"http://{server}", api_key=key, store=AsyncMemoryStore())

    return make


def client(
    server: str | None, workspace: str | None, project: str | None, *, offline: bool
) -> Callable[[], AsyncCachingRallyClient]:
    """Return what makes a client; what it refuses is said before the terminal is taken."""
    from ...rally import account

    account.address(server)
    account.credentials(None, None, None)
    return partial(made, server=server, workspace=workspace, project=project, offline=offline)


def made(**options: Any) -> AsyncCachingRallyClient:
    """Make a client; who leaves it waits for nothing that is being asked for anew behind."""
    from ..._async.rally.caching.client import AsyncCachingRallyClient
    from ...core.task import Background

    return AsyncCachingRallyClient(background=Background(drain=0), **options)
