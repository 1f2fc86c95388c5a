"""`twofold rally create`: one new ticket."""

from __future__ import annotations

from typing import Annotated

import typer

from ..entry import DONE, PARTLY_FAILED
from ..formats import Format
from ..output import show, writable
from .options import DryRun, Project, Server, Workspace, Written, reaching, text_of
from .value_options import Fields, Iteration, Owner, Parent, Points, Release, State
from .words import types


def create(
    type: Annotated[
        str, typer.Argument(metavar="TYPE", help="story, defect, ...", autocompletion=types)
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    state: State = None,
    points: Points = None,
    owner: Owner = None,
    parent: Parent = None,
    iteration: Iteration = None,
    release: Release = None,
    field: Fields = None,
    description: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Where the description is: plain text; -: stdin."),
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="The description is HTML.")] = False,
    dry_run: DryRun = False,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Create a ticket in the project; it is sent once.  3: some of its fields were ignored."""
    from ...rally import account
    from ...rally.drafts import new
    from . import creating
    from .outcomes import shown_when_interrupted
    from .values import values

    writable(format)
    given = values(
        state=state,
        points=points,
        owner=owner,
        parent=parent,
        iteration=iteration,
        release=release,
        field=field,
    )
    if description is not None:
        given = creating.described(given, text_of(description), is_html=html)
    made = new(type, name, given, account.prefixes(None))
    with reaching(server, workspace, project) as (rally, _):
        if dry_run:
            show(creating.would_create(rally, made), format, creating.PLANNED)
            return
        lost = creating.under_way(made, name)
        with shown_when_interrupted(lambda: [lost], format, creating.CREATED):
            row = creating.created(rally.create_ticket(made.kind.path, name, given))
    show([row], format, creating.CREATED)
    raise typer.Exit(PARTLY_FAILED if row["error"] else DONE)
