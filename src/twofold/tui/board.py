"""Which tickets are shown, and in which order.

It knows no terminal and no server: what it answers depends on what it was given alone.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
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


@attrs.frozen
class Row:
    """A ticket, and what is asked of it again and again."""

    ticket: Ticket
    words: str
    span: Span | None
    """None: nothing is known of its iteration."""


@attrs.frozen
class Found:
    """What some words find, in order."""

    words: tuple[str, ...]
    rows: Sequence[Row]

    def holds(self, words: tuple[str, ...]) -> bool:
        """Tell whether all that other words find is among these, whatever the tickets."""
        return all(any(part in word for word in words) for part in self.words)

    def narrowed(self, words: tuple[str, ...]) -> Found:
        rows = self.rows
        for word in words:
            rows = [row for row in rows if word in row.words]
        return Found(words, rows)


@attrs.define
class Board:
    """Every ticket that was read, the latest of each.

    Searching is by words: each must be part of the id, the name, the owner or the state.  A search
    that narrows one before it looks through what that one found, and one letter less is the search
    before: it costs what it changes, not what there is.
    """

    me: str | None = None
    """The ref of whom `mine` means."""
    _spans: Mapping[str, Span] = attrs.field(factory=dict[str, Span])
    _rows: dict[str, Row] = attrs.field(factory=dict[str, Row])
    _ordered: dict[Order, list[Row]] = attrs.field(factory=dict[Order, list[Row]])
    _whose: tuple[Order, str | None] | None = None
    _searches: list[Found] = attrs.field(factory=list[Found])
    """Of `_whose` order and owner; each is within the one before, the first is all."""

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, ref: str) -> Ticket | None:
        row = self._rows.get(ref)
        return None if row is None else row.ticket

    @property
    def spans(self) -> Mapping[str, Span]:
        """When each iteration is, by its name: of the same name there is one in each project."""
        return self._spans

    @spans.setter
    def spans(self, spans: Mapping[str, Span]) -> None:
        self._spans = spans
        self._fill([row.ticket for row in self._rows.values()])

    def replace(self, tickets: Iterable[Ticket]) -> None:
        """Forget all that was there; rows of tickets that are the same objects are kept."""
        before = self._rows
        self._rows = {}
        for ticket in tickets:
            row = before.get(ticket.ref)
            if row is None or row.ticket is not ticket:
                row = self._row(ticket)
            self._rows[ticket.ref] = row
        self._forget()

    def put(self, *tickets: Ticket) -> None:
        """Add tickets, or what they have become."""
        self._fill(tickets)

    def drop(self, ref: str) -> None:
        if self._rows.pop(ref, None) is not None:
            self._forget()

    def show(self, view: View) -> Shown:
        rows = self._found(view).rows
        counts = Counter(map(attrgetter("span"), rows))
        of_span = {span: counts[span] for span in Span} | {Span.ALL: len(rows)}
        if view.span is not Span.ALL:
            rows = [row for row in rows if row.span is view.span]
        return Shown([row.ticket for row in rows], len(self), of_span)

    def _found(self, view: View) -> Found:
        """Return what is searched for, of whatever span."""
        whose = (view.order, self.me or "" if view.mine else None)
        if whose != self._whose:
            self._whose, self._searches = whose, [Found((), self._of(*whose))]
        words = tuple(view.search.lower().split())
        while not self._searches[-1].holds(words):
            self._searches.pop()
        if self._searches[-1].words != words:
            self._searches.append(self._searches[-1].narrowed(words))
        return self._searches[-1]

    def _of(self, order: Order, owner: str | None) -> Sequence[Row]:
        rows = self._in_order(order)
        return rows if owner is None else [row for row in rows if owner_ref(row.ticket) == owner]

    def _in_order(self, order: Order) -> list[Row]:
        known = self._ordered.get(order)
        if known is None:
            key, latest = KEYS[order], order is Order.RECENT
            by_time = self._rows.values() if latest else self._in_order(Order.RECENT)
            known = sorted(by_time, key=lambda row: key(row.ticket), reverse=latest)
            self._ordered[order] = known
        return known

    def _fill(self, tickets: Iterable[Ticket]) -> None:
        self._rows |= {ticket.ref: self._row(ticket) for ticket in tickets}
        self._forget()

    def _row(self, ticket: Ticket) -> Row:
        return Row(ticket, words_of(ticket), span_of(ticket.iteration, self._spans))

    def _forget(self) -> None:
        """Forget what was found among other tickets."""
        self._ordered.clear()
        self._searches.clear()
        self._whose = None


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
