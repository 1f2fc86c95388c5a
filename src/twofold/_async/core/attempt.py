# SPDX-License-Identifier: MIT
"""One attempt of a call: ready credentials, a request and where it is redirected, its verdict."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ..._runtime.waiting.scopes import move_on_after
from ...core.call import CallRecord, Overdue
from ...core.credentials import Anonymous, Signed
from ...core.request import Operation, Reply, Safety
from ...core.wire.address import REDIRECTS, redirected, unsigned
from ...core.wire.allowances import heard
from ...core.wire.reading import read
from ...errors import CredentialsError, ServerError, TwofoldError
from .errand import Errand
from .hop import hop, lessee
from .renewing import renew

if TYPE_CHECKING:
    from .pipeline import Pipeline

T = TypeVar("T")

MOST_REDIRECTS = 10

# The answer to what was asked is elsewhere: it was processed (RFC 9110, 15.4.4).
SEE_OTHER = 303


async def attempt(line: Pipeline, errand: Errand[T], call: CallRecord) -> tuple[Reply, T]:
    """Ask the server once, or twice if it would not have the credentials."""
    operation, absorb = errand.operation, errand.absorb
    if not line.credentials.ready(operation, line.limits.clock()):
        await make_ready(line, operation, call)
    signed, answer = await hop(line, errand, errand.request, call)
    if answer.status in REDIRECTS:
        signed, answer = await follow(line, errand, signed, answer, call)
    reply = answer if absorb is None else absorb(answer)
    try:
        value = read(operation, reply, line.drift, call.tell, call.secrets)
    except CredentialsError as error:
        if not may_repair(line, error, signed, call):
            raise
    except TwofoldError as error:
        if error.pauses_bucket:
            pause_bucket(line, operation, answer, error, call)
            await tell_others(line, operation, call)
        raise
    else:
        if errand.opening is None:
            value = call.answered(reply.status, value)
        return reply, value
    return await attempt(line, errand, call)


async def make_ready(line: Pipeline, operation: Operation[Any], call: CallRecord) -> None:
    """Renew the credentials, holding nothing."""
    credentials = line.credentials
    # Nothing of a renewal is kept, whatever its server says of how long it may be used.
    issued = attrs.evolve(line, credentials=credentials.issuer or Anonymous(), cache=None)
    renewals = line.limits.renewals(credentials.account)
    left = call.seconds_left()
    with move_on_after(None if left == math.inf else left):
        await renew(credentials, operation, issued.send, renewals, line.limits.clock)
        return
    raise Overdue


def may_repair(line: Pipeline, error: CredentialsError, signed: Signed, call: CallRecord) -> bool:
    """Tell whether refused credentials can be renewed: once a call, or it would be a loop.

    Where a redirect led elsewhere, no credentials were sent that anybody could refuse.
    """
    is_refusal = signed.request.origin == line.origin and (error.status == 401 or error.stale)
    if not is_refusal or call.repaired or call.is_spent:
        return False
    call.repaired = line.credentials.refused(signed.version, line.limits.clock())
    return call.repaired


def pause_bucket(
    line: Pipeline, operation: Operation[Any], answer: Reply, error: TwofoldError, call: CallRecord
) -> None:
    """Tell the gate of a throttle that only the operation's `read` understood."""
    said = heard(answer)
    if answer.request.origin == line.origin and not (said is not None and said.throttled):
        bucket, now = operation.endpoint.bucket, line.limits.clock()
        changes = line.member.gate.throttle(line.member, bucket, error.after, now)
        call.changed(changes, line.origin)


async def tell_others(line: Pipeline, operation: Operation[Any], call: CallRecord) -> None:
    """Tell the processes that share the line's rate of a bucket that the server closed."""
    asker, clock = lessee(line, call), line.limits.clock
    if asker is not None:
        bucket, left = operation.endpoint.bucket, call.seconds_left()
        await asker.tell_of_closing(line.member, bucket, clock, left)


async def follow(
    line: Pipeline, errand: Errand[Any], signed: Signed, reply: Reply, call: CallRecord
) -> tuple[Signed, Reply]:
    """Send a request again, wherever its answers redirect it to; return the last answer."""
    request, left = errand.request, MOST_REDIRECTS
    while (following := redirected(request, reply)) is not None:
        request = unsigned(following, request, signed.request)
        call.redirected(reply.status, request.origin, signed=request.origin == line.origin)
        if reply.status == SEE_OTHER and call.safety is not Safety.SAFE:
            call.carried_out()
            errand.request = request  # from here on only this is sent again
        if not left:
            raise ServerError(f"{line.origin} redirected more than {MOST_REDIRECTS} times")
        left -= 1
        signed, reply = await hop(line, errand, request, call)
    return signed, reply
