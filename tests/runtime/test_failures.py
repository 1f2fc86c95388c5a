"""Which of several errors stands for all."""

from __future__ import annotations

import pytest

from twofold._runtime.failures import foremost


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
