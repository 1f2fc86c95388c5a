# SPDX-License-Identifier: MIT
"""Listings that arrive a page at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Generic, TypeVar

import attrs

from ..._runtime.waiting.tasks import Call
from ...core.policy.allowance import Allowance, of_this_process
from ...core.policy.checks import whole
from ...core.policy.trail import Trail
from ...core.request import Page
from .stream import made_ahead

T = TypeVar("T")


@attrs.frozen(eq=False)
class AsyncListing(Generic[T]):
    """Every item of a listing, fetched as it is asked for; each iteration begins anew.

    `fetch` returns the page at a cursor, `start` is the first cursor; cursors are hashable.  A
    listing ends where a page names no next one, is empty, or names one that was fetched already.
    An error is raised in its place, after the items before it; its iterator has then ended::

        async for ticket in client.iter_tickets():
            print(ticket.name)
    """

    _fetch: Call[[Any], Page[T]]
    _start: Any
    _allowance: Allowance = of_this_process

    def __aiter__(self) -> AsyncIterator[T]:
        return Items(self.pages())

    def pages(self) -> AsyncIterator[Page[T]]:
        """Return an iterator over the pages themselves, an empty last one included."""
        return Pages(Walk(self._fetch, self._start))

    async def all(self) -> list[T]:
        """Fetch every page and return the items of all."""
        return [item async for item in self]

    async def first(self) -> T | None:
        """Fetch the first page and return its first item, or None if there is none."""
        async for item in self:
            return item
        return None

    def ahead(self, pages: int = 1) -> AbstractAsyncContextManager[AsyncIterator[T]]:
        """Fetch up to `pages` pages, one after another, before they are asked for.

        Leaving the block, early too, ends the fetching before it is left::

            async with client.iter_tickets().ahead(2) as tickets:
                async for ticket in tickets:
                    print(ticket.name)
        """
        return self._ahead(whole("pages", pages, 1))

    @asynccontextmanager
    async def _ahead(self, pages: int) -> AsyncGenerator[AsyncIterator[T]]:
        walk = Walk(self._fetch, self._start)
        async with made_ahead(
            walk, alone=walk, allowance=self._allowance, hands=1, size=pages
        ) as arriving:
            yield Items(arriving)


class Walk(Generic[T]):
    """Fetches page after page, and numbers them."""

    def __init__(self, fetch: Call[[Any], Page[T]], start: Any) -> None:
        self._fetch = fetch
        self._trail = Trail(start)
        self._fetched = 0

    def __aiter__(self) -> AsyncIterator[tuple[int, Page[T]]]:
        return self

    async def __anext__(self) -> tuple[int, Page[T]]:
        if self._trail.ended:
            raise StopAsyncIteration
        try:
            page = await self._fetch(self._trail.cursor)
        except Exception:
            self._trail.end()
            raise
        self._trail.follow(page)
        self._fetched += 1
        return self._fetched - 1, page


class Pages(Generic[T]):
    """The pages of a walk, without their numbers."""

    def __init__(self, walk: Walk[T]) -> None:
        self._walk = walk

    def __aiter__(self) -> AsyncIterator[Page[T]]:
        return self

    async def __anext__(self) -> Page[T]:
        _, page = await self._walk.__anext__()
        return page


class Items(Generic[T]):
    """The items of pages, in their order."""

    def __init__(self, pages: AsyncIterator[Page[T]]) -> None:
        self._pages = pages
        self._items = iter(Page[T](()).items)

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        while True:
            for item in self._items:
                return item
            page = await self._pages.__anext__()
            self._items = iter(page.items)
