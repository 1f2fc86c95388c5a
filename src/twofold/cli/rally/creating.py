"""A new ticket: its description, what it would be, what it became."""

from __future__ import annotations

import html
from collections.abc import Mapping

from ..._sync.rally.client import RallyClient
from ...errors import ArgumentError
from ...rally.drafts import New
from ...rally.models import Ticket
from ..formats import Row
from .outcomes import ignored, spelled, spoken
from .rows import row

CREATED = ("outcome", "formatted_id", "type", "name", "state", "points", "ref", "error")
PLANNED = ("outcome", "type", "field", "to")


def described(given: Mapping[str, object], text: str, *, is_html: bool) -> dict[str, object]:
    """Add a description; plain text is shown as it is written, line by line."""
    if "description" in given or "Description" in given:
        raise ArgumentError("the description is given twice")
    shown = text if is_html else "<br />".join(html.escape(text, quote=False).splitlines())
    return {**given, "description": shown}


def would_create(rally: RallyClient, made: New) -> list[Row]:
    """Return a row for each field; what the ticket would be under must be there."""
    wanted = made.draft.wanted(made.kind)
    if wanted.under is not None:
        rally.get_ticket(str(spoken(wanted.under)))
    fields = spelled(wanted)
    return [
        {"outcome": "would create", "type": made.kind.name, "field": field, "to": value}
        for field, value in fields.items()
    ]


def created(ticket: Ticket) -> Row:
    """Return the row of a new ticket; fields that the server ignored are an error."""
    return {
        "outcome": "created",
        **row(ticket, CREATED[1:-1]),
        "error": ignored(ticket.warnings),
    }


def under_way(made: New, name: str) -> Row:
    """Return the row of a ticket that is being created: it may be there or not."""
    nothing = dict[str, object].fromkeys(CREATED)
    return {**nothing, "outcome": "unknown", "type": made.kind.name, "name": name}
