"""`twofold rally`: what one does with Rally, from a terminal or a script; a module a subject."""

from __future__ import annotations

import typer

from .bulk import bulk
from .create import create
from .drift import drift
from .export import export
from .files import attachments
from .people import tags, users
from .places import open_page, rank
from .planning import features, iterations, releases, summary
from .reads import search, show_tickets, tickets
from .talk import comment, discussions
from .tui import tui
from .writes import delete, update

app = typer.Typer(no_args_is_help=True)
app.command("tickets")(tickets)
app.command("show")(show_tickets)
app.command("search")(search)
app.command("export")(export)
app.command("create")(create)
app.command("update")(update)
app.command("delete")(delete)
app.command("bulk")(bulk)
app.command("rank")(rank)
app.command("discussions")(discussions)
app.command("comment")(comment)
app.add_typer(attachments, name="attachments")
app.add_typer(tags, name="tags")
app.command("iterations")(iterations)
app.command("releases")(releases)
app.command("summary")(summary)
app.add_typer(features, name="features")
app.command("users")(users)
app.command("open")(open_page)
app.command("drift")(drift)
app.command("tui")(tui)


@app.callback()
def commands() -> None:
    """Read and write Rally's tickets.

    The key is read from $RALLY_APIKEY, or user name and password from $RALLY_USERNAME and
    $RALLY_PASSWORD, or either from the settings file; never from an argument.
    Data goes to stdout, all else to stderr.  Exit codes: 0 done, 1 failed, 2 misuse, 3 partly
    failed, 130 interrupted.
    """
