"""Ctrl-C on loops leaves an unwrapped group as it is, as on threads."""

from __future__ import annotations

import signal
from collections.abc import Callable

import anyio
import pytest

from twofold._runtime.waiting.scopes import sleep
from twofold._runtime.waiting.tasks import unwrapped_task_group

pytestmark = pytest.mark.real_time


def raise_it() -> None:
    raise KeyboardInterrupt


def press_it() -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("interrupt", [raise_it, press_it])
@pytest.mark.parametrize("where", ["in the block", "in a task"])
def test_ctrl_c_leaves_as_it_is(backend: str, interrupt: Callable[[], None], where: str) -> None:
    ended: list[str] = []

    async def clean_up() -> None:
        try:
            await sleep(100)
        finally:
            ended.append("cleaned")

    async def interrupted() -> None:
        await sleep(0.01)
        interrupt()
        await sleep(100)

    async def main() -> None:
        async with unwrapped_task_group() as tasks:
            tasks.start_soon(clean_up)
            if where == "in a task":
                tasks.start_soon(interrupted)
            else:
                await interrupted()

    with pytest.raises(KeyboardInterrupt):
        anyio.run(main, backend=backend)
    assert ended == ["cleaned"]
