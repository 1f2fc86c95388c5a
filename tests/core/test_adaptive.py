from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from random import Random
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated import Simulation

from twofold.core.policy.adaptive import Adaptive, AdaptiveLimit, Load
from twofold.errors import ArgumentError

MOST = Adaptive().most


def busy(limit: AdaptiveLimit, now: float, seconds: float = 0.1, load: Load = Load.FINE) -> float:
    """Answers enough to conclude from, at as many at once as are allowed; return when that was."""
    for _ in range(60):
        now += seconds
        limit.entered(limit.limit)
        limit.sample(seconds, load, now)
    return now


def constant(random: Random, now: float) -> float:
    return 0.1


def uniform(random: Random, now: float) -> float:
    return random.uniform(0.07, 0.13)


def lognormal(random: Random, now: float) -> float:
    return random.lognormvariate(math.log(0.1), 0.3)


def steps(*changes: tuple[float, int]) -> Callable[[float], int]:
    return lambda now: [value for since, value in changes if since <= now][-1]


def simulated(
    limit: AdaptiveLimit,
    capacity: Callable[[float], int],
    service: Callable[[Random, float], float] = uniform,
    *,
    refuses: bool,
) -> Simulation:
    return Simulation(limit, capacity, service, refuses, Random())


@pytest.mark.parametrize("service", [constant, uniform, lognormal])
@pytest.mark.parametrize("refuses", [True, False])
@pytest.mark.parametrize(
    "changes",
    [
        [(0.0, 20), (60.0, 12), (120.0, 40)],
        [(0.0, 12), (60.0, 30), (120.0, 15)],
    ],
)
def test_it_finds_a_capacity_within_a_fifth_and_again_after_it_changed(
    service: Callable[[Random, float], float], refuses: bool, changes: list[tuple[float, int]]
) -> None:
    """Invariant 5.5, Invariant 5.1, Invariant 5.2"""
    runs = [
        simulated(AdaptiveLimit(Adaptive()), steps(*changes), service, refuses=refuses).run(180.0)
        for _ in range(1 if service is constant else 3)
    ]
    for since, capacity in changes:
        # What a server takes for one answer is chance; of three runs one may be off.
        found = median(run.average(since + 30, since + 60) for run in runs)
        assert found == pytest.approx(capacity, rel=0.2)
    for run in runs:
        assert run.most_over == 0
        assert all(1 <= limit <= MOST for _, limit in run.seen)


@pytest.mark.parametrize("gradient", [True, False])
def test_a_capacity_of_one_starves_nobody(gradient: bool) -> None:
    limit = AdaptiveLimit(Adaptive(gradient=gradient))
    run = simulated(limit, steps((0.0, 1)), refuses=True).run(60.0)
    assert 1.0 <= run.average(30.0, 60.0) < 2.0


def test_answers_that_take_longer_for_good_do_not_keep_the_limit_down() -> None:
    """Slower answers look like a queue until a lull shows that there is none."""

    def slower(random: Random, now: float) -> float:
        return uniform(random, now) * (1 if now < 60 else 3)

    limit = AdaptiveLimit(Adaptive())
    run = simulated(limit, steps((0.0, 20)), slower, refuses=False).run(240.0)
    assert run.average(180.0, 240.0) == pytest.approx(20, rel=0.2)


def test_gradient_finds_what_a_server_refuses_beyond() -> None:
    """Invariant 5.5"""
    limit = AdaptiveLimit(Adaptive(gradient=True))
    capacity = steps((0.0, 20), (60.0, 8), (120.0, 40))
    run = simulated(limit, capacity, refuses=True).run(180.0)
    for since in (0.0, 60.0, 120.0):
        assert run.average(since + 30, since + 60) == pytest.approx(capacity(since), rel=0.2)


def test_gradient_is_up_to_its_tolerance_above_what_a_server_queues_beyond() -> None:
    limit = AdaptiveLimit(Adaptive(gradient=True))
    run = simulated(limit, steps((0.0, 40)), refuses=False).run(120.0)
    assert 40 < run.average(60.0, 120.0) < 40 * 1.5


def test_a_limit_doubles_until_the_first_trouble() -> None:
    limit, now, seen = AdaptiveLimit(Adaptive(start=1)), 0.0, list[int]()
    for _ in range(400):
        now += 0.01
        limit.entered(limit.limit)
        limit.sample(0.1, Load.FINE, now)
        seen.append(limit.limit)
    assert [each for each, _ in itertools.groupby(seen)] == [1, 2, 4, 8, 16, 32, 64, 100]


def test_after_trouble_it_rises_by_one() -> None:
    limit, now, seen = AdaptiveLimit(Adaptive(start=50)), 0.0, list[int]()
    limit.sample(0.1, Load.OVERLOADED, now)
    for _ in range(1200):
        now += 0.01
        limit.entered(limit.limit)
        limit.sample(0.1, Load.FINE, now)
        seen.append(limit.limit)
    assert [each for each, _ in itertools.groupby(seen)][:5] == [45, 46, 47, 48, 49]


Told = list[tuple[int, float, Load, float]]
anything: st.SearchStrategy[Told] = st.lists(
    st.tuples(
        st.integers(0, 200),
        st.one_of(st.floats(allow_nan=True), st.floats(0, 2)),
        st.sampled_from(Load),
        st.one_of(st.floats(-1e9, 1e9), st.floats(0, 1)),
    ),
    max_size=300,
)


@given(anything, st.booleans(), st.integers(1, 5), st.integers(0, 5), st.integers(0, 100))
def test_it_stays_between_its_bounds_whatever_it_is_told(
    told: Told, gradient: bool, least: int, start: int, most: int
) -> None:
    """Invariant 5.1"""
    bounds = Adaptive(
        least=least, start=least + start, most=least + start + most, gradient=gradient
    )
    limit, now = AdaptiveLimit(bounds), 0.0
    for inside, seconds, load, passed in told:
        now += passed
        limit.entered(inside)
        limit.sample(seconds, load, now)
        assert bounds.least <= limit.limit <= bounds.most


@given(st.lists(st.tuples(st.floats(0, 0.3), st.sampled_from(Load)), max_size=500), st.booleans())
def test_it_does_not_grow_while_it_is_not_reached(
    answers: list[tuple[float, Load]], gradient: bool
) -> None:
    """Invariant 5.3"""
    limit, now = AdaptiveLimit(Adaptive(start=10, gradient=gradient)), 0.0
    for seconds, load in answers:
        before = limit.limit
        now += 0.05
        limit.entered(limit.limit - 1)
        limit.sample(seconds, load, now)
        assert limit.limit <= before


@pytest.mark.parametrize("gradient", [True, False])
def test_any_number_of_good_answers_is_no_reason_to_grow_if_it_is_not_reached(
    gradient: bool,
) -> None:
    """Invariant 5.3"""
    limit = AdaptiveLimit(Adaptive(start=10, gradient=gradient))
    for number in range(10_000):
        limit.entered(9)
        limit.sample(0.1, Load.FINE, number / 50)
    assert limit.limit == 10


def test_answers_that_take_twice_as_long_are_looked_into_at_once() -> None:
    limit, now = AdaptiveLimit(Adaptive(start=40, most=40)), 0.0
    for _ in range(5):
        now = busy(limit, now)
    before, seen = limit.limit, list[int]()
    for _ in range(5):
        now = busy(limit, now, seconds=0.2)
        seen.append(limit.limit)
    assert min(seen) == before // 2, "a lull"
    assert seen[-1] >= before, "it showed that there is no queue"


def test_trouble_in_a_lull_is_not_forgotten_at_its_end() -> None:
    limit, now = AdaptiveLimit(Adaptive(start=40, most=40)), 0.0
    while limit.limit == 40:
        now = busy(limit, now)
    assert limit.limit == 20, "a lull"
    limit.sample(0.1, Load.OVERLOADED, now + 1.0)
    for _ in range(3):
        now = busy(limit, now)
    assert limit.limit < 25


def test_refusals_of_single_requests_are_no_reason_to_grow() -> None:
    limit, now = AdaptiveLimit(Adaptive()), 0.0
    for _ in range(20):
        now = busy(limit, now, load=Load.LATENCY_ONLY)
    assert limit.limit == 4
    busy(limit, now)
    assert limit.limit > 4


@given(st.lists(st.sampled_from([Load.OVERLOADED, Load.FINE, Load.LATENCY_ONLY]), min_size=50))
def test_it_falls_at_most_once_a_window(loads: list[Load]) -> None:
    """Invariant 5.4: a window is no shorter than the usual time to an answer."""
    limit = AdaptiveLimit(Adaptive(start=100))
    now = busy(limit, 0.0)
    falls = list[float]()
    for load in loads * 4:
        before = limit.limit
        now += 0.01
        limit.sample(0.1 if load is not Load.OVERLOADED else 0.005, load, now)
        if limit.limit < before:
            assert limit.limit >= before // 2
            falls.append(now)
    assert all(later - earlier >= 0.099 for earlier, later in itertools.pairwise(falls))


def test_what_was_sent_before_the_limit_fell_does_not_lower_it_again() -> None:
    """Invariant 5.4: a hundred time-outs of one moment are one reason."""
    limit = AdaptiveLimit(Adaptive(start=100))
    for number in range(100):
        limit.sample(60.0, Load.OVERLOADED, 60.0 + number / 2)
    assert limit.limit == 90


def test_throttling_without_end_leaves_one_at_a_time() -> None:
    """Invariant 5.6: it falls to its least, stays there, and rises when it is over."""
    limit, now = AdaptiveLimit(Adaptive(start=100)), 0.0
    falls = 0
    for _ in range(10_000):
        now += 0.05
        before = limit.limit
        limit.entered(limit.limit)
        limit.sample(0.01, Load.OVERLOADED, now)
        falls += limit.limit < before
    assert limit.limit == 1
    assert falls < 50
    for _ in range(10):
        now = busy(limit, now)
    assert limit.limit > 5


def test_the_cancelled_say_nothing() -> None:
    limit = AdaptiveLimit(Adaptive())
    for now in range(1000):
        limit.entered(limit.limit)
        limit.sample(1000.0, Load.NONE, float(now))
    assert limit.limit == 4


@pytest.mark.parametrize("gradient", [True, False])
@pytest.mark.parametrize("jump", [-1e9, -3600.0, -0.5, 3600.0, 1e9])
def test_a_clock_that_jumps_stops_neither_growth_nor_decline(jump: float, gradient: bool) -> None:
    limit = AdaptiveLimit(Adaptive(gradient=gradient))
    now = 2e9
    for _ in range(3):
        now = busy(limit, now)
    now = busy(limit, now, load=Load.OVERLOADED)
    lowered = limit.limit
    now += jump
    for _ in range(10):
        now = busy(limit, now)
    assert limit.limit > lowered
    grown = limit.limit
    busy(limit, now, load=Load.OVERLOADED)
    assert limit.limit < grown


@pytest.mark.parametrize("gradient", [True, False])
def test_answers_in_no_time_at_all_are_no_trouble(gradient: bool) -> None:
    limit, now = AdaptiveLimit(Adaptive(gradient=gradient)), 0.0
    for _ in range(200):
        now = busy(limit, now + 1.0, seconds=0.0)
    assert limit.limit == MOST


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("start", 0),
        ("start", 101),
        ("start", 4.0),
        ("least", 0),
        ("least", 5),
        ("most", 3),
        ("most", True),
        ("most", None),
        ("gradient", "yes"),
        ("gradient", None),
    ],
)
def test_settings_out_of_range_are_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ArgumentError, match=name):
        Adaptive(**{name: value})
