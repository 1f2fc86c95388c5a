"""Those who wait at a gate: who comes, who is called, who is refused, who comes too late.

Nothing is woken here: what is done to a ticket whose owner should ask again is put down in `woken`.
The gate's lock guards all of it.
"""

from __future__ import annotations

import math
from collections import OrderedDict

import attrs

from .accounts import Account
from .admitting import (
    admit,
    blocked_until,
    may_go,
    pass_circuit,
    undo,
    unshared_until,
    was_overtaken,
)
from .breaker import Circuit, State
from .lanes import Queue
from .tickets import Member, Ticket


@attrs.define(eq=False)
class Hall:
    """The queues of all accounts, of which each has its turn."""

    turns: OrderedDict[Account, None] = attrs.field(
        factory=lambda: OrderedDict[Account, None](), init=False
    )
    """Those for whom somebody waits, in the order of their turns."""

    def ask(self, ticket: Ticket, now: float, woken: list[Ticket]) -> None:
        """Let a ticket come that does not simply pass, or ask again."""
        if ticket.state == "new":
            self._arrive(ticket, now, woken)
        elif ticket.state == "queued":
            ticket.until = math.inf
            self.settle(ticket.member, now, woken)
        if ticket.state == "called":
            self._come(ticket, now, woken)
        if ticket in woken:
            woken.remove(ticket)  # it is here

    def _arrive(self, ticket: Ticket, now: float, woken: list[Ticket]) -> None:
        member, queue = ticket.member, ticket.queue
        if queue.meter is not None and ticket.weight != 1:
            queue.meter.settings.check(ticket.weight)
        until = blocked_until(ticket, now)
        if until is not None:
            ticket.state, ticket.until = "refused", until
        elif (until := unshared_until(ticket, now)) is not None:
            ticket.state, ticket.until = "unshared", until
        elif not member.account.queued and may_go(ticket, now):
            self._admit(ticket, now, woken)
        else:
            self._queue(ticket)
            self.settle(member, now, woken)
            if ticket.place is None and ticket.state == "queued":
                self.remove(ticket)
                ticket.state = "new"

    def _come(self, ticket: Ticket, now: float, woken: list[Ticket]) -> None:
        """Let one in that was called, unless the circuit opened or the bucket closed meanwhile."""
        circuit = ticket.member.circuit
        if circuit is not None and circuit.generation != ticket.generation:
            until = circuit.blocked_until(now)
            if until is not None:
                undo(ticket, now)
                ticket.state, ticket.until = "refused", until
                self.settle(ticket.member, now, woken)
                return
            pass_circuit(ticket, now)
            self.refuse_queued(circuit, now, woken)
        if was_overtaken(ticket, now):
            undo(ticket, now)
            self._queue(ticket, again=True)
            self.settle(ticket.member, now, woken)
        else:
            ticket.state = "inside"

    def settle(self, member: Member, now: float, woken: list[Ticket]) -> None:
        """Call whoever may go now; they are to be woken, once the lock is given back.

        What one account gives back, no other waits for; but an adaptive limit is of them all.
        """
        own = [member.account] if member.account in self.turns else []
        accounts = list(self.turns) if member.ceiling is not None else own
        called = bool(accounts)
        while called:
            called = False
            for account in accounts:
                ticket = account.next(now, woken)
                if ticket is not None:
                    self._call(ticket, now, woken)
                    called = True

    def _call(self, ticket: Ticket, now: float, woken: list[Ticket]) -> None:
        """Give the next one all it needs, and end its turn."""
        account = ticket.member.account
        self.remove(ticket)
        account.end_turn(ticket)
        if account in self.turns:
            self.turns.move_to_end(account)
        woken.append(ticket)
        until = blocked_until(ticket, now)
        if until is not None:
            ticket.state, ticket.until = "refused", until
        else:
            self._admit(ticket, now, woken)
            ticket.state = "called"

    def _admit(self, ticket: Ticket, now: float, woken: list[Ticket]) -> None:
        admit(ticket, now)
        ticket.state = "inside"
        circuit = ticket.member.circuit
        if circuit is not None and circuit.state is State.HALF_OPEN:
            self.refuse_queued(circuit, now, woken)

    def refuse_queued(self, circuit: Circuit, now: float, woken: list[Ticket]) -> None:
        """If a circuit lets nobody go, nobody waits to go through it."""
        until = circuit.blocked_until(now)
        if until is None:
            return
        waiting = [ticket for account in self.turns for ticket in account.tickets()]
        for ticket in waiting:
            if ticket.member.circuit is circuit:
                self.remove(ticket)
                ticket.state, ticket.until = "refused", until
                woken.append(ticket)

    def refuse_unshared(self, queue: Queue, now: float, woken: list[Ticket]) -> None:
        """If nobody goes without the store that failed, nobody waits for it."""
        for ticket in list(queue):
            until = unshared_until(ticket, now)
            if until is not None:
                self.remove(ticket)
                ticket.state, ticket.until = "unshared", until
                woken.append(ticket)

    def _queue(self, ticket: Ticket, *, again: bool = False) -> None:
        account = ticket.member.account
        (account.put_back if again else account.add)(ticket)
        self.turns.setdefault(account)

    def remove(self, ticket: Ticket) -> None:
        account = ticket.member.account
        account.remove(ticket)
        if not account.queued:
            del self.turns[account]
