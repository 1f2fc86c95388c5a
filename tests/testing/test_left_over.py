"""What a cancelled scenario leaves running is found, in each runtime's own way to start it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from threading import Event, Thread

import anyio
import pytest
import trio

from twofold._runtime.blocking.scopes import sleep
from twofold.testing.steps import blocking, waiting
from twofold.testing.steps.repeating import StepError

kept: list[object] = []
over = Event()


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    over.clear()
    yield
    over.set()
    for each in kept:
        if isinstance(each, Thread) and each.ident is not None:
            each.join()
    kept.clear()


def idle() -> Thread:
    return Thread(target=over.wait, name="idler")


async def clean(given: None) -> None:
    pass


async def leave_a_task(given: None) -> None:
    await anyio.sleep(1)
    task = asyncio.get_running_loop().create_task(asyncio.sleep(100), name="idler")
    await anyio.sleep(1)
    task.cancel()


async def leave_a_system_task(given: None) -> None:
    await anyio.sleep(1)
    done = trio.Event()

    async def idler() -> None:
        await done.wait()

    trio.lowlevel.spawn_system_task(idler)
    await anyio.sleep(1)
    done.set()


def leave_a_thread(given: None) -> None:
    sleep(1)
    thread = idle()
    kept.append(thread)
    thread.start()
    sleep(1)
    over.set()
    thread.join()
    over.clear()


async def leave_a_thread_beside(given: None) -> None:
    thread = idle()
    kept.append(thread)
    await anyio.sleep(1)
    thread.start()
    await anyio.sleep(1)
    over.set()
    thread.join()
    over.clear()


def test_a_task_of_asyncio() -> None:
    with pytest.raises(StepError, match="left over: task idler") as caught:
        waiting.every_step(leave_a_task, given=lambda: None, check=clean, runtime="asyncio")
    assert caught.value.step == 2


def test_a_task_of_trio() -> None:
    with pytest.raises(StepError, match=r"left over: task .*idler") as caught:
        waiting.every_step(leave_a_system_task, given=lambda: None, check=clean, runtime="trio")
    assert caught.value.step == 2


@pytest.mark.parametrize("runtime", waiting.RUNTIMES)
def test_a_thread_beside_a_loop(runtime: waiting.Runtime) -> None:
    with pytest.raises(StepError, match="left over: thread idler") as caught:
        waiting.every_step(leave_a_thread_beside, given=lambda: None, check=clean, runtime=runtime)
    assert caught.value.step == 2


def test_a_thread_beside_threads() -> None:
    with pytest.raises(StepError, match="left over: thread idler") as caught:
        blocking.every_step(leave_a_thread, given=lambda: None, check=lambda _: None)
    assert caught.value.step == 4
