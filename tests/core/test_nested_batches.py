"""The allowance bounds threads and never calls: whoever is granted none works alone."""

from __future__ import annotations

from threading import active_count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold._runtime.blocking.scopes import current_time, move_on_after, sleep
from twofold._sync.core.batch import map_all, map_stream, map_strict
from twofold._sync.core.listing import Listing
from twofold.core.policy.allowance import THREADS, Allowance, of_this_process
from twofold.core.request import Page
from twofold.errors import OutcomeUnknownError
from twofold.progress import Progress

NONE = Allowance(threads=0)


def slow(number: int) -> int:
    sleep(1)
    return number


def three_pages(cursor: int) -> Page[int]:
    sleep(1)
    return Page([10 * cursor, 10 * cursor + 1], cursor + 1 if cursor < 3 else None)


@pytest.mark.parametrize("threads", range(5))
def test_nested_batches_share_an_allowance_and_never_wait_for_it(threads: int) -> None:
    allowance = Allowance(threads=threads)
    before = active_count()
    most = 0

    def count(number: int) -> int:
        nonlocal most
        most = max(most, active_count() - before)
        sleep(1)
        return number

    def inner(number: int) -> list[int]:
        return map_strict(count, range(number), workers=3, allowance=allowance)

    def outer(number: int) -> list[list[int]]:
        return map_all(inner, range(number), workers=3, allowance=allowance).values()

    result = map_all(outer, [3, 4], workers=3, allowance=allowance)
    assert result.values() == [[[], [0], [0, 1]], [[], [0], [0, 1], [0, 1, 2]]]
    assert most <= threads
    assert allowance.left == threads


def test_streams_within_streams_never_wait_for_an_allowance() -> None:
    allowance = Allowance(threads=2)

    def total(number: int) -> int:
        with map_stream(slow, range(number), workers=4, allowance=allowance) as outcomes:
            return sum(outcome.unwrap() for outcome in outcomes)

    with map_stream(total, range(6), workers=4, ordered=True, allowance=allowance) as outcomes:
        assert [outcome.unwrap() for outcome in outcomes] == [0, 0, 1, 3, 6, 10]
    assert allowance.left == 2


def test_the_process_has_an_allowance_for_all_that_is_given_none() -> None:
    left: list[int] = []

    def note(_: int) -> None:
        sleep(1)
        left.append(of_this_process.left)
        sleep(1)

    map_all(note, range(4), workers=4)
    assert left == [THREADS - 3] * 4
    assert of_this_process.left == THREADS


def test_a_batch_alone_calls_one_by_one() -> None:
    began = current_time()
    assert map_all(slow, range(3), allowance=NONE).values() == [0, 1, 2]
    assert current_time() - began == pytest.approx(3)


@given(wanted=st.integers(0, 5), ordered=st.booleans())
def test_a_stream_alone_calls_as_it_is_read(wanted: int, ordered: bool) -> None:
    called: list[int] = []

    def note(number: int) -> int:
        called.append(number)
        return slow(number)

    with map_stream(note, range(5), ordered=ordered, allowance=NONE) as outcomes:
        assert called == []
        read = [next(outcomes).unwrap() for _ in range(wanted)]
    assert read == called == list(range(wanted))


def test_a_stream_alone_is_complete() -> None:
    told: list[Progress] = []
    with map_stream(slow, iter(range(3)), allowance=NONE, progress=told.append) as outcomes:
        assert [outcome.unwrap() for outcome in outcomes] == [0, 1, 2]
        assert next(outcomes, None) is None
    assert (told[-1].done, told[-1].total) == (3, 3)


def test_a_stream_alone_gives_up_on_a_call_and_says_so() -> None:
    with map_stream(slow, range(3), allowance=NONE) as outcomes:
        with move_on_after(0.5) as scope:
            next(outcomes)
        assert scope.cancelled_caught
        first, *others = outcomes
    assert isinstance(first.error, OutcomeUnknownError)
    assert (first.index, first.item) == (0, 0)
    assert [outcome.unwrap() for outcome in others] == [1, 2]


def test_an_interrupt_in_a_stream_alone_comes_out_bare() -> None:
    def interrupt(number: int) -> None:
        raise KeyboardInterrupt(number)

    with pytest.raises(KeyboardInterrupt):
        with map_stream(interrupt, range(3), allowance=NONE) as outcomes:
            next(outcomes)


def test_pages_ahead_are_fetched_as_they_are_read_where_no_thread_is_granted() -> None:
    began = current_time()
    with Listing(three_pages, 1, NONE).ahead(2) as items:
        assert next(items) == 10
        assert current_time() - began == pytest.approx(1)
        assert list(items) == [11, 20, 21, 30, 31]


def test_a_hired_thread_is_given_back_when_a_block_is_left_early() -> None:
    allowance = Allowance(threads=3)
    with Listing(three_pages, 1, allowance).ahead(2) as items:
        assert allowance.left == 2
        next(items)
    assert allowance.left == 3
    with pytest.raises(ValueError, match="mine"):
        with map_stream(slow, range(9), allowance=allowance) as outcomes:
            next(outcomes)
            raise ValueError("mine")
    assert allowance.left == 3
