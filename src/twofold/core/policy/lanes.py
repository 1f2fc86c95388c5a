"""Who waits at a gate, and who is next: the queues of one account.

Those who share a rate and a bucket of the server stand in one queue.  In it each key has a lane,
and the lanes take turns; within a lane the order is that of arrival.  One that waits for time keeps
its turn: nobody of the queue takes what it waits for, and it alone keeps the time for all.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from itertools import islice

import attrs

from .bucket import Bucket
from .lease import Claim
from .rate import Meter
from .shared_meter import MOST, SharedMeter
from .tickets import Member, Ticket

# Seconds: a moment that is computed twice may differ by the rounding of floats.
NOISE = 1e-6


@attrs.define(eq=False)
class Quota:
    """What one bucket of the server grants one account."""

    name: str
    inside: int = 0
    server: Bucket | None = None
    """What the server said of it; None: nothing yet, as most never do."""
    closings: int = 0
    """How often the server throttled."""

    @property
    def is_closed(self) -> bool:
        return self.server is not None and self.server.is_closed

    def known(self, now: float) -> Bucket:
        """Return the bucket, made when there is something to know of it."""
        if self.server is None:
            self.server = Bucket()
            for _ in range(self.inside):
                self.server.enter(now)
        return self.server


@attrs.define(eq=False)
class Lane:
    """Those of one key, each client's apart: a client that has no room lets the others pass."""

    key: Hashable
    standing: dict[Member, OrderedDict[Ticket, None]] = attrs.field(
        factory=lambda: dict[Member, OrderedDict[Ticket, None]](), init=False
    )

    def add(self, ticket: Ticket) -> None:
        self.standing.setdefault(ticket.member, OrderedDict())[ticket] = None

    def put_back(self, ticket: Ticket) -> None:
        """Give a ticket the place again that it had by its arrival."""
        self.add(ticket)
        own = self.standing[ticket.member]
        for other in sorted(own, key=arrival):
            own.move_to_end(other)

    def remove(self, ticket: Ticket) -> None:
        own = self.standing[ticket.member]
        del own[ticket]
        if not own:
            del self.standing[ticket.member]

    def first(self) -> Ticket | None:
        """Return the longest waiting of those whose client has room."""
        heads = [next(iter(own)) for member, own in self.standing.items() if member.has_room()]
        return min(heads, key=arrival) if heads else None


@attrs.define(eq=False)
class Queue:
    """Those of one account who share a bucket and a rate."""

    quota: Quota
    meter: Meter | SharedMeter | None
    shared: SharedMeter | None = attrs.field(init=False)
    """The meter, if it shares its rate with other processes."""
    lanes: OrderedDict[Hashable, Lane] = attrs.field(
        factory=lambda: OrderedDict[Hashable, Lane](), init=False
    )
    """Of all keys that somebody waits for, in the order of their turns."""

    def __attrs_post_init__(self) -> None:
        self.shared = self.meter if isinstance(self.meter, SharedMeter) else None

    def wait(self, weight: int, now: float) -> float:
        """Return the seconds until so much may go; infinity: until a probe or a lease is there."""
        server, meter = self.quota.server, self.meter
        wait = 0.0 if server is None else server.wait(now)
        if meter is not None:
            own = meter.wait(weight, now)
            # Tokens that are missing are asked for once the server lets somebody go.
            if own > wait and (own < math.inf or not wait):
                wait = own
        return wait if wait and now + wait > now else 0.0

    def next(self, now: float, woken: list[Ticket]) -> Ticket | None:
        """Return who may go now.

        If there is nobody because of the time, the first is told to keep it: it is woken, unless
        it knows already.
        """
        for lane in self.lanes.values():
            ticket = lane.first()
            if ticket is not None:
                wait = self.wait(ticket.weight, now)
                if not wait:
                    return ticket
                if wait == math.inf:
                    self._appoint(ticket, now, woken)
                elif now + wait < ticket.until - NOISE:
                    ticket.until = now + wait
                    woken.append(ticket)
                return None
        return None

    def _appoint(self, ticket: Ticket, now: float, woken: list[Ticket]) -> None:
        """Have a ticket's owner ask the store, if that is what the queue waits for."""
        shared = self.shared
        if shared is None or self._is_held_up(now) or not shared.lacks(now):
            return
        shared.asker = ticket
        woken.append(ticket)

    def _is_held_up(self, now: float) -> bool:
        """Tell whether the server lets nobody go, whatever is in hand."""
        return self.quota.server is not None and self.quota.server.wait(now) > 0.0

    def claim(self, ticket: Ticket, now: float) -> Claim | None:
        """Return what a ticket's owner is to ask the store for; None: nothing."""
        shared, member = self.shared, ticket.member
        if shared is None or shared.asker is not ticket or shared.is_asked:
            return None
        if self._is_held_up(now):  # since it was appointed
            shared.dismiss(ticket)
            return None
        ticket.until = math.inf  # it asks, and keeps no time
        room = min(member.most - member.inside, member.account.most - member.account.inside) - 1
        waiting = sum(other.weight for other in islice(self, MOST) if other is not ticket)
        return shared.claim(ticket.weight, waiting, room, now)

    def add(self, ticket: Ticket) -> None:
        self._lane(ticket.key).add(ticket)

    def put_back(self, ticket: Ticket) -> None:
        """Undo a turn."""
        self._lane(ticket.key).put_back(ticket)
        self.lanes.move_to_end(ticket.key, last=False)

    def remove(self, ticket: Ticket) -> None:
        """Take a ticket out, and end the turn of its key."""
        if self.shared is not None and not self.shared.is_asked:
            self.shared.dismiss(ticket)
        lane = self.lanes[ticket.key]
        lane.remove(ticket)
        if not lane.standing:
            del self.lanes[ticket.key]

    def end_turn(self, key: Hashable) -> None:
        if key in self.lanes:
            self.lanes.move_to_end(key)

    def renew(self) -> None:
        """Begin anew in a forked child: nobody waits."""
        self.lanes.clear()
        if self.shared is not None:
            self.shared.renew()

    def __iter__(self) -> Iterator[Ticket]:
        for lane in self.lanes.values():
            for own in lane.standing.values():
                yield from own

    def _lane(self, key: Hashable) -> Lane:
        lane = self.lanes.get(key)
        if lane is None:
            lane = self.lanes[key] = Lane(key)
        return lane


def arrival(ticket: Ticket) -> int:
    return ticket.arrival
