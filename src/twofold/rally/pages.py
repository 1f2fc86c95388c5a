"""Where people find a ticket with a browser."""

from __future__ import annotations

from .account import BASE
from .kinds import STORY
from .models import Ticket


def page_of(ticket: Ticket, server: str) -> str:
    """Return the address of a ticket's page on a server: its origin, or where its services are."""
    path, _, number = ticket.ref.strip("/").rpartition("/")
    shown = "userstory" if path == STORY.path else path
    return f"{server.removesuffix(BASE)}/#/detail/{shown}/{number}"
