# SPDX-License-Identifier: MIT
"""The line that every call goes along, top to bottom."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import attrs

from ..._runtime.waiting.scopes import move_on_after
from ...core.call import CallRecord
from ...core.credentials import Anonymous, Credentials, Signed
from ...core.options import Terms, Unset, terms
from ...core.policy.gate import Member
from ...core.policy.limits import Limits
from ...core.policy.retry import Retry
from ...core.policy.timeout import Timeout
from ...core.request import Operation, Origin, Patience, Reply, Request
from ...core.text.headers import Pairs
from ...core.wire.address import redirected
from ...core.wire.reading import read, untouched
from ...errors import CredentialsError, Effect, ServerError, TwofoldError
from ...events import Listener
from .admission import enter
from .renewing import renew
from .retrying import retrying
from .transport.engine import AsyncTransport

T = TypeVar("T")

MOST_REDIRECTS = 10

Absorb: TypeAlias = Callable[[Reply], Reply]


def joined(line: Pipeline) -> Member:
    """Join the gate of a line's own origin, for its account."""
    return line.limits.gate(line.origin).join(line.credentials.account, line.concurrency)


@attrs.frozen(eq=False, kw_only=True)
class Pipeline:
    """Sends the calls of one client, for one account.

    deadline, (cache, single flight, hedge,) retry { credentials ready, gate, sign, attempt scope,
    transport, leave the gate, redirect, read }.  Those in brackets have their place in `_in_time`.
    Nothing is held while a retry pauses.
    """

    origin: Origin
    base: str
    transport: AsyncTransport
    credentials: Credentials
    terms: Terms
    concurrency: int | None
    limits: Limits
    headers: Pairs = ()
    listener: Listener | None = None
    prepare: Callable[[Request], Request] | None = None
    member: Member = attrs.field(init=False, default=attrs.Factory(joined, takes_self=True))

    def __attrs_post_init__(self) -> None:
        weakref.finalize(self, self.member.lose).atexit = False

    async def send(self, operation: Operation[T], terms: Terms | None = None) -> T:
        """Carry out one operation: return its value, or raise a TwofoldError."""
        call = self._record(operation)
        call.start()
        try:
            value = await self._in_time(operation, call, terms or self.terms)
        except TwofoldError as error:
            final = call.final(error)
            call.ended(final)
            if final is error:
                raise
            raise final from error
        except BaseException as error:
            call.ended(error)
            raise
        call.ended()
        return value

    async def raw(self, operation: Operation[Any], terms: Terms | None = None) -> Reply:
        """Carry out one operation and return the answer itself, judged as any other."""
        return await self.send(untouched(operation), terms)

    def under(self, timeout: Timeout | float | Unset | None, retry: Retry | Unset | None) -> Terms:
        """Return the terms of one method call, the line's own for what it leaves out."""
        return terms(self.terms, self.limits.clock(), timeout, retry)

    def acting_as(self, credentials: Credentials) -> Pipeline:
        """Return the same line for another account, whose slots are its own."""
        return attrs.evolve(self, credentials=credentials)

    async def _in_time(self, operation: Operation[T], call: CallRecord, on: Terms) -> T:
        request = operation.request(self.origin, self.base, self.headers)
        with move_on_after(on.seconds_left(self.limits.clock())):
            # Here the cache is asked, then the single flight is joined.
            _, value = await self._fetch(operation, request, call, on)
            return value
        raise call.overdue(0.0 if on.timeout is None else on.timeout.total)

    async def _fetch(
        self,
        operation: Operation[T],
        request: Request,
        call: CallRecord,
        on: Terms,
        absorb: Absorb | None = None,
    ) -> tuple[Reply, T]:
        """Ask the server, as often as is needed; return its answer and what it means.

        `absorb` is given each answer before it is read: who asked whether something changed puts
        what it has in place of "it did not".
        """

        async def attempt() -> tuple[Reply, T]:
            return await self._attempt(operation, request, call, on.timeout, absorb)

        # Here the hedge is laid.
        return await retrying(attempt, call, on.retry)

    async def _attempt(
        self,
        operation: Operation[T],
        request: Request,
        call: CallRecord,
        allowed: Timeout | None,
        absorb: Absorb | None,
    ) -> tuple[Reply, T]:
        await self._make_ready(operation)
        signed, reply = await self._exchange(request, call, allowed)
        if absorb is not None:
            reply = absorb(reply)
        try:
            value = read(operation, reply)
        except CredentialsError as error:
            if not self._may_repair(error, signed, call):
                raise
        else:
            call.answered(reply.status, value)
            return reply, value
        return await self._attempt(operation, request, call, allowed, absorb)

    async def _make_ready(self, operation: Operation[Any]) -> None:
        """Renew the credentials if need be, holding nothing."""
        credentials = self.credentials
        if credentials.ready(operation, self.limits.clock()):
            return
        issued = self.acting_as(credentials.issuer or Anonymous())
        turn = self.limits.turn(credentials.account).join(credentials.account, 1)
        try:
            await renew(credentials, operation, issued.send, turn, self.limits.clock)
        finally:
            turn.close()

    def _may_repair(self, error: CredentialsError, signed: Signed, call: CallRecord) -> bool:
        """Tell whether refused credentials can be renewed: once a call, or it would be a loop."""
        if error.status != 401 or call.repaired:
            return False
        call.repaired = self.credentials.refused(signed.version, self.limits.clock())
        return call.repaired

    async def _exchange(
        self, request: Request, call: CallRecord, allowed: Timeout | None
    ) -> tuple[Signed, Reply]:
        """Send a request, and again wherever it is redirected to; return the last answer."""
        for _ in range(MOST_REDIRECTS + 1):
            signed, reply = await self._hop(request, call, allowed)
            following = redirected(request, reply)
            if following is None:
                return signed, reply
            request = following
            call.redirected(request.origin, signed=request.origin == self.origin)
        raise ServerError(f"{self.origin} redirected more than {MOST_REDIRECTS} times")

    async def _hop(
        self, request: Request, call: CallRecord, allowed: Timeout | None
    ) -> tuple[Signed, Reply]:
        """Pass the gate of the request's origin and send it, signed if that is our own."""
        clock = self.limits.clock
        ours = request.origin == self.origin
        member = self.member if ours else self._abroad(request.origin)
        asked = clock()
        ticket = await enter(member, clock)
        try:
            ready = request if self.prepare is None else self.prepare(request)
            signed = self.credentials.sign(ready) if ours else Signed(ready, 0)
            call.passed_gate(clock() - asked)
            reply = await self._in_attempt(signed.request, allowed)
        finally:
            member.gate.leave(ticket, clock())
            if not ours:
                member.close()
        call.heard()
        if ours:
            self.credentials.heard(signed, reply, clock())
        return signed, reply

    async def _in_attempt(self, request: Request, allowed: Timeout | None) -> Reply:
        if allowed is None:
            return await self.transport.exchange(request, PATIENT)
        with move_on_after(allowed.attempt):
            return await self.transport.exchange(request, allowed.patience)
        raise ServerError(
            f"{request.origin} did not answer within {allowed.attempt:g} s",
            effect=Effect.UNKNOWN,
            transient=True,
        )

    def _abroad(self, origin: Origin) -> Member:
        """Join the gate of another origin: nobody's account, the same bound."""
        return self.limits.gate(origin).join(Anonymous().account, self.concurrency)

    def _record(self, operation: Operation[Any]) -> CallRecord:
        return CallRecord(
            operation.name,
            operation.endpoint.safety,
            self.limits.clock,
            self.listener,
            self.credentials.secrets,
        )


# Without a time-out only the caller's own scope ends a call.
PATIENT = Patience(connect=float("inf"), read=float("inf"))
