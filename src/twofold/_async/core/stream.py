# SPDX-License-Identifier: MIT
"""Things made by workers, ahead of whoever reads them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Generic, TypeVar

from ..._runtime.waiting.park import ParkingPlace
from ..._runtime.waiting.scopes import checkpoint
from ...core.policy.allowance import Allowance
from ...core.policy.window import Nothing, Window
from ...errors import NotEnteredError
from ...outcome import Outcome
from .crew import hired_crew
from .entering import enter
from .work import Work

I = TypeVar("I")  # noqa: E741 - the item
T = TypeVar("T")


@asynccontextmanager
async def stream(
    work: Work[I, T], allowance: Allowance, *, ordered: bool
) -> AsyncGenerator[AsyncIterator[Outcome[I, T]]]:
    """Give the outcomes of a batch as they come, or in the order of the items."""
    await checkpoint()
    with work.told():
        async with made_ahead(
            work,
            alone=work.alone(),
            allowance=allowance,
            hands=work.workers,
            size=2 * work.workers,
            ordered=ordered,
        ) as outcomes:
            yield outcomes


@asynccontextmanager
async def made_ahead(
    made: AsyncIterator[tuple[int, T]],
    *,
    alone: AsyncIterator[tuple[int, T]],
    allowance: Allowance,
    hands: int,
    size: int,
    ordered: bool = False,
) -> AsyncGenerator[AsyncIterator[T]]:
    """Let hired hands iterate, at most `size` things ahead of whoever reads here.

    Things come with their numbers, from 0 without a gap.  What iterating raises is raised after
    the things before it.  Where no hand is granted whoever reads iterates `alone`.
    """
    async with hired_crew(allowance, hands) as crew:
        window = Window[T](size, makers=crew.hands, ordered=ordered)
        crew.start(partial(fill, window, made))
        reading = Reading(window if crew.hands else None, alone)
        try:
            yield reading
        finally:
            reading.close()
            crew.dismiss()
    crew.check()


async def fill(window: Window[T], made: AsyncIterator[tuple[int, T]]) -> None:
    try:
        await enter(window.slots)
        async for number, thing in made:
            if not window.put(number, thing):
                await enter(window.slots)
    except Exception as error:
        window.stop(error)
    else:
        window.stop()


class Reading(Generic[T]):
    """Takes what is made, or makes it where there is no window; usable within its block only."""

    def __init__(self, window: Window[T] | None, alone: AsyncIterator[tuple[int, T]]) -> None:
        self._window = window
        self._alone = alone
        self._closed = False

    def close(self) -> None:
        """End it, also for a reader in another task or thread that waits for the next thing."""
        self._closed = True
        if self._window is not None:
            self._window.wake_taker()

    def check(self) -> None:
        if self._closed:
            raise NotEnteredError("this can be read only inside the `with` block that gave it")

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        self.check()
        if self._window is None:
            _, made = await self._alone.__anext__()
            return made
        thing = self._window.take()
        while isinstance(thing, Nothing):
            if thing is Nothing.EVER:
                raise StopAsyncIteration
            place = ParkingPlace()
            thing = self._window.take(place)
            if thing is Nothing.YET:
                self.check()  # whoever closes it from here on finds the place, and wakes it
                await place.wait()
                self.check()
                thing = self._window.take()
        return thing
