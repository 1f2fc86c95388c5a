"""`twofold rally drift`: what the server sends that twofold does not know, found by reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ..entry import DONE, FAILED
from ..formats import Format, Row
from ..output import messages, say, show, writable
from .options import Project, Server, Types, Workspace, Written, reaching

if TYPE_CHECKING:
    from ..._sync.rally.client import RallyClient
    from ...events import Event

UNAUTHORIZED = 401

COLUMNS = ("model", "key", "kind", "times", "operation", "path")


def drift(
    type: Types = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 if there is any: for a nightly check.")
    ] = False,
    size: Annotated[
        int, typer.Option(help="Read so many objects of each type.", min=1, max=2000)
    ] = 200,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """List where the server's answers are not as twofold knows them.

    A page of each type is read, of timeboxes, tags and what belongs to a ticket: names and places
    are shown, never values.  Nothing is written.  All types of tickets, if none are named.
    """
    from ...rally.kinds import KINDS, kinds_named

    writable(format)
    kinds = [kind.path for kind in (kinds_named(type) if type else KINDS)]
    with reaching(server, workspace, project) as (rally, _):
        seen = Seen()
        rally.listeners.add(seen)
        for name, read in reads(rally, kinds, size):
            tried(name, read)
        rows = [*seen.rows(rally)]
        if others := rally.drift.others:
            say(messages(), f"and {others} more, in places too many to be told apart")
    show(rows, format, COLUMNS)
    raise typer.Exit(FAILED if strict and rows else DONE)


class Seen:
    """Where each drift was seen first."""

    def __init__(self) -> None:
        self._rows: dict[object, Row] = {}

    def __call__(self, event: Event) -> None:
        from ...events import DriftSeen

        if isinstance(event, DriftSeen):
            place = {"operation": event.operation, "path": event.fault.path}
            self._rows[event.fault.drift] = place

    def rows(self, rally: RallyClient) -> Iterator[Row]:
        for each, times in rally.drift.counts.items():
            found = {"model": each.model, "key": each.key, "kind": each.kind.value, "times": times}
            yield {**found, **self._rows[each]}


def reads(
    rally: RallyClient, kinds: list[str], size: int
) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what is read, each with its name."""
    for kind in kinds:
        yield kind, partial(page_of, rally, kind, size)
    yield "iterations", rally.get_iterations
    yield "releases", rally.get_releases
    yield "tags", rally.get_tags
    yield "the current user", rally.get_current_user
    yield "a ticket", partial(belongings, rally, kinds)


def page_of(rally: RallyClient, kind: str, size: int) -> None:
    next(rally.iter_tickets(kind, page_size=size).pages())


def belongings(rally: RallyClient, kinds: list[str]) -> None:
    """Read a ticket by itself, and what belongs to it."""
    ticket = rally.iter_tickets(kinds, page_size=1).first()
    if ticket is not None:
        for read in (rally.get_ticket, rally.get_discussions, rally.get_revisions):
            read(ticket)
        rally.get_attachments(ticket)


def tried(name: str, read: Callable[[], object]) -> None:
    """Read something; what this workspace has not, or nobody may see, is no drift."""
    from ...errors import CredentialsError, NotFoundError, RequestError

    try:
        read()
    except (CredentialsError, NotFoundError, RequestError) as error:
        if error.status == UNAUTHORIZED:
            raise
        say(messages(), f"{name} left out: {error}")
