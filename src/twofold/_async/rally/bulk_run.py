# SPDX-License-Identifier: MIT
"""One run of a bulk: each write once it may go, so many at a time, and the record told of it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

import attrs

from ..._runtime.waiting.park import ParkingPlace
from ..._runtime.waiting.scopes import checkpoint
from ...core.request import Operation, Safety
from ...errors import (
    ConflictError,
    DeadlineError,
    DriftError,
    Effect,
    NotFoundError,
    RequestError,
    TwofoldError,
)
from ...rally import batches
from ...rally.bulk import Write
from ...rally.models import Ticket
from ...rally.turns import Turns
from ...rally.wire import Answered
from ...rally.written import was_deleted_before
from ..core.crew import hired_crew
from .bulk_tally import Tally, shown
from .session import Session

I = TypeVar("I")  # noqa: E741 - the item
T = TypeVar("T")


@attrs.frozen(eq=False, kw_only=True)
class Run(Generic[I, T]):
    """What is left to be sent, by the places of the items, and whoever sends it."""

    session: Session
    tally: Tally[I, T]
    writes: Mapping[int, Write[T]]
    most: int
    """How many go in one request."""
    is_removal: bool
    """Whether nothing is left to be found afterwards: not even by the same write, repeated."""
    in_doubt: set[int]
    """What may have been carried out before."""
    is_last: bool = False
    """Whether what meets another write has no further turn."""
    _met: set[int] = attrs.field(init=False, factory=set[int])
    """What met another write, and has a further turn."""
    _order: Sequence[int] = attrs.field(
        init=False, default=attrs.Factory(lambda run: list(run.writes), takes_self=True)
    )
    _turns: Turns = attrs.field(
        init=False, default=attrs.Factory(lambda run: turns(run.writes.values()), takes_self=True)
    )

    async def finish(self, workers: int) -> None:
        """Carry out all, at most so many requests at a time.

        What met another write goes once more at the end, one after another: a ticket is believed to
        be under what it was under when it was read, and may share what nobody knew of.
        """
        await self.share(workers)
        if self._met:
            met = {index: self.writes[index] for index in sorted(self._met)}
            await attrs.evolve(self, writes=met, is_last=True).share(1)

    async def share(self, workers: int) -> None:
        """Let the caller and so many hands as are granted do the same until nothing is left."""
        await checkpoint()
        hands = max(0, min(workers, len(self.writes)) - 1)
        async with hired_crew(self.session.line.limits.threads, hands) as crew:
            crew.start(self.work)
            await crew.run(self.work)
        crew.check()

    async def work(self) -> None:
        while taken := await self.drawn():
            await self.carry_out([self._order[each] for each in taken])
            self._turns.done(taken)

    async def drawn(self) -> tuple[int, ...]:
        """Wait for writes that may go now; none: nothing is left to do."""
        taken = self._turns.take(self.most)
        while taken is None:
            place = ParkingPlace()
            taken = self._turns.take(self.most, place)
            if taken is None:
                await place.wait()
                taken = self._turns.take(self.most)
        return taken

    async def carry_out(self, indexes: Sequence[int]) -> None:
        """Send some writes in one request; those for which it is worth it, again by themselves."""
        if len(indexes) == 1 or self.is_overdue():
            for index in indexes:
                await self.alone(index)
            return
        answers = await self.together(indexes)
        again = {index for index in indexes if self.is_worth_repeating(index, answers[index])}
        for index in indexes:
            if index not in again:
                self.tell(index, answers[index])
        for index in sorted(again):
            await self.alone(index)

    async def alone(self, index: int) -> None:
        """Send one write by itself, unless the time of the whole method is over."""
        if self.is_overdue():
            effect = Effect.UNKNOWN if index in self.in_doubt else Effect.NONE
            late = DeadlineError("the bulk had no time left to send this item", effect=effect)
            self.tally.missed(index, late)
            return
        self.tally.record.started(index)
        try:
            answer = await self.session.send(self.writes[index].operation)
        except Exception as error:
            self.fail(index, error)
        else:
            self.tell(index, answer)

    def is_overdue(self) -> bool:
        return self.session.line.limits.clock() >= self.session.terms.until

    async def together(self, indexes: Sequence[int]) -> Mapping[int, Answered[T] | Exception]:
        """Send several writes; return what became of each."""
        for index in indexes:
            self.tally.record.started(index)
        writes = [self.writes[index].operation for index in indexes]
        # Of a removal that finds nothing nobody could say that the request before had removed it.
        safety = Safety.ONCE if self.is_removal else writes[0].endpoint.safety
        try:
            found = await self.session.send(batches.together(writes, safety))
        except Exception as error:
            return {index: copied(error) for index in indexes}
        return {
            index: self.final(write, answer)
            for index, write, answer in zip(indexes, writes, found.each, strict=True)
        }

    def final(
        self, operation: Operation[Answered[T]], answer: Answered[T] | TwofoldError
    ) -> Answered[T] | TwofoldError:
        """Return an entry's error as it would have left the line, had it been sent alone."""
        if isinstance(answer, TwofoldError):
            return self.session.line.record(operation).final(answer)
        return answer

    def is_worth_repeating(self, index: int, answer: Answered[T] | Exception) -> bool:
        """Tell whether to send an entry again by itself; if so the record is told of this time."""
        retry, safety = self.session.terms.retry, self.writes[index].operation.endpoint.safety
        if retry is None or not isinstance(answer, TwofoldError) or self.has_met(index, answer):
            return False
        if self.is_removal and answer.effect is Effect.UNKNOWN:
            self.in_doubt.add(index)
        elif answer.attempts or not retry.may_repeat(answer, safety):
            return False
        self.tally.note(index, answer)
        return True

    def tell(self, index: int, answer: Answered[T] | Exception) -> None:
        """Take note of what became of a write."""
        if isinstance(answer, Exception):
            self.fail(index, answer)
            return
        operation, value = self.writes[index].operation, answer.value
        ref = value.ref if isinstance(value, Ticket) else None
        try:
            self.session.heed(answer.warnings, operation.name)
        except RequestError as error:
            self.remarked(index, ref, error, operation.endpoint.safety)
        else:
            self.tally.record.succeeded(index, ref)
            self.tally.succeeded(index, value)

    def fail(self, index: int, error: Exception) -> None:
        """Take note of a failure, unless it only says that what was to be removed is gone."""
        may_be_gone = self.is_removal and isinstance(error, NotFoundError)
        if self.has_met(index, error):
            self._met.add(index)
            self.tally.note(index, error)
        elif may_be_gone and (index in self.in_doubt or was_deleted_before(error)):
            self.tally.gone(index)
        elif isinstance(error, DriftError):
            self.remarked(index, None, error, self.writes[index].operation.endpoint.safety)
        else:
            self.tally.missed(index, error)

    def has_met(self, index: int, error: Exception) -> bool:
        """Tell whether a write met another one and was not done, and is sent again at the end."""
        retry = self.session.terms.retry
        if self.is_last or retry is None or not isinstance(error, ConflictError):
            return False
        is_certain = error.effect is Effect.NONE
        return is_certain and retry.may_repeat(error, self.writes[index].operation.endpoint.safety)

    def remarked(self, index: int, ref: str | None, error: TwofoldError, safety: Safety) -> None:
        """Take note of a write that was done, but with a remark that is an error to the caller.

        What must not be done twice counts as done.
        """
        if safety is Safety.ONCE:
            self.tally.record.succeeded(index, ref, shown(error))
        else:
            self.tally.record.missed(index, shown(error), is_unknown=False)
        self.tally.failed(index, error)


def turns(writes: Iterable[Write[object]]) -> Turns:
    return Turns([write.touches for write in writes])


def copied(error: Exception) -> Exception:
    """Return an error of one item's own: notes on it will say which item it was."""
    own = copy.copy(error)
    own.__cause__ = error.__cause__
    return own
