# SPDX-License-Identifier: MIT
"""Pass a gate: ask, wait at the ticket's place, ask again."""

from __future__ import annotations

from collections.abc import Callable

from ..._runtime.waiting.park import ParkingPlace
from ...core.policy.decision import Go
from ...core.policy.gate import Member, Ticket


async def enter(member: Member, clock: Callable[[], float]) -> Ticket:
    """Return a ticket that is inside; whoever gives up before leaves no trace at the gate."""
    place = ParkingPlace()
    ticket = Ticket(member, place)
    gate = member.gate
    try:
        while not isinstance(decision := gate.enter(ticket, clock()), Go):
            await place.wait(decision.until - clock())
    except BaseException:
        gate.forget(ticket, clock())
        raise
    return ticket
