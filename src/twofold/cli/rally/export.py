"""`twofold rally export`: everything that matches, in a file for other programs."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from ..output import messages, say
from .options import (
    Columns,
    InIteration,
    InQuery,
    InState,
    OfOwner,
    Order,
    Project,
    Server,
    Types,
    Where,
    Workspace,
    reaching,
)


class Lines(enum.StrEnum):
    """Formats that are written ticket by ticket."""

    CSV = "csv"
    JSONL = "jsonl"


def export(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE|-", help="What is there is replaced; -: stdout.", dir_okay=False
        ),
    ],
    type: Types = None,
    state: InState = None,
    owner: OfOwner = None,
    iteration: InIteration = None,
    where: Where = None,
    query: InQuery = None,
    order: Order = None,
    field: Columns = None,
    format: Annotated[
        Lines | None,
        typer.Option(help="By the end of the file's name, if left out; else jsonl."),
    ] = None,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Write every ticket that matches to a file: the whole list, or an error and no file.

    It is read as a whole, so it is complete even while others work; it is held in memory until it
    is written.
    """
    from .columns import warn_of_absent
    from .exporting import line_format, save
    from .filters import filters, read
    from .rows import EXPORTED, row, to_fetch

    columns = tuple(field or EXPORTED)
    fetch = to_fetch(columns)
    wanted = filters(type, state=state, owner=owner, iteration=iteration, where=where, query=query)
    kind = line_format(file, format)
    with reaching(server, workspace, project) as (rally, watch):
        found = read(rally, wanted, watch, order=order, fetch=fetch)
    save(file, kind, (row(ticket, columns) for ticket in found), columns)
    if file != Path("-"):
        say(messages(), f"{len(found):,} {'ticket' if len(found) == 1 else 'tickets'} in {file}")
    warn_of_absent(found, columns)
