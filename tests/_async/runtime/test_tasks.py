# SPDX-License-Identifier: MIT
"""Task groups: all tasks have ended when the block has, and errors cancel the rest."""

from __future__ import annotations

from contextvars import ContextVar

import pytest

from twofold._runtime.waiting.scopes import (
    CancelScope,
    current_time,
    fail_after,
    get_cancelled_exc_class,
    move_on_after,
    sleep,
)
from twofold._runtime.waiting.tasks import TaskGroup, create_task_group, hired

word: ContextVar[str] = ContextVar("word", default="nothing")


class Plenty:
    """Lends whatever is wanted, and counts it."""

    def __init__(self) -> None:
        self.lent = 0

    def take(self, wanted: int) -> int:
        self.lent += wanted
        return wanted

    def give(self, count: int) -> None:
        self.lent -= count


# SPDX-License-Identifier: MIT
async def test_cancelling_the_group_ends_it_quietly() -> None:
    started = current_time()
    async with create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(sleep, 100)
        await sleep(1)
        tasks.cancel_scope.cancel()
    assert current_time() - started == pytest.approx(1)


async def test_a_group_waits_for_its_tasks() -> None:
    started = current_time()
    async with create_task_group() as tasks:
        tasks.start_soon(sleep, 1)
        tasks.start_soon(sleep, 3)
    assert current_time() - started == pytest.approx(3)


async def test_every_error_is_in_the_group() -> None:
    async def fail(delay: float, error: Exception) -> None:
        try:
            await sleep(delay)
        finally:
            raise error

    with pytest.raises(ExceptionGroup) as caught:
        async with create_task_group() as tasks:
            tasks.start_soon(fail, 1, KeyError())
            tasks.start_soon(fail, 2, ValueError())
            raise IndexError
    assert {type(error) for error in caught.value.exceptions} == {KeyError, ValueError, IndexError}


async def test_the_deadline_reaches_into_nested_groups() -> None:
    ended: list[str] = []

    async def inner() -> None:
        async with create_task_group() as tasks:
            tasks.start_soon(leaf, "a")
            tasks.start_soon(leaf, "b")

    async def leaf(name: str) -> None:
        try:
            await sleep(100)
        except get_cancelled_exc_class():
            ended.append(name)
            raise

    with pytest.raises(TimeoutError):
        with fail_after(2):
            async with create_task_group() as tasks:
                tasks.start_soon(inner)
                tasks.start_soon(leaf, "c")
    assert sorted(ended) == ["a", "b", "c"]


async def test_a_task_may_start_more() -> None:
    seen: list[int] = []

    async def spawn(depth: int) -> None:
        seen.append(depth)
        if depth:
            tasks.start_soon(spawn, depth - 1)

    async with create_task_group() as tasks:
        tasks.start_soon(spawn, 4)
    assert seen == [4, 3, 2, 1, 0]


async def test_a_failed_task_cancels_the_others_and_the_block() -> None:
    started = current_time()

    async def fail() -> None:
        await sleep(1)
        raise KeyError("first")

    with pytest.raises(ExceptionGroup) as caught:
        async with create_task_group() as tasks:
            tasks.start_soon(fail)
            tasks.start_soon(sleep, 100)
            await sleep(100)
    assert [type(error) for error in caught.value.exceptions] == [KeyError]
    assert current_time() - started == pytest.approx(1)


async def test_a_nested_group_of_errors_stays_one_error() -> None:
    async def fail() -> None:
        async with create_task_group():
            raise KeyError("inner")

    with pytest.raises(ExceptionGroup) as caught:
        async with create_task_group() as tasks:
            tasks.start_soon(fail)
    (inner,) = caught.value.exceptions
    assert isinstance(inner, ExceptionGroup)
    assert [type(error) for error in inner.exceptions] == [KeyError]


async def test_tasks_have_ended_when_the_cancelled_block_is_left() -> None:
    ended: list[str] = []

    async def clean_up() -> None:
        try:
            await sleep(100)
        finally:
            with CancelScope(shield=True):
                await sleep(2)
                ended.append("cleaned")

    started = current_time()
    with move_on_after(1) as scope:
        try:
            async with create_task_group() as tasks:
                tasks.start_soon(clean_up)
        finally:
            ended.append("left")
    assert ended == ["cleaned", "left"]
    assert scope.cancelled_caught
    assert current_time() - started == pytest.approx(3)


async def test_a_group_cancelled_from_outside_leaves_by_cancellation() -> None:
    seen: list[type[BaseException]] = []
    with CancelScope() as scope:
        try:
            async with create_task_group() as tasks:
                tasks.start_soon(sleep, 100)
                scope.cancel()
        except BaseException as error:
            seen.append(type(error))
            raise
    assert len(seen) == 1
    assert issubclass(seen[0], get_cancelled_exc_class())
    assert scope.cancelled_caught


async def test_an_error_of_a_cancelled_task_is_not_lost() -> None:
    async def fail_at_the_end() -> None:
        try:
            await sleep(100)
        finally:
            raise KeyError("while cleaning up")

    with pytest.raises(ExceptionGroup) as caught:
        with move_on_after(1):
            async with create_task_group() as tasks:
                tasks.start_soon(fail_at_the_end)
    assert [type(error) for error in caught.value.exceptions] == [KeyError]


async def test_a_cancelled_group_says_so() -> None:
    async with create_task_group() as tasks:
        tasks.start_soon(sleep, 100)
        await sleep(1)
        tasks.cancel_scope.cancel()
    assert tasks.cancel_scope.cancelled_caught


async def test_nothing_can_be_started_once_the_group_has_ended() -> None:
    async with create_task_group() as tasks:
        pass
    with pytest.raises(RuntimeError):
        tasks.start_soon(sleep, 1)


async def test_a_task_may_start_others_while_the_block_waits_for_it() -> None:
    ended: list[float] = []
    started = current_time()

    async def end() -> None:
        await sleep(1)
        ended.append(current_time() - started)

    async def start_late(tasks: TaskGroup) -> None:
        await sleep(2)
        tasks.start_soon(end)
        tasks.start_soon(end)

    async with create_task_group() as tasks:
        tasks.start_soon(start_late, tasks)
    assert ended == pytest.approx([3, 3])


async def test_tasks_see_the_context_they_were_started_in() -> None:
    heard: list[str] = []

    async def hear(own: str) -> None:
        heard.append(word.get())
        word.set(own)
        await sleep(1)
        heard.append(word.get())

    word.set("hello")
    async with create_task_group() as tasks:
        tasks.start_soon(hear, "mine")
        await sleep(0.5)
        word.set("goodbye")
        tasks.start_soon(hear, "yours")
        await sleep(0.1)
    assert heard == ["hello", "goodbye", "mine", "yours"]
    assert word.get() == "goodbye"


async def test_what_is_hired_is_given_back() -> None:
    plenty = Plenty()
    with hired(plenty, 5) as workers:
        assert workers == 5
    with pytest.raises(ValueError, match="wrong"):
        with hired(plenty, 3):
            raise ValueError("wrong")
    assert plenty.lent == 0
