from __future__ import annotations

import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.policy.allowance import THREADS, Allowance, of_this_process


def test_it_grants_what_is_left_and_never_waits() -> None:
    allowance = Allowance(threads=5)
    assert [allowance.take(3), allowance.take(3), allowance.take(3)] == [3, 2, 0]
    allowance.give(2)
    assert allowance.take(7) == 2


@given(st.integers(0, 8), st.lists(st.integers(-2, 6), max_size=30))
def test_what_is_lent_never_exceeds_it(threads: int, wants: list[int]) -> None:
    allowance = Allowance(threads=threads)
    lent: list[int] = []
    for wanted in wants:
        lent.append(allowance.take(wanted))
        assert 0 <= lent[-1] <= max(wanted, 0)
        assert sum(lent) + allowance.left == threads
        if len(lent) > 2:
            allowance.give(lent.pop(0))


def test_none_at_all_is_an_allowance() -> None:
    assert Allowance(threads=0).take(1) == 0


def test_less_than_none_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        Allowance(threads=-1)


def test_many_threads_draw_from_one() -> None:
    allowance = Allowance(threads=3)
    short: list[int] = []

    def draw() -> None:
        for _ in range(500):
            taken = allowance.take(2)
            if not 0 <= taken <= 2:
                short.append(taken)
            allowance.give(taken)

    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not short
    assert allowance.left == 3


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_starts_with_all_of_it() -> None:
    taken = of_this_process.take(5)
    try:
        child = os.fork()
        if child == 0:
            os._exit(of_this_process.left)
        _, status = os.waitpid(child, 0)
    finally:
        of_this_process.give(taken)
    assert os.waitstatus_to_exitcode(status) == THREADS
