from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from twofold.core.policy.budget import STEPS, Budget, Purse, Purses
from twofold.errors import ArgumentError


def test_a_tenth_of_the_calls_may_be_retries_and_one_a_second_beside() -> None:
    purse = Purse(Budget(ratio=0.1, floor=1.0, window=10.0))
    for _ in range(100):
        purse.first(0.0)
    assert [purse.retry(0.0) for _ in range(25)] == [True] * 20 + [False] * 5


def test_a_hedge_has_no_floor_and_draws_on_the_same_account() -> None:
    purse = Purse(Budget())
    assert not purse.hedge(0.0)
    for _ in range(20):
        purse.first(0.0)
    assert [purse.hedge(0.0) for _ in range(3)] == [True, True, False]
    assert [purse.retry(0.0) for _ in range(11)] == [True] * 10 + [False]


def test_after_a_window_of_calm_the_budget_is_as_new() -> None:
    """Invariant 3.3: what was spent in an outage is forgotten, and what was earned as well."""
    purse = Purse(Budget())
    for _ in range(100):
        purse.first(0.0)
    while purse.retry(0.0):
        pass
    assert not purse.retry(9.9)
    assert [purse.retry(10.2) for _ in range(11)] == [True] * 10 + [False]


def test_calls_under_equal_budgets_share_a_purse_and_others_do_not() -> None:
    purses = Purses()
    own = purses.of(Budget())
    assert purses.of(Budget()) is own
    assert purses.of(None) is own
    assert purses.of(Budget(ratio=0.5)) is not own
    assert purses.of(Budget()) is own


@pytest.mark.parametrize("name", ["ratio", "floor", "window"])
@pytest.mark.parametrize("value", [-1, math.nan, math.inf, "1", True, None])
def test_an_option_out_of_range_is_refused_by_its_name(name: str, value: object) -> None:
    with pytest.raises(ArgumentError, match=name):
        Budget(**{name: value})  # type: ignore[arg-type]  # what a caller may do all the same


def test_a_clock_that_jumps_neither_sticks_nor_bursts() -> None:
    purse = Purse(Budget(ratio=0.0))
    for now in (1e6, 1e6 + 1e9, 50.0):  # far ahead, and far back
        assert [purse.retry(now) for _ in range(11)] == [True] * 10 + [False]
    assert not purse.retry(45.0)
    assert not purse.retry(59.9)
    assert purse.retry(60.3)


class Log:
    """A budget that remembers everything, and counts anew whenever it is asked."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.firsts: list[float] = []
        self.paid: list[float] = []

    def balance(self, now: float, lasting: Callable[[float], float], *, floor: bool) -> float:
        """Count with deposits and withdrawals that last as long as is said."""
        window = self.budget.window
        earned = self.budget.ratio * within(self.firsts, now, lasting(-window / STEPS))
        credit = self.budget.floor * window if floor else 0.0
        return earned + credit - within(self.paid, now, lasting(window / STEPS))


def within(times: list[float], now: float, seconds: float) -> int:
    return sum(1 for time in times if time > now - seconds)


class Spending(RuleBasedStateMachine):
    """The purse against a log; its steps may cost it up to one in fifty of a window, not more."""

    budget = Budget(ratio=0.25, floor=0.5, window=4.0)

    def __init__(self) -> None:
        super().__init__()
        self.purse = Purse(self.budget)
        self.log = Log(self.budget)
        self.now = 100.0

    @rule(seconds=st.floats(0, 1) | st.floats(0, 9))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(calls=st.integers(1, 12))
    def call(self, calls: int) -> None:
        for _ in range(calls):
            self.purse.first(self.now)
            self.log.firsts.append(self.now)

    @rule()
    def retry(self) -> None:
        self.judge(self.purse.retry(self.now), floor=True)

    @rule()
    def hedge(self) -> None:
        self.judge(self.purse.hedge(self.now), floor=False)

    def judge(self, paid: bool, *, floor: bool) -> None:
        window = self.budget.window
        exact = self.log.balance(self.now, lambda _: window, floor=floor)
        careful = self.log.balance(self.now, lambda step: window + step, floor=floor)
        if paid:
            assert exact >= 1 - 1e-9
            self.log.paid.append(self.now)
        else:
            assert careful < 1 + 1e-9

    @precondition(lambda self: self.log.paid)
    @invariant()
    def no_window_has_more_than_it_earned(self) -> None:
        """Invariant 3.1: for windows of any length that end now."""
        for begin in {*self.log.paid, 100.0}:
            paid = sum(1 for time in self.log.paid if time >= begin)
            span = self.now - begin + self.budget.window
            firsts = within(self.log.firsts, self.now, span + 1e-9)
            assert paid <= self.budget.ratio * firsts + self.budget.floor * span + 1e-6

    @invariant()
    def memory_is_bounded(self) -> None:
        kept = (self.purse._deposits._older, self.purse._withdrawals._older)
        assert max(map(len, kept)) <= STEPS + 1


TestSpending = Spending.TestCase
TestSpending.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@given(rate=st.integers(1, 200), seconds=st.integers(1, 40), tries=st.integers(2, 6))
@settings(max_examples=40)
def test_an_outage_is_amplified_by_ratio_and_floor_at_most(
    rate: int, seconds: int, tries: int
) -> None:
    """Invariant 3.1: every call fails and would be repeated."""
    budget = Budget()
    sent = outage(Purse(budget), rate, seconds, tries)
    calls = rate * seconds
    assert sent <= calls * (1 + budget.ratio) + budget.floor * (seconds + budget.window)


def test_an_outage_of_a_minute_costs_a_server_little_more_than_the_calls_themselves() -> None:
    """Invariant 3.2: and without a budget it would be three times as much."""
    assert outage(Purse(Budget()), 100, 60, 3) / 6000 <= 1.13
    assert outage(Purse(Budget(ratio=10.0)), 100, 60, 3) / 6000 == 3.0


def outage(purse: Purse, rate: int, seconds: int, tries: int) -> int:
    """Count the requests of calls that all fail, each repeated at once as often as is paid for."""
    sent = 0
    for call in range(rate * seconds):
        now = call / rate
        purse.first(now)
        sent += 1
        for _ in range(tries - 1):
            if not purse.retry(now):
                break
            sent += 1
    return sent


def test_after_an_outage_the_budget_refills() -> None:
    """Invariant 3.3: with the calls that come, at once and not only after a calm."""
    purse = Purse(Budget(ratio=0.1, floor=0.0))
    outage(purse, 100, 60, 3)
    assert not purse.retry(60.0)
    for call in range(1000):
        purse.first(60 + call / 100)
    assert sum(purse.retry(70.1) for _ in range(1000)) >= 95


def test_many_threads_never_overdraw() -> None:
    """Invariant 3.4: whatever they do at once, what is paid is what was earned."""
    purse = Purse(Budget(ratio=0.5, floor=0.0))
    paid: list[int] = []

    def spend(seed: int) -> None:
        chance = random.Random(seed)
        count = 0
        for _ in range(2000):
            if chance.random() < 0.5:
                purse.first(1.0)
            else:
                count += purse.retry(1.0)
        paid.append(count)

    threads = [threading.Thread(target=spend, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    firsts = sum(random_firsts(seed) for seed in range(8))
    assert len(paid) == 8
    while purse.retry(1.0):
        paid.append(1)
    assert sum(paid) == firsts // 2


def random_firsts(seed: int) -> int:
    chance = random.Random(seed)
    return sum(chance.random() < 0.5 for _ in range(2000))
