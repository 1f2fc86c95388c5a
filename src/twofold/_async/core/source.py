# SPDX-License-Identifier: MIT
"""The items of a batch, numbered as they are drawn, each by one of those who ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Generic, Protocol, TypeVar

from ..._runtime.waiting.items import DRAWS_BETWEEN_CHECKPOINTS, Items, arriving, at_hand
from ..._runtime.waiting.scopes import checkpoint
from ...core.policy.slots import Slots
from ...core.shared import Shared
from .entering import enter

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Source(Protocol[T_co]):
    """An iterator over numbers and items that any number of workers may share."""

    @property
    def total(self) -> int | None:
        """How many items there were, once all are drawn."""
        ...

    def __aiter__(self) -> AsyncIterator[tuple[int, T_co]]: ...
    async def __anext__(self) -> tuple[int, T_co]: ...


def numbered(items: Items[T]) -> Source[T]:
    """Return the items with their numbers; after an error it has ended."""
    ready = at_hand(items)
    return Arriving(arriving(items)) if ready is None else AtHand(ready)


class AtHand(Generic[T]):
    """Items of which none has to be waited for."""

    def __init__(self, items: Iterable[T]) -> None:
        self._items = Shared(items)
        self._draws = 0

    @property
    def total(self) -> int | None:
        return self._items.total

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
        self.total: int | None = None
        self._items: AsyncIterator[T] | None = items
        self._turn = Slots(1)
        self._drawn = 0

    def __aiter__(self) -> AsyncIterator[tuple[int, T]]:
        return self

    async def __anext__(self) -> tuple[int, T]:
        if not self._drawn % DRAWS_BETWEEN_CHECKPOINTS:
            await checkpoint()
        await enter(self._turn)
        try:
            return await self._next()
        finally:
            self._turn.leave()

    async def _next(self) -> tuple[int, T]:
        if self._items is None:
            raise StopAsyncIteration
        try:
            item = await self._items.__anext__()
        except StopAsyncIteration:
            self.total = self._drawn
            self._items = None
            raise
        except BaseException:
            self._items = None
            raise
        self._drawn += 1
        return self._drawn - 1, item
