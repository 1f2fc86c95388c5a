# SPDX-License-Identifier: MIT
"""One result on its way to one caller: given, given and asked for anew, or asked for."""

from __future__ import annotations

from functools import partial
from typing import Generic, TypeVar

import attrs

from ...._runtime.waiting.scopes import move_on_after
from ....core.cache.check import is_outage
from ....core.call import CallRecord
from ....core.options import Terms
from ....errors import CredentialsError, NotFoundError, RequestError, TwofoldError
from ....events import CacheAnswered, CacheOutcome, FlightJoined
from ....rally.caching import Choice
from ....rally.freshness import ResultRefreshed, age
from ...core.flying import flown
from .results import Found, Results, Wanted

T = TypeVar("T")

# The server says that there is no such result (any more), or not for these credentials.
REFUSED = (NotFoundError, RequestError, CredentialsError)

# What is kept may be damaged, or from a server that answered otherwise; then it is as if not there.
UNREADABLE = (TwofoldError, ValueError, LookupError)


async def answered(results: Results, wanted: Wanted[T], on: Terms) -> T:
    """Return a result, from what is kept or from the server."""
    giving = Giving(results, wanted, wanted.key(results.place), results.record(wanted.operation))
    return await giving.answer(on)


@attrs.frozen(eq=False)
class Giving(Generic[T]):
    """A result that somebody wants."""

    results: Results
    wanted: Wanted[T]
    key: str
    call: CallRecord

    async def answer(self, on: Terms) -> T:
        mark = await self.results.mark(self.call)
        found = await self.results.find(self.key, mark, self.call)
        if found is not None and (outcome := self._choose(found)) is not None:
            given = await self._give(found, outcome)
            if given:
                return given[0]
        return await self._ask(on, mark, found)

    def _choose(self, found: Found) -> CacheOutcome | None:
        """Say as what it is given; None: the server is asked first."""
        is_offline = self.results.standing.is_offline
        choice = self.results.lifetimes.choose(
            self._age(found), is_believed=found.is_believed, is_offline=is_offline
        )
        if choice is Choice.ASK or (choice is Choice.REFRESH and not self._refreshes(found)):
            return None
        if is_offline:
            return CacheOutcome.RESCUED
        return CacheOutcome.FRESH if choice is Choice.GIVE else CacheOutcome.STALE

    async def _give(self, found: Found, outcome: CacheOutcome) -> list[T]:
        """Return the value of what is kept; empty: it cannot be read."""
        try:
            value = await self.wanted.read(self.results.line, found.kept)
        except UNREADABLE:
            return []
        self._told(outcome, found)
        return [value]

    async def _ask(self, on: Terms, mark: bytes | None, found: Found | None) -> T:
        try:
            asked, value = await self._in_time(on, mark)
        except TwofoldError as error:
            if found is not None:
                given = await self._rescued(error, found)
                if given:
                    return given[0]
            raise
        self._told(CacheOutcome.MISS, asked)
        return value

    async def _rescued(self, error: TwofoldError, found: Found) -> list[T]:
        """Return what is kept if the server cannot be asked; what it refuses is kept no more."""
        if is_outage(error):
            return await self._give(found, CacheOutcome.RESCUED)
        if isinstance(error, REFUSED):
            await self.results.take_out(self.key, self.call)
        return []

    async def _in_time(self, on: Terms, mark: bytes | None) -> tuple[Found, T]:
        """Ask within the time of the method: who waits for others' requests has a time too."""
        left = on.until - self.call.clock()
        with move_on_after(left):
            return await self._fly(on, mark)
        error = self.call.overdue(0.0 if on.timeout is None else on.timeout.total)
        self.results.standing.failed(error)
        raise error

    async def _fly(self, on: Terms, mark: bytes | None) -> tuple[Found, T]:
        """Ask together with all who ask the same now."""
        own: list[T] = []

        async def lead() -> Found:
            asked, value = await self.results.ask(self.wanted, self.key, mark, on, self.call)
            own.append(value)
            return asked

        flights, clock = self.results.watch.flights, self.call.clock
        # What was asked for before another process wrote is not for who asks after that.
        asked = await flown(flights, (self.key, mark), lead, clock, self._followed)
        # Who followed reads for himself: what one does to his value no other sees.
        value = own[0] if own else await self.wanted.read(self.results.line, asked.kept)
        return asked, value

    def _refreshes(self, found: Found) -> bool:
        """Have it asked for anew in the background; False: the client is not entered here."""
        asides = self.results.watch.asides
        if not asides.begin(self.key, self.call.clock()):
            return True
        if self.results.line.tasks.aside(partial(self._refresh, found)):
            return True
        asides.end(self.key)
        return False

    async def _refresh(self, found: Found) -> None:
        results, tell = self.results, self.call.tell
        results.standing.refreshing(1)
        results.watch.tell(tell)
        try:
            changed, error = await self._refreshed(found)
        finally:
            results.watch.asides.end(self.key)
            results.standing.refreshing(-1)
            results.watch.tell(tell)
        tell(ResultRefreshed, changed=changed, error=error)

    async def _refreshed(self, found: Found) -> tuple[bool, TwofoldError | None]:
        """Ask anew, in the client's own time; say whether it is another one, or why it failed."""
        try:
            mark = await self.results.mark(self.call)
            asked, _ = await self._fly(self.results.line.terms, mark)
        except TwofoldError as error:
            if isinstance(error, REFUSED):
                await self.results.take_out(self.key, self.call)
            return False, error
        if asked.kept.pieces != found.kept.pieces:
            return True, None
        self.results.standing.confirmed(self.key, asked.asked)
        return False, None

    def _age(self, found: Found) -> float:
        return age(found.asked, self.results.wall())

    def _followed(self, seconds: float) -> None:
        self.call.tell(FlightJoined, waited=seconds)

    def _told(self, outcome: CacheOutcome, found: Found) -> None:
        is_kept = outcome is not CacheOutcome.MISS
        results, tell = self.results, self.call.tell
        results.watch.counters.answered(outcome)
        results.standing.given(self.key, found.asked, is_kept=is_kept)
        if self.call.listeners.active:
            tell(CacheAnswered, outcome=outcome, age=self._age(found) if is_kept else None)
        results.watch.tell(tell, of_kept=is_kept)
