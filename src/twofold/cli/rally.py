"""`twofold rally`: tickets listed, shown, updated and commented on from a terminal or a script."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import ArgumentError
from .entry import DONE, FAILED, PARTLY_FAILED
from .formats import Format
from .output import messages, say, show, watching, writable
from .rally_options import (
    DryRun,
    Project,
    Server,
    Workspace,
    Written,
    client,
    condition_of,
    ids_of,
    text_of,
)
from .rally_tui import tui

app = typer.Typer(no_args_is_help=True)
app.command("tui")(tui)


@app.callback()
def commands() -> None:
    """Read and write Rally's tickets.

    The key is read from $RALLY_APIKEY, or user name and password from $RALLY_USERNAME and
    $RALLY_PASSWORD, or either from the settings file; never from an argument.
    Data goes to stdout, all else to stderr.  Exit codes: 0 done, 1 failed, 2 misuse, 3 partly
    failed, 130 interrupted.
    """


@app.command()
def tickets(
    type: Annotated[
        list[str] | None,
        typer.Option(
            help="story, defect or task; may be repeated.  All, if left out.",
            show_default=False,
            autocompletion=lambda: ["story", "defect", "task"],
        ),
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(help="A story's schedule state, a defect's or task's state."),
    ] = None,
    owner: Annotated[str | None, typer.Option(help="The owner's user name.")] = None,
    iteration: Annotated[str | None, typer.Option(help="The iteration's name.")] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUE",
            help="Rally's field equals a value, whatever it holds; no value: the field is empty.  "
            "May be repeated.",
            show_default=False,
        ),
    ] = None,
    query: Annotated[str | None, typer.Option(help="A query in Rally's own language.")] = None,
    order: Annotated[
        str | None, typer.Option(help="Within each type, such as 'LastUpdateDate DESC'.")
    ] = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A column, in place of the usual ones: a field as `show` names it, or as Rally "
            "does.  May be repeated.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="Read no more than so many; else all.", min=1)
    ] = None,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """List the tickets that match every filter: all of them, each once."""
    from .rally_jobs import parts, read
    from .rally_rows import COLUMNS, row, to_fetch

    writable(format)
    columns = tuple(field or COLUMNS)
    fetch = to_fetch(columns)
    conditions = [condition_of(text) for text in where or ()]
    wanted = parts(
        type or (), state=state, owner=owner, iteration=iteration, where=conditions, query=query
    )
    console = messages()
    with client(console, server, workspace, project) as rally, watching(console) as watch:
        found = read(rally, wanted, order=order, fetch=fetch, limit=limit, watch=watch)
    show([row(ticket, columns) for ticket in found], format, columns)


@app.command("show")
def show_tickets(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="US12, an ObjectID or a ref.")],
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Show every field of one or several tickets."""
    from .rally_jobs import checked, look_up
    from .rally_rows import whole_row

    writable(format)
    wanted = checked(ids)
    console = messages()
    with client(console, server, workspace, project) as rally, watching(console) as watch:
        result = look_up(rally, wanted, watch)
    show([whole_row(one.value) for one in result.succeeded], format, is_upright=True)
    for failure in result.failed:
        say(console, f"twofold: {failure.item}: {failure.error}")
    raise typer.Exit(ending(len(result.failed), len(result)))


@app.command()
def update(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="US12, an ObjectID or a ref.", show_default=False),
    ] = None,
    state: Annotated[str | None, typer.Option(help="The state to set.")] = None,
    points: Annotated[
        str | None,
        typer.Option(help="The points (hours, for a task) to set; `none` clears them."),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(metavar="FILE|-", help="Further ids, one a line, # for comments; -: stdin."),
    ] = None,
    dry_run: DryRun = False,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Set the state, the points or both of many tickets: one outcome each, in the order given."""
    from . import rally_jobs, rally_rows

    writable(format)
    if state is None and points is None:
        raise ArgumentError("nothing to write: give --state, --points or both")
    if not ids and file is None:
        raise ArgumentError("no tickets: name some, or give --file")
    changes = rally_jobs.Changes(state, points)
    changes.check()
    wanted = rally_jobs.checked(ids_of(ids or (), file))
    console = messages()
    with client(console, server, workspace, project) as rally, watching(console) as watch:
        if dry_run:
            planned = rally_jobs.look_up(rally, wanted, watch)
            columns, rows = rally_rows.PLANNED, rally_rows.plan(planned, changes.of)
            failures = len(planned.failed)
        else:
            outcomes = rally_jobs.update(rally, wanted, changes, watch)
            columns, rows = rally_rows.CHANGED, rally_rows.outcome_rows(outcomes)
            failures = sum(outcome.error is not None for outcome in outcomes)
    show(rows, format, columns)
    raise typer.Exit(ending(failures, len(wanted)))


@app.command()
def comment(
    id: Annotated[str, typer.Argument(metavar="ID", help="US12, an ObjectID or a ref.")],
    text: Annotated[str, typer.Argument(metavar="TEXT|-", help="Plain text; -: all of stdin.")],
    dry_run: DryRun = False,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Add a comment to a ticket's discussion; it is sent once."""
    from .rally_jobs import checked
    from .rally_rows import COMMENTED, commented, would_comment

    writable(format)
    (wanted,) = checked([id])
    said = text_of("-") if text == "-" else text
    if not said.strip():
        raise ArgumentError("a comment must not be empty")
    console = messages()
    with client(console, server, workspace, project) as rally:
        if dry_run:
            row = would_comment(wanted, rally.get_ticket(wanted), said)
        else:
            row = commented(wanted, rally.add_comment(wanted, said))
    show([row], format, COMMENTED)


def ending(failed: int, total: int) -> int:
    """Return the exit code of a batch."""
    if not failed:
        return DONE
    return FAILED if failed == total else PARTLY_FAILED
