"""Who is at a gate: its clients, and their requests.

A client has a place for each limit it is under; a ticket is one request's way through the gate.
Nothing is decided here.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import TYPE_CHECKING

import attrs

from .adaptive import AdaptiveLimit
from .breaker import Circuit
from .changes import Change
from .lease import Share
from .rate import Rate
from .slots import Place

if TYPE_CHECKING:
    from .accounts import Account, Statistics
    from .gate import Gate
    from .lanes import Queue


@attrs.define(eq=False)
class Ceiling:
    """An adaptive limit, and how many requests are inside under it, for whatever account."""

    limit: AdaptiveLimit
    inside: int = 0

    def has_room(self) -> bool:
        return self.inside < self.limit.limit


@attrs.define(eq=False)
class Member:
    """A client at a gate: one account, and what that client was told to keep to."""

    gate: Gate = attrs.field(repr=False)
    account: Account = attrs.field(repr=False)
    concurrency: int | None
    """At most so many at once; None: no limit of its own."""
    circuit: Circuit | None = None
    ceiling: Ceiling | None = None
    rate: Rate | None = None
    share: Share | None = None
    """With whom its rate is shared beyond the process; None: with nobody."""
    inside: int = attrs.field(default=0, init=False)
    most: float = attrs.field(init=False)
    is_plain: bool = attrs.field(init=False)
    """Whether slots are all it is limited by: most are, and pass quicker."""
    queues: dict[str, Queue] = attrs.field(
        factory=lambda: dict[str, "Queue"](), init=False, repr=False
    )
    """Where its requests queue, by bucket."""

    def __attrs_post_init__(self) -> None:
        self.most = math.inf if self.concurrency is None else self.concurrency
        self.is_plain = self.circuit is None and self.ceiling is None and self.rate is None

    def queue(self, bucket: str) -> Queue:
        """Return where requests of a bucket queue; clients of an account share it."""
        self.queues[bucket] = queue = self.account.queue(bucket, self.rate, self.share)
        return queue

    def has_room(self) -> bool:
        return self.inside < self.most and (self.ceiling is None or self.ceiling.has_room())

    def statistics(self) -> Statistics:
        """Count who is inside and who waits, for this client's account."""
        return self.gate.of(self)

    def close(self) -> None:
        """Leave for good: this client's limit no longer counts for its account."""
        self.gate.part(self)

    def lose(self) -> None:
        """Leave for good, at once or soon: for the garbage collector, which may come any time."""
        self.gate.lose(self)


@attrs.define(eq=False)
class Ticket:
    """One request's wish to pass; it enters, and it leaves or is forgotten.

    new -> (queued -> (called ->)) inside -> (reading ->) left.  Whoever is called has all it needs,
    and comes to fetch it.  A queued one may be refused, or unshared: refused for want of a store.
    """

    member: Member
    place: Place | None = None
    """Where its owner waits; without one it is never queued: it goes at once, or may ask again."""
    bucket: str = ""
    weight: int = 1
    key: Hashable = None
    """Whom it is for: those of different keys take turns."""
    state: str = attrs.field(default="new", init=False)
    changes: tuple[Change, ...] = attrs.field(default=(), init=False)
    """What its coming changed."""
    ordinal: int = attrs.field(default=0, init=False)
    """Its number in the server's bucket, if that was known of when it entered."""
    queue: Queue = attrs.field(init=False, repr=False)
    """From here on: set as soon as they mean something."""
    arrival: int = attrs.field(init=False, repr=False)
    until: float = attrs.field(init=False, repr=False)
    """When it was told to come back, or when one that is refused may try."""
    generation: int = attrs.field(init=False, repr=False)
    """Of the circuit it passed."""
    closings: int = attrs.field(init=False, repr=False)
    """Of its bucket, before it was admitted."""
    taken: float = attrs.field(init=False, repr=False)
    """When it was counted by its rate; of a shared one, until when its tokens are good."""
