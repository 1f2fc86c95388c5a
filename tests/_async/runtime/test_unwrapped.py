# SPDX-License-Identifier: MIT
"""Errors leave an unwrapped group as they are, and not before every task has ended."""

from __future__ import annotations

from traceback import extract_tb, format_exception

import pytest

from twofold._runtime.waiting.scopes import (
    CancelScope,
    current_time,
    fail_after,
    get_cancelled_exc_class,
    move_on_after,
    sleep,
)
from twofold._runtime.waiting.tasks import create_task_group, unwrapped_task_group


async def fail(delay: float, error: BaseException) -> None:
    """Fail after a while, and no earlier."""
    with CancelScope(shield=True):
        await sleep(delay)
    raise error


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt(), SystemExit(3)])
async def test_the_blocks_own_error_leaves_as_it_is(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught:
        async with unwrapped_task_group() as tasks:
            tasks.start_soon(sleep, 100)
            raise error
    assert caught.value is error
    assert error.__context__ is None
    assert {frame.filename for frame in extract_tb(error.__traceback__)} == {__file__}


async def test_the_blocks_own_error_keeps_its_cause() -> None:
    cause = KeyError("cause")
    with pytest.raises(ValueError, match="effect") as caught:
        async with unwrapped_task_group():
            raise ValueError("effect") from cause
    assert caught.value.__cause__ is cause
    assert caught.value.__context__ is None


async def test_a_group_raised_by_the_block_stays_a_group() -> None:
    own = ExceptionGroup("mine", [ValueError("one")])
    with pytest.raises(ExceptionGroup) as caught:
        async with unwrapped_task_group():
            raise own
    assert caught.value is own


async def test_tasks_have_ended_before_the_error_leaves() -> None:
    ended: list[str] = []

    async def clean_up() -> None:
        try:
            await sleep(100)
        finally:
            with CancelScope(shield=True):
                await sleep(2)
                ended.append("cleaned")

    started = current_time()
    with pytest.raises(ValueError, match="mine"):
        async with unwrapped_task_group() as tasks:
            tasks.start_soon(clean_up)
            await sleep(1)
            raise ValueError("mine")
    assert ended == ["cleaned"]
    assert current_time() - started == pytest.approx(3)


async def test_a_tasks_error_is_raised_bare() -> None:
    error = KeyError("task")
    with pytest.raises(KeyError) as caught:
        async with unwrapped_task_group() as tasks:
            tasks.start_soon(fail, 1, error)
            tasks.start_soon(sleep, 100)
            await sleep(100)
    assert caught.value is error
    assert not hasattr(error, "__notes__")
    assert "During handling" not in "".join(format_exception(error))


async def test_a_tasks_group_of_errors_stays_a_group() -> None:
    own = ExceptionGroup("task", [ValueError("one")])
    with pytest.raises(ExceptionGroup, match="task") as caught:
        async with unwrapped_task_group() as tasks:
            tasks.start_soon(fail, 1, own)
    assert caught.value.exceptions == own.exceptions


async def test_of_several_the_first_is_raised_and_the_others_are_noted() -> None:
    with pytest.raises(KeyError) as caught:
        async with unwrapped_task_group() as tasks:
            tasks.start_soon(fail, 2, ValueError("second"))
            tasks.start_soon(fail, 1, KeyError("first"))
            tasks.start_soon(fail, 3, IndexError("third"))
    assert caught.value.__notes__ == [
        "Meanwhile failed too: ValueError: second",
        "Meanwhile failed too: IndexError: third",
    ]


async def test_the_blocks_own_error_comes_before_those_of_tasks() -> None:
    own = ValueError("mine")
    with pytest.raises(ValueError, match="mine") as caught:
        async with unwrapped_task_group() as tasks:
            tasks.start_soon(fail, 1, KeyError("task"))
            with CancelScope(shield=True):
                await sleep(2)
            raise own
    assert caught.value is own
    assert own.__notes__ == ["Meanwhile failed too: KeyError: 'task'"]


async def test_ctrl_c_comes_before_every_error() -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        async with unwrapped_task_group() as tasks:
            tasks.start_soon(fail, 1, KeyError("task"))
            with CancelScope(shield=True):
                await sleep(2)
            raise KeyboardInterrupt
    assert caught.value.__notes__ == ["Meanwhile failed too: KeyError: 'task'"]


async def test_a_deadline_outside_is_caught_outside() -> None:
    ended: list[str] = []

    async def wait() -> None:
        try:
            await sleep(100)
        except get_cancelled_exc_class():
            ended.append("cancelled")
            raise

    with move_on_after(1) as scope:
        async with unwrapped_task_group() as tasks:
            tasks.start_soon(wait)
            await sleep(100)
    assert scope.cancelled_caught
    assert ended == ["cancelled"]
    with pytest.raises(TimeoutError):
        with fail_after(1):
            async with unwrapped_task_group() as tasks:
                tasks.start_soon(wait)


async def test_cancelling_the_group_itself_ends_it_quietly() -> None:
    async with unwrapped_task_group() as tasks:
        tasks.start_soon(sleep, 100)
        await sleep(1)
        tasks.cancel_scope.cancel()
        await sleep(100)
    assert tasks.cancel_scope.cancelled_caught


async def test_an_error_while_cancelled_from_outside_is_not_lost() -> None:
    error = KeyError("while cleaning up")

    async def fail_at_the_end() -> None:
        try:
            await sleep(100)
        finally:
            raise error from None

    with pytest.raises(KeyError) as caught:
        with move_on_after(1) as scope:
            async with unwrapped_task_group() as tasks:
                tasks.start_soon(fail_at_the_end)
                tasks.start_soon(sleep, 100)
    assert caught.value is error
    assert not scope.cancelled_caught


async def test_groups_may_be_nested() -> None:
    error = KeyError("deep")
    with pytest.raises(KeyError) as caught:
        async with unwrapped_task_group() as outer:
            outer.start_soon(sleep, 100)
            async with unwrapped_task_group() as inner:
                inner.start_soon(fail, 1, error)
                await sleep(100)
    assert caught.value is error


async def test_a_plain_group_inside_wraps_its_own() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with unwrapped_task_group():
            async with create_task_group() as tasks:
                tasks.start_soon(fail, 1, KeyError("deep"))
    assert [type(error) for error in caught.value.exceptions] == [KeyError]
