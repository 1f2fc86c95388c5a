# SPDX-License-Identifier: MIT
"""Batches: every item has one outcome, at most so many calls at once, and errors leave bare."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold._async.core.batch import map_all, map_strict
from twofold._runtime.waiting.scopes import (
    CancelScope,
    current_time,
    fail_after,
    get_cancelled_exc_class,
    move_on_after,
    sleep,
)
from twofold.errors import ArgumentError
from twofold.outcome import Failure, Success
from twofold.progress import Progress

delays = st.lists(st.integers(0, 20).map(lambda tenths: tenths / 10), max_size=12)


class Calls:
    """Counts who is inside a call that takes as many seconds as its item says."""

    def __init__(self) -> None:
        self.started: list[float] = []
        self.inside = 0
        self.peak = 0

    async def __call__(self, delay: float) -> float:
        self.started.append(delay)
        self.inside += 1
        self.peak = max(self.peak, self.inside)
        try:
            await sleep(delay)
        finally:
            self.inside -= 1
        return delay


async def square(number: int) -> int:
    await sleep(1)
    return number * number


async def odd(number: int) -> int:
    await sleep(1)
    if number % 2 == 0:
        raise ValueError(f"{number} is even")
    return number


class Arriving:
    """Numbers that each take a second to arrive, and perhaps an error at the end."""

    def __init__(self, count: int, error: BaseException | None = None) -> None:
        self.drawn = 0
        self._count = count
        self._error = error

    def __aiter__(self) -> AsyncIterator[int]:
        return self

    async def __anext__(self) -> int:
        await sleep(1)
        if self.drawn < self._count:
            self.drawn += 1
            return self.drawn - 1
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration


def faulty(count: int) -> Iterator[int]:
    yield from range(count)
    raise LookupError("no more")


@given(delays=delays, workers=st.integers(1, 5))
async def test_outcomes_are_in_the_order_of_the_items(delays: list[float], workers: int) -> None:
    """Invariant 12.1, Invariant 12.2"""
    calls = Calls()
    began = current_time()
    result = await map_all(calls, iter(delays), workers=workers)
    spent = current_time() - began
    assert list(result) == [Success(index, delay, delay) for index, delay in enumerate(delays)]
    assert calls.peak <= workers
    assert calls.inside == 0
    assert max(delays, default=0) - 1e-6 <= spent <= sum(delays) + 1e-6


@given(delays=delays, workers=st.integers(1, 5), patience=st.integers(0, 30))
async def test_a_batch_cut_short_leaves_nothing_behind(
    delays: list[float], workers: int, patience: int
) -> None:
    """Invariant 12.4, Invariant 12.5"""
    calls = Calls()
    with move_on_after(patience / 7) as scope:
        await map_all(calls, iter(delays), workers=workers)
    assert calls.inside == 0
    assert calls.started == delays[: len(calls.started)]
    assert scope.cancelled_caught or calls.started == delays


@given(delays=delays, workers=st.integers(1, 5), step=st.integers(1, 20))
async def test_a_batch_cancelled_at_any_step_leaves_nothing_behind(
    delays: list[float], workers: int, step: int
) -> None:
    """Invariant 12.4, Rule 14.1"""
    calls = Calls()
    steps = 0
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

        await map_all(call, delays, workers=workers)
    assert calls.inside == 0
    assert scope.cancelled_caught or len(calls.started) == len(delays)


@given(good=st.lists(st.booleans(), max_size=12), workers=st.integers(1, 5))
async def test_a_failure_spoils_nothing_but_its_own_item(good: list[bool], workers: int) -> None:
    """Invariant 12.1, Invariant 12.5"""

    async def check(number: int) -> int:
        await sleep(number % 3)
        if not good[number]:
            raise ValueError(number)
        return number

    result = await map_all(check, range(len(good)), workers=workers)
    assert [outcome.is_success for outcome in result] == good
    assert [outcome.item for outcome in result] == list(range(len(good)))
    assert all(failure.error.args == (failure.index,) for failure in result.failed)


async def test_calls_run_at_once_up_to_the_number_of_workers() -> None:
    """Invariant 12.2"""
    began = current_time()
    result = await map_all(square, range(10), workers=5)
    assert current_time() - began == pytest.approx(2)
    assert result.values() == [number * number for number in range(10)]


async def test_an_item_is_drawn_when_a_worker_is_free() -> None:
    drawn: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(100):
            drawn.append(number)
            yield number

    with move_on_after(1.5):
        await map_all(square, numbers(), workers=2)
    assert drawn == [0, 1, 2, 3]


async def test_items_may_have_to_be_waited_for() -> None:
    began = current_time()
    result = await map_all(square, Arriving(4), workers=3)
    assert result.values() == [0, 1, 4, 9]
    assert current_time() - began == pytest.approx(5)


async def test_no_items_give_no_outcomes() -> None:
    assert list(await map_all(square, [])) == []
    assert list(await map_all(square, Arriving(0))) == []
    assert await map_strict(square, ()) == []


async def test_a_cancelled_scope_starts_nothing() -> None:
    """Invariant 12.5"""
    calls = Calls()
    with CancelScope() as scope:
        scope.cancel()
        await map_all(calls, [1.0, 1.0])
    assert scope.cancelled_caught
    assert calls.started == []


async def test_a_call_that_never_waits_can_be_cut_short() -> None:
    called: list[int] = []

    with CancelScope() as scope:

        async def count(number: int) -> None:
            called.append(number)
            if number == 50:
                scope.cancel()

        await map_all(count, range(1000), workers=1)
    assert scope.cancelled_caught
    assert 50 < len(called) < 100


async def test_a_deadline_ends_the_batch() -> None:
    began = current_time()
    with pytest.raises(TimeoutError):
        with fail_after(3.5):
            await map_all(square, range(1000), workers=2)
    assert current_time() - began == pytest.approx(3.5)


@pytest.mark.parametrize("run", [map_all, map_strict])
async def test_an_error_of_the_items_ends_the_batch_as_it_is(run: Any) -> None:
    began = current_time()
    with pytest.raises(LookupError, match="no more") as caught:
        await run(square, faulty(3), workers=2)
    assert not hasattr(caught.value, "__notes__")
    assert current_time() - began == pytest.approx(1)


async def test_an_error_of_items_that_arrive_ends_the_batch_as_it_is() -> None:
    error = LookupError("no more")
    with pytest.raises(LookupError) as caught:
        await map_all(square, Arriving(2, error), workers=2)
    assert caught.value is error


async def test_the_first_failure_ends_a_strict_batch_as_it_is() -> None:
    began = current_time()
    with pytest.raises(ValueError, match="2 is even") as caught:
        await map_strict(odd, [1, 3, 5, 2, 7, 9, 11, 13], workers=2)
    assert type(caught.value) is ValueError
    assert caught.value.__notes__ == ["this was item 3 of the batch"]
    assert caught.value.__context__ is None
    assert current_time() - began == pytest.approx(2)


async def test_a_strict_batch_returns_its_values_in_order() -> None:
    async def wait(delay: int) -> int:
        await sleep(delay)
        return delay

    assert await map_strict(wait, [3, 1, 2], workers=3) == [3, 1, 2]


async def test_others_that_failed_meanwhile_are_noted() -> None:
    async def stumble(number: int) -> None:
        try:
            await sleep(number)
        finally:
            raise ValueError(number)

    with pytest.raises(ValueError, match="1") as caught:
        await map_strict(stumble, [1, 2, 3], workers=3)
    first, *others = caught.value.__notes__
    assert first == "this was item 0 of the batch"
    assert sorted(others) == [
        "item 1 failed too: ValueError(2)",
        "item 2 failed too: ValueError(3)",
    ]


async def test_a_cancellation_is_never_an_outcome() -> None:
    """Invariant 12.5, Rule 14.7"""
    seen: list[str] = []

    async def patient(number: int) -> None:
        try:
            await sleep(1000)
        except get_cancelled_exc_class():
            seen.append("cancelled")
            raise

    with move_on_after(1) as scope:
        await map_all(patient, range(10), workers=3)
    assert scope.cancelled_caught
    assert seen == ["cancelled"] * 3


def noted(numbers: Iterable[int], drawn: list[int]) -> Iterator[int]:
    for number in numbers:
        drawn.append(number)
        yield number


@pytest.mark.parametrize("run", [map_all, map_strict])
@pytest.mark.parametrize("workers", [0, -1, True, 2.0, "2", None])
async def test_a_wrong_number_of_workers_is_refused(run: Any, workers: Any) -> None:
    drawn: list[int] = []
    with pytest.raises(ArgumentError, match="workers"):
        await run(square, noted(range(3), drawn), workers=workers)
    assert drawn == []


@pytest.mark.parametrize("run", [map_all, map_strict])
async def test_what_cannot_be_called_or_iterated_is_refused(run: Any) -> None:
    with pytest.raises(ArgumentError, match="call"):
        await run("square", [1])
    with pytest.raises(ArgumentError, match="items"):
        await run(square, 7)
    with pytest.raises(ArgumentError, match="progress"):
        await run(square, [1], progress=5)


@given(delays=delays, workers=st.integers(1, 5))
async def test_progress_is_told_now_and_then(delays: list[float], workers: int) -> None:
    """Invariant 12.6"""
    told: list[Progress] = []
    await map_all(Calls(), delays, workers=workers, progress=told.append)
    assert told[0].done == 0
    assert told[-1].done == told[-1].total == told[0].total == len(delays)
    assert len(told) <= told[-1].elapsed * 10 + 2 + 1e-6
    assert [one.done for one in told] == sorted(one.done for one in told)


async def test_progress_tells_failures_and_a_total_once_it_is_known() -> None:
    told: list[Progress] = []
    await map_all(odd, iter(range(4)), workers=2, progress=told.append)
    assert [(one.succeeded, one.failed, one.total) for one in told] == [
        (0, 0, None),
        *[(one.succeeded, one.failed, None) for one in told[1:-1]],
        (2, 2, 4),
    ]
    assert told[-1].elapsed == pytest.approx(2)


async def test_the_last_progress_is_told_of_a_batch_cut_short() -> None:
    told: list[Progress] = []
    with move_on_after(2.5):
        await map_all(square, iter(range(1000)), workers=2, progress=told.append)
    assert (told[-1].done, told[-1].total) == (4, None)


async def test_the_last_progress_of_a_strict_batch_that_failed_keeps_the_total() -> None:
    told: list[Progress] = []
    with pytest.raises(ValueError, match="even"):
        await map_strict(odd, [1, 2, 3, 4], workers=1, progress=told.append)
    assert (told[-1].succeeded, told[-1].failed, told[-1].total) == (1, 1, 4)


async def test_strict_batches_cut_short_say_so_and_nothing_else() -> None:
    for tenths in range(1, 40):
        with pytest.raises(TimeoutError) as caught:
            with fail_after(tenths / 10):
                await map_strict(square, range(1000), workers=5)
        assert type(caught.value) is TimeoutError


async def test_a_progress_callback_that_raises_does_no_harm() -> None:
    def fail(progress: Progress) -> None:
        raise ValueError(progress)

    assert (await map_all(square, range(4), progress=fail)).values() == [0, 1, 4, 9]


async def test_batches_may_be_nested() -> None:
    async def row(length: int) -> list[int]:
        return await map_strict(square, range(length), workers=3)

    rows = await map_all(row, [1, 2, 3], workers=2)
    assert rows.values() == [[0], [0, 1], [0, 1, 4]]


async def test_an_error_keeps_its_cause() -> None:
    cause = KeyError("cause")

    async def fail(number: int) -> None:
        raise ValueError(number) from cause

    with pytest.raises(ValueError, match="0") as caught:
        await map_strict(fail, [0])
    assert caught.value.__cause__ is cause
    outcome = (await map_all(fail, [0]))[0]
    assert isinstance(outcome, Failure)
    assert outcome.error.__cause__ is cause
