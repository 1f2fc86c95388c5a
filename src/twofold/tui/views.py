"""What is wanted of a board, and what it finds.  It knows no terminal and no server."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import TypeVar

import attrs

from ..rally.kinds import KINDS, PORTFOLIO_ITEM, Kind, find_kind
from ..rally.models import Ticket
from .ordering import Order

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


@attrs.frozen
class View:
    """What is wanted of a board."""

    search: str = ""
    span: Span = Span.ALL
    mine: bool = False
    order: Order = Order.RECENT
    kind: str = ""
    """A type of tickets as it stands in addresses, such as `defect`; empty: every type."""


@attrs.frozen
class Shown:
    """What a view finds."""

    tickets: Sequence[Ticket]
    total: int
    """How many there are, whatever is searched for."""
    of_span: Mapping[Span, int]
    """How many of its type the search finds in each span."""
    of_kind: Mapping[str, int]
    """How many of its span the search finds of each type."""


def kind_of(ticket: Ticket) -> str:
    """Return the type of a ticket as it stands in addresses: `portfolioitem/feature`."""
    return ticket.ref.rpartition("/")[0].strip("/")


def covers(kind: Kind, path: str) -> bool:
    """Tell whether tickets of a type come along when those of a kind are read."""
    return path == kind.path or path.startswith(f"{kind.path}/")


def many(path: str) -> str:
    """Return what several tickets of a type are called."""
    kind = find_kind(path)
    name = path if kind is None else kind.name
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def in_usual_order(paths: Sequence[str]) -> list[str]:
    """Order types: stories, defects and tasks first, levels of portfolio items last."""
    known = [kind.path for kind in (*KINDS, PORTFOLIO_ITEM)]
    return sorted(paths, key=lambda path: (known.index(path) if path in known else 99, path))
