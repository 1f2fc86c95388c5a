"""What a ticket refers to, whatever its type calls it."""

from __future__ import annotations

from ..rally.models import Defect, PortfolioItem, Reference, Story, Task, TestCase, Ticket


def name_of(reference: Reference | None) -> str:
    return "" if reference is None else reference.name or ""


def owner_ref(ticket: Ticket) -> str | None:
    return None if ticket.owner is None else ticket.owner.ref


def parent_of(ticket: Ticket) -> Reference | None:
    """Return what a ticket belongs to."""
    match ticket:
        case Story():
            return ticket.parent or ticket.feature
        case Defect():
            return ticket.requirement
        case Task() | TestCase():
            return ticket.work_product
        case PortfolioItem():
            return ticket.parent
        case _:
            return None
