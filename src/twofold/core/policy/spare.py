"""Whether there is room at a gate for what can be done without."""

from __future__ import annotations

from .breaker import State
from .decision import Go
from .tickets import Ticket


def would_go(ticket: Ticket, now: float) -> bool:
    """Tell whether a ticket that waits nowhere would pass at once; nothing is taken.

    An origin that is only being tried whether it is back is spared.
    """
    circuit = ticket.member.circuit
    if circuit is not None and circuit.state not in (State.CLOSED, State.DISABLED):
        return False
    gate = ticket.member.gate
    goes = isinstance(gate.enter(ticket, now), Go)
    if goes:
        gate.forget(ticket, now)
    return goes
