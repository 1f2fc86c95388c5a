"""`twofold rally bulk`: one change for every ticket that matches."""

from __future__ import annotations

import enum
from typing import Annotated

import typer

from ..formats import Format
from ..output import askable, messages, show, writable
from .options import (
    DryRun,
    InIteration,
    InQuery,
    InState,
    OfOwner,
    Project,
    RecordFile,
    Server,
    Types,
    Where,
    Workspace,
    Written,
    Yes,
    client,
)
from .words import values


class Action(enum.StrEnum):
    """What is done to every ticket."""

    STATE = "state"
    POINTS = "points"
    OWNER = "owner"
    PARENT = "parent"
    ITERATION = "iteration"
    RELEASE = "release"
    DELETE = "delete"


def bulk(
    action: Annotated[Action, typer.Argument(help="What to set, or delete.")],
    value: Annotated[
        str | None,
        typer.Argument(
            metavar="VALUE",
            help="What it is set to, as `update` takes it; nothing to delete.",
            show_default=False,
            autocompletion=values,
        ),
    ] = None,
    type: Types = None,
    state: InState = None,
    owner: OfOwner = None,
    iteration: InIteration = None,
    where: Where = None,
    query: InQuery = None,
    record: RecordFile = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Change every ticket that matches; says how many there are, and asks, before it does.

    With a record that holds tickets already, those are gone on with, whatever matches now.
    """
    from ...rally.bulk_record import BulkRecord
    from . import bulk_course as course
    from .batches import ending
    from .filters import filters, narrowed

    writable(format)
    change = course.change(action, value)
    wanted = narrowed(
        filters(type, state=state, owner=owner, iteration=iteration, where=where, query=query)
    )
    change.check(wanted)
    askable(yes=yes or dry_run)
    kept = BulkRecord(record)
    with client(messages(), server, workspace, project) as rally:
        if dry_run:
            rows, columns = course.planned(rally, change, wanted)
        else:
            rows, columns = course.done(rally, change, wanted, kept, format, yes=yes)
    show(rows, format, columns)
    raise typer.Exit(ending(course.failures(rows), len(rows)))
