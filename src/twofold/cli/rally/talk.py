"""`twofold rally discussions` and `comment`: what is said of a ticket."""

from __future__ import annotations

from typing import Annotated

import typer

from ...errors import ArgumentError
from ..formats import Format
from ..output import show, writable
from .lists import listed
from .options import (
    DryRun,
    Id,
    Project,
    Server,
    Workspace,
    Written,
    reaching,
    text_of,
)

SAID = ("number", "user", "created", "text")


def discussions(
    id: Id,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """List every comment on a ticket, oldest first; texts are HTML, as they are kept."""
    from .batches import checked

    (wanted,) = checked([id])
    listed(lambda rally: rally.get_discussions(wanted), SAID, format, server, workspace, project)


def comment(
    id: Id,
    text: Annotated[str, typer.Argument(metavar="TEXT|-", help="Plain text; -: all of stdin.")],
    dry_run: DryRun = False,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Add a comment to a ticket's discussion; it is sent once."""
    from .batches import checked
    from .outcomes import shown_when_interrupted
    from .rows import COMMENTED, commented, would_comment

    writable(format)
    (wanted,) = checked([id])
    said = text_of("-") if text == "-" else text
    if not said.strip():
        raise ArgumentError("a comment must not be empty")
    with reaching(server, workspace, project) as (rally, _):
        if dry_run:
            row = would_comment(wanted, rally.get_ticket(wanted), said)
        else:
            lost = {**dict[str, object].fromkeys(COMMENTED), "id": wanted, "outcome": "unknown"}
            with shown_when_interrupted(lambda: [lost], format, COMMENTED):
                row = commented(wanted, rally.add_comment(wanted, said))
    show([row], format, COMMENTED)
