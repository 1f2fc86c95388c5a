# SPDX-License-Identifier: MIT
"""Pass a gate: ask, wait at the ticket's place, ask again."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..._runtime.waiting.park import ParkingPlace
from ..._runtime.waiting.scopes import time_left
from ...core.call import Overdue
from ...core.policy.decision import GO, Decision, Go, Lease, Refuse
from ...core.policy.gate import Ticket
from ...core.policy.refusals import turn_too_late

if TYPE_CHECKING:
    from .leasing import Lessee


async def enter(
    ticket: Ticket,
    clock: Callable[[], float],
    due: float = math.inf,
    lessee: Lessee | None = None,
) -> Ticket:
    """Return a ticket once it is inside; whoever gives up before leaves no trace at the gate.

    Who is refused, or would have to wait beyond its deadline, is told so by an error, at once.
    That is the end of a scope, or the moment `due` by the clock: then Overdue is raised.  Of a
    client whose rate is shared with other processes, a `lessee` asks the store.
    """
    gate = ticket.member.gate
    try:
        while (decision := gate.enter(ticket, clock())) is not GO:
            if isinstance(decision, Lease) and lessee is not None:
                await lessee.lease(ticket, decision.claim, clock, due)
            else:
                await until_woken(ticket, decision, clock, due)
    except BaseException:
        gate.forget(ticket, clock())
        raise
    return ticket


async def until_woken(
    ticket: Ticket, decision: Decision, clock: Callable[[], float], due: float
) -> None:
    """Wait until it is worth asking again, with a place where one may be woken.

    Most tickets see no place; one without is not queued, and asks again once it has one.
    """
    if isinstance(decision, Refuse):
        raise decision.error
    if isinstance(decision, Go | Lease):
        return
    now = clock()
    wait = decision.until - now if decision.until < math.inf else decision.earliest - now
    if 0 < min(time_left(), due - now) <= wait:
        raise turn_too_late(wait, ticket.member.gate.wall())
    place = ticket.place
    if isinstance(place, ParkingPlace) and not place.woken:
        await place.wait(min(decision.until, due) - now)
        if due <= clock():
            raise Overdue
    if not isinstance(place, ParkingPlace) or place.woken:
        ticket.place = ParkingPlace()  # each is good for being woken once
