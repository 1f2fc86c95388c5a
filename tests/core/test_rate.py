from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.policy.rate import OVER, Meter, Rate
from twofold.core.request import Request
from twofold.errors import ArgumentError

Grants = list[tuple[float, int]]


@st.composite
def rates(draw: st.DrawFn) -> Rate:
    limit = draw(st.integers(1, 40))
    per = draw(st.floats(0.01, 1000) | st.integers(1, 60))
    return Rate(limit, per, burst=draw(st.none() | st.integers(1, limit)))


# Arrivals: how long after the one before (in windows), and how heavy (as a share of the burst).
arrivals = st.lists(st.tuples(st.floats(0, 1.5), st.floats(0, 1)), max_size=80)
crowds = st.lists(st.tuples(st.just(0.0), st.floats(0, 1)), max_size=80)


def granted(rate: Rate, script: Sequence[tuple[float, float]], began: float) -> Grants:
    """Let everything through as soon as may be, first come, first served."""
    meter, now, arrival = Meter(rate), began, began
    grants: Grants = []
    for gap, share in script:
        weight = max(1, round(share * rate.at_once))
        arrival += gap * rate.per
        now = max(now, arrival)
        asked = 0
        while pause := meter.wait(weight, now):
            now += pause
            asked += 1
            assert asked <= 2, "after the wait it may go"
        meter.take(weight, now)
        grants.append((now, weight))
    return grants


def most_in_a_window(grants: Grants, per: float) -> int:
    """Count by looking at every window that begins with a grant."""
    return max(
        (sum(n for at, n in grants if begin <= at < begin + per) for begin, _ in grants), default=0
    )


@given(rate=rates(), script=arrivals | crowds, began=st.floats(0, 1e7))
def test_no_window_sees_more_than_the_limit(
    rate: Rate, script: Sequence[tuple[float, float]], began: float
) -> None:
    """Invariant 4.1: whatever the arrivals and their weights."""
    assert most_in_a_window(granted(rate, script, began), rate.per) <= rate.limit


@given(rate=rates(), asks=st.lists(st.tuples(st.floats(-0.9, 0.3), st.integers(1, 40))))
def test_threads_that_are_late_at_the_lock_do_not_widen_a_window(
    rate: Rate, asks: Sequence[tuple[float, int]]
) -> None:
    """Invariant 4.1: a moment that lies a little before the last one is not a jump."""
    meter, latest, grants = Meter(rate), 100.0, Grants()
    for step, heaviest in asks:
        now = latest + step * min(1.0, rate.per)
        latest = max(latest, now)
        weight = min(heaviest, rate.at_once)
        if not meter.wait(weight, now):
            meter.take(weight, now)
            grants.append((now, weight))
    assert most_in_a_window(grants, rate.per) <= rate.limit


@attrs.define
class Tokens:
    """The naive model of an even rate: a bucket that fills by a token an interval."""

    size: int
    interval: int
    tokens: float = attrs.Factory(lambda self: self.size, takes_self=True)
    at: int = 0

    def may(self, weight: int, now: int) -> bool:
        self.tokens = min(self.size, self.tokens + (now - self.at) / self.interval)
        self.at = now
        return self.tokens >= weight

    def take(self, weight: int) -> None:
        self.tokens -= weight


@given(
    burst=st.integers(1, 8),
    interval=st.sampled_from([1, 2, 4, 8]),
    more=st.integers(1, 16),
    asks=st.lists(st.tuples(st.integers(0, 12), st.integers(1, 8)), max_size=60),
)
def test_an_even_rate_grants_whenever_a_token_is_there(
    burst: int, interval: int, more: int, asks: Sequence[tuple[int, int]]
) -> None:
    """Invariant 4.5: it agrees with a bucket of tokens, at every moment."""
    meter = Meter(Rate(burst + more, interval * more, burst=burst))
    tokens, now = Tokens(burst, interval), 0
    for gap, heavy in asks:
        now, weight = now + gap, min(heavy, burst)
        may = tokens.may(weight, now)
        wait = meter.wait(weight, float(now))
        assert (wait == 0.0) == may
        if may:
            tokens.take(weight)
            meter.take(weight, float(now))
        else:
            assert wait - OVER == pytest.approx((weight - tokens.tokens) * interval)


@given(
    limit=st.integers(1, 9),
    per=st.integers(1, 20),
    asks=st.lists(st.tuples(st.integers(0, 12), st.integers(1, 9)), max_size=60),
)
def test_a_counted_rate_grants_whenever_the_window_has_room(
    limit: int, per: int, asks: Sequence[tuple[int, int]]
) -> None:
    """Invariant 4.5: the whole limit is there, at every moment."""
    meter, now, grants = Meter(Rate(limit, per, burst=limit)), 0, Grants()
    for gap, heavy in asks:
        now, weight = now + gap, min(heavy, limit)
        used = sum(n for at, n in grants if at > now - per)
        assert (meter.wait(weight, float(now)) == 0.0) == (used + weight <= limit)
        if used + weight <= limit:
            meter.take(weight, float(now))
            grants.append((now, weight))


@given(rate=rates(), began=st.floats(0, 1e6))
def test_a_crowd_is_let_through_at_the_rate_that_was_promised(rate: Rate, began: float) -> None:
    crowd = 3 * rate.limit
    grants = granted(rate, [(0.0, 0.0)] * crowd, began)
    assert [at for at, _ in grants[: rate.at_once]] == [began] * rate.at_once
    if rate.interval:
        expected = (crowd - rate.at_once) * rate.interval
        assert grants[-1][0] - began == pytest.approx(expected, rel=1e-3, abs=1e-3)
    else:
        assert grants[-1][0] - began == pytest.approx(2 * rate.per, abs=1e-3)


@given(rate=rates(), back=st.floats(1e-6, 1e9), taken=st.integers(0, 40))
def test_a_clock_that_is_set_back_neither_stops_nor_frees_anything(
    rate: Rate, back: float, taken: int
) -> None:
    meter, now = Meter(rate), 5000.0
    gone = min(taken, rate.at_once)
    for _ in range(gone):
        assert meter.wait(1, now) == 0.0
        meter.take(1, now)
    before = meter.wait(rate.at_once, now)
    after = meter.wait(rate.at_once, now - back)
    # A step of up to a second, or a window, cannot be told from a thread that is late.
    assert after <= before + min(1.0, rate.per) + OVER
    assert after >= before - 1e-5 if before else after == 0.0


@given(rate=rates(), ahead=st.floats(1e3, 1e12))
def test_a_clock_that_jumps_ahead_frees_one_burst(rate: Rate, ahead: float) -> None:
    meter, now = Meter(rate), 0.0
    for _ in range(rate.at_once):
        meter.take(1, now)
    now += ahead + rate.per * rate.limit
    for _ in range(rate.at_once):
        assert meter.wait(1, now) == 0.0
        meter.take(1, now)
    assert meter.wait(1, now) > 0.0


def test_a_refused_ask_takes_nothing() -> None:
    """Invariant 4.3: who asks and gives up has consumed nothing."""
    meter = Meter(Rate(20, per=10))
    meter.take(2, 0.0)
    waits = [meter.wait(1, 0.0) for _ in range(10)]
    assert waits == [pytest.approx(10 / 18, abs=1e-5)] * 10


@given(
    rate=rates(),
    steps=st.lists(st.tuples(st.floats(0, 0.3), st.booleans(), st.booleans()), max_size=60),
)
def test_what_is_given_back_widens_no_window(
    rate: Rate, steps: Sequence[tuple[float, bool, bool]]
) -> None:
    """Invariant 4.1, Invariant 4.3: some of those that were let in never went."""
    meter, now, grants = Meter(rate), 0.0, Grants()
    called: list[float] = []
    for gap, goes, latest in steps:
        now += gap * rate.per
        if meter.wait(1, now) == 0.0:
            meter.take(1, now)
            called.append(now)
        if called and goes:
            grants.append((called.pop(-latest), 1))
        elif called:
            meter.give_back(1, called.pop(-latest))
    assert most_in_a_window(grants, rate.per) <= rate.limit


@given(rate=rates())
def test_what_is_given_back_at_once_is_there_at_once(rate: Rate) -> None:
    """Invariant 4.3."""
    meter = Meter(rate)
    for _ in range(rate.at_once):
        meter.take(1, 5.0)
    assert meter.wait(1, 5.0) > 0.0
    meter.give_back(1, 5.0)
    assert meter.wait(1, 5.0) == 0.0


def test_a_large_limit_is_spread_and_a_small_one_is_counted() -> None:
    large, small = Rate(20, per=10), Rate(5)
    assert large.at_once == 2
    assert large.interval == pytest.approx(10 / 18)
    assert (small.at_once, small.interval) == (5, 0.0)
    assert Rate(5000, per=3600).at_once == 500


def test_the_burst_may_be_chosen() -> None:
    assert Rate(20, per=10, burst=10).interval == pytest.approx(1.0)
    assert Rate(20, per=10, burst=20).interval == 0.0


def test_equal_rates_are_shared_however_they_are_written() -> None:
    assert Rate(20, per=10) == Rate(20, 10.0, burst=2)
    assert hash(Rate(20, per=10)) == hash(Rate(20, 10.0, burst=2, key=whose))
    assert Rate(20, per=10) != Rate(20, per=10, burst=3)


def whose(request: Request) -> str:
    return request.target


@pytest.mark.parametrize("weight", [-1, 3, 100])
def test_what_could_never_pass_is_refused(weight: int) -> None:
    meter = Meter(Rate(20, per=10))
    with pytest.raises(ArgumentError, match=f"weight {weight} .* burst is 2"):
        meter.wait(weight, 0.0)


@pytest.mark.parametrize("rate", [Rate(20, per=10), Rate(5)])
def test_what_weighs_nothing_always_passes(rate: Rate) -> None:
    meter = Meter(rate)
    meter.take(rate.at_once, 0.0)
    assert meter.wait(0, 0.0) == 0.0
    assert meter.wait(1, 0.0) > 0.0


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1.5}, "limit"),
        ({"limit": "20"}, "limit"),
        ({"limit": True}, "limit"),
        ({"limit": 5, "per": 0}, "per"),
        ({"limit": 5, "per": float("nan")}, "per"),
        ({"limit": 5, "per": float("inf")}, "per"),
        ({"limit": 5, "burst": 0}, "burst"),
        ({"limit": 5, "burst": 6}, "burst"),
        ({"limit": 5, "burst": 2.0}, "burst"),
        ({"limit": 5, "key": "tenant"}, "key"),
    ],
)
def test_a_rate_out_of_range_is_refused_by_name(wrong: dict[str, Any], name: str) -> None:
    with pytest.raises(ArgumentError, match=name):
        Rate(**wrong)
