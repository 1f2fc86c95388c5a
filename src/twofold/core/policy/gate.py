"""The gate of one origin: who may send now, who waits, in which order.

One gate serves every client of an origin, on any loop and in any thread at once.  Slots are
counted for each account, since that is whom the server counts.  Nothing waits here: a ticket that
may not go yet stands in the queue with its place, and the place is woken when its turn comes.
Breaker, rate and adaptive limit will be asked at the same two points, `enter` and `leave`, so that
nobody holds one while waiting for another.
"""

from __future__ import annotations

import math
from collections import deque
from threading import Lock
from typing import Protocol

import attrs

from ..forks import renewed_in_child
from .decision import GO, Go, Wait

FOREVER = Wait(math.inf)


class Place(Protocol):
    """Where somebody waits: the seam's parking place."""

    def wake(self) -> bool: ...


@attrs.frozen
class Statistics:
    """What goes on at a gate, or for one account of it."""

    inside: int
    """Requests under way."""
    queued: int
    limit: int | None
    """At most so many at once; None: no limit."""


@attrs.define(eq=False)
class Account:
    """The slots of one account: whom the server counts."""

    inside: int = 0
    limit: int | None = 0
    """The largest of the living clients' own; None: no limit."""
    arrivals: int = 0
    members: list[Member] = attrs.field(factory=lambda: list[Member]())

    def measure(self) -> None:
        """Take note that a client came or went."""
        own = [member.concurrency for member in self.members]
        self.limit = None if None in own else max((n for n in own if n is not None), default=0)

    def has_room(self) -> bool:
        return self.limit is None or self.inside < self.limit

    def next(self) -> Ticket | None:
        """Take the longest waiting ticket off its queue, of all whose client has room."""
        heads = [member for member in self.members if member.queue and member.has_room()]
        if not heads or not self.has_room():
            return None
        return min(heads, key=lambda member: member.queue[0].arrival).queue.popleft()


@attrs.define(eq=False)
class Member:
    """A client at a gate: one account, at most so many requests at once."""

    gate: Gate
    account: Account
    concurrency: int | None
    inside: int = 0
    queue: deque[Ticket] = attrs.field(factory=lambda: deque[Ticket]())

    def has_room(self) -> bool:
        return self.concurrency is None or self.inside < self.concurrency

    def close(self) -> None:
        """Leave for good: this client's limit no longer counts for its account."""
        self.gate.part(self)

    def lose(self) -> None:
        """Leave for good, at once or soon: for the garbage collector, which may come any time."""
        self.gate.lose(self)


@attrs.define(eq=False)
class Ticket:
    """One request's wish to pass; it enters, and it leaves or is forgotten."""

    member: Member
    place: Place
    arrival: int = 0
    state: str = "new"  # new -> (queued ->) inside -> left


@attrs.define(eq=False)
class Gate:
    """Admission to one origin: ask `enter`, tell `leave`; `forget` whoever gives up."""

    _accounts: dict[str, Account] = attrs.field(factory=lambda: dict[str, Account](), init=False)
    _lost: deque[Member] = attrs.field(factory=lambda: deque[Member](), init=False)
    _lock: Lock = attrs.field(factory=Lock, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        renewed_in_child(self)

    def renew(self) -> None:
        """Begin anew in a forked child: nobody is inside, and nobody waits."""
        self._lock = Lock()
        for account in self._accounts.values():
            account.inside = 0
            for member in account.members:
                member.inside = 0
                member.queue.clear()

    def join(self, account: str, concurrency: int | None) -> Member:
        """Add a client that sends for an account, at most `concurrency` requests at once."""
        with self._lock:
            self._part_with_lost()
            shared = self._accounts.setdefault(account, Account())
            member = Member(self, shared, concurrency)
            shared.members.append(member)
            shared.measure()
            woken = admissions(shared)
        self._wake(woken)
        return member

    def part(self, member: Member) -> None:
        """Let a client go; what it has under way is still counted.  Twice is as good as once."""
        with self._lock:
            self._part(member)

    def lose(self, member: Member) -> None:
        """Let a client go as soon as somebody asks.

        The garbage collector calls this, perhaps in a thread that holds the lock: it takes none.
        """
        self._lost.append(member)

    def enter(self, ticket: Ticket, now: float) -> Go | Wait:  # noqa: ARG002 - rate and breaker will ask
        """Admit a ticket, or give it a place in the queue; once woken, ask again."""
        with self._lock:
            self._part_with_lost()
            if ticket.state == "inside":  # handed over while it waited
                return GO
            member, account = ticket.member, ticket.member.account
            if ticket.state == "new":
                account.arrivals += 1
                ticket.arrival = account.arrivals
                # Nobody overtakes: room is left only where nobody who could use it waits.
                if not member.queue and member.has_room() and account.has_room():
                    admit(ticket)
                    return GO
                ticket.state = "queued"
                member.queue.append(ticket)
            return FOREVER

    def leave(self, ticket: Ticket, now: float) -> None:  # noqa: ARG002 - rate and breaker will ask
        """Give the slot back and hand it on; a second call changes nothing."""
        with self._lock:
            self._part_with_lost()
            woken = released(ticket)
        self._wake(woken)

    def forget(self, ticket: Ticket, now: float) -> None:
        """Take out a ticket that gave up, wherever it stands; a slot it was handed goes on."""
        with self._lock:
            if ticket.state == "queued":
                ticket.member.queue.remove(ticket)
                ticket.state = "left"
        self.leave(ticket, now)

    def statistics(self, account: str) -> Statistics:
        """Count who is inside and who waits, for one account."""
        with self._lock:
            self._part_with_lost()
            shared = self._accounts.get(account)
            if shared is None:
                return Statistics(0, 0, 0)
            queued = sum(len(member.queue) for member in shared.members)
            return Statistics(shared.inside, queued, shared.limit)

    def _part_with_lost(self) -> None:
        while self._lost:
            self._part(self._lost.popleft())

    def _part(self, member: Member) -> None:
        account = member.account
        if member in account.members:
            account.members.remove(member)
            account.measure()
        if not account.members:
            self._accounts = {k: v for k, v in self._accounts.items() if v is not account}

    def _wake(self, tickets: list[Ticket]) -> None:
        """Wake those who were admitted; where nobody can be woken any more, the slot goes on."""
        for ticket in tickets:
            if not ticket.place.wake():
                self.forget(ticket, 0.0)


def admit(ticket: Ticket) -> None:
    ticket.state = "inside"
    ticket.member.inside += 1
    ticket.member.account.inside += 1


def released(ticket: Ticket) -> list[Ticket]:
    """Free what a ticket held; return those who are inside in its place."""
    if ticket.state == "inside":
        ticket.member.inside -= 1
        ticket.member.account.inside -= 1
    ticket.state = "left"
    return admissions(ticket.member.account)


def admissions(account: Account) -> list[Ticket]:
    """Admit whoever may go now; they must be woken, once the lock is given back."""
    admitted: list[Ticket] = []
    while (ticket := account.next()) is not None:
        admit(ticket)
        admitted.append(ticket)
    return admitted
