# SPDX-License-Identifier: MIT
"""One request on its way: through the gate of its origin, to the engine, and out of the gate."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..._runtime.waiting.scopes import move_on_after
from ...core.call import CallRecord, Overdue
from ...core.credentials import Anonymous, Signed
from ...core.policy.decision import GO
from ...core.policy.gate import Member, Ticket
from ...core.policy.seen import Seen
from ...core.preparing import prepared
from ...core.request import Operation, Origin, Patience, Reply, Request
from ...core.wire.http1.refusals import Expired
from ...core.wire.seen import seen_in, seen_of, unanswered
from ...errors import Effect, ServerError, TwofoldError
from .admission import enter
from .errand import Errand

if TYPE_CHECKING:
    from .leasing import Lessee
    from .pipeline import Pipeline

# Without a time-out only the caller's own scope ends a call.
PATIENT = Patience(connect=float("inf"), read=float("inf"))


async def hop(
    line: Pipeline, errand: Errand[Any], request: Request, call: CallRecord
) -> tuple[Signed, Reply]:
    """Prepare a request, pass the gate of its origin and send it, signed if that is our own.

    What `prepare` makes of it decides all of this: it may name another origin.
    The place inside is given back at once, or goes on to an answer that stays open.
    """
    opening, clock = errand.opening, line.limits.clock
    ready = request if line.prepare is None else prepared(line.prepare, request, line.origin)
    origin = ready.origin
    ours = origin is line.origin or origin == line.origin
    member = line.member if ours else abroad(line, origin)
    ticket, seen = wish(line, member, errand.operation, ready), None
    asked = began = clock()
    try:
        if member.gate.enter(ticket, asked) is not GO:
            await enter(ticket, clock, call.due, lessee(line, call))
            began = clock()
        signed = line.credentials.sign(ready) if ours else Signed(ready, 0)
        signed.veil(ready)
        call.hide(line.credentials.secrets)
        if ours:
            call.asked = signed.request
        call.passed_gate(began - asked, began)
        reply = await in_attempt(line, errand, signed.request, call)
        answered = clock()
        seen = seen_in(reply, answered - began)
        if opening is not None and opening.is_open:
            call.changed(member.gate.hear(ticket, answered, seen), origin)
    except TwofoldError as error:
        seen = seen_of(error, clock() - began)
        raise
    except BaseException:
        if call.is_late():
            seen = unanswered(clock() - began, errand.allowed)
        raise
    finally:
        if opening is None or not opening.is_open:
            leave(line, member, ticket, seen, origin, call)
        else:
            opening.stay(partial(leave, line, member, ticket, seen, origin, call))
    call.heard()
    if ours:
        line.credentials.heard(signed, reply, answered)
        call.hide(line.credentials.secrets)
    return signed, reply


def leave(
    line: Pipeline,
    member: Member,
    ticket: Ticket,
    seen: Seen | None,
    origin: Origin,
    call: CallRecord,
) -> None:
    """Give the place inside back, if there is one, and tell what was seen there."""
    changes = member.gate.leave(ticket, line.limits.clock(), seen)
    call.changed((*ticket.changes, *changes), origin)
    if member is not line.member:
        member.close()


def wish(line: Pipeline, member: Member, operation: Operation[Any], request: Request) -> Ticket:
    """Return a ticket for a request; buckets, weights and keys are known of our own origin only."""
    if member is not line.member:
        return Ticket(member)
    rate, kind = line.rate, operation.endpoint
    key = None if rate is None or rate.key is None else rate.key(request)
    return Ticket(member, None, kind.bucket, kind.weight, key)


def lessee(line: Pipeline, call: CallRecord) -> Lessee | None:
    """Return who asks the store for a call; None: its rate, if any, is of this process alone."""
    if line.lender is None:
        return None
    from .leasing import Lessee  # most programs are one process

    return Lessee(line.lender, call.tell)


async def in_attempt(
    line: Pipeline, errand: Errand[Any], request: Request, call: CallRecord
) -> Reply:
    """Send a request within the time of an attempt, or what is left of its call's own."""
    engine, allowed, opening = line.transport, errand.allowed, errand.opening
    ask = engine.exchange if opening is None else partial(opening.ask, engine)
    if allowed is None:
        return await ask(request, PATIENT)
    left, patience = call.seconds_left(), allowed.patience
    if left <= patience.total:
        patience = patience.within(left)
    try:
        if line.engine_keeps_time and opening is None:
            return await ask(request, patience)
        with move_on_after(patience.total):
            return await ask(request, patience)
    except Expired:
        pass
    if left <= allowed.attempt:
        raise Overdue
    raise ServerError(
        f"{request.origin} did not answer within {allowed.attempt:g} s",
        effect=Effect.UNKNOWN,
        transient=True,
    )


def abroad(line: Pipeline, origin: Origin) -> Member:
    """Join the gate of another origin: nobody's account, the same bound."""
    return line.limits.gate(origin).join(
        Anonymous().account, line.concurrency, breaker=line.breaker
    )
