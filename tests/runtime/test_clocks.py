"""The clocks that jump: exact, and a deadlock is an error instead of a hang."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Literal

import anyio
import pytest

from twofold._runtime.blocking.park import CapacityLimiter, Event, ParkingPlace
from twofold._runtime.blocking.scopes import CancelScope, current_time, move_on_after, sleep
from twofold._runtime.blocking.tasks import create_task_group, unwrapped_task_group
from twofold.testing.clocks import (
    DeadlockError,
    JumpingLoop,
    virtual_backend,
    virtual_threads,
)

YEAR = 365 * 24 * 3600.0


@pytest.mark.parametrize("name", ["asyncio", "trio"])
def test_a_year_takes_no_time_on_a_loop(name: Literal["asyncio", "trio"]) -> None:
    async def main() -> float:
        started = anyio.current_time()
        with anyio.move_on_after(YEAR):
            await anyio.sleep_forever()
        return anyio.current_time() - started

    backend, options = virtual_backend(name)
    began = time.monotonic()
    assert anyio.run(main, backend=backend, backend_options=options) == pytest.approx(YEAR)
    assert time.monotonic() - began < 10


@pytest.mark.real_time
def test_a_year_takes_no_time_on_threads() -> None:
    real = current_time()
    with virtual_threads() as clock:
        started = current_time()
        with create_task_group() as tasks:
            tasks.start_soon(sleep, YEAR)
            tasks.start_soon(sleep, 2 * YEAR)
        assert current_time() - started == 2 * YEAR
        assert clock.now() == current_time()
    assert current_time() - real < 10


@pytest.mark.real_time
def test_the_real_clock_comes_back_after_a_failure() -> None:
    with pytest.raises(ValueError, match="wrong"):
        with virtual_threads():
            raise ValueError("wrong")
    assert abs(current_time() - time.monotonic()) < 10


def test_a_busy_thread_holds_the_clock() -> None:
    busy, free = threading.Event(), threading.Event()

    def work() -> None:
        busy.set()
        free.wait(20)

    started = current_time()
    with create_task_group() as tasks:
        tasks.start_soon(work)
        tasks.start_soon(sleep, 5)
        busy.wait(20)
        threading.Timer(0.05, free.set).start()
        sleep(1)
        assert free.is_set()
        assert current_time() - started == 1


def test_of_those_due_together_the_longest_waiting_goes_first() -> None:
    order: list[int] = []

    def note(number: int) -> None:
        sleep(10 - current_time())
        order.append(number)

    with create_task_group() as tasks:
        for number in (3, 1, 2):
            tasks.start_soon(note, number)
            sleep(1)
    assert order == [3, 1, 2]


def test_a_deadlock_of_one_is_an_error() -> None:
    with pytest.raises(DeadlockError):
        Event().wait()


def test_a_deadlock_of_the_block_ends_its_tasks() -> None:
    with pytest.raises(DeadlockError):
        with unwrapped_task_group() as tasks:
            tasks.start_soon(Event().wait)
            ParkingPlace().wait()


def test_a_deadlock_of_tasks_reaches_the_block_that_waits_for_them() -> None:
    limiter = CapacityLimiter(1)

    def take_twice(other: CapacityLimiter) -> None:
        with limiter, other:
            pass

    with pytest.raises(DeadlockError):
        with unwrapped_task_group() as tasks:
            full = CapacityLimiter(0)
            tasks.start_soon(take_twice, full)
            tasks.start_soon(take_twice, full)


def test_a_deadlock_is_noticed_when_the_last_busy_thread_ends() -> None:
    def work() -> None:
        time.sleep(0.05)

    with pytest.raises(DeadlockError):
        with unwrapped_task_group() as tasks:
            tasks.start_soon(work)
            Event().wait()


def test_shielded_deadlocks_end_one_by_one() -> None:
    def hang() -> None:
        with CancelScope(shield=True):
            Event().wait()

    with pytest.raises(DeadlockError) as caught:
        with unwrapped_task_group() as tasks:
            tasks.start_soon(hang)
            tasks.start_soon(hang)
    assert len(caught.value.__notes__) == 1


def test_a_deadline_is_no_deadlock() -> None:
    with move_on_after(5) as scope:
        Event().wait()
    assert scope.cancelled_caught


def test_a_loop_that_nobody_will_call_is_a_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("twofold.testing.clocks.IN_VAIN", 0.05)
    with pytest.raises(DeadlockError), asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(main())


def test_a_loop_waits_for_calls_of_other_threads() -> None:
    async def main() -> float:
        loop, event = asyncio.get_running_loop(), asyncio.Event()
        threading.Timer(0.05, loop.call_soon_threadsafe, [event.set]).start()
        await event.wait()
        return loop.time()

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        assert runner.run(main()) == 0
