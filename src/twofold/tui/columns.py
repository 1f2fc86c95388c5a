"""What the list says of a ticket, in how many cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from ..rally.models import TestCase, Ticket
from .relations import name_of

NARROW, SMALL = 90, 50  # cells


@attrs.frozen
class Column:
    """One column: what it says of a ticket, and how many cells it takes."""

    title: str
    cells: int
    """0: all that the others leave."""
    say: Callable[[Ticket], str]


def state(ticket: Ticket) -> str:
    """Return the state, or what came of a test case, which has none."""
    verdict = ticket.last_verdict if isinstance(ticket, TestCase) else None
    return ticket.state or verdict or ""


def points(ticket: Ticket) -> str:
    return "" if ticket.points is None else f"{ticket.points:f}"


ID = Column("ID", 9, lambda ticket: ticket.formatted_id)
NAME = Column("Name", 0, lambda ticket: ticket.name)
WIDE = (
    ID,
    Column("State", 13, state),
    Column("Points", 7, points),
    Column("Owner", 18, lambda ticket: name_of(ticket.owner)),
    Column("Iteration", 16, lambda ticket: name_of(ticket.iteration)),
    NAME,
)
USUAL = (ID, Column("State", 12, state), Column("Pts", 5, points), NAME)
SLIM = (ID, Column("State", 6, state), NAME)


def columns(width: int) -> Sequence[Column]:
    """Return those that a list of this width has."""
    if width < NARROW:
        return USUAL if width >= SMALL else SLIM
    return WIDE
