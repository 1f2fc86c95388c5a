# SPDX-License-Identifier: MIT
"""The items of a batch, numbered as they are drawn, each by one of those who ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Generic, TypeVar

from ..._runtime.waiting.items import DRAWS_BETWEEN_CHECKPOINTS, Items, arriving, at_hand
from ..._runtime.waiting.park import Lock
from ..._runtime.waiting.scopes import checkpoint
from ...core.shared import Shared

T = TypeVar("T")


def numbered(items: Items[T]) -> AsyncIterator[tuple[int, T]]:
    """Return an iterator that any number of workers may share; after an error it has ended."""
    ready = at_hand(items)
    return Arriving(arriving(items)) if ready is None else AtHand(ready)


class AtHand(Generic[T]):
    """Items of which none has to be waited for."""

    def __init__(self, items: Iterable[T]) -> None:
        self._items = Shared(enumerate(items))
        self._draws = 0

    def __aiter__(self) -> AsyncIterator[tuple[int, T]]:
        return self

    async def __anext__(self) -> tuple[int, T]:
        self._draws += 1
        if not self._draws % DRAWS_BETWEEN_CHECKPOINTS:
            await checkpoint()
        for drawn in self._items:
            return drawn
        raise StopAsyncIteration


class Arriving(Generic[T]):
    """Items that have to be waited for: whoever draws one holds up the others."""

    def __init__(self, items: AsyncIterator[T]) -> None:
        self._items = items
        self._turn = Lock()
        self._draws = 0
        self._ended = False

    def __aiter__(self) -> AsyncIterator[tuple[int, T]]:
        return self

    async def __anext__(self) -> tuple[int, T]:
        async with self._turn:
            if self._ended:
                raise StopAsyncIteration
            try:
                item = await self._items.__anext__()
            except BaseException:
                self._ended = True
                raise
            self._draws += 1
            return self._draws - 1, item
