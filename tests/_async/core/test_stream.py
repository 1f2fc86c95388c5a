# SPDX-License-Identifier: MIT
"""Streams of outcomes: complete, bounded, and gone when their block is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold._async.core.batch import map_stream
from twofold._runtime.waiting.scopes import (
    CancelScope,
    current_time,
    get_cancelled_exc_class,
    move_on_after,
    sleep,
)
from twofold._runtime.waiting.tasks import create_task_group
from twofold.errors import ArgumentError, NotEnteredError
from twofold.outcome import Outcome, Success
from twofold.progress import Progress

delays = st.lists(st.integers(0, 20).map(lambda tenths: tenths / 10), max_size=15)


class Calls:
    """Counts who is inside a call that takes as many seconds as its item says."""

    def __init__(self) -> None:
        self.started = 0
        self.inside = 0
        self.peak = 0

    async def __call__(self, delay: float) -> float:
        self.started += 1
        self.inside += 1
        self.peak = max(self.peak, self.inside)
        try:
            await sleep(delay)
        finally:
            self.inside -= 1
        return delay


async def slow(number: int) -> int:
    await sleep(1)
    return number


async def slow_again(outcome: Outcome[int, int]) -> int:
    return await slow(outcome.unwrap())


@given(delays=delays, workers=st.integers(1, 5), ordered=st.booleans())
async def test_every_item_has_one_outcome(delays: list[float], workers: int, ordered: bool) -> None:
    """Invariant 12.1, Invariant 12.2, Invariant 12.5"""
    calls = Calls()
    began = current_time()
    async with map_stream(calls, iter(delays), workers=workers, ordered=ordered) as outcomes:
        seen = [outcome async for outcome in outcomes]
    everything = [Success(index, delay, delay) for index, delay in enumerate(delays)]
    assert (seen if ordered else sorted(seen, key=lambda one: one.index)) == everything
    assert calls.peak <= workers
    assert current_time() - began <= sum(delays) + 1e-6


@given(
    delays=delays,
    workers=st.integers(1, 4),
    ordered=st.booleans(),
    pauses=st.lists(st.integers(0, 3), max_size=15),
)
async def test_workers_are_never_further_ahead_than_twice_their_number(
    delays: list[float], workers: int, ordered: bool, pauses: list[int]
) -> None:
    """Invariant 12.3"""
    calls = Calls()
    read = 0
    async with map_stream(calls, iter(delays), workers=workers, ordered=ordered) as outcomes:
        async for _ in outcomes:
            read += 1
            assert calls.started <= read + 2 * workers
            await sleep(pauses[read] if read < len(pauses) else 0)
            assert calls.started <= read + 2 * workers
    assert read == len(delays)


@given(delays=delays, workers=st.integers(1, 4), ordered=st.booleans(), wanted=st.integers(0, 15))
async def test_leaving_early_leaves_nothing_behind(
    delays: list[float], workers: int, ordered: bool, wanted: int
) -> None:
    """Invariant 12.4"""
    calls = Calls()
    read = 0
    began = current_time()
    async with map_stream(calls, iter(delays), workers=workers, ordered=ordered) as outcomes:
        async for _ in outcomes:
            if read == wanted:
                break
            read += 1
        left = current_time()
    assert calls.inside == 0
    assert read == min(wanted, len(delays))
    assert current_time() == pytest.approx(left)
    assert left - began <= sum(delays) + 1e-6


async def test_a_reader_in_another_task_is_not_left_behind_by_its_block() -> None:
    """Rule 14.5"""

    async def read_on() -> None:
        with pytest.raises(NotEnteredError):
            async for _ in outcomes:
                pass

    async with create_task_group() as tasks:
        async with map_stream(sleep, [9.0, 9.0], workers=2) as outcomes:
            tasks.start_soon(read_on)
            await sleep(1)


@given(delays=delays, workers=st.integers(1, 4), ordered=st.booleans(), step=st.integers(1, 20))
async def test_a_stream_cancelled_at_any_step_leaves_nothing_behind(
    delays: list[float], workers: int, ordered: bool, step: int
) -> None:
    """Invariant 12.4, Rule 14.1"""
    calls = Calls()
    steps = read = 0
    with CancelScope() as scope:

        def pace() -> None:
            nonlocal steps
            steps += 1
            if steps == step:
                scope.cancel()

        async def call(delay: float) -> None:
            pace()
            await calls(delay)
            pace()

        async with map_stream(call, delays, workers=workers, ordered=ordered) as outcomes:
            async for _ in outcomes:
                read += 1
                pace()
    assert calls.inside == 0
    assert scope.cancelled_caught or read == len(delays)


async def test_outcomes_come_as_they_end() -> None:
    async with map_stream(Calls(), [3.0, 1.0, 2.0], workers=3) as outcomes:
        assert [outcome.item async for outcome in outcomes] == [1.0, 2.0, 3.0]


async def test_ordered_outcomes_wait_for_their_turn() -> None:
    began = current_time()
    async with map_stream(Calls(), [3.0, 1.0, 4.0], workers=3, ordered=True) as outcomes:
        times = [current_time() - began async for _ in outcomes]
    assert times == pytest.approx([3, 3, 4])


async def test_failures_are_outcomes() -> None:
    async def odd(number: int) -> int:
        if number % 2 == 0:
            raise ValueError(number)
        return number

    async with map_stream(odd, range(4), ordered=True) as outcomes:
        assert [outcome.is_success async for outcome in outcomes] == [False, True, False, True]


@pytest.mark.parametrize("ordered", [True, False])
async def test_an_error_of_the_items_comes_after_the_outcomes_before_it(ordered: bool) -> None:
    def faulty() -> Iterator[int]:
        yield from range(3)
        raise LookupError("no more")

    seen: list[int] = []
    with pytest.raises(LookupError, match="no more"):
        async with map_stream(slow, faulty(), workers=2, ordered=ordered) as outcomes:
            async for outcome in outcomes:
                seen.append(outcome.index)  # noqa: PERF401 - what came before the error counts
    assert sorted(seen) == [0, 1, 2]


async def test_an_error_of_the_block_leaves_as_it_is() -> None:
    calls = Calls()
    error = ValueError("mine")
    with pytest.raises(ValueError, match="mine") as caught:
        async with map_stream(calls, iter([1.0] * 9), workers=3) as outcomes:
            async for _ in outcomes:
                raise error
    assert caught.value is error
    assert error.__context__ is None
    assert error.__cause__ is None
    assert not hasattr(error, "__notes__")
    assert calls.inside == 0


@pytest.mark.parametrize("kind", [StopIteration, StopAsyncIteration, GeneratorExit])
async def test_even_odd_errors_of_the_block_leave_as_they_are(kind: type[BaseException]) -> None:
    error = kind()
    with pytest.raises(kind) as caught:
        async with map_stream(slow, range(3)):
            raise error
    assert caught.value is error


async def test_a_deadline_ends_stream_and_block() -> None:
    calls = Calls()
    read = 0
    began = current_time()
    with move_on_after(2.5) as scope:
        async with map_stream(calls, iter([1.0] * 99), workers=2) as outcomes:
            async for _ in outcomes:
                read += 1
    assert scope.cancelled_caught
    assert read == 4
    assert calls.inside == 0
    assert current_time() - began == pytest.approx(2.5)


async def test_giving_up_on_one_outcome_loses_none() -> None:
    """Rule 14.6"""
    async with map_stream(slow, range(3), workers=1) as outcomes:
        with move_on_after(0.5) as scope:
            await outcomes.__anext__()
        assert scope.cancelled_caught
        assert [outcome.index async for outcome in outcomes] == [0, 1, 2]


async def test_a_cancelled_scope_starts_nothing() -> None:
    calls = Calls()
    with CancelScope() as scope:
        scope.cancel()
        async with map_stream(calls, [1.0]):
            pass
    assert scope.cancelled_caught
    assert calls.started == 0


async def test_calls_under_way_are_cancelled_and_waited_for() -> None:
    """Invariant 12.4"""
    ended: list[float] = []

    async def patient(number: int) -> None:
        try:
            await sleep(1000 * number)
        except get_cancelled_exc_class():
            with CancelScope(shield=True):
                await sleep(2)
            ended.append(current_time())
            raise

    began = current_time()
    async with map_stream(patient, range(3), workers=3) as outcomes:
        await outcomes.__anext__()
    assert [time - began for time in ended] == pytest.approx([2, 2])


async def test_it_can_be_read_inside_its_block_only() -> None:
    async with map_stream(slow, range(3)) as outcomes:
        pass
    with pytest.raises(NotEnteredError, match="with"):
        await outcomes.__anext__()


async def test_after_the_last_outcome_it_stays_ended() -> None:
    async with map_stream(slow, range(3)) as outcomes:
        assert len([outcome async for outcome in outcomes]) == 3
        assert [outcome async for outcome in outcomes] == []


@pytest.mark.parametrize("workers", [0, -1, True, 2.0])
async def test_a_wrong_number_of_workers_is_refused_before_the_block(workers: Any) -> None:
    with pytest.raises(ArgumentError, match="workers"):
        map_stream(slow, [1], workers=workers)


async def test_progress_tells_the_first_and_the_last() -> None:
    told: list[Progress] = []
    async with map_stream(slow, iter(range(5)), workers=2, progress=told.append) as outcomes:
        assert len([outcome async for outcome in outcomes]) == 5
    assert (told[0].done, told[0].total) == (0, None)
    assert (told[-1].done, told[-1].total) == (5, 5)


async def test_progress_of_a_stream_left_early_keeps_its_total_open() -> None:
    told: list[Progress] = []
    async with map_stream(slow, iter(range(99)), workers=1, progress=told.append) as outcomes:
        await outcomes.__anext__()
    assert (told[-1].done, told[-1].total) == (1, None)


async def test_a_stream_may_feed_a_stream() -> None:
    async with map_stream(slow, range(6), workers=2, ordered=True) as numbers:
        async with map_stream(slow_again, numbers, workers=2, ordered=True) as again:
            assert [outcome.item.index async for outcome in again] == list(range(6))
