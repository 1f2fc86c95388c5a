"""An account at a gate: whom the server counts, with the slots and the queues of its clients."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TypeAlias

import attrs

from .lanes import Queue, Quota
from .lease import Share
from .rate import Meter, Rate
from .shared_meter import SharedMeter
from .tickets import Member, Ticket


@attrs.frozen
class Statistics:
    """What goes on at a gate, for one account of it."""

    inside: int
    """Requests under way."""
    queued: int
    limit: int | None
    """At most so many at once; None: no limit."""
    circuit: str | None = None
    """The state of the client's breaker, such as `closed`; None: it has none."""
    closed: tuple[str, ...] = ()
    """The buckets in which the server throttled, and that have not reopened."""


Kind: TypeAlias = tuple[str, Rate | None, Share | None]
"""What those have in common who stand in one queue: bucket, rate, and with whom that is shared."""


def metered(bucket: str, rate: Rate | None, share: Share | None) -> Meter | SharedMeter | None:
    if rate is None:
        return None
    return Meter(rate) if share is None else SharedMeter(rate, share, bucket)


@attrs.define(eq=False)
class Account:
    """The slots of one account, and who waits for them."""

    inside: int = 0
    most: float = 0.0
    """The largest of the living clients' own limits; infinity: no limit."""
    queued: int = 0
    arrivals: int = 0
    members: list[Member] = attrs.field(factory=lambda: list[Member]())
    quotas: dict[str, Quota] = attrs.field(factory=lambda: dict[str, Quota]())
    queues: dict[Kind, Queue] = attrs.field(factory=lambda: dict[Kind, Queue]())
    turns: OrderedDict[Queue, None] = attrs.field(factory=lambda: OrderedDict[Queue, None]())
    """The queues in which somebody waits, in the order of their turns."""

    @property
    def limit(self) -> int | None:
        return None if self.most == math.inf else int(self.most)

    def measure(self) -> None:
        """Take note that a client came or went."""
        self.most = max((member.most for member in self.members), default=0.0)

    def queue(self, bucket: str, rate: Rate | None, share: Share | None = None) -> Queue:
        """Return where those queue who share a bucket and a rate."""
        kind = (bucket, rate, share)
        if kind not in self.queues:
            quota = self.quotas.setdefault(bucket, Quota(bucket))
            self.queues[kind] = Queue(quota, metered(bucket, rate, share))
        return self.queues[kind]

    def statistics(self) -> Statistics:
        closed = tuple(sorted(name for name, quota in self.quotas.items() if quota.is_closed))
        return Statistics(self.inside, self.queued, self.limit, closed=closed)

    def has_room(self) -> bool:
        return self.inside < self.most

    def next(self, now: float, woken: list[Ticket]) -> Ticket | None:
        """Return who may go now; who must keep the time instead is woken, if need be."""
        if not self.has_room():
            return None
        for queue in self.turns:
            ticket = queue.next(now, woken)
            if ticket is not None:
                return ticket
        return None

    def add(self, ticket: Ticket) -> None:
        """Let a ticket queue, behind all that came before."""
        self.arrivals += 1
        ticket.arrival = self.arrivals
        ticket.queue.add(ticket)
        self._added(ticket)

    def put_back(self, ticket: Ticket) -> None:
        """Let a ticket queue again where it stood before it was called."""
        ticket.queue.put_back(ticket)
        self._added(ticket)
        self.turns.move_to_end(ticket.queue, last=False)

    def remove(self, ticket: Ticket) -> None:
        """Take a ticket out of its queue."""
        queue = ticket.queue
        queue.remove(ticket)
        self.queued -= 1
        if not queue.lanes:
            del self.turns[queue]

    def end_turn(self, ticket: Ticket) -> None:
        """Let other keys and other queues go before those of a ticket that went."""
        queue = ticket.queue
        if queue in self.turns:
            queue.end_turn(ticket.key)
            self.turns.move_to_end(queue)

    def tickets(self) -> list[Ticket]:
        """Return all who wait."""
        return [ticket for queue in self.turns for ticket in queue]

    def renew(self) -> None:
        """Begin anew in a forked child: nobody is inside, and nobody waits."""
        self.inside = self.queued = 0
        self.turns.clear()
        for queue in self.queues.values():
            queue.renew()
        for quota in self.quotas.values():
            quota.inside = 0
            if quota.server is not None:
                quota.server.renew()
        for member in self.members:
            member.inside = 0

    def _added(self, ticket: Ticket) -> None:
        self.queued += 1
        ticket.until = math.inf
        ticket.state = "queued"
        self.turns.setdefault(ticket.queue)
