# SPDX-License-Identifier: MIT
"""The cache in the line: what is stored answers a call, or the server does, once for all who ask.

What may be stored and used is decided elsewhere; here it is carried out.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from ..._runtime.waiting.scopes import checkpoint, move_on_after
from ..._runtime.waiting.tasks import Call
from ...core.cache.asides import Asides
from ...core.cache.check import is_outage
from ...core.cache.decision import ASK, Ask, Nothing, Use, decide
from ...core.cache.invalidation import written
from ...core.cache.keys import deciding, fitting, key
from ...core.cache.serving import served
from ...core.cache.settings import Cache
from ...core.cache.statistics import Counters
from ...core.cache.wishes import CONFIRM, wishes
from ...core.call import CallRecord
from ...core.credentials import mark
from ...core.flight import Flights
from ...core.options import Terms
from ...core.preparing import prepared
from ...core.request import Operation, Reply, Request, Safety
from ...core.store.entry import Entry
from ...core.store.removal import Removal
from ...core.wire.reading import read
from ...errors import Effect, NotFoundError, TwofoldError
from ...events import CacheAnswered, CacheOutcome, FlightJoined
from .fetching import Fetching
from .flying import flown
from .shelf import Shelf, Tell

if TYPE_CHECKING:
    from .pipeline import Pipeline

T = TypeVar("T")

PATIENCE = 1.0  # seconds for a store to take out what a cancelled write made out of date


@attrs.frozen(eq=False)
class Caching:
    """What the lines of one client share: the store, what is under way, the counts."""

    settings: Cache
    shelf: Shelf
    flights: Flights = attrs.field(factory=Flights)
    asides: Asides = attrs.field(factory=Asides)

    @property
    def counters(self) -> Counters:
        return self.shelf.counters

    def question(
        self,
        line: Pipeline,
        operation: Operation[T],
        request: Request,
        call: CallRecord,
        on: Terms,
    ) -> Question[T]:
        """Return a call of a line as it is asked here."""
        return Question(self, line, operation, request, call, on)

    async def take_out(self, removals: tuple[Removal, ...], tell: Tell) -> None:
        """Use nothing any more that these concern and that was asked for before now."""
        # Owed before anything is waited for: who is cancelled here has it taken out all the same.
        self.shelf.trust.owe(removals)
        self.flights.forget()
        self.counters.add("invalidated")
        await self.shelf.take_out(tell)


def as_seen(question: Question[T]) -> Request:
    line, request = question.line, question.request
    return request if line.prepare is None else prepared(line.prepare, request, line.origin)


@attrs.define(eq=False)
class Question(Generic[T]):
    """One call, as the cache is asked it."""

    cache: Caching
    line: Pipeline
    operation: Operation[T]
    request: Request
    """Unsigned."""
    call: CallRecord
    on: Terms
    seen: Request = attrs.field(init=False, default=attrs.Factory(as_seen, takes_self=True))
    """As it is prepared: it decides what is looked up, and who may ask together."""
    _instead: Entry | None = attrs.field(default=None, init=False)

    async def answer(self) -> T:
        """Return the value of the call, from the store or the server."""
        endpoint = self.operation.endpoint
        if endpoint.safety is not Safety.SAFE:
            return await self.write(self._fetching().plain)
        wished = CONFIRM if self.on.is_confirming else wishes(deciding(self.seen.headers))
        if wished.bypass or not is_looked_up(self.seen):
            _, value = await self._fetching().plain()
            return value
        await checkpoint()  # a hit in memory waits for nothing else, and others want their turn
        stored = await self.cache.shelf.find(self._key(), self.call.tell)
        decided = decide(
            fitting(stored, self.seen) if stored else None,
            wished,
            self.cache.settings,
            self.cache.settings.wall(),
            operation=endpoint.name,
            ttl=endpoint.ttl,
        )
        if isinstance(decided, Nothing):
            raise nothing_stored(self.request)
        if isinstance(decided, Use):
            return await self._use(decided)
        return await self._ask(decided)

    def rescued(self, error: TwofoldError) -> T:
        """Return what is stored in place of an error, if it may stand in for it, else raise it."""
        found = self._rescue() if is_outage(error) else []
        if not found:
            raise error
        return found[0]

    async def _use(self, use: Use) -> T:
        if use.confirm_aside and not self._confirms_aside():
            return await self._ask(Ask(use.entry, use.entry))
        now = self.cache.settings.wall()
        try:
            reply = served(use.entry, self.request, use.age, use.outcome, now)
            value = read(self.operation, reply, self.line.drift.of_kept)
        except TwofoldError:
            return await self._ask(ASK)  # stored for somebody who reads it otherwise
        self._told(use.outcome, use.age)
        if use.by_override:
            self.cache.counters.add("overrides")
        return value

    async def _ask(self, ask: Ask) -> T:
        """Ask the server, together with all who ask the same now."""
        self._instead = ask.instead
        own: list[T] = []

        async def lead() -> Reply:
            reply, value = await self._fetching().kept(ask.about)
            own.append(value)
            return reply

        flights, clock = self.cache.flights, self.call.clock
        same = (*self._same(), deciding(self.seen.headers), self.operation.name)
        try:
            reply = await flown(flights, same, lead, clock, self._followed)
            # Who followed reads for himself: what one does to his value no other sees.
            value = own[0] if own else read(self.operation, reply, self.line.drift.of_kept)
        except TwofoldError as error:
            return self.rescued(error)
        found = self._rescue() if reply.status >= 500 else []
        if found:
            return found[0]
        self._told(reply.cached or CacheOutcome.MISS, 0.0 if reply.cached else None)
        return value

    def _rescue(self) -> list[T]:
        """Return the value of what may be used if the server cannot be asked; empty: none."""
        entry, now = self._instead, self.cache.settings.wall()
        if entry is None:
            return []
        age = entry.freshness.age(now)
        try:
            reply = served(entry, self.request, age, CacheOutcome.RESCUED, now)
            value = read(self.operation, reply, self.line.drift.of_kept)
        except TwofoldError:
            return []
        self._told(CacheOutcome.RESCUED, age)
        return [value]

    async def opened(self, send: Call[[], tuple[Reply, T]]) -> T:
        """Carry out a call whose body is read as it comes: what is stored is of no use to it."""
        if self.operation.endpoint.safety is not Safety.SAFE:
            return await self.write(send)
        _, value = await send()
        return value

    async def write(self, send: Call[[], tuple[Reply, T]]) -> T:
        """Send a write; whatever came of it, what it may have changed is not used any more."""
        try:
            reply, value = await send()
        except TwofoldError as error:
            if error.effect is not Effect.NONE or self.call.unknown:
                await self._out_of_date(None)
            raise
        except BaseException:
            if self.call.attempt:
                with move_on_after(PATIENCE, shield=True):
                    await self._out_of_date(None)
            raise
        if not 400 <= reply.status < 500:
            await self._out_of_date(reply)
        return value

    async def _out_of_date(self, reply: Reply | None) -> None:
        removals = written(self.operation, self.seen, reply, self.line.partition)
        await self.cache.take_out(removals, self.call.tell)

    def _confirms_aside(self) -> bool:
        """Have what is stored confirmed in the background; False: there is none."""
        same, asides = self._same(), self.cache.asides
        if not asides.begin(same, self.call.clock()):
            return True

        line, operation = self.line, self.operation

        async def confirm() -> None:
            try:
                # A failure was told as that of this call; what is stored stays as it is.
                with suppress(TwofoldError):
                    await line.send(operation, attrs.evolve(line.terms, is_confirming=True))
            finally:
                asides.end(same)

        if line.tasks.aside(confirm):
            return True
        asides.end(same)
        return False

    def _fetching(self) -> Fetching[T]:
        return Fetching(
            self.cache.settings,
            self.cache.shelf,
            self.line,
            self.operation,
            self.request,
            self.seen,
            self.call,
            self.on,
        )

    def _key(self) -> str:
        return key(self.line.partition, self.seen.url)

    def _same(self) -> tuple[str, str]:
        """Return what says whose this question is, and of which place."""
        return self._key(), mark(self.seen.headers)

    def _followed(self, seconds: float) -> None:
        self.call.tell(FlightJoined, waited=seconds)

    def _told(self, outcome: CacheOutcome, age: float | None) -> None:
        self.cache.counters.answered(outcome)
        if self.call.listeners.active:
            self.call.tell(CacheAnswered, outcome=outcome, age=age)


def is_looked_up(seen: Request) -> bool:
    """Tell whether what is stored may answer a request: a GET whose URL says all that is asked.

    What a body of a GET means is the server's affair (RFC 9110, 9.3.1), and no part of the key.
    """
    return seen.method == "GET" and not seen.body and seen.upload is None


def nothing_stored(request: Request) -> NotFoundError:
    return NotFoundError(
        f"nothing that may be used is stored of {request.origin}, and `only-if-cached` forbids"
        " to ask",
        status=504,  # RFC 9111, 5.2.1.7
    )
