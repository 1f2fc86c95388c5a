"""What a ticket takes when it goes, and gives back: everything in one instant, or nothing.

The gate's lock is held by whoever calls here.
"""

from __future__ import annotations

from .breaker import State, Verdict
from .bucket import Heard
from .changes import BucketClosed, Change, CircuitChange, LimitChange
from .lanes import Quota
from .seen import Seen
from .tickets import Ceiling, Ticket


def blocked_until(ticket: Ticket, now: float) -> float | None:
    """Return when its circuit may let it go; None: now."""
    circuit = ticket.member.circuit
    if circuit is None or circuit.state is State.CLOSED:
        return None
    return circuit.blocked_until(now)


def unshared_until(ticket: Ticket, now: float) -> float | None:
    """Return when the store that counts its rate may be asked again; None: it needs none."""
    shared = ticket.queue.shared
    return None if shared is None else shared.refused_until(ticket.weight, now)


def is_unhindered(ticket: Ticket, now: float) -> bool:
    """Tell, with slots at hand, whether nothing else needs a second look: the usual case."""
    member = ticket.member
    circuit, ceiling = member.circuit, member.ceiling
    return (
        (circuit is None or circuit.state is State.CLOSED)
        and (ceiling is None or ceiling.inside < ceiling.limit.limit)
        and not ticket.queue.wait(ticket.weight, now)
    )


def may_go(ticket: Ticket, now: float) -> bool:
    """Tell whether all that a ticket needs is there, if nobody stands before it."""
    member = ticket.member
    return (
        member.has_room()
        and member.account.has_room()
        and not ticket.queue.wait(ticket.weight, now)
    )


def admit(ticket: Ticket, now: float) -> None:
    """Take all that a ticket needs, for which it is its turn."""
    member, queue = ticket.member, ticket.queue
    member.inside += 1
    member.account.inside += 1
    quota = queue.quota
    quota.inside += 1
    ticket.closings = quota.closings
    if quota.server is not None:
        ticket.ordinal = quota.server.enter(now)
    if queue.meter is not None:
        ticket.taken = queue.meter.take(ticket.weight, now)
    if member.ceiling is not None:
        member.ceiling.inside += 1
        member.ceiling.limit.entered(member.ceiling.inside)
    pass_circuit(ticket, now)


def pass_circuit(ticket: Ticket, now: float) -> None:
    """Take a ticket's circuit as it is now; it may be the one that tries whether it can close."""
    circuit = ticket.member.circuit
    if circuit is not None:
        before = circuit.state
        ticket.generation = circuit.admit(now)
        if circuit.state is not before:
            ticket.changes = (*ticket.changes, CircuitChange(circuit.state))


def undo(ticket: Ticket, now: float) -> None:
    """Give back all that a ticket took, of which nothing was used."""
    member, queue = ticket.member, ticket.queue
    quota = queue.quota
    if quota.server is not None:
        quota.server.forget(ticket.ordinal)
    if queue.meter is not None:
        queue.meter.give_back(ticket.weight, ticket.taken)
    if member.ceiling is not None:
        member.ceiling.inside -= 1
    if member.circuit is not None:
        member.circuit.leave(ticket.generation, Verdict.NONE, 0.0, now)
    give_slots(ticket)


def give_slots(ticket: Ticket) -> None:
    member = ticket.member
    member.inside -= 1
    member.account.inside -= 1
    ticket.queue.quota.inside -= 1


def was_overtaken(ticket: Ticket, now: float) -> bool:
    """Tell whether a bucket closed between a ticket's call and its coming."""
    quota = ticket.queue.quota
    return (
        quota.server is not None
        and ticket.closings != quota.closings
        and quota.server.wait(now) > 0.0
    )


def tell_policies(ticket: Ticket, seen: Seen, now: float) -> tuple[Change, ...]:
    """Tell each policy what came back; return what that changed."""
    changes: tuple[Change, ...] = ()
    circuit, ceiling = ticket.member.circuit, ticket.member.ceiling
    if circuit is not None:
        state = circuit.state
        circuit.leave(ticket.generation, seen.verdict, seen.seconds, now)
        if circuit.state is not state:
            changes = (CircuitChange(circuit.state),)
    if ceiling is not None:
        changes += tell_ceiling(ceiling, seen, now)
    heard, quota = seen.heard, ticket.queue.quota
    if heard is not None:
        changes += tell_heard(ticket, heard, seen.seconds, now)
    elif quota.server is not None:
        answered = seen.status is not None
        quota.server.leave(ticket.ordinal, None, now, answered=answered, took=seen.seconds)
    return changes


def tell_ceiling(ceiling: Ceiling, seen: Seen, now: float) -> tuple[Change, ...]:
    ceiling.inside -= 1
    before = ceiling.limit.limit
    ceiling.limit.sample(seen.seconds, seen.load, now)
    return () if ceiling.limit.limit == before else (LimitChange(ceiling.limit.limit),)


def tell_heard(ticket: Ticket, heard: Heard, took: float, now: float) -> tuple[Change, ...]:
    """Tell the bucket that counted the request: its own, or another one that the server named."""
    own = named = ticket.queue.quota
    if heard.bucket is not None and heard.bucket != own.name:
        named = ticket.member.account.quotas.get(heard.bucket, own)
    server = own.server or own.known(now)
    if named is own:
        server.leave(ticket.ordinal, heard, now, took=took)
    else:
        server.leave(ticket.ordinal, None, now, took=took)
        named.known(now).hear(heard, now, took=took)
    return (closed(named, now),) if heard.throttled else ()


def closed(quota: Quota, now: float) -> BucketClosed:
    """Take note that a bucket closed: who was called before must not go."""
    quota.closings += 1
    return BucketClosed(quota.name, quota.known(now).wait(now))


def close_for_others(quota: Quota, seconds: float, now: float) -> None:
    """Close a bucket in which another process was throttled, for as long as that was told."""
    server = quota.known(now)
    if server.wait(now) < seconds:
        server.throttle(seconds, now)
        quota.closings += 1
