# SPDX-License-Identifier: MIT
"""Background tasks: owned by their client, kept for whoever asks, gone when its block is."""

from __future__ import annotations

from typing import Any

import pytest
from scripted import ScriptedServer

from twofold._async.core.background import AsyncBackgroundTasks
from twofold._async.core.client import AsyncClient
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.policy.limits import Limits
from twofold.core.task import Background, TaskState
from twofold.errors import (
    ConflictError,
    Effect,
    NotEnteredError,
    NotFoundError,
    OutcomeUnknownError,
)
from twofold.testing.steps.waiting import RUNTIMES, Runtime, every_step

PENDING, RUNNING = TaskState.PENDING, TaskState.RUNNING
COMPLETED, FAILED, CANCELLED = TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELLED


def client(**options: Any) -> AsyncClient:
    given: dict[str, Any] = {
        "transport": InProcessTransport(ScriptedServer()),
        "limits": Limits(clock=current_time),
        "background": Background(**options),
    }
    return AsyncClient("https://api.example", **given)


async def slept(seconds: float) -> float:
    await sleep(seconds)
    return seconds


async def failing(seconds: float) -> None:
    await sleep(seconds)
    raise ValueError("no")


async def test_a_task_runs_beside_its_starter_and_its_result_can_be_had() -> None:
    async with client() as api:
        task = await api.tasks.start(slept, 3.0, name="nap")
        assert (task.id, task.name, task.ended) == (1, "nap", None)
        assert task.state in (PENDING, RUNNING)
        await sleep(1)
        assert task.state is RUNNING
        assert await task.result() == 3
        assert (task.state, task.error) == (COMPLETED, None)
        assert task.started is not None
        assert task.ended == pytest.approx(task.started + 3)
        assert repr(task).endswith("Task 1 'nap' completed>")


async def test_a_tasks_error_is_kept_and_disturbs_nobody() -> None:
    """An error in a task cancels neither its siblings nor the client.  Rule 14.3"""
    async with client() as api:
        bad = await api.tasks.start(failing, 1)
        good = await api.tasks.start(slept, 2)
        await sleep(1.5)
        assert (bad.state, good.state) == (FAILED, RUNNING)
        assert isinstance(bad.error, ValueError)
        with pytest.raises(ValueError, match="no"):
            await bad.result()
        assert await good.result() == 2


async def test_tasks_are_found_by_number_and_by_name() -> None:
    async with client() as api:
        first = await api.tasks.start(slept, 1, name="nap")
        second = await api.tasks.start(slept, 2)
        assert second.name == "task-2"
        assert api.tasks.get("nap") == api.tasks.get(1) == first
        assert api.tasks.all() == (first, second)
        with pytest.raises(ConflictError, match="'nap'"):
            await api.tasks.start(slept, 1, name="nap")
        await first.wait()
        again = await api.tasks.start(slept, 1, name="nap")
        assert api.tasks.get("nap") == again != first


@pytest.mark.parametrize("which", [7, "nobody"])
async def test_an_unknown_task_is_an_error(which: int | str) -> None:
    tasks = client().tasks
    with pytest.raises(NotFoundError, match=repr(which)):
        tasks.get(which)
    with pytest.raises(NotFoundError, match=repr(which)):
        tasks.cancel(which)


async def test_a_client_that_is_not_entered_starts_nothing() -> None:
    api = client()
    with pytest.raises(NotEnteredError, match="with"):
        await api.tasks.start(slept, 1)
    assert not api.tasks.aside(lambda: slept(1))
    async with api:
        pass
    with pytest.raises(NotEnteredError):
        await api.tasks.start(slept, 1)
    assert api.tasks.all() == ()


async def test_a_client_may_be_entered_again_but_not_twice_at_once() -> None:
    api = client()
    async with api:
        task = await api.tasks.start(slept, 1)
        with pytest.raises(RuntimeError, match="entered already"):
            await api.__aenter__()
        await task.wait()
    async with api:
        assert await (await api.tasks.start(slept, 2)).result() == 2
        assert api.tasks.get(1).state is COMPLETED


async def test_leaving_the_block_waits_for_its_tasks() -> None:
    began = current_time()
    async with client(drain=5) as api:
        task = await api.tasks.start(slept, 3)
    assert task.state is COMPLETED
    assert current_time() - began == pytest.approx(3)


async def test_leaving_the_block_cancels_what_does_not_end_in_time() -> None:
    began = current_time()
    async with client(drain=5) as api:
        short = await api.tasks.start(slept, 3)
        long = await api.tasks.start(slept, 30)
        with pytest.raises(OutcomeUnknownError) as caught:
            async with client(drain=0) as other:
                lost = await other.tasks.start(slept, 30)
                await sleep(1)
            await lost.result()
        assert caught.value.effect is Effect.UNKNOWN
    assert (short.state, long.state) == (COMPLETED, CANCELLED)
    assert current_time() - began == pytest.approx(1 + 5)


async def test_no_task_is_accepted_once_the_block_is_being_left() -> None:
    refused: list[NotEnteredError] = []

    async def late(tasks: AsyncBackgroundTasks) -> None:
        await sleep(1)
        try:
            await tasks.start(slept, 1)
        except NotEnteredError as error:
            refused.append(error)

    async with client() as api:
        await api.tasks.start(late, api.tasks)
    assert "being left" in str(refused[0])


async def test_the_blocks_own_error_leaves_as_it_is_and_waits_for_nothing() -> None:
    """Rule 14.3"""
    began = current_time()
    mine = KeyError("mine")
    with pytest.raises(KeyError) as caught:
        async with client(drain=50, concurrency=1) as api:
            task = await api.tasks.start(slept, 30)
            pending = await api.tasks.start(slept, 30)
            await api.tasks.start(failing, 0.5)
            await sleep(1)
            raise mine
    assert caught.value is mine
    assert (task.state, pending.state) == (CANCELLED, CANCELLED)
    assert pending.started is None
    assert current_time() - began == pytest.approx(1)


async def test_cancellation_from_outside_ends_the_tasks_and_stays_what_it_was() -> None:
    """Rule 14.3, Rule 14.7"""
    with move_on_after(1) as scope:
        async with client() as api:
            task = await api.tasks.start(slept, 30)
            await sleep(50)
    assert scope.cancelled_caught
    assert task.state is CANCELLED


async def test_cancellation_while_the_block_drains_ends_the_tasks() -> None:
    """Rule 14.7"""
    began = current_time()
    with move_on_after(1) as scope:
        async with client(drain=20) as api:
            task = await api.tasks.start(slept, 30)
    assert scope.cancelled_caught
    assert task.state is CANCELLED
    assert current_time() - began == pytest.approx(1)


async def test_a_cancelled_task_ends_and_the_others_go_on() -> None:
    async with client() as api:
        one = await api.tasks.start(slept, 5, name="one")
        two = await api.tasks.start(slept, 2)
        await sleep(1)
        assert api.tasks.cancel("one") == one
        await one.wait()
        assert one.ended == pytest.approx(1)
        with pytest.raises(OutcomeUnknownError, match="'one' was cancelled"):
            await one.result()
        assert await two.result() == 2
        one.cancel()
        two.cancel()
        assert (one.state, two.state) == (CANCELLED, COMPLETED)


async def test_at_most_so_many_run_at_once_and_the_others_are_pending_in_order() -> None:
    began = current_time()
    async with client(concurrency=2) as api:
        tasks = [await api.tasks.start(slept, 1) for _ in range(5)]
        await sleep(0.5)
        assert [task.state for task in tasks] == [RUNNING] * 2 + [PENDING] * 3
        tasks[3].cancel()
        assert tasks[3].state is CANCELLED
        with pytest.raises(OutcomeUnknownError) as caught:
            await tasks[3].result()
        assert caught.value.effect is Effect.NONE
        assert await api.tasks.drain()
    assert current_time() - began == pytest.approx(2)
    assert [task.state for task in tasks].count(COMPLETED) == 4


async def test_draining_takes_no_longer_than_it_may() -> None:
    async with client() as api:
        await api.tasks.start(slept, 3)
        assert not await api.tasks.drain(1)
        assert await api.tasks.drain(5)
        assert current_time() == pytest.approx(3)


async def test_ended_tasks_are_forgotten_by_number_and_by_age() -> None:
    async with client(kept=2, kept_for=10) as api:
        for seconds in (1, 2, 3):
            await api.tasks.start(slept, seconds, name=f"nap {seconds}")
        await api.tasks.drain()
        assert [task.name for task in api.tasks.all()] == ["nap 2", "nap 3"]
        with pytest.raises(NotFoundError):
            api.tasks.get("nap 1")
        await sleep(9.5)
        assert [task.id for task in api.tasks.all()] == [3]
        await sleep(1)
        assert api.tasks.all() == ()


async def test_whoever_waits_may_give_up_and_the_task_goes_on() -> None:
    async with client() as api:
        task = await api.tasks.start(slept, 3)
        with move_on_after(1):
            await task.wait()
        assert task.state is RUNNING
        async with create_task_group() as group:
            for _ in range(3):
                group.start_soon(task.wait)
        assert task.state is COMPLETED


async def test_what_is_done_aside_is_nobodys_but_ended_with_the_block(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done: list[float] = []

    async def aside(seconds: float) -> None:
        done.append(await slept(seconds))

    async with client(drain=5, concurrency=1) as api:
        assert api.tasks.aside(lambda: aside(1))
        assert api.tasks.aside(lambda: aside(60))
        assert api.tasks.aside(lambda: failing(0))
        assert api.tasks.all() == ()
        with pytest.raises(NotFoundError):
            api.tasks.get(1)
    assert done == [1]
    assert "what was done aside failed" in caplog.text
    assert current_time() == pytest.approx(5)


async def test_an_interrupt_in_a_task_ends_the_block() -> None:
    async def interrupted() -> None:
        await sleep(1)
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        async with client() as api:
            other = await api.tasks.start(slept, 40)
            task = await api.tasks.start(interrupted)
            await sleep(50)
    assert (task.state, other.state) == (FAILED, CANCELLED)
    assert current_time() == pytest.approx(1)


class Office:
    """A client with tasks of every kind, and what must be so afterwards."""

    def __init__(self) -> None:
        self.api = client(concurrency=2, drain=2)
        self.inside = 0

    async def work(self, seconds: float) -> None:
        self.inside += 1
        try:
            await sleep(seconds)
        finally:
            self.inside -= 1

    async def is_clean(self) -> None:
        assert self.inside == 0
        tasks = self.api.tasks
        assert all(task.state.is_final for task in tasks.all())
        assert tasks._table.oldest() is None
        async with self.api:
            await (await tasks.start(self.work, 1)).result()


async def day(office: Office) -> None:
    async with office.api as api:
        for seconds in (1, 3, 1, 30):
            await api.tasks.start(office.work, seconds)
        unwanted = await api.tasks.start(office.work, 5)
        api.tasks.aside(lambda: office.work(2))
        await api.tasks.get(1).wait()
        unwanted.cancel()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_tasks_of_every_kind_cancelled_at_every_step(runtime: Runtime) -> None:
    """Invariant 0.1, Invariant 12.4, Rule 14.1, Rule 14.4"""
    assert every_step(day, given=Office, check=Office.is_clean, runtime=runtime) > 15


closed: list[float] = []


class Stuck(InProcessTransport):
    """An engine that is never done with closing."""

    async def aclose(self) -> None:
        closed.append(current_time())
        await sleep(10_000)


async def test_closing_is_shielded_and_takes_a_bounded_time() -> None:
    """Rule 14.2"""
    closed.clear()
    engine = Stuck(ScriptedServer())
    api = AsyncClient("https://api.example", transport=engine, limits=Limits(clock=current_time))
    with move_on_after(1):
        async with api:
            await sleep(10)
    assert current_time() == pytest.approx(1 + 5)
    assert closed[0] == pytest.approx(1)


async def test_a_task_can_be_waited_for_and_cancelled_by_another_task_of_the_client() -> None:
    async with client() as api:
        slow = await api.tasks.start(slept, 30, name="slow")

        async def stop() -> str:
            await sleep(1)
            api.tasks.cancel("slow")
            await slow.wait()
            return slow.state.value

        assert await (await api.tasks.start(stop)).result() == "cancelled"
