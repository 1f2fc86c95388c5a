"""`twofold rally tui`: the application, over a server or over a stand-in of it."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from .emulated import emulator
from .entry import MISUSE, missing_extra
from .rally_options import Project, Server, Workspace

if TYPE_CHECKING:
    from .._async.rally.caching.client import AsyncCachingRallyClient

NEEDED = {"textual": "tui"}
TICKETS = 1000  # of the demonstration


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
    from ..rally import account
    from ..tui.app import RallyApp
    from ..tui.plain_terminal import knows_unicode
    from ..tui.preferences import preferences

    with ExitStack() as kept:
        if demo:
            ready = kept.enter_context(emulator("rally", ["--tickets", str(TICKETS)]))
            made = demonstration(ready["server"], ready["api_key"])
            name, address = "Demonstration", ready["url"]
        else:
            made = client(server, workspace, project, offline=offline)
            name, address = account.project(project) or "", account.address(server)
        application = RallyApp(
            made,
            project=name,
            server=address.removesuffix(account.BASE),
            preferences=preferences(),
            unicode=knows_unicode(os.environ),
            # What stays needs not be looked through again and again while somebody types.
            settled=gc.freeze,
        )
        application.run()
    raise typer.Exit(application.return_code or 0)


def demonstration(server: str, key: str) -> Callable[[], AsyncCachingRallyClient]:
    """Return what makes a client of the stand-in: it keeps nothing beyond its own life."""

    def make() -> AsyncCachingRallyClient:
        from .._async.core.store.memory import AsyncMemoryStore
        from .._async.rally.caching.client import AsyncCachingRallyClient

        return AsyncCachingRallyClient(
            server=f"http://{server}", api_key=key, store=AsyncMemoryStore()
        )

    return make


def client(
    server: str | None, workspace: str | None, project: str | None, *, offline: bool
) -> Callable[[], AsyncCachingRallyClient]:
    """Return what makes a client; what it refuses is said before the terminal is taken."""
    from .._async.rally.caching.client import AsyncCachingRallyClient
    from ..rally import account

    account.address(server)
    account.credentials(None, None, None)

    def make() -> AsyncCachingRallyClient:
        return AsyncCachingRallyClient(
            server=server, workspace=workspace, project=project, offline=offline
        )

    return make
