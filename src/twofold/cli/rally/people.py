"""`twofold rally users` and `tags`: what belongs to the workspace as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from ..formats import Format
from ..output import show, writable
from .lists import listed
from .options import (
    DryRun,
    IdFile,
    InQuery,
    Project,
    Server,
    SomeIds,
    Workspace,
    Written,
    ids_of,
    reaching,
)

if TYPE_CHECKING:
    from .tagging import Act

USER = ("user_name", "display_name", "email_address", "disabled", "ref")
TAG = ("name", "archived", "usage_count", "ref")

tags = typer.Typer(no_args_is_help=True, help="List tags, add one to tickets, take one from them.")

TagName: TypeAlias = Annotated[str, typer.Argument(metavar="TAG", help="The tag's name.")]


def users(
    query: InQuery = None,
    everybody: Annotated[bool, typer.Option("--all", help="Those that are disabled, too.")] = False,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """List the users of the workspace, by their user names."""
    from .queries import parsed

    asked = parsed(query)
    listed(
        lambda rally: rally.get_users(query=asked, disabled=None if everybody else False),
        USER,
        format,
        server,
        workspace,
        project,
    )


@tags.command("list")
def list_tags(
    query: InQuery = None,
    every: Annotated[bool, typer.Option("--all", help="Those that are archived, too.")] = False,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """List the tags of the workspace, by name."""
    from .queries import parsed

    asked = parsed(query)
    listed(
        lambda rally: rally.get_tags(query=asked, archived=None if every else False),
        TAG,
        format,
        server,
        workspace,
        project,
    )


@tags.command("add")
def add_tag(
    tag: TagName,
    ids: SomeIds = None,
    file: IdFile = None,
    dry_run: DryRun = False,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Add a tag to tickets; one that there is not yet is created first."""
    from .tagging import ADD

    tag_each(ADD, tag, ids_of(ids, file), dry_run, format, (server, workspace, project))


@tags.command("remove")
def remove_tag(
    tag: TagName,
    ids: SomeIds = None,
    file: IdFile = None,
    dry_run: DryRun = False,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Take a tag from tickets; the tag itself stays."""
    from .tagging import REMOVE

    tag_each(REMOVE, tag, ids_of(ids, file), dry_run, format, (server, workspace, project))


def tag_each(
    act: Act,
    tag: str,
    ids: list[str],
    dry_run: bool,
    format: Format,
    place: tuple[str | None, str | None, str | None],
) -> None:
    from .batches import checked, ending
    from .outcomes import failures, shown_when_interrupted
    from .tagging import PLANNED, TAGGED, Known, named, plan, tagged

    writable(format)
    name, wanted = named(tag), checked(ids)
    known: Known = {}
    if dry_run:
        with reaching(*place) as (rally, watch):
            rows = plan(rally, act, name, wanted, watch)
    else:
        with (
            shown_when_interrupted(lambda: list(known.values()), format, TAGGED),
            reaching(*place) as (rally, watch),
        ):
            tagged(rally, act, name, wanted, watch, known)
        rows = list(known.values())
    show(rows, format, PLANNED if dry_run else TAGGED)
    raise typer.Exit(ending(failures(rows), len(rows)))
