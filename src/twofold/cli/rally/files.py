"""`twofold rally attachments`: listed, downloaded, uploaded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...errors import ArgumentError
from ..formats import Format, Row
from ..output import show, writable
from .lists import listed
from .options import DryRun, Id, Project, Server, Workspace, Written, reaching

ATTACHED = ("object_id", "name", "size", "content_type", "description", "user", "created")

attachments = typer.Typer(no_args_is_help=True, help="List, download and upload attached files.")


@attachments.command("list")
def list_attachments(
    id: Id,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """List what is attached to a ticket, oldest first."""
    from .batches import checked

    (wanted,) = checked([id])
    listed(
        lambda rally: rally.get_attachments(wanted), ATTACHED, format, server, workspace, project
    )


@attachments.command()
def download(
    id: Id,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME",
            help="Its name or ObjectID; all that is attached, if none is given.",
            show_default=False,
        ),
    ] = None,
    to: Annotated[
        Path,
        typer.Option(metavar="FOLDER", exists=True, file_okay=False, help="Where the files go."),
    ] = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be downloaded.")
    ] = False,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Write what is attached to a ticket into files; no file that is there is replaced."""
    from .batches import checked, ending
    from .outcomes import failures, shown_when_interrupted
    from .transfers import FETCHED, chosen, fetch

    writable(format)
    (wanted,) = checked([id])
    rows: list[Row] = []
    with (
        shown_when_interrupted(lambda: rows, format, FETCHED),
        reaching(server, workspace, project) as (rally, watch),
    ):
        for each in chosen(rally.get_attachments(wanted), names):
            rows.append(fetch(rally, each, to, watch, dry_run=dry_run))  # noqa: PERF401 - kept so far
    show(rows, format, FETCHED)
    raise typer.Exit(ending(failures(rows), len(rows)))


@attachments.command()
def upload(
    id: Id,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", exists=True, dir_okay=False, help="What is to be attached."
        ),
    ],
    name: Annotated[str | None, typer.Option(help="Of a single file, in place of its own.")] = None,
    description: Annotated[str | None, typer.Option(help="What people are told of it.")] = None,
    content_type: Annotated[
        str | None, typer.Option("--content-type", help="Such as image/png; else by the name.")
    ] = None,
    dry_run: DryRun = False,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Attach files to a ticket, of 50 MB at most, one after another; each is sent once."""
    from .batches import checked, ending
    from .outcomes import failures, shown_when_interrupted
    from .transfers import SENT, checked_files, send, under_way

    writable(format)
    (wanted,) = checked([id])
    if name is not None and len(files) != 1:
        raise ArgumentError("--name is for a single file")
    known = checked_files(files, name, content_type, description)
    rows: list[Row] = []
    with (
        shown_when_interrupted(lambda: rows, format, SENT),
        reaching(server, workspace, project) as (rally, watch),
    ):
        ticket = rally.get_ticket(wanted)
        for path, file in known.items():
            rows.append(under_way(path, file))  # for whoever interrupts it
            rows[-1] = send(rally, ticket, path, file, watch, dry_run=dry_run)
    show(rows, format, SENT)
    raise typer.Exit(ending(failures(rows), len(rows)))
