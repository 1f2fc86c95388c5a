"""Tickets as a list on stdout, in the columns that are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from ...rally.models import Ticket
from ..formats import Format
from ..output import messages, say, show
from .rows import absent, row


def show_list(tickets: Sequence[Ticket], format: Format, columns: Sequence[str]) -> None:
    show([row(ticket, columns) for ticket in tickets], format, columns)
    warn_of_absent(tickets, columns)


def warn_of_absent(tickets: Sequence[Ticket], columns: Sequence[str]) -> None:
    """Say which columns are empty since no ticket has such a field: its name may be misspelt.

    It is no error, since the server leaves out what it does not know, and what some types have not.
    """
    for name in absent(tickets, columns):
        say(messages(), f"warning: no ticket came with a field called {name}")
