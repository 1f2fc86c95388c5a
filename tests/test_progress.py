from __future__ import annotations

import threading
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.progress import INTERVAL, Progress, Reporter


def told_of(gaps: list[tuple[float, bool]], *, is_known: bool = True) -> list[Progress]:
    """Report items that end with pauses between them; return what the callback was told."""
    told: list[Progress] = []
    reporter = Reporter(told.append, total=None)
    now = 100.0
    reporter.started(now)
    for gap, is_good in gaps:
        now += gap
        (reporter.succeeded if is_good else reporter.failed)(now)
    reporter.ended(now, total=len(gaps) if is_known else None)
    return told


histories = st.lists(st.tuples(st.floats(0, 0.5), st.booleans()), max_size=60)


@given(histories)
def test_the_first_and_the_last_are_always_told(gaps: list[tuple[float, bool]]) -> None:
    """Invariant 12.6"""
    told = told_of(gaps)
    good = sum(is_good for _, is_good in gaps)
    assert told[0] == Progress()
    assert (told[-1].succeeded, told[-1].failed) == (good, len(gaps) - good)
    assert told[-1].done == told[-1].total == len(gaps)


@given(histories)
def test_it_tells_at_most_ten_times_a_second(gaps: list[tuple[float, bool]]) -> None:
    """Invariant 12.6"""
    times = [progress.elapsed for progress in told_of(gaps)]
    assert all(later - sooner >= INTERVAL - 1e-9 for sooner, later in pairwise(times[:-1]))
    assert len(times) <= times[-1] / INTERVAL + 2 + 1e-6


@given(histories)
def test_counts_never_go_back(gaps: list[tuple[float, bool]]) -> None:
    told = told_of(gaps)
    for sooner, later in pairwise(told):
        assert sooner.succeeded <= later.succeeded
        assert sooner.failed <= later.failed
        assert sooner.elapsed <= later.elapsed


def test_the_next_call_tells_what_came_too_soon() -> None:
    told = told_of([(0.05, True), (0.04, False), (0.02, True)])
    assert [progress.done for progress in told] == [0, 3, 3]


def test_the_total_is_told_from_the_start_where_it_is_known() -> None:
    told: list[Progress] = []
    Reporter(told.append, total=7).started(0)
    assert told == [Progress(total=7)]


def test_a_total_that_nobody_came_to_know_stays_open() -> None:
    assert told_of([(1, True)], is_known=False)[-1].total is None


def test_a_callback_that_raises_is_logged_and_called_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[Progress] = []

    def fail(progress: Progress) -> None:
        told.append(progress)
        raise ValueError("no")

    reporter = Reporter(fail, total=None)
    reporter.started(0)
    reporter.succeeded(1)
    reporter.ended(1)
    assert [progress.done for progress in told] == [0, 1, 1]
    assert [record.message for record in caplog.records] == ["a progress callback failed"] * 3


def test_an_interrupt_in_the_callback_goes_through() -> None:
    def interrupt(progress: Progress) -> None:
        if progress.done == 1:
            raise KeyboardInterrupt

    reporter = Reporter(interrupt, total=None)
    reporter.started(0)
    with pytest.raises(KeyboardInterrupt):
        reporter.succeeded(1)
    reporter.succeeded(2)


def test_who_reports_during_a_callback_neither_waits_nor_enters_it() -> None:
    inside = threading.Event()
    leave = threading.Event()
    told: list[Progress] = []

    def tell(progress: Progress) -> None:
        told.append(progress)
        if progress.done == 1:
            inside.set()
            leave.wait(30)

    reporter = Reporter(tell, total=None)
    reporter.started(0)
    slow = threading.Thread(target=reporter.succeeded, args=(1.0,))
    slow.start()
    assert inside.wait(30)
    reporter.failed(2.0)
    leave.set()
    slow.join()
    reporter.ended(3.0)
    assert [(progress.succeeded, progress.failed) for progress in told] == [(0, 0), (1, 0), (1, 1)]
