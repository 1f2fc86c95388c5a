"""Percentiles from few numbers, and counts of a sliding window, against naive ones."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.monitoring.histogram import Histogram, Lately, Latency
from twofold.monitoring.rolling import STEPS, Rolling

SECONDS = st.floats(1e-5, 1e5)
GAPS = st.floats(0, 40)


@given(st.lists(SECONDS, min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_off_by_three_percent_at_most(took: list[float], share: float) -> None:
    histogram = Histogram()
    for seconds in took:
        histogram.note(seconds)
    exact = sorted(took)[max(1, math.ceil(share * len(took))) - 1]
    assert histogram.percentile(share) == pytest.approx(exact, rel=0.03)
    assert histogram.summary().count == len(took)
    assert histogram.summary().longest == max(took)


def test_nothing_took_no_time() -> None:
    assert Histogram().summary() == Latency()


@given(st.lists(st.floats(0, 1e9)))
def test_its_size_is_bounded(took: list[float]) -> None:
    histogram = Histogram()
    for seconds in took:
        histogram.note(seconds)
        assert len(histogram._buckets) <= 480


@given(st.lists(st.tuples(GAPS, SECONDS)), GAPS)
def test_what_lately_took_is_that_of_one_to_two_windows(
    history: list[tuple[float, float]], later: float
) -> None:
    lately, now = Lately(10.0), 0.0
    noted: list[tuple[float, float]] = []
    for gap, seconds in history:
        now += gap
        lately.note(seconds, now)
        noted.append((now, seconds))
    now += later
    count = lately.summary(now).count
    assert sum(at > now - 10 for at, _ in noted) <= count
    assert count <= sum(at > now - 20 for at, _ in noted)


@given(st.lists(st.tuples(GAPS, st.sampled_from("ab"))), GAPS)
def test_counts_are_those_of_the_window_to_a_step(
    history: list[tuple[float, str]], later: float
) -> None:
    rolling, now = Rolling(24.0), 0.0
    noted: list[tuple[float, str]] = []
    for gap, kind in history:
        now += gap
        rolling.note(kind, now)
        noted.append((now, kind))
    now += later
    counts = rolling.counts(now)
    least = Counter(kind for at, kind in noted if at > now - 24 + 24 / STEPS)
    most = Counter(kind for at, kind in noted if at > now - 24)
    assert all(least[kind] <= counts[kind] <= most[kind] for kind in "ab")
    assert len(rolling._steps) <= STEPS + 1
