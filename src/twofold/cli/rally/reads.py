"""`twofold rally tickets`, `show` and `search`: tickets, read."""

from __future__ import annotations

from typing import Annotated

import typer

from ..formats import Format
from ..output import messages, say, show, writable
from .options import (
    Columns,
    Ids,
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
    Written,
    reaching,
)


def tickets(
    type: Types = None,
    state: InState = None,
    owner: OfOwner = None,
    iteration: InIteration = None,
    where: Where = None,
    query: InQuery = None,
    order: Order = None,
    field: Columns = None,
    limit: Annotated[
        int | None, typer.Option(help="Read no more than so many; else all.", min=1)
    ] = None,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """List the tickets that match every filter: all of them, each once."""
    from .columns import show_list
    from .filters import filters, read
    from .rows import COLUMNS, to_fetch

    writable(format)
    columns = tuple(field or COLUMNS)
    fetch = to_fetch(columns)
    wanted = filters(type, state=state, owner=owner, iteration=iteration, where=where, query=query)
    with reaching(server, workspace, project) as (rally, watch):
        found = read(rally, wanted, watch, order=order, fetch=fetch, limit=limit)
    show_list(found, format, columns)


def show_tickets(
    ids: Ids,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Show every field of one or several tickets."""
    from .batches import checked, ending, look_up
    from .rows import whole_row

    writable(format)
    wanted = checked(ids)
    with reaching(server, workspace, project) as (rally, watch):
        result = look_up(rally, wanted, watch)
    show([whole_row(one.value) for one in result.succeeded], format, is_upright=True)
    for failure in result.failed:
        say(messages(), f"twofold: {failure.item}: {failure.error}")
    raise typer.Exit(ending(len(result.failed), len(result)))


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Part of a name, say, or an id.")],
    type: Types = None,
    field: Columns = None,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """List the tickets whose name, description or notes hold a text, in capitals or not.

    If the text is an id such as US12, that ticket comes first.
    """
    from ...rally.kinds import kinds_named
    from .columns import show_list
    from .rows import COLUMNS

    writable(format)
    columns = tuple(field or COLUMNS)
    types = [kind.path for kind in kinds_named(type)] if type else None
    with reaching(server, workspace, project) as (rally, _):
        found = rally.search_tickets(text, types)
    show_list(found, format, columns)
