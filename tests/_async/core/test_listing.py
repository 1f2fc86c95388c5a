# SPDX-License-Identifier: MIT
"""Listings: page after page, or ahead of whoever reads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold._async.core.batch import map_all
from twofold._async.core.listing import AsyncListing
from twofold._runtime.waiting.scopes import current_time, move_on_after, sleep
from twofold.core.request import Page
from twofold.errors import ArgumentError, NotEnteredError


class Server:
    """Ten numbers a page, each page a second, from cursor 1; page 0 fails."""

    def __init__(self, pages: int, *, follow: dict[int, Any] | None = None) -> None:
        self.pages = pages
        self.follow = follow or {}
        self.asked: list[int] = []
        self.inside = 0

    async def page(self, cursor: int) -> Page[int]:
        self.asked.append(cursor)
        self.inside += 1
        try:
            await sleep(1)
        finally:
            self.inside -= 1
        if cursor == 0:
            raise LookupError("no such page")
        after = cursor + 1 if cursor < self.pages else None
        numbers = range(10 * (cursor - 1), 10 * cursor)
        return Page(numbers, self.follow.get(cursor, after), total=10 * self.pages)

    def listing(self) -> AsyncListing[int]:
        return AsyncListing(self.page, 1)


async def empty(cursor: int) -> Page[int]:
    return Page([], cursor + 1, total=0)


async def test_every_item_of_every_page() -> None:
    began = current_time()
    server = Server(3)
    assert [number async for number in server.listing()] == list(range(30))
    assert server.asked == [1, 2, 3]
    assert current_time() - began == pytest.approx(3)


async def test_a_page_is_fetched_when_it_is_asked_for() -> None:
    server = Server(3)
    async for number in server.listing():
        if number == 10:
            break
    assert server.asked == [1, 2]


async def test_each_iteration_begins_anew() -> None:
    listing = Server(2).listing()
    assert await listing.all() == await listing.all() == list(range(20))


async def test_the_pages_themselves() -> None:
    pages = [page async for page in Server(2).listing().pages()]
    assert [page.next for page in pages] == [2, None]
    assert [page.total for page in pages] == [20, 20]


async def test_the_first_item_takes_one_page() -> None:
    server = Server(3)
    assert await server.listing().first() == 0
    assert server.asked == [1]


async def test_an_empty_page_is_the_last() -> None:
    listing = AsyncListing(empty, 1)
    assert await listing.first() is None
    assert await listing.all() == []
    assert [page.total async for page in listing.pages()] == [0]
    async with listing.ahead(2) as items:
        assert [item async for item in items] == []


@pytest.mark.parametrize("back", [1, 2])
async def test_a_cursor_that_comes_again_is_the_end(back: int) -> None:
    server = Server(3, follow={2: back})
    assert len(await server.listing().all()) == 20
    assert server.asked == [1, 2]


async def test_an_error_comes_in_its_place_and_ends_the_iterator() -> None:
    server = Server(3, follow={2: 0})
    items = server.listing().__aiter__()
    seen: list[int] = []
    with pytest.raises(LookupError, match="no such page"):
        async for item in items:
            seen.append(item)  # noqa: PERF401 - what came before the error counts
    assert seen == list(range(20))
    assert [item async for item in items] == []
    assert server.asked == [1, 2, 0]


async def test_giving_up_on_a_page_loses_nothing() -> None:
    """Rule 14.6"""
    items = Server(2).listing().__aiter__()
    with move_on_after(0.5) as scope:
        await items.__anext__()
    assert scope.cancelled_caught
    assert [item async for item in items] == list(range(20))


@given(
    pages=st.integers(1, 6),
    ahead=st.integers(1, 4),
    pause=st.integers(0, 3),
    wanted=st.integers(0, 70),
)
async def test_ahead_gives_the_same_and_is_never_further_ahead(
    pages: int, ahead: int, pause: int, wanted: int
) -> None:
    """Invariant 12.3, Invariant 12.4"""
    server = Server(pages)
    seen: list[int] = []
    async with server.listing().ahead(ahead) as items:
        async for item in items:
            if len(seen) == wanted:
                break
            seen.append(item)
            assert len(server.asked) <= len(seen) // 10 + 1 + ahead
            await sleep(pause / 10)
    assert seen == list(range(min(wanted, 10 * pages)))
    assert server.inside == 0


async def test_pages_fetched_ahead_hide_the_round_trip() -> None:
    began = current_time()
    async with Server(5).listing().ahead(1) as items:
        async for _ in items:
            await sleep(0.1)
    assert current_time() - began == pytest.approx(6)


async def test_an_error_ahead_comes_after_the_items_before_it() -> None:
    seen: list[int] = []
    with pytest.raises(LookupError, match="no such page") as caught:
        async with Server(3, follow={2: 0}).listing().ahead(3) as items:
            async for item in items:
                seen.append(item)
                await sleep(0.2)
    assert seen == list(range(20))
    assert not hasattr(caught.value, "__notes__")


async def test_an_error_ahead_may_be_survived() -> None:
    seen: list[int] = []
    async with Server(3, follow={2: 0}).listing().ahead(3) as items:
        with pytest.raises(LookupError, match="no such page"):
            async for item in items:
                seen.append(item)  # noqa: PERF401 - what came before the error counts
        assert [item async for item in items] == []
    assert seen == list(range(20))


async def test_leaving_early_ends_the_fetching() -> None:
    """Invariant 12.4"""
    server = Server(9)
    began = current_time()
    async with server.listing().ahead(2) as items:
        async for item in items:
            if item == 5:
                break
    assert current_time() - began == pytest.approx(1)
    assert server.inside == 0
    with pytest.raises(NotEnteredError):
        async for _ in items:
            if server.pages:  # what was fetched may be read; more is not fetched
                continue


async def test_an_error_of_the_block_leaves_as_it_is() -> None:
    error = ValueError("mine")
    with pytest.raises(ValueError, match="mine") as caught:
        async with Server(3).listing().ahead(1) as items:
            async for _ in items:
                raise error
    assert caught.value is error
    assert error.__context__ is None


@pytest.mark.parametrize("pages", [0, -1, True, 1.5])
async def test_a_wrong_number_of_pages_is_refused_before_the_block(pages: Any) -> None:
    with pytest.raises(ArgumentError, match="pages"):
        Server(1).listing().ahead(pages)


async def test_a_listing_may_feed_a_batch() -> None:
    async def double(number: int) -> int:
        await sleep(1)
        return 2 * number

    result = await map_all(double, Server(3).listing(), workers=10)
    assert result.values() == [2 * number for number in range(30)]
