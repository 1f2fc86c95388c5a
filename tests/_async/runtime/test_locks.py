# SPDX-License-Identifier: MIT
"""Events, locks and limiters: first come, first served, and nothing is lost by cancellation."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold._runtime.waiting.park import CapacityLimiter, Event, Lock
from twofold._runtime.waiting.scopes import (
    CancelScope,
    current_time,
    move_on_after,
    sleep,
)
from twofold._runtime.waiting.tasks import create_task_group

tenths = st.integers(0, 20).map(lambda count: count / 10)
visits = st.lists(st.tuples(tenths, tenths, tenths), max_size=8)


# SPDX-License-Identifier: MIT
async def test_an_event_wakes_all_who_wait() -> None:
    event = Event()
    woken: list[float] = []

    async def wait() -> None:
        await event.wait()
        woken.append(current_time())

    started = current_time()
    async with create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(wait)
        await sleep(2)
        event.set()
    assert [when - started for when in woken] == pytest.approx([2, 2, 2])


async def test_a_lock_excludes() -> None:
    lock = Lock()
    inside = 0

    async def enter() -> None:
        nonlocal inside
        async with lock:
            inside += 1
            assert inside == 1
            await sleep(1)
            inside -= 1

    started = current_time()
    async with create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(enter)
    assert current_time() - started == pytest.approx(3)
    assert not lock.locked()


async def test_a_cancelled_waiter_leaves_the_queue() -> None:
    limiter = CapacityLimiter(1)
    got: list[str] = []

    async def take(name: str, patience: float) -> None:
        with move_on_after(patience):
            async with limiter:
                got.append(name)
                await sleep(3)

    async with create_task_group() as tasks:
        tasks.start_soon(take, "first", 10)
        await sleep(0.1)
        tasks.start_soon(take, "impatient", 1)
        await sleep(0.1)
        tasks.start_soon(take, "patient", 10)
    assert got == ["first", "patient"]
    assert limiter.borrowed_tokens == 0


async def test_a_limiter_serves_in_order() -> None:
    limiter = CapacityLimiter(2)
    served: list[int] = []

    async def take(number: int) -> None:
        async with limiter:
            served.append(number)
            await sleep(1)

    async with create_task_group() as tasks:
        for number in range(6):
            tasks.start_soon(take, number)
            await sleep(0.01)
    assert served == list(range(6))


async def test_tokens_on_behalf_of_others() -> None:
    limiter = CapacityLimiter(2)
    await limiter.acquire_on_behalf_of("a")
    with pytest.raises(RuntimeError):
        await limiter.acquire_on_behalf_of("a")
    await limiter.acquire_on_behalf_of("b")
    with move_on_after(1) as scope:
        await limiter.acquire_on_behalf_of("c")
    assert scope.cancelled_caught
    limiter.release_on_behalf_of("a")
    assert limiter.available_tokens == 1
    with pytest.raises(RuntimeError):
        limiter.release_on_behalf_of("a")


async def test_raising_the_limit_lets_waiters_in() -> None:
    limiter = CapacityLimiter(1)
    started = current_time()

    async def take() -> None:
        async with limiter:
            await sleep(10)

    async with create_task_group() as tasks:
        tasks.start_soon(take)
        tasks.start_soon(take)
        await sleep(1)
        limiter.total_tokens = 2
    assert current_time() - started == pytest.approx(11)


async def test_a_set_event_keeps_nobody() -> None:
    event = Event()
    assert not event.is_set()
    event.set()
    event.set()
    started = current_time()
    await event.wait()
    assert event.is_set()
    assert current_time() == started


async def test_an_event_may_be_waited_for_again() -> None:
    event = Event()
    with move_on_after(1) as scope:
        await event.wait()
    assert scope.cancelled_caught
    event.set()
    await event.wait()


async def test_a_lock_belongs_to_who_acquired_it() -> None:
    lock = Lock()
    await lock.acquire()
    assert lock.locked()
    with pytest.raises(RuntimeError):
        await lock.acquire()
    lock.release()
    with pytest.raises(RuntimeError):
        lock.release()


async def test_a_lock_is_handed_on_in_order() -> None:
    lock = Lock()
    served: list[int] = []

    async def enter(number: int) -> None:
        async with lock:
            served.append(number)
            await sleep(1)

    async with create_task_group() as tasks:
        for number in range(5):
            tasks.start_soon(enter, number)
            await sleep(0.01)
    assert served == [0, 1, 2, 3, 4]


async def test_who_waits_for_a_lock_can_be_cancelled() -> None:
    lock = Lock()
    async with lock, create_task_group() as tasks:
        tasks.start_soon(lock.acquire)
        await sleep(1)
        tasks.cancel_scope.cancel()
    assert not lock.locked()


async def test_a_token_handed_to_the_cancelled_goes_on_to_the_next() -> None:
    limiter = CapacityLimiter(1)
    got: list[str] = []
    hasty = CancelScope()

    async def take_hastily() -> None:
        with hasty:
            async with limiter:
                got.append("hasty")

    async def take() -> None:
        async with limiter:
            got.append("next")

    async with create_task_group() as tasks:
        await limiter.acquire_on_behalf_of("me")
        tasks.start_soon(take_hastily)
        await sleep(1)
        tasks.start_soon(take)
        await sleep(1)
        hasty.cancel()
        limiter.release_on_behalf_of("me")
    assert got == ["next"]
    assert limiter.borrowed_tokens == 0


async def test_the_other_way_round_too() -> None:
    limiter = CapacityLimiter(1)
    got: list[str] = []
    hasty = CancelScope()

    async def take(name: str, scope: CancelScope) -> None:
        with scope:
            async with limiter:
                await sleep(0)  # whoever is cancelled gets no further
                got.append(name)

    async with create_task_group() as tasks:
        await limiter.acquire_on_behalf_of("me")
        tasks.start_soon(take, "hasty", hasty)
        await sleep(1)
        tasks.start_soon(take, "next", CancelScope())
        await sleep(1)
        limiter.release_on_behalf_of("me")
        hasty.cancel()
    assert got[-1] == "next"
    assert limiter.borrowed_tokens == 0


async def test_lowering_the_limit_takes_nothing_away() -> None:
    limiter = CapacityLimiter(2)
    await limiter.acquire_on_behalf_of("a")
    await limiter.acquire_on_behalf_of("b")
    limiter.total_tokens = 1
    assert limiter.available_tokens == -1
    limiter.release_on_behalf_of("a")
    with move_on_after(1) as scope:
        await limiter.acquire_on_behalf_of("c")
    assert scope.cancelled_caught
    limiter.release_on_behalf_of("b")
    await limiter.acquire_on_behalf_of("c")
    assert limiter.borrowed_tokens == 1


async def test_a_limit_is_a_whole_number_or_infinity() -> None:
    assert CapacityLimiter(math.inf).available_tokens == math.inf
    with pytest.raises(TypeError):
        CapacityLimiter(1.5)
    with pytest.raises(ValueError, match="total_tokens"):
        CapacityLimiter(-1)


async def test_a_cancelled_task_takes_no_token() -> None:
    limiter = CapacityLimiter(1)
    with CancelScope() as scope:
        scope.cancel()
        await limiter.acquire()
    assert scope.cancelled_caught
    assert limiter.borrowed_tokens == 0


async def test_never_more_than_the_limit_are_inside() -> None:
    limiter = CapacityLimiter(3)
    inside = peak = 0

    async def enter(stay: float) -> None:
        nonlocal inside, peak
        async with limiter:
            inside += 1
            peak = max(peak, inside)
            await sleep(stay)
            inside -= 1

    started = current_time()
    async with create_task_group() as tasks:
        for _ in range(12):
            tasks.start_soon(enter, 1)
    assert peak == 3
    assert current_time() - started == pytest.approx(4)


@given(limit=st.integers(1, 3), visits=visits)
async def test_whoever_comes_and_gives_up_every_token_comes_back(
    limit: int, visits: list[tuple[float, float, float]]
) -> None:
    limiter = CapacityLimiter(limit)
    inside = peak = 0

    async def visit(arrival: float, patience: float, stay: float) -> None:
        nonlocal inside, peak
        await sleep(arrival)
        with move_on_after(patience):
            async with limiter:
                inside += 1
                peak = max(peak, inside)
                try:
                    await sleep(stay)
                finally:
                    inside -= 1

    async with create_task_group() as tasks:
        for arrival, patience, stay in visits:
            tasks.start_soon(visit, arrival, patience, stay)
    assert peak <= limit
    assert (inside, limiter.borrowed_tokens) == (0, 0)
