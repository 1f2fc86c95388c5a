"""The gate of one origin: who may send now, who waits, in which order, and who is refused.

One gate serves every client of an origin, on any loop and in any thread at once.  Breaker, bucket
of the server, rate, adaptive limit and slots are asked in one decision, under one lock, and taken
in one instant or not at all: nobody holds one while waiting for another.  Nothing waits here: a
ticket that may not go yet stands in a queue with its place, and the place is woken when there is
something to ask for.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock

import attrs

from ..forks import renewed_in_child
from .accounts import Statistics as Statistics
from .adaptive import Adaptive
from .admitting import (
    admit,
    close_for_others,
    closed,
    is_unhindered,
    tell_policies,
    undo,
)
from .breaker import Breaker, Circuit
from .changes import Change
from .clients import Clients
from .decision import GO, Decision, Lease, Refuse, Wait
from .hall import Hall
from .lease import Claim, Share, Tokens
from .rate import Rate
from .refusals import circuit_open, store_failed
from .seen import UNSEEN, Seen
from .tickets import Member as Member
from .tickets import Ticket as Ticket


@attrs.define(eq=False)
class Gate:
    """Admission to one origin: ask `enter`, tell `leave`; `forget` whoever gives up."""

    wall: Callable[[], float] = attrs.field(default=time.time, kw_only=True, repr=False)
    """Seconds since 1970: only for telling people when to come back."""
    _clients: Clients = attrs.field(factory=Clients, init=False, repr=False)
    _hall: Hall = attrs.field(factory=Hall, init=False, repr=False)
    _lock: Lock = attrs.field(factory=Lock, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        renewed_in_child(self)

    def renew(self) -> None:
        """Begin anew in a forked child: nobody is inside, and nobody waits."""
        self._lock = Lock()
        self._hall = Hall()
        self._clients.renew()

    def join(
        self,
        account: str,
        concurrency: int | Adaptive | None,
        *,
        breaker: Breaker | None = None,
        rate: Rate | None = None,
        share: Share | None = None,
    ) -> Member:
        """Add a client that sends for an account.

        Clients with an equal `breaker`, or an equal adaptive limit, share its state; those of one
        account with an equal `rate` share that, and with a `share` so do other processes.
        """
        with self._lock:
            self._clients.part_with_lost()
            member = self._clients.join(self, account, concurrency, breaker, rate, share)
            shared = member.account
            waiting = shared.tickets() if shared.has_room() else []
        # One who asks again, asks for all.  Who cannot be woken any more is found out later.
        any(ticket.place is not None and ticket.place.wake() for ticket in waiting)
        return member

    def part(self, member: Member) -> None:
        """Let a client go; what it has under way is still counted.  Twice is as good as once."""
        with self._lock:
            self._clients.part(member)

    def lose(self, member: Member) -> None:
        """Let a client go as soon as somebody asks.

        The garbage collector calls this, perhaps in a thread that holds the lock: it takes none.
        """
        self._clients.lost.append(member)

    def enter(self, ticket: Ticket, now: float) -> Decision:
        """Admit a ticket, give it a place in the queue, or refuse it; once woken, ask again.

        Only the first of a queue is told a time: it keeps it for all.  One may be told to `Lease`:
        it tells `leased` or `unleased`, whatever comes of it, or is forgotten.  A ticket that has
        no place to wait at is not queued: the answer says how long it would be, and leaves no
        trace.
        """
        with self._lock:
            if self._clients.lost:
                self._clients.part_with_lost()
            if ticket.state == "new":
                member = ticket.member
                account = member.account
                queue = ticket.queue = member.queues.get(ticket.bucket) or member.queue(
                    ticket.bucket
                )
                # Nobody overtakes: where nobody waits there is nobody to overtake.
                if (
                    not account.queued
                    and member.inside < member.most
                    and account.inside < account.most
                ):
                    if member.is_plain and queue.quota.server is None:
                        ticket.state = "inside"
                        member.inside += 1
                        account.inside += 1
                        queue.quota.inside += 1
                        return GO
                    if is_unhindered(ticket, now):
                        admit(ticket, now)
                        ticket.state = "inside"
                        return GO
            woken: list[Ticket] = []
            self._hall.ask(ticket, now, woken)
            decision = self._answer(ticket, now)
        if woken:
            self._wake(woken, now)
        return decision

    def hear(self, ticket: Ticket, now: float, seen: Seen) -> tuple[Change, ...]:
        """Take note of what came back for one that stays inside, since its answer is still read.

        What a server says of its limits is news for all who wait, and must not grow old with that.
        """
        with self._lock:
            if ticket.state != "inside":
                return ()
            ticket.state = "reading"
            member = ticket.member
            woken: list[Ticket] = []
            changes = tell_policies(ticket, seen, now)
            if member.ceiling is not None:
                member.ceiling.inside += 1  # it has not left
            ticket.queue.quota.inside -= 1  # to the server it has
            if changes and member.circuit is not None:
                self._refuse(member.circuit, now, woken)
            if self._hall.turns:
                self._hall.settle(member, now, woken)
        self._wake(woken, now)
        return changes

    def leave(self, ticket: Ticket, now: float, seen: Seen | None = None) -> tuple[Change, ...]:
        """Give back what a ticket holds, and hand it on; a second call changes nothing.

        `seen` is what came back, None if that was nothing that tells anything: it was cancelled.
        Of one that was heard before nothing more is told.
        Returned is what changed because of it, for the call's own listener.
        """
        changes: tuple[Change, ...] = ()
        with self._lock:
            if self._clients.lost:
                self._clients.part_with_lost()
            before = ticket.state
            if before not in ("inside", "reading"):
                return ()
            ticket.state = "left"
            member, quota = ticket.member, ticket.queue.quota
            woken: list[Ticket] = []
            if before == "reading":
                quota.inside += 1  # `hear` took it off
                if member.ceiling is not None:
                    member.ceiling.inside -= 1
            elif not member.is_plain or quota.server or (seen is not None and seen.heard):
                changes = tell_policies(ticket, seen or UNSEEN, now)
                if changes and member.circuit is not None:
                    self._refuse(member.circuit, now, woken)
            member.inside -= 1
            member.account.inside -= 1
            quota.inside -= 1
            if self._hall.turns:
                self._hall.settle(member, now, woken)
        if woken:
            self._wake(woken, now)
        return changes

    def forget(self, ticket: Ticket, now: float) -> None:
        """Take out a ticket that gave up before anything was sent, wherever it stands.

        All that it was handed goes on to others, what it took of a rate included.
        """
        with self._lock:
            woken: list[Ticket] = []
            if ticket.state == "queued":
                self._hall.remove(ticket)
            elif ticket.state in ("called", "inside"):
                undo(ticket, now)
            if ticket.state != "new" and ticket.queue.shared is not None:
                ticket.queue.shared.dismiss(ticket)
            ticket.state = "left"
            if self._hall.turns:
                self._hall.settle(ticket.member, now, woken)
        if woken:
            self._wake(woken, now)

    def leased(self, ticket: Ticket, tokens: Tokens, asked: float, now: float) -> bool:
        """Take what a store gave one that was told to `Lease`, and asked at that moment.

        False: it came too late to be of use, as if the store had failed.
        """
        shared = ticket.queue.shared
        with self._lock:
            if shared is None or shared.asker is not ticket:
                return True  # its process forked: these are the parent's
            is_useful = shared.receive(tokens, asked, now)
            if not is_useful:
                shared.fail(now, passes=True)
            elif tokens.closed:
                close_for_others(ticket.queue.quota, tokens.closed, now)
        self._settle(ticket, now)
        return is_useful

    def unleased(self, ticket: Ticket, now: float, *, passes: bool) -> None:
        """Take note that a store could not be asked; `passes`: that will pass by itself."""
        shared = ticket.queue.shared
        with self._lock:
            if shared is None or shared.asker is not ticket:
                return  # its process forked: this was the parent's
            shared.fail(now, passes=passes)
        self._settle(ticket, now)

    def closing(self, member: Member, bucket: str, now: float) -> Claim | None:
        """Return what tells the store, and so other processes, that a bucket is closed.

        None: it is not, or there is no store.
        """
        with self._lock:
            queue = member.queues.get(bucket)
            if queue is None or queue.shared is None or not queue.quota.is_closed:
                return None
            wait = queue.quota.known(now).wait(now)
            return queue.shared.closing(wait) if 0 < wait < math.inf else None

    def throttle(
        self, member: Member, bucket: str, seconds: float | None, now: float
    ) -> tuple[Change, ...]:
        """Close a bucket in which the server throttled in a way that only `read` understood.

        `seconds` is for how long, None if it did not say.  Returned is what changed.
        """
        with self._lock:
            quota = (member.queues.get(bucket) or member.queue(bucket)).quota
            quota.known(now).throttle(seconds, now)
            return (closed(quota, now),)

    def statistics(self, account: str) -> Statistics:
        """Count who is inside and who waits, for one account."""
        with self._lock:
            self._clients.part_with_lost()
            shared = self._clients.accounts.get(account)
            return Statistics(0, 0, 0) if shared is None else shared.statistics()

    def of(self, member: Member) -> Statistics:
        """Count who is inside and who waits, for a client's account, under that client's limits."""
        with self._lock:
            self._clients.part_with_lost()
            counted = member.account.statistics()
            ceiling, circuit = member.ceiling, member.circuit
            limit = counted.limit
            if ceiling is not None:
                limit = ceiling.limit.limit if limit is None else min(limit, ceiling.limit.limit)
            state = None if circuit is None else circuit.state.value
            return attrs.evolve(counted, limit=limit, circuit=state)

    def force_open(self, circuit: Circuit, now: float) -> None:
        """Open a circuit of this gate by hand; whoever waits for it is refused."""
        woken: list[Ticket] = []
        with self._lock:
            circuit.force_open()
            self._refuse(circuit, now, woken)
        self._wake(woken, now)

    def disable(self, circuit: Circuit) -> None:
        """Let a circuit of this gate pass everything, whatever it sees."""
        with self._lock:
            circuit.disable()

    def reset(self, circuit: Circuit, now: float) -> None:
        """Close a circuit of this gate, and go on as usual."""
        with self._lock:
            circuit.reset(now)

    def _refuse(self, circuit: Circuit, now: float, woken: list[Ticket]) -> None:
        """Refuse who waits for a circuit; who stood behind one of them may be the first now."""
        self._hall.refuse_queued(circuit, now, woken)
        for ticket in list(woken):
            self._hall.settle(ticket.member, now, woken)

    def _answer(self, ticket: Ticket, now: float) -> Decision:
        if ticket.state == "inside":
            return GO
        if ticket.state == "refused":
            return Refuse(circuit_open(ticket.until - now, self.wall()))
        if ticket.state == "unshared":
            return Refuse(store_failed(ticket.until - now, self.wall()))
        claim = ticket.queue.claim(ticket, now)
        if claim is not None:
            return Lease(claim)
        wait = ticket.queue.wait(ticket.weight, now)
        return Wait(ticket.until, now + wait if wait < math.inf else now)

    def _settle(self, ticket: Ticket, now: float) -> None:
        """Call who may go, once it is known what a store said to a ticket's owner."""
        woken: list[Ticket] = []
        with self._lock:
            self._hall.refuse_unshared(ticket.queue, now, woken)
            if self._hall.turns:
                self._hall.settle(ticket.member, now, woken)
        self._wake(woken, now)

    def _wake(self, tickets: list[Ticket], now: float) -> None:
        """Wake those for whom there is news; who cannot be woken any more is forgotten."""
        for ticket in tickets:
            if ticket.place is not None and not ticket.place.wake():
                self.forget(ticket, now)
