"""Which of several errors stands for all."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import anyio
import pytest

from twofold._runtime.blocking import tasks as blocking
from twofold._runtime.failures import foremost
from twofold._runtime.waiting import tasks as waiting


class Cancellation(BaseException):
    """Stands for what a runtime raises in cancelled tasks."""


def chosen(own: BaseException | None, *errors: BaseException) -> BaseException:
    return foremost(own, BaseExceptionGroup("of tasks", errors), Cancellation)


def notes(error: BaseException) -> list[str]:
    return getattr(error, "__notes__", [])


def test_the_first_stands_for_all() -> None:
    first = ValueError("first")
    assert chosen(None, first, KeyError("second")) is first
    assert notes(first) == ["Meanwhile failed too: KeyError: 'second'"]


def test_the_blocks_own_comes_first() -> None:
    own = ValueError("own")
    assert chosen(own, KeyError("task"), own) is own
    assert notes(own) == ["Meanwhile failed too: KeyError: 'task'"]


@pytest.mark.parametrize("end", [KeyboardInterrupt(), SystemExit(2)])
def test_the_end_of_the_program_comes_before_all(end: BaseException) -> None:
    own = ValueError("own")
    assert chosen(own, own, KeyError("task"), end) is end
    assert len(notes(end)) == 2


def test_cancellation_stands_for_no_error() -> None:
    error = ValueError("task")
    assert chosen(Cancellation(), Cancellation(), error) is error
    assert notes(error) == []


def test_where_there_is_only_cancellation_the_group_stays() -> None:
    group = BaseExceptionGroup("of tasks", [Cancellation()])
    assert foremost(Cancellation(), group, Cancellation) is group


def test_a_tasks_own_group_stays_one_error_without_cancellation() -> None:
    inner = ValueError("inner")
    error = chosen(None, BaseExceptionGroup("task", [Cancellation(), inner]))
    assert isinstance(error, ExceptionGroup)
    assert error.exceptions == (inner,)


def test_a_copy_of_the_blocks_own_group_is_that_group() -> None:
    own = ExceptionGroup("own", [ValueError("one"), ExceptionGroup("more", [KeyError("two")])])
    assert chosen(own, own.derive(own.exceptions), KeyError("task")) is own
    assert notes(own) == ["Meanwhile failed too: KeyError: 'task'"]


class Weighty(Exception):
    """Holds, by its traceback, all that was in the frames it passed."""


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_an_error_of_a_thread_is_gone_once_it_was_handled() -> None:
    def fail() -> None:
        raise Weighty

    seen: list[weakref.ref[Weighty]] = []
    try:
        with blocking.unwrapped_task_group() as tasks:
            tasks.start_soon(fail)
    except Weighty as error:
        seen.append(weakref.ref(error))
    assert [ref() for ref in seen] == [None]


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_error_of_a_task_is_gone_once_it_was_handled(backend: str) -> None:
    async def fail() -> None:
        raise Weighty

    async def main() -> None:
        try:
            async with waiting.unwrapped_task_group() as tasks:
                tasks.start_soon(fail)
        except Weighty as error:
            seen.append(weakref.ref(error))
        await anyio.sleep(0.01)
        assert [ref() for ref in seen] == [None]

    seen: list[weakref.ref[Weighty]] = []
    anyio.run(main, backend=backend)
    assert len(seen) == 1
