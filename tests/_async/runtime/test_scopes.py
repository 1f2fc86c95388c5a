# SPDX-License-Identifier: MIT
"""Scopes and deadlines mean the same on every runtime."""

from __future__ import annotations

import math

import pytest

from twofold._runtime.waiting.park import Event
from twofold._runtime.waiting.scopes import (
    CancelScope,
    checkpoint,
    current_time,
    fail_after,
    get_cancelled_exc_class,
    interrupting,
    move_on_after,
    run_sync,
    sleep,
    time_left,
)
from twofold._runtime.waiting.tasks import create_task_group


# SPDX-License-Identifier: MIT
async def test_sleep_takes_its_time() -> None:
    started = current_time()
    await sleep(3)
    assert current_time() - started == pytest.approx(3)


async def test_a_scope_that_ends_in_time_is_not_cancelled() -> None:
    with move_on_after(2) as scope:
        await sleep(1)
    assert not scope.cancelled_caught


async def test_move_on_after_moves_on() -> None:
    started = current_time()
    with move_on_after(2) as scope:
        await sleep(10)
    assert scope.cancelled_caught
    assert current_time() - started == pytest.approx(2)


async def test_the_inner_deadline_is_caught_inside() -> None:
    with move_on_after(5) as outer:
        with move_on_after(1) as inner:
            await sleep(10)
        await sleep(1)
    assert inner.cancelled_caught
    assert not outer.cancelled_caught


async def test_the_outer_deadline_passes_through() -> None:
    reached = False
    with move_on_after(1) as outer:
        with move_on_after(5) as inner:
            await sleep(10)
        reached = True
    assert outer.cancelled_caught
    assert not inner.cancelled_caught
    assert not reached


async def test_a_shield_holds_off_the_outer_scope() -> None:
    started = current_time()
    with move_on_after(1) as outer:
        with CancelScope(shield=True):
            await sleep(2)
        await sleep(1)
    assert outer.cancelled_caught
    assert current_time() - started == pytest.approx(2)


async def test_clean_up_can_be_shielded() -> None:
    cleaned = False
    with move_on_after(1):
        try:
            await sleep(10)
        finally:
            with CancelScope(shield=True):
                await sleep(1)
                cleaned = True
    assert cleaned


async def test_cancellation_is_delivered_again_and_again() -> None:
    times = 0
    with CancelScope() as scope:
        scope.cancel()
        for _ in range(3):
            try:
                await checkpoint()
            except get_cancelled_exc_class():
                times += 1
        await checkpoint()
    assert times == 3
    assert scope.cancelled_caught


async def test_fail_after_fails() -> None:
    with pytest.raises(TimeoutError):
        with fail_after(1):
            await sleep(2)


async def test_fail_after_keeps_other_errors() -> None:
    with pytest.raises(ValueError):
        with fail_after(1):
            raise ValueError


async def test_fail_after_names_its_reason() -> None:
    with pytest.raises(TimeoutError, match="too slow"):
        with fail_after(1, reason="too slow"):
            await sleep(2)


async def test_none_is_no_deadline() -> None:
    with move_on_after(None) as patient, fail_after(None):
        await sleep(1_000_000)
    assert patient.deadline == math.inf
    assert not patient.cancel_called


async def test_an_error_at_the_deadline_is_not_swallowed() -> None:
    with pytest.raises(ValueError, match="late"):
        with move_on_after(1) as scope:
            try:
                await sleep(2)
            finally:
                raise ValueError("late")
    assert not scope.cancelled_caught


async def test_another_task_may_cancel_a_scope() -> None:
    started = current_time()
    scope = CancelScope()

    async def cancel() -> None:
        await sleep(1)
        scope.cancel()

    async with create_task_group() as tasks:
        tasks.start_soon(cancel)
        with scope:
            await sleep(100)
    assert scope.cancelled_caught
    assert current_time() - started == pytest.approx(1)


async def test_a_scope_cancelled_beforehand_ends_at_the_first_wait() -> None:
    reached: list[str] = []
    with CancelScope() as scope:
        scope.cancel()
        reached.append("before")
        await sleep(0)
        reached.append("after")
    assert reached == ["before"]
    assert scope.cancelled_caught


async def test_a_scope_that_nobody_waits_in_catches_nothing() -> None:
    with CancelScope() as scope:
        scope.cancel()
    assert scope.cancel_called
    assert not scope.cancelled_caught
    await checkpoint()


async def test_a_shielded_scope_can_be_cancelled_itself() -> None:
    started = current_time()
    with CancelScope(shield=True) as outer:
        with move_on_after(1, shield=True) as inner:
            await sleep(100)
        await sleep(1)
    assert inner.cancelled_caught
    assert not outer.cancelled_caught
    assert current_time() - started == pytest.approx(2)


async def test_cancellation_reaches_below_inner_scopes_and_stops_at_shields() -> None:
    ended: list[tuple[str, float]] = []
    started = current_time()

    async def wait_below(name: str, shield: bool) -> None:
        try:
            with CancelScope(), CancelScope(shield=shield), CancelScope():
                await sleep(3)
        finally:
            ended.append((name, round(current_time() - started, 3)))

    async with create_task_group() as tasks:
        tasks.start_soon(wait_below, "open", False)
        tasks.start_soon(wait_below, "shielded", True)
        await sleep(1)
        tasks.cancel_scope.cancel()
    assert ended == [("open", 1), ("shielded", 3)]


async def test_the_outermost_of_two_cancelled_scopes_catches() -> None:
    with CancelScope() as outer:
        with CancelScope() as inner:
            inner.cancel()
            outer.cancel()
            await sleep(1)
    assert outer.cancelled_caught
    assert not inner.cancelled_caught


async def test_shielded_clean_up_has_a_deadline_of_its_own() -> None:
    started = current_time()
    with move_on_after(1) as outer:
        try:
            await sleep(10)
        finally:
            with move_on_after(2, shield=True) as cleaning:
                await sleep(10)
    assert outer.cancelled_caught
    assert cleaning.cancelled_caught
    assert current_time() - started == pytest.approx(3)


@pytest.mark.parametrize("deadline", [1.5, 4.0])
async def test_a_deadline_may_be_moved_while_somebody_waits(deadline: float) -> None:
    started = current_time()

    async def move(scope: CancelScope) -> None:
        await sleep(1)
        scope.deadline = started + deadline

    async with create_task_group() as tasks:
        with move_on_after(2) as scope:
            tasks.start_soon(move, scope)
            await sleep(100)
    assert scope.cancelled_caught
    assert current_time() - started == pytest.approx(deadline)


async def test_a_passed_deadline_cannot_be_taken_back() -> None:
    with move_on_after(1) as scope:
        try:
            await sleep(2)
        finally:
            assert scope.cancel_called
            scope.deadline = math.inf
    assert scope.cancelled_caught


async def test_an_event_set_by_a_cancelled_task_still_wakes() -> None:
    event = Event()

    async def set_at_the_end() -> None:
        try:
            await sleep(100)
        finally:
            event.set()

    async with create_task_group() as tasks:
        tasks.start_soon(set_at_the_end)
        await sleep(1)
        tasks.cancel_scope.cancel()
        with CancelScope(shield=True):
            await event.wait()
    assert event.is_set()


async def test_time_is_left_until_the_earliest_deadline() -> None:
    assert time_left() == math.inf
    with move_on_after(5):
        assert time_left() == pytest.approx(5)
        with move_on_after(9), move_on_after(3):
            await sleep(1)
            assert time_left() == pytest.approx(2)
        assert time_left() == pytest.approx(4)
    assert time_left() == math.inf


async def test_a_shield_hides_the_deadlines_outside() -> None:
    with move_on_after(5):
        with CancelScope(shield=True):
            assert time_left() == math.inf
        with move_on_after(7, shield=True):
            assert time_left() == pytest.approx(7)


async def test_no_time_is_left_once_cancelled() -> None:
    with move_on_after(5) as scope:
        scope.cancel()
        assert time_left() <= 0
        with CancelScope(shield=True):
            assert time_left() == math.inf
    with move_on_after(1):
        try:
            await sleep(2)
        finally:
            assert time_left() <= 0


async def test_time_left_is_seen_by_tasks() -> None:
    left: list[float] = []

    async def look() -> None:
        left.append(time_left())

    with move_on_after(4):
        async with create_task_group() as tasks:
            await sleep(1)
            tasks.start_soon(look)
    assert left == pytest.approx([3])


async def test_nothing_is_interrupted_unless_cancelled() -> None:
    stopped: list[str] = []
    with move_on_after(2), interrupting(lambda: stopped.append("stopped")):
        await sleep(1)
    assert not stopped


@pytest.mark.real_time
async def test_a_function_that_blocks_is_called_aside() -> None:
    assert await run_sync(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await run_sync(divmod, 7, 0)


async def test_nothing_is_called_aside_once_cancelled() -> None:
    called: list[int] = []
    with CancelScope() as scope:
        scope.cancel()
        await run_sync(called.append, 1)
    assert scope.cancelled_caught
    assert not called
