"""What is to be done when a loop ends is done in it, on both kinds of loop."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from types import AsyncGeneratorType
from typing import Any

import anyio
import pytest

from twofold._runtime.blocking import homes as blocking
from twofold._runtime.blocking.tasks import create_task_group
from twofold._runtime.waiting.homes import at_home_end, home

pytestmark = pytest.mark.real_time

loops = pytest.mark.parametrize("backend", ["asyncio", "trio"])


class Wire:
    """Something that is open until it is closed, which takes a while."""

    def __init__(self) -> None:
        self.closings: list[object] = []
        self.keeper: object = None

    async def close(self) -> None:
        await anyio.sleep(0.01)
        self.closings.append(home())


def run(main: Callable[[], Awaitable[Any]], backend: str) -> Any:
    """Run in a loop of its own; nothing may be left that complains as garbage."""
    result = anyio.run(main, backend=backend)
    gc.collect()
    return result


@loops
def test_everything_is_closed_in_its_loop_when_that_ends(backend: str) -> None:
    wires = [Wire(), Wire()]
    kept: list[object] = []

    async def main() -> object:
        kept.extend([await at_home_end(wire.close) for wire in wires])
        await anyio.sleep(0)
        assert not wires[0].closings
        return home()

    ended = run(main, backend)
    assert [wire.closings for wire in wires] == [[ended], [ended]]


@loops
def test_everything_is_closed_after_a_failure_too(backend: str) -> None:
    wire = Wire()

    async def main() -> None:
        wire.keeper = await at_home_end(wire.close)
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        run(main, backend)
    assert len(wire.closings) == 1


@loops
def test_a_promise_that_nobody_keeps_is_void(backend: str) -> None:
    wire = Wire()

    async def main() -> None:
        keeper = await at_home_end(wire.close)
        del keeper
        gc.collect()

    run(main, backend)
    assert not wire.closings


@loops
def test_promises_that_nobody_keeps_do_not_pile_up(backend: str) -> None:
    def suspended() -> int:
        things = [thing for thing in gc.get_objects() if isinstance(thing, AsyncGeneratorType)]
        return sum(thing.__name__ == "at_the_end" for thing in things)

    async def main() -> int:
        before = suspended()
        for _ in range(50):
            await at_home_end(Wire().close)
        return suspended() - before

    assert run(main, backend) < 5


@loops
def test_what_keeps_its_own_promise_can_be_garbage(backend: str) -> None:
    async def main() -> bool:
        wire = Wire()
        wire.keeper = await at_home_end(wire.close)
        garbage = weakref.ref(wire)
        del wire
        gc.collect()
        return garbage() is None

    assert run(main, backend)


@loops
def test_a_closing_that_hangs_is_given_up(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twofold._runtime.waiting.homes.PATIENCE", 0.05)
    kept: list[object] = []

    async def main() -> None:
        kept.append(await at_home_end(anyio.sleep_forever))

    run(main, backend)
    assert kept


@loops
def test_a_home_is_one_loop(backend: str) -> None:
    async def main() -> object:
        async def ask() -> None:
            seen.append(home())

        seen: list[object] = []
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask)
            tasks.start_soon(ask)
        assert seen == [home(), home()]
        return home()

    first, second = run(main, backend), run(main, backend)
    assert first is not second
    assert len({first, second}) == 2
    assert weakref.ref(first)() is first


def test_a_loop_that_is_closed_without_shutting_down_is_forgotten() -> None:
    first, second = Wire(), Wire()

    async def promise(wire: Wire) -> None:
        wire.keeper = await at_home_end(wire.close)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(promise(first))
    loop.close()
    gone = weakref.ref(loop)
    del loop
    run(lambda: promise(second), "asyncio")
    assert gone() is None
    assert (len(first.closings), len(second.closings)) == (0, 1)


LEFT_OPEN = """
import asyncio
from twofold._runtime.waiting.homes import at_home_end

async def close():
    await asyncio.sleep(0)

loop = asyncio.new_event_loop()
keeper = loop.run_until_complete(at_home_end(close))
print("kept", keeper is not None)
"""


def test_nothing_is_done_when_the_interpreter_ends_before_the_loop() -> None:
    argv = [sys.executable, "-W", "ignore", "-c", LEFT_OPEN]
    done = subprocess.run(argv, timeout=60, capture_output=True, check=False, env=os.environ)
    assert (done.stdout.strip(), done.stderr) == (b"kept True", b"")


def test_all_threads_are_at_home_in_one_place() -> None:
    seen: list[object] = []
    with create_task_group() as tasks:
        tasks.start_soon(lambda: seen.append(blocking.home()))
    assert seen == [blocking.home()]
    assert weakref.ref(blocking.home())() is blocking.home()
    hash(blocking.home())


def test_for_threads_nothing_is_promised() -> None:
    closed: list[int] = []
    assert blocking.at_home_end(lambda: closed.append(1)) is None
    assert not closed


@loops
def test_generators_of_others_are_left_alone(backend: str) -> None:
    ended: list[str] = []

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            ended.append("theirs")

    async def main() -> int:
        wire.keeper = await at_home_end(wire.close)
        generator = numbers()
        number = await anext(generator)
        await generator.aclose()  # type: ignore[attr-defined] # a generator, said to be an iterator
        return number

    wire = Wire()
    assert run(main, backend) == 1
    assert ended == ["theirs"]
    assert len(wire.closings) == 1
