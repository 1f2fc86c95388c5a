"""`twofold rally rank` and `open`: where a ticket stands, and where a browser finds it."""

from __future__ import annotations

from typing import Annotated

import typer

from ...errors import ArgumentError
from ..entry import FAILED
from ..formats import Format
from ..output import a_reader_who_may_leave, messages, say, send, show, writable
from .options import DryRun, Id, Project, Server, Workspace, Written, reaching

RANKED = ("id", "outcome", "formatted_id", "name", "rank")


def rank(
    id: Id,
    above: Annotated[str | None, typer.Option(metavar="ID", help="Directly above it.")] = None,
    below: Annotated[str | None, typer.Option(metavar="ID", help="Directly below it.")] = None,
    top: Annotated[bool, typer.Option("--top", help="Above all.")] = False,
    bottom: Annotated[bool, typer.Option("--bottom", help="Below all.")] = False,
    dry_run: DryRun = False,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Rank a ticket directly above or below another one, or to the top or bottom of all."""
    from .batches import checked
    from .rows import row

    writable(format)
    if sum((above is not None, below is not None, top, bottom)) != 1:
        raise ArgumentError("give one of --above, --below, --top and --bottom")
    wanted, *others = checked([id, *(each for each in (above, below) if each is not None)])
    if not others and not (top or bottom):
        raise ArgumentError("a ticket cannot be ranked by itself")
    place = f"above {above}" if above else f"below {below}" if below else "top" if top else "bottom"
    with reaching(server, workspace, project) as (rally, _):
        if dry_run:
            ticket, *_ = [rally.get_ticket(each) for each in (wanted, *others)]
        elif top or bottom:
            ticket = rally.rank(wanted, to="top" if top else "bottom")
        else:
            ticket = rally.rank(wanted, above=above, below=below)
    outcome = "would rank" if dry_run else "ranked"
    named = row(ticket, ("formatted_id", "name"))
    show([{"id": wanted, "outcome": outcome, **named, "rank": place}], format, RANKED)


def open_page(
    id: Id,
    only_print: Annotated[
        bool, typer.Option("--print", help="Print the address; open nothing.")
    ] = False,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Open the page of a ticket in a browser, and print its address."""
    from ...rally.account import address
    from ...rally.pages import page_of
    from .batches import checked

    (wanted,) = checked([id])
    with reaching(server, workspace, project) as (rally, _):
        page = page_of(rally.get_ticket(wanted), address(server))
    with a_reader_who_may_leave():
        send(f"{page}\n")
    if not only_print:
        opened(page)


def opened(page: str) -> None:
    import webbrowser

    if not webbrowser.open(page):
        say(messages(), "twofold: there is no browser to open it in")
        raise typer.Exit(FAILED)
