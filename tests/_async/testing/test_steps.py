# SPDX-License-Identifier: MIT
"""The tool finds what it is for, at the step where it is, and takes the same steps each time."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from twofold._runtime.waiting.park import Event, Lock
from twofold._runtime.waiting.scopes import CancelScope, get_cancelled_exc_class, sleep
from twofold._runtime.waiting.tasks import Call, create_task_group
from twofold.core.policy.slots import Slots
from twofold.testing import clocks
from twofold.testing.steps.waiting import RUNTIMES, Runtime, StepError, every_step

# The first step that ends in the seventh sleep: a task is resumed once for each, a thread asks
# whether it is cancelled before it waits and after.
THE_SEVENTH_SLEEP = {"asyncio": 7, "trio": 7, "threads": 14}

on_each = pytest.mark.parametrize("runtime", RUNTIMES)


class Things:
    """What a scenario can leave behind."""

    opened: ClassVar[list[int]] = []

    def __init__(self) -> None:
        self.slots = Slots(2)
        self.lock = Lock(fast_acquire=True)
        self.debit = self.credit = 0
        self.log: list[str] = []

    async def are_in_order(self) -> None:
        assert self.slots.enter()
        assert self.slots.enter()
        assert not self.lock.locked()
        assert self.debit == self.credit


async def keep_a_slot(things: Things) -> None:
    assert things.slots.enter()
    await sleep(1)
    things.slots.leave()


async def keep_a_lock(things: Things) -> None:
    await things.lock.acquire()
    await sleep(1)
    things.lock.release()


async def update_half(things: Things) -> None:
    things.debit += 1
    await sleep(1)
    things.credit += 1


async def raise_another_error(things: Things) -> None:
    try:
        await sleep(1)
    except get_cancelled_exc_class():
        raise ValueError("not what was asked for") from None


async def keep_a_file(things: Things) -> None:
    opened = os.open(os.devnull, os.O_RDONLY)
    things.opened.append(opened)
    await sleep(1)
    os.close(things.opened.pop())


async def behave(things: Things) -> None:
    async with things.lock:
        try:
            things.debit += 1
            await sleep(1)
        finally:
            things.credit += 1


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    for opened in Things.opened:
        os.close(opened)
    Things.opened.clear()


def seventh(step: Call[[Things], None]) -> Call[[Things], None]:
    """Sleep six times, do this, which sleeps once, and sleep three times more."""

    async def scenario(things: Things) -> None:
        for _ in range(6):
            await sleep(1)
        await step(things)
        for _ in range(3):
            await sleep(1)

    return scenario


def steps_of(scenario: Call[[Things], None], runtime: Runtime, **options: Any) -> int:
    return every_step(scenario, given=Things, check=Things.are_in_order, runtime=runtime, **options)


@on_each
@pytest.mark.parametrize(
    "fault", [keep_a_slot, keep_a_lock, update_half, raise_another_error, keep_a_file]
)
def test_each_fault_is_found_at_its_step(fault: Call[[Things], None], runtime: Runtime) -> None:
    scenario = seventh(fault)
    with pytest.raises(StepError, match="cancelled as step") as caught:
        steps_of(scenario, runtime)
    asks_first = str(runtime) == "threads" and fault is keep_a_lock
    assert caught.value.step == THE_SEVENTH_SLEEP[runtime] + asks_first
    assert f"only={caught.value.step})" in str(caught.value)
    assert runtime in str(caught.value)
    assert caught.value.__cause__ is not None
    with pytest.raises(StepError) as again:
        steps_of(scenario, runtime, only=caught.value.step)
    assert again.value.step == caught.value.step
    steps_of(scenario, runtime, only=caught.value.step - 1)


@on_each
def test_what_behaves_is_cancelled_at_each_step_of_its_tasks(runtime: Runtime) -> None:
    at: list[int] = []

    async def three(things: Things) -> None:
        cancelled = False
        async with create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(behave, things)
            try:
                await sleep(5)
            except get_cancelled_exc_class():
                cancelled = True
                raise
            finally:
                at.append(cancelled)

    steps = steps_of(three, runtime)
    assert steps > 8
    assert len(at) >= steps  # the undisturbed run, and each that was not cancelled at its start
    assert sum(at) >= steps / 2
    assert [steps_of(three, runtime, only=0) for _ in range(5)] == [steps] * 5


@on_each
def test_tasks_take_their_steps_in_the_same_order_each_time(runtime: Runtime) -> None:
    logs: list[list[str]] = []

    def given() -> Things:
        things = Things()
        logs.append(things.log)
        return things

    async def work(things: Things, name: str) -> None:
        for _ in range(3):
            async with things.lock:
                things.log.append(name)
                await sleep(1)

    async def crowd(things: Things) -> None:
        async with create_task_group() as tasks:
            for name in "abcdefgh":
                tasks.start_soon(work, things, name)

    for _ in range(5):
        every_step(crowd, given=given, check=Things.are_in_order, runtime=runtime, only=0)
    assert len(logs) == 5
    assert len(logs[0]) == 24
    assert all(log == logs[0] for log in logs)


@on_each
def test_a_scenario_must_hold_undisturbed(runtime: Runtime) -> None:
    async def forget(things: Things) -> None:
        things.debit += 1

    with pytest.raises(StepError, match="undisturbed") as caught:
        steps_of(forget, runtime)
    assert caught.value.step == 0


@on_each
def test_what_nothing_will_wake_is_an_error(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clocks, "IN_VAIN", 0.05)

    async def wait_for_another(things: Things) -> None:
        done = Event()
        try:
            await sleep(1)
            done.set()
        finally:
            with CancelScope(shield=True):
                await done.wait()

    with pytest.raises(StepError, match=r"everybody waits|Deadlock") as caught:
        steps_of(wait_for_another, runtime)
    assert caught.value.step == 1


@on_each
def test_a_scenario_that_depends_on_the_run_before_is_refused(runtime: Runtime) -> None:
    runs: list[int] = []

    async def shrink(things: Things) -> None:
        runs.append(1)
        for _ in range(10 - len(runs)):
            await sleep(1)

    with pytest.raises(StepError, match="by chance"):
        steps_of(shrink, runtime)


@on_each
def test_a_step_that_does_not_exist_is_refused(runtime: Runtime) -> None:
    with pytest.raises(ValueError, match="no step 99"):
        steps_of(behave, runtime, only=99)


@on_each
@pytest.mark.parametrize("frozen", [True, False])
def test_what_was_kept_out_of_collections_before_and_nothing_else_is_so_afterwards(
    frozen: bool, runtime: Runtime
) -> None:
    if not frozen:  # as everything is that there was before this module
        gc.unfreeze()
    try:
        steps_of(behave, runtime)
        assert (gc.get_freeze_count() > len(gc.get_objects())) is frozen
    finally:
        gc.freeze()
