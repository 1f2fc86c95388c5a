# SPDX-License-Identifier: MIT
"""The parking place: one waits, anybody wakes."""

from __future__ import annotations

import pytest

from twofold._runtime.waiting.park import ParkingPlace
from twofold._runtime.waiting.scopes import CancelScope, current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group


async def test_who_waits_is_woken() -> None:
    place = ParkingPlace()
    woken: list[tuple[bool, float]] = []

    async def wait() -> None:
        woken.append((await place.wait(), current_time() - started))

    started = current_time()
    async with create_task_group() as tasks:
        tasks.start_soon(wait)
        await sleep(2)
        assert not place.woken
        assert place.wake()
    ((was_woken, seconds),) = woken
    assert was_woken
    assert seconds == pytest.approx(2)
    assert place.woken


async def test_who_was_woken_beforehand_does_not_wait() -> None:
    place = ParkingPlace()
    assert place.wake()
    started = current_time()
    assert await place.wait()
    assert await place.wait(5)
    assert current_time() == started


async def test_time_may_be_up() -> None:
    place = ParkingPlace()
    started = current_time()
    assert not await place.wait(3)
    assert current_time() - started == pytest.approx(3)
    assert not place.woken


async def test_no_time_is_none() -> None:
    place = ParkingPlace()
    started = current_time()
    assert not await place.wait(0)
    assert current_time() == started


async def test_one_may_wait_again_where_time_was_up() -> None:
    place = ParkingPlace()

    async def wake_later() -> None:
        await sleep(2)
        place.wake()

    started = current_time()
    async with create_task_group() as tasks:
        tasks.start_soon(wake_later)
        assert not await place.wait(1)
        assert await place.wait(10)
    assert current_time() - started == pytest.approx(2)


async def test_waking_twice_is_as_good_as_once() -> None:
    place = ParkingPlace()
    times = 0

    async def wait() -> None:
        nonlocal times
        assert await place.wait()
        times += 1

    async with create_task_group() as tasks:
        tasks.start_soon(wait)
        await sleep(1)
        assert place.wake()
        assert place.wake()
    assert place.wake()
    assert times == 1


async def test_who_waits_can_be_cancelled() -> None:
    place = ParkingPlace()
    started = current_time()
    with move_on_after(1) as scope:
        await place.wait(5)
    assert scope.cancelled_caught
    assert current_time() - started == pytest.approx(1)


async def test_cancellation_is_asked_before_being_woken() -> None:
    place = ParkingPlace()
    place.wake()
    with CancelScope() as scope:
        scope.cancel()
        await place.wait()
    assert scope.cancelled_caught


async def test_each_is_woken_alone() -> None:
    places = [ParkingPlace() for _ in range(5)]
    order: list[int] = []

    async def wait(number: int) -> None:
        await places[number].wait()
        order.append(number)

    async with create_task_group() as tasks:
        for number in range(5):
            tasks.start_soon(wait, number)
        for number in (3, 1, 4, 0, 2):
            await sleep(1)
            places[number].wake()
    assert order == [3, 1, 4, 0, 2]
