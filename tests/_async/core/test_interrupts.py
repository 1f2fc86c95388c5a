# SPDX-License-Identifier: MIT
"""Ctrl-C in a call, or in a block: it comes out bare, and nothing is left running."""

from __future__ import annotations

from typing import Any

import pytest

from twofold._async.core.batch import map_all, map_stream, map_strict
from twofold._async.core.listing import AsyncListing
from twofold._runtime.waiting.scopes import CancelScope, current_time, sleep
from twofold.core.request import Page

INTERRUPTS = [KeyboardInterrupt, SystemExit]


class Interrupted:
    """Calls of a thousand seconds, one of which raises an interrupt after one."""

    def __init__(self, at: int, error: BaseException) -> None:
        self.at = at
        self.error = error
        self.inside = 0

    async def __call__(self, number: int) -> int:
        self.inside += 1
        try:
            await sleep(1)
            if number == self.at:
                raise self.error
            await sleep(1000)
        finally:
            self.inside -= 1
        return number

    async def page(self, cursor: int) -> Page[int]:
        await self(cursor)
        return Page([cursor], cursor + 1)


@pytest.mark.parametrize("run", [map_all, map_strict])
@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("kind", INTERRUPTS)
async def test_out_of_a_call_in_any_worker(run: Any, at: int, kind: type[BaseException]) -> None:
    error = kind()
    call = Interrupted(at, error)
    began = current_time()
    with pytest.raises(kind) as caught:
        await run(call, range(9), workers=4)
    assert caught.value is error
    assert call.inside == 0
    assert current_time() - began == pytest.approx(1)


@pytest.mark.parametrize("kind", INTERRUPTS)
async def test_out_of_a_call_of_a_stream(kind: type[BaseException]) -> None:
    error = kind()
    call = Interrupted(1, error)
    began = current_time()
    with pytest.raises(kind) as caught:
        async with map_stream(call, iter(range(9)), workers=3) as outcomes:
            async for _ in outcomes:
                pytest.fail("there is no outcome")
    assert caught.value is error
    assert call.inside == 0
    assert current_time() - began == pytest.approx(1)


@pytest.mark.parametrize("kind", INTERRUPTS)
async def test_out_of_the_block_of_a_stream(kind: type[BaseException]) -> None:
    error = kind()
    call = Interrupted(99, KeyboardInterrupt())
    with pytest.raises(kind) as caught:
        async with map_stream(call, iter(range(9)), workers=3):
            await sleep(2)
            assert call.inside == 3
            raise error
    assert caught.value is error
    assert error.__context__ is None
    assert call.inside == 0


async def test_out_of_a_fetch_ahead() -> None:
    error = KeyboardInterrupt("Ctrl-C")
    server = Interrupted(0, error)
    with pytest.raises(KeyboardInterrupt) as caught:
        async with AsyncListing(server.page, 0).ahead(2) as items:
            async for _ in items:
                pytest.fail("there is no item")
    assert caught.value is error
    assert server.inside == 0


async def test_out_of_the_block_while_pages_are_fetched_ahead() -> None:
    server = Interrupted(99, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        async with AsyncListing(server.page, 0).ahead(2):
            await sleep(2)
            assert server.inside == 1
            raise KeyboardInterrupt
    assert server.inside == 0


async def test_an_interrupt_is_not_lost_to_an_error_of_the_block() -> None:
    call = Interrupted(0, KeyboardInterrupt("Ctrl-C"))
    with pytest.raises(KeyboardInterrupt, match="Ctrl-C"):
        async with map_stream(call, range(9)):
            try:
                await sleep(1000)
            finally:
                raise ValueError("clean-up")


async def test_an_interrupt_is_not_lost_to_an_earlier_failure() -> None:
    async def fail(number: int) -> None:
        if number == 0:
            await sleep(1)
            raise ValueError(number)
        try:
            await sleep(1000)
        finally:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await map_strict(fail, range(2))


async def test_an_interrupt_is_not_lost_to_a_cancellation_around_it() -> None:
    """Rule 14.3"""
    with CancelScope() as scope:

        async def interrupted(number: int) -> None:
            scope.cancel()
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await map_all(interrupted, range(3))


async def test_an_interrupt_in_a_progress_callback_comes_out_bare() -> None:
    def interrupt(progress: Any) -> None:
        if progress.done:
            raise KeyboardInterrupt

    call = Interrupted(99, KeyboardInterrupt())

    async def quick(number: int) -> None:
        if number:
            await call(number)

    with pytest.raises(KeyboardInterrupt):
        await map_all(quick, range(9), workers=3, progress=interrupt)
    assert call.inside == 0
