"""A client's tasks, asked from other loops and threads than their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from twofold import AsyncClient, Background, Client, NotEnteredError, TaskState
from twofold._runtime.blocking import spots
from twofold._sync.core.background import BackgroundTask

pytestmark = pytest.mark.real_time


async def napping(seconds: float) -> None:
    await anyio.sleep(seconds)


def in_thread(function: Callable[[], Any]) -> Any:
    """Call in a thread of its own; return the value or raise the error."""
    told: list[Any] = []

    def run() -> None:
        try:
            told.append(function())
        except BaseException as error:
            told.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(told[0], BaseException):
        raise told[0]
    return told[0]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("elsewhere", ["asyncio", "trio"])
def test_tasks_belong_to_the_loop_that_entered_but_may_be_ended_from_any(
    backend: str, elsewhere: str
) -> None:
    api = AsyncClient("https://api.example", background=Background(drain=0))
    states: list[TaskState] = []

    async def from_elsewhere() -> None:
        with pytest.raises(NotEnteredError, match="another event loop"):
            await api.tasks.start(napping, 1)
        assert not api.tasks.aside(lambda: napping(1))
        task = api.tasks.cancel("nap")
        with anyio.fail_after(20):
            await task.wait()
        states.append(task.state)

    async def main() -> None:
        async with api:
            await api.tasks.start(napping, 1000, name="nap")
            await anyio.sleep(0.01)
            await anyio.to_thread.run_sync(lambda: anyio.run(from_elsewhere, backend=elsewhere))

    anyio.run(main, backend=backend)
    assert states == [TaskState.CANCELLED]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_client_may_be_entered_in_several_loops_at_once(backend: str) -> None:
    api = AsyncClient("https://api.example")

    async def work() -> None:
        async with api:
            task = await api.tasks.start(napping, 0.01)
            await task.wait()
            assert task.state is TaskState.COMPLETED

    async def main() -> None:
        async with api, anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(anyio.to_thread.run_sync, lambda: anyio.run(work))

    anyio.run(main, backend=backend)
    assert len(api.tasks.all()) == 3


def test_any_thread_may_start_a_task_of_an_entered_client() -> None:
    ran: list[str] = []
    with Client("https://api.example") as api:
        task: BackgroundTask[None] = in_thread(lambda: api.tasks.start(ran.append, "there"))
        task.result()
    assert ran == ["there"]


class Full(spots.Clock):
    """Of a system that has no more threads."""

    def started(self) -> None:
        raise RuntimeError("can't start new thread")


def test_a_task_that_gets_no_thread_was_never_there() -> None:
    with Client("https://api.example", background=Background(concurrency=1)) as api:
        before = spots.install(Full())
        try:
            with pytest.raises(RuntimeError, match="new thread"):
                api.tasks.start(print, name="a")
        finally:
            spots.install(before)
        assert api.tasks.all() == ()
        api.tasks.start(print, name="a").result()
