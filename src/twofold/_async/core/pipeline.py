# SPDX-License-Identifier: MIT
"""The line that every call goes along, top to bottom."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ..._runtime.waiting.scopes import move_on_after
from ..._runtime.waiting.tasks import Call
from ...core.call import CallRecord, Overdue
from ...core.credentials import Credentials, partition
from ...core.drift_watch import DriftWatch, counted
from ...core.listeners import Listeners, as_listeners
from ...core.options import UNSET, Terms, Unset, terms
from ...core.policy.adaptive import Adaptive
from ...core.policy.breaker import Breaker
from ...core.policy.budget import Purse, Purses
from ...core.policy.gate import Member, Ticket
from ...core.policy.hedge import Hedging, as_hedging
from ...core.policy.lease import Share
from ...core.policy.limits import Limits
from ...core.policy.rate import Rate
from ...core.policy.retry import Retry
from ...core.policy.spare import would_go
from ...core.policy.timeout import Timeout
from ...core.request import Operation, Origin, Reply, Request, Safety
from ...core.task import Background
from ...core.text.headers import Pairs, shown
from ...core.uploads import Upload
from ...core.wire.reading import untouched
from ...errors import DeadlineError, TwofoldError
from ...events import HedgeUnavailable
from .attempt import attempt
from .background import AsyncBackgroundTasks
from .errand import Absorb, Errand
from .hedging import hedged
from .opening import Opening
from .retrying import retrying
from .transport.engine import AsyncTransport

if TYPE_CHECKING:
    from .caching import Caching
    from .store.store import AsyncRateStore
    from .streaming import AsyncStream

T = TypeVar("T")


def joined(line: Pipeline) -> Member:
    """Join the gate of a line's own origin, for its account."""
    account, lender = line.credentials.account, line.lender
    return line.limits.gate(line.origin).join(
        account,
        line.concurrency,
        breaker=line.breaker,
        rate=line.rate,
        share=None if lender is None else Share(lender.scope, f"{line.origin} {account}"),
    )


def keeps_time(line: Pipeline) -> bool:
    """Tell whether a line's engine ends an exchange by itself; one of a user's need not say."""
    return getattr(line.transport, "keeps_time", False)


def kept_for(line: Pipeline) -> str:
    return partition(line.credentials.account, line.headers)


def unattended(line: Pipeline) -> AsyncBackgroundTasks:
    return AsyncBackgroundTasks(Background(), line.limits.clock)


def overdue(call: CallRecord, on: Terms) -> DeadlineError:
    """Return the error of a call whose time is over."""
    return call.overdue(0.0 if on.timeout is None else on.timeout.total)


@attrs.frozen(eq=False, kw_only=True)
class Pipeline:
    """Sends the calls of one client, for one account.

    deadline, cache, single flight, hedge, retry { credentials ready, gate, sign, attempt scope,
    transport, leave the gate, redirect, read }.  Nothing is held while a retry pauses.  What is in
    braces stands in `attempt`, and from gate to gate in `hop`.
    """

    origin: Origin
    base: str
    transport: AsyncTransport
    credentials: Credentials
    terms: Terms
    concurrency: int | Adaptive | None
    limits: Limits
    breaker: Breaker | None = None
    rate: Rate | None = None
    lender: AsyncRateStore | None = None
    """Where the rate is counted for other processes too; None: they do not share it."""
    headers: Pairs = attrs.field(default=(), repr=shown)
    listeners: Listeners = attrs.field(alias="listener", default=None, converter=as_listeners)
    prepare: Callable[[Request], Request] | None = None
    hedging: Hedging | None = attrs.field(alias="hedge", default=None, converter=as_hedging)
    purses: Purses = attrs.field(factory=Purses)
    cache: Caching | None = None
    drift: DriftWatch = attrs.field(factory=counted)
    tasks: AsyncBackgroundTasks = attrs.field(default=attrs.Factory(unattended, takes_self=True))
    member: Member = attrs.field(init=False, default=attrs.Factory(joined, takes_self=True))
    partition: str = attrs.field(init=False, default=attrs.Factory(kept_for, takes_self=True))
    """Whose answers its cache keeps."""
    engine_keeps_time: bool = attrs.field(
        init=False, default=attrs.Factory(keeps_time, takes_self=True)
    )

    def __attrs_post_init__(self) -> None:
        weakref.finalize(self, self.member.lose).atexit = False

    async def send(self, operation: Operation[T], terms: Terms | None = None) -> T:
        """Carry out one operation: return its value, or raise a TwofoldError."""
        call = self.record(operation)
        call.start(operation.endpoint, self.origin)
        is_plain = self.cache is None and self.hedging is None
        carried_out = self._by_itself if is_plain else self._in_scope
        try:
            value = await carried_out(operation, call, terms or self.terms)
        except TwofoldError as error:
            call.fail(error)
        except BaseException as error:
            call.ended(error)
            raise
        call.ended()
        return value

    async def raw(self, operation: Operation[Any], terms: Terms | None = None) -> Reply:
        """Carry out one operation and return the answer itself, judged as any other."""
        return await self.send(untouched(operation), terms)

    def open(
        self, operation: Operation[Any], terms: Terms | None = None
    ) -> AbstractAsyncContextManager[AsyncStream]:
        """Carry out one operation up to the header of its answer; its body is read in the block.

        The slot at the gate ends with the body.
        """
        from .streaming import opened  # most programs read answers whole

        return opened(self, operation, terms or self.terms)

    def under(self, timeout: Timeout | float | Unset | None, retry: Retry | Unset | None) -> Terms:
        """Return the terms of one method call, the line's own for what it leaves out."""
        if timeout is UNSET and retry is UNSET:
            return self.terms  # as it is nearly always
        return terms(self.terms, self.limits.clock(), timeout, retry)

    def acting_as(self, credentials: Credentials) -> Pipeline:
        """Return the same line for another account, whose slots are its own."""
        return attrs.evolve(self, credentials=credentials)

    async def _by_itself(self, operation: Operation[T], call: CallRecord, on: Terms) -> T:
        """Carry out a call that waits in few places, each of which keeps the call's time.

        A scope that ended them all would cost as much as the rest of the line.
        """
        request = operation.request(self.origin, self.base, self.headers)
        left = on.seconds_left(call.began)
        if left is not None and left <= 0:
            raise overdue(call, on)  # of a method that has used up its time: nothing is begun
        call.ends_in(left)
        call.due = call.ends
        errand, purse = Errand(operation, request, on.timeout), self._purse(on)
        try:
            _, value = await retrying(partial(attempt, self, errand, call), call, on.retry, purse)
        except Overdue:
            raise overdue(call, on) from None
        return value

    async def _in_scope(self, operation: Operation[T], call: CallRecord, on: Terms) -> T:
        """Carry out a call that waits for a store, for other calls or for hedges too."""
        request = operation.request(self.origin, self.base, self.headers)
        cache = self.cache
        question = None if cache is None else cache.question(self, operation, request, call, on)
        left = on.seconds_left(call.began)
        call.ends_in(left)
        with move_on_after(left):
            if question is None:
                _, value = await self.fetch(operation, request, call, on)
                return value
            return await question.answer()
        error = overdue(call, on)
        if question is None:
            raise error
        return question.rescued(error)

    async def fetch(
        self,
        operation: Operation[T],
        request: Request,
        call: CallRecord,
        on: Terms,
        absorb: Absorb | None = None,
        opening: Opening | None = None,
    ) -> tuple[Reply, T]:
        """Ask the server, as often as is needed; return its answer and what it means.

        `absorb` is given each answer before it is read: who asked whether something changed puts
        what it has in place of "it did not".  With an `opening` a success is left open there.
        """
        errand = Errand(operation, request, on.timeout, absorb, opening)
        purse = self._purse(on)

        def trying(record: CallRecord) -> Call[[], tuple[Reply, T]]:
            return partial(attempt, self, errand, record)

        if opening is not None or self.hedging is None or not self._may_hedge(call, self.hedging):
            return await retrying(trying(call), call, on.retry, purse)

        async def ask(record: CallRecord) -> tuple[Reply, T]:
            return await retrying(trying(record), record, on.retry, purse)

        async def ask_once(record: CallRecord) -> tuple[Reply, T]:
            return await retrying(trying(record), record, None)

        def granted() -> bool:
            now, kind = self.limits.clock(), operation.endpoint
            ticket = Ticket(self.member, bucket=kind.bucket, weight=kind.weight)
            return would_go(ticket, now) and purse.hedge(now)

        return await hedged(ask, ask_once, call, self.hedging, granted, self.limits.threads)

    def _purse(self, on: Terms) -> Purse:
        return self.purses.of(None if on.retry is None else on.retry.budget)

    def _may_hedge(self, call: CallRecord, hedging: Hedging) -> bool:
        """Tell whether a call may be asked twice; if no call can ever be, say so once."""
        if call.safety is not Safety.SAFE or call.upload is not None:
            return False
        if not self.transport.interruptible:
            if hedging.is_news():
                call.tell(HedgeUnavailable)
            return False
        return True

    def record(self, operation: Operation[Any]) -> CallRecord:
        """Return what is to be known of a call while it runs."""
        body, endpoint = operation.body, operation.endpoint
        return CallRecord(
            endpoint.name,
            endpoint.safety,
            self.limits.clock,
            self.listeners,
            self.credentials.secrets,
            upload=body if isinstance(body, Upload) else None,
        )
