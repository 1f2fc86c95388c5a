"""`twofold rally iterations`, `releases`, `summary` and `features`: what is planned."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated, TypeAlias, cast

import attrs
import typer

from ..formats import Format
from ..output import show, writable
from .lists import listed
from .options import (
    Columns,
    Id,
    InQuery,
    Order,
    Project,
    Server,
    Where,
    Workspace,
    Written,
    reaching,
)

if TYPE_CHECKING:
    from ...rally.timeboxes import When as Whenever

ITERATION = ("name", "state", "start_date", "end_date", "planned_velocity", "project", "ref")
RELEASE = ("name", "state", "start_date", "end_date", "version", "project", "ref")
FEATURE = ("formatted_id", "type", "name", "state", "points", "owner", "parent")


class When(enum.StrEnum):
    """Which timeboxes are meant, by the server's day."""

    CURRENT = "current"
    PAST = "past"
    FUTURE = "future"


During: TypeAlias = Annotated[
    When | None, typer.Option("--when", help="By the server's day; all, if left out.")
]
Below: TypeAlias = Annotated[
    bool, typer.Option("--below", help="Those of the projects beneath, too.")
]

features = typer.Typer(no_args_is_help=True, help="List portfolio items, or what is under one.")


def iterations(
    when: During = None,
    below: Below = False,
    query: InQuery = None,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """List the iterations of the project, by their start."""
    from .queries import parsed

    asked = parsed(query)
    listed(
        lambda rally: rally.get_iterations(spoken(when), query=asked, below=below),
        ITERATION,
        format,
        server,
        workspace,
        project,
    )


def releases(
    when: During = None,
    below: Below = False,
    query: InQuery = None,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """List the releases of the project, by their start."""
    from .queries import parsed

    asked = parsed(query)
    listed(
        lambda rally: rally.get_releases(spoken(when), query=asked, below=below),
        RELEASE,
        format,
        server,
        workspace,
        project,
    )


def spoken(when: When | None) -> Whenever:
    return None if when is None else cast("Whenever", when.value)


def summary(
    iteration: Annotated[
        str | None,
        typer.Argument(metavar="ITERATION", help="Its name; else the current one."),
    ] = None,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Add up the stories, defects and tasks of a sprint."""
    writable(format)
    with reaching(server, workspace, project) as (rally, _):
        found = rally.get_sprint_summary(iteration)
    show([attrs.asdict(found)], format, is_upright=True)


@features.command("list")
def list_features(
    level: Annotated[
        str, typer.Option(help="feature, epic, initiative, theme, or as the workspace calls it.")
    ] = "feature",
    where: Where = None,
    query: InQuery = None,
    order: Order = None,
    field: Columns = None,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """List the portfolio items of a level: all of them, each once."""
    from .columns import show_list
    from .queries import matching
    from .rows import to_fetch

    writable(format)
    columns = tuple(field or FEATURE)
    asked, fetch = matching(query, where), to_fetch(columns)
    with reaching(server, workspace, project) as (rally, watch):
        found = rally.get_features(
            level, query=asked, order=order, fetch=fetch, progress=watch(f"reading {level}")
        )
    show_list(found, format, columns)


@features.command("children")
def list_children(
    id: Id,
    field: Columns = None,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """List what is directly under a portfolio item, highest rank first."""
    from .batches import checked
    from .columns import show_list
    from .rows import COLUMNS

    writable(format)
    columns = tuple(field or COLUMNS)
    (wanted,) = checked([id])
    with reaching(server, workspace, project) as (rally, _):
        found = rally.get_feature_children(wanted)
    show_list(found, format, columns)
