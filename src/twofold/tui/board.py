"""Which tickets are shown, and in which order.

It knows no terminal and no server: what it answers depends on what it was given alone.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

import attrs

from ..rally.models import Defect, PortfolioItem, Reference, Story, Task, Ticket

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)

Key: TypeAlias = tuple[str, ...] | datetime
E = TypeVar("E")


def following(members: Sequence[E], member: E) -> E:
    """Return the next one, after the last the first."""
    return members[(members.index(member) + 1) % len(members)]


class Span(enum.Enum):
    """When a ticket is to be done, by its iteration."""

    ALL = "all"
    CURRENT = "current"
    FUTURE = "future"
    PAST = "past"
    BACKLOG = "backlog"
    """Of no iteration."""

    @property
    def next(self) -> Span:
        return following(list(Span), self)


class Order(enum.Enum):
    """What comes first; tickets that are equal in it stay in the order of their last change."""

    RECENT = "recent"
    STATE = "state"
    OWNER = "owner"
    PARENT = "parent"

    @property
    def next(self) -> Order:
        return following(list(Order), self)


@attrs.frozen
class View:
    """What is wanted of a board."""

    search: str = ""
    span: Span = Span.ALL
    mine: bool = False
    order: Order = Order.RECENT


@attrs.frozen
class Shown:
    """What a view finds."""

    tickets: Sequence[Ticket]
    total: int
    """How many there are, whatever is searched for."""
    of_span: Mapping[Span, int]
    """How many the search finds in each span."""


@attrs.define
class Board:
    """Every ticket that was read, the latest of each.

    Searching is by words: each must be part of the id, the name, the owner or the state.
    """

    me: str | None = None
    """The ref of whom `mine` means."""
    spans: Mapping[str, Span] = attrs.field(factory=dict[str, Span])
    """When each iteration is, by its name: of the same name there is one in each project."""
    _tickets: dict[str, Ticket] = attrs.field(factory=dict[str, Ticket])
    _words: dict[str, str] = attrs.field(factory=dict[str, str])
    _ordered: dict[Order, list[Ticket]] = attrs.field(factory=dict[Order, list[Ticket]])

    def __len__(self) -> int:
        return len(self._tickets)

    def get(self, ref: str) -> Ticket | None:
        return self._tickets.get(ref)

    def replace(self, tickets: Iterable[Ticket]) -> None:
        """Forget all that was there; words of tickets that are the same objects are kept."""
        before, words = self._tickets, self._words
        self._tickets = {ticket.ref: ticket for ticket in tickets}
        self._words = {
            ref: words[ref] if before.get(ref) is ticket else words_of(ticket)
            for ref, ticket in self._tickets.items()
        }
        self._ordered.clear()

    def put(self, *tickets: Ticket) -> None:
        """Add tickets, or what they have become."""
        for ticket in tickets:
            self._tickets[ticket.ref] = ticket
            self._words[ticket.ref] = words_of(ticket)
        self._ordered.clear()

    def drop(self, ref: str) -> None:
        if self._tickets.pop(ref, None) is not None:
            del self._words[ref]
            self._ordered.clear()

    def show(self, view: View) -> Shown:
        found = self._found(view)
        counts = dict.fromkeys(Span, 0)
        spans = self.spans
        inside: list[Ticket] = []
        for ticket in found:
            span = span_of(ticket.iteration, spans)
            if span is not None:
                counts[span] += 1
            if view.span in (Span.ALL, span):
                inside.append(ticket)
        counts[Span.ALL] = len(found)
        return Shown(inside, len(self), counts)

    def _found(self, view: View) -> Sequence[Ticket]:
        """Return what is searched for, in order, of whatever span."""
        found = self._in_order(view.order)
        if view.mine:
            found = [ticket for ticket in found if owner_ref(ticket) == self.me]
        for word in view.search.lower().split():
            words = self._words
            found = [ticket for ticket in found if word in words[ticket.ref]]
        return found

    def _in_order(self, order: Order) -> list[Ticket]:
        known = self._ordered.get(order)
        if known is None:
            latest = order is Order.RECENT
            by_time = self._tickets.values() if latest else self._in_order(Order.RECENT)
            known = sorted(by_time, key=KEYS[order], reverse=latest)
            self._ordered[order] = known
        return known


def words_of(ticket: Ticket) -> str:
    return "\n".join(
        (ticket.formatted_id, ticket.name, name_of(ticket.owner), ticket.state or "")
    ).lower()


def name_of(reference: Reference | None) -> str:
    return "" if reference is None else reference.name or ""


def owner_ref(ticket: Ticket) -> str | None:
    return None if ticket.owner is None else ticket.owner.ref


def span_of(iteration: Reference | None, spans: Mapping[str, Span]) -> Span | None:
    """Return when an iteration is; None: nothing is known of it."""
    return Span.BACKLOG if iteration is None else spans.get(iteration.name or "")


def parent_of(ticket: Ticket) -> Reference | None:
    """Return what a ticket belongs to, whatever its type calls it."""
    match ticket:
        case Story():
            return ticket.parent or ticket.feature
        case Defect():
            return ticket.requirement
        case Task():
            return ticket.work_product
        case PortfolioItem():
            return ticket.parent
        case _:
            return None


def last(text: str) -> tuple[str, ...]:
    """Return a key that puts what is empty after all else."""
    return (text.lower(),) if text else ("\U0010ffff",)


KEYS: Mapping[Order, Callable[[Ticket], Key]] = {
    Order.RECENT: lambda ticket: ticket.updated or LONG_AGO,
    Order.STATE: lambda ticket: last(ticket.state or ""),
    Order.OWNER: lambda ticket: last(name_of(ticket.owner)),
    Order.PARENT: lambda ticket: last(name_of(parent_of(ticket))),
}
