"""Tickets as a board keeps them: with what is asked of each again and again."""

from __future__ import annotations

from functools import lru_cache

import attrs

from ..rally.models import Ticket
from .ordering import recency
from .relations import name_of
from .views import kind_of


@attrs.frozen(eq=False)
class Where:
    """What tickets are counted by; one object for each, so that many are soon counted."""

    kind: str
    """A type as it stands in addresses."""
    iteration: str | None
    """The name of an iteration; None: there is none."""


where = lru_cache(maxsize=4096)(Where)


@attrs.frozen(eq=False)
class Row:
    """A ticket, and what is asked of it again and again."""

    ticket: Ticket
    words: str
    where: Where
    recent: float


def row_of(ticket: Ticket) -> Row:
    iteration = None if ticket.iteration is None else name_of(ticket.iteration)
    return Row(ticket, words_of(ticket), where(kind_of(ticket), iteration), recency(ticket.updated))


def latest(before: Row | None, ticket: Ticket) -> Row:
    """Return the row of a ticket that was read; what a change has made of it since is later."""
    if before is None:
        return row_of(ticket)
    is_same = before.ticket is ticket
    return before if is_same or version(before.ticket) > version(ticket) else row_of(ticket)


def version(ticket: Ticket) -> int:
    return ticket.version or 0


def words_of(ticket: Ticket) -> str:
    return "\n".join(
        (ticket.formatted_id, ticket.name, name_of(ticket.owner), ticket.state or "")
    ).lower()
