# SPDX-License-Identifier: MIT
"""What a caching client does with each call of its line, whoever makes it and by whatever way.

No single answer is stored here: results are, once they are complete.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

import attrs

from ...._runtime.waiting.tasks import Call
from ....core.call import CallRecord
from ....core.options import Terms
from ....core.request import Operation, Reply, Request, Safety
from ....errors import OfflineError, TwofoldError
from ....rally.caching import Place
from ....rally.freshness import FreshnessChanged, Standing
from ...core.caching import Caching, Question
from ...core.shelf import Tell

if TYPE_CHECKING:
    from ...core.pipeline import Pipeline

T = TypeVar("T")


@attrs.frozen(eq=False, kw_only=True)
class Watch(Caching):
    """Stands where the line has its cache, so that no call goes past it."""

    standing: Standing
    place: Place

    def question(
        self,
        line: Pipeline,
        operation: Operation[T],
        request: Request,
        call: CallRecord,
        on: Terms,
    ) -> Watched[T]:
        return Watched(self, line, operation, request, call, on, watch=self)

    def tell(self, tell: Tell, *, of_kept: bool = False) -> None:
        """Tell of the state, if it is another one than was told last or something was given."""
        news = self.standing.news(of_kept=of_kept)
        if news is not None:
            tell(FreshnessChanged, state=news.state, age=news.age)

    async def disbelieve(self, tell: Tell) -> None:
        """Believe nothing any more that was asked for before now; it is kept for an outage."""
        await self.take_out((self.place.unbelief,), tell)


@attrs.define(eq=False)
class Watched(Question[T]):
    """One call of the line."""

    watch: Watch = attrs.field(kw_only=True)

    async def answer(self) -> T:
        """Ask the server, unless it is not to be asked at all."""
        fetch = self._fetching().plain
        if self.operation.endpoint.safety is not Safety.SAFE:
            return await self.write(fetch)
        _, value = await self._heard(fetch)
        return value

    async def opened(self, send: Call[[], tuple[Reply, T]]) -> T:
        return await super().opened(partial(self._heard, send))

    async def write(self, send: Call[[], tuple[Reply, T]]) -> T:
        return await super().write(partial(self._heard, send))

    def rescued(self, error: TwofoldError) -> T:
        """Raise the error: results are kept, not answers."""
        self._failed(error)
        raise error

    async def _heard(self, send: Call[[], tuple[Reply, T]]) -> tuple[Reply, T]:
        if self.watch.standing.is_offline:
            raise OfflineError("the client is offline: nothing was sent, and nothing is kept of it")
        try:
            answer = await send()
        except TwofoldError as error:
            self._failed(error)
            raise
        self.watch.standing.answered()
        self.watch.tell(self.call.tell)
        return answer

    def _failed(self, error: TwofoldError) -> None:
        self.watch.standing.failed(error)
        self.watch.tell(self.call.tell)

    async def _out_of_date(self, reply: Reply | None) -> None:  # noqa: ARG002 - it matters to answers
        await self.watch.disbelieve(self.call.tell)
