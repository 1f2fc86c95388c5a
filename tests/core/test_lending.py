"""The count of a shared rate as a store keeps it, and the tokens as a process has them in hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.policy.lease import Claim, Share, Tokens
from twofold.core.policy.lending import lend
from twofold.core.policy.rate import Rate
from twofold.core.policy.shared_meter import REST, SHORT_REST, SharedMeter

SHARE = Share("here", "https://api.example me")


def claimed(rate: Rate, weight: int = 1, more: int = 0, *, again: bool = False) -> Claim:
    return Claim("x", rate.limit, rate.per, rate.at_once, weight, more, again)


def meter_of(rate: Rate) -> SharedMeter:
    return SharedMeter(rate, SHARE)


@st.composite
def rates(draw: st.DrawFn) -> Rate:
    limit = draw(st.integers(1, 40))
    per = draw(st.sampled_from([0.5, 1, 10, 3600]))
    return Rate(limit, per, burst=draw(st.none() | st.integers(1, limit)))


@given(
    rate=rates(),
    asks=st.lists(st.tuples(st.floats(0, 1.2), st.floats(0, 1), st.integers(0, 20)), max_size=40),
    late=st.lists(st.floats(0, 1), min_size=1, max_size=7),
)
def test_whenever_leased_tokens_are_used_no_window_sees_more(
    rate: Rate, asks: Sequence[tuple[float, float, int]], late: Sequence[float]
) -> None:
    """Invariant 4.1: each token at any moment of its hold."""
    written, now, used = None, 100.0, list[tuple[float, int]]()
    for number, (gap, share, more) in enumerate(asks):
        now += gap * rate.per
        claim = claimed(rate, max(1, round(share * rate.at_once)), more)
        written, tokens = lend(written, claim, now)
        for place, (delay, amount) in enumerate(tokens.parts):
            lateness = late[(number + place) % len(late)] * claim.hold
            used.append((now + delay + lateness, amount))
    used.sort()
    for begin, (first, _) in enumerate(used):
        gone = 0
        for at, amount in used[begin:]:
            gone += amount
            if at < first + rate.per - 1e-6:
                assert gone <= rate.limit
            if rate.interval:
                assert gone <= rate.at_once + (at - first) / rate.interval + 1e-3


@given(rate=rates(), asks=st.lists(st.integers(0, 30), min_size=1, max_size=30))
def test_what_is_asked_for_in_turn_is_served_in_turn(rate: Rate, asks: Sequence[int]) -> None:
    """Invariant 4.2: by whichever processes."""
    written, ripe = None, -math.inf
    for more in asks:
        written, tokens = lend(written, claimed(rate, 1, more), 0.0)
        for delay, _ in tokens.parts:
            assert delay >= ripe
            ripe = delay
        assert bool(tokens.parts) != bool(tokens.after)


@pytest.mark.parametrize(
    ("rate", "share"), [(Rate(600, 60), 1.0), (Rate(20, 10), 1.0), (Rate(5), 1 / 1.05)]
)
def test_the_whole_rate_is_there_for_those_who_want_it(rate: Rate, share: float) -> None:
    """Invariant 4.5: a lease takes nothing from it but the wait that it allows for."""
    written, now, used = None, 0.0, 0
    while now < 50 * rate.per:
        written, tokens = lend(written, claimed(rate, 1, 100), now)
        used += sum(amount for _, amount in tokens.parts)
        now += tokens.parts[-1][0] if tokens.parts else tokens.after
    limit = (rate.per / rate.interval if rate.interval else rate.limit) * share
    assert used >= 0.98 * 50 * limit


def test_nobody_is_promised_what_is_too_far_ahead() -> None:
    """One who dies with a promise costs no more than that."""
    rate, written = Rate(20, per=10), None
    while True:
        written, tokens = lend(written, claimed(rate), 0.0)
        if not tokens.parts:
            break
        assert tokens.parts[0][0] <= claimed(rate).lead
    assert tokens.after > 0
    _, tokens = lend(written, claimed(rate), tokens.after + 1e-6)
    assert tokens.parts


@pytest.mark.parametrize("rate", [Rate(20, per=10), Rate(5)])
@pytest.mark.parametrize("back", [0.01, 1.0, 60.0, 1e6])
def test_a_clock_that_was_set_back_frees_nothing_and_stops_nothing(rate: Rate, back: float) -> None:
    claim = claimed(rate, 1, 100)
    written, before = lend(None, claim, 1e6)
    _, after = lend(written, claim, 1e6 - back)
    wait = after.parts[0][0] if after.parts else after.after
    assert wait >= rate.per / rate.limit * 0.5
    assert wait <= 2 * claim.lead + claim.hold + 1.0
    assert before.parts[0][0] == 0.0


def test_a_count_that_is_gone_was_used_up_for_one_who_knows_that_there_was_one() -> None:
    rate = Rate(20, per=10)
    assert lend(None, claimed(rate), 5.0)[1].parts == ((0.0, 1),)
    ((wait, _),) = lend(None, claimed(rate, again=True), 5.0)[1].parts
    assert wait == pytest.approx(rate.interval, rel=0.01)


def test_a_log_is_no_longer_than_what_it_counts() -> None:
    rate, now, written = Rate(5), 0.0, None
    for _ in range(200):
        written, tokens = lend(written, claimed(rate, 1, 9), now)
        now += max(delay for delay, _ in tokens.parts) if tokens.parts else tokens.after
        assert len(written.went) <= 10


def test_while_the_server_wants_nothing_nobody_is_given_anything() -> None:
    """Invariant 4.6, across processes."""
    rate = Rate(20, per=10)
    told = attrs.evolve(claimed(rate), closed=5.0)
    written, tokens = lend(None, told, 100.0)
    assert tokens == Tokens((), closed=5.0)
    written, tokens = lend(written, claimed(rate), 103.0)
    assert tokens == Tokens((), closed=2.0)
    written, tokens = lend(written, attrs.evolve(told, closed=1.0), 103.0)
    assert tokens.closed == 2.0, "a shorter hint opens nothing"
    written, tokens = lend(written, attrs.evolve(told, closed=9.0), 103.0)
    assert tokens.closed == 9.0
    assert lend(written, claimed(rate), 112.0)[1].parts == ((0.0, 1),)
    _, tokens = lend(written, claimed(rate), 1.0)
    assert tokens.closed == 9.0, "the machine was started anew: from now on, and no longer"


# What one process has in hand

RATE = Rate(600, per=60)
HOLD = claimed(RATE).hold


def leased(meter: SharedMeter, parts: Sequence[tuple[float, int]], now: float = 0.0) -> None:
    meter.asker = meter
    assert meter.receive(Tokens(tuple(parts)), now, now)


def test_with_nothing_in_hand_somebody_is_to_ask() -> None:
    meter = meter_of(RATE)
    assert meter.wait(1, 0.0) == math.inf
    assert meter.lacks(0.0)
    meter.asker = meter
    assert not meter.lacks(0.0)


def test_tokens_are_used_when_they_are_ripe_and_never_after_their_time() -> None:
    meter = meter_of(RATE)
    leased(meter, [(0.0, 1), (1.0, 1)])
    assert meter.wait(1, 0.0) == 0.0
    meter.take(1, 0.0)
    assert meter.wait(1, 0.0) == pytest.approx(1.0, abs=1e-5)
    assert meter.wait(1, 1.0 + HOLD - 0.01) == 0.0
    assert meter.wait(1, 1.0 + HOLD) == math.inf


def test_the_way_to_the_store_shortens_the_time_of_a_token_at_both_ends() -> None:
    meter = meter_of(RATE)
    assert meter.receive(Tokens(((0.5, 1),)), asked=10.0, now=10.4)
    assert meter.wait(1, 10.4) == pytest.approx(0.5, abs=1e-5)
    assert meter.wait(1, 10.5 + HOLD) == math.inf


def test_tokens_that_come_too_late_are_of_no_use() -> None:
    meter = meter_of(RATE)
    assert not meter.receive(Tokens(((0.0, 3),)), asked=10.0, now=10.0 + HOLD)
    assert meter.wait(1, 10.0 + HOLD) == math.inf


def test_a_heavy_one_takes_tokens_of_several_leases_if_they_meet() -> None:
    meter = meter_of(RATE)
    leased(meter, [(0.0, 2), (0.1, 3)])
    assert meter.wait(5, 0.0) == pytest.approx(0.1, abs=1e-5)
    meter.take(5, 0.2)
    assert meter.wait(1, 0.2) == math.inf
    leased(meter, [(0.0, 2), (HOLD + 1, 3)], 1.0)
    assert meter.wait(5, 1.0) == math.inf, "what is there first will be gone"
    leased(meter, [(HOLD + 1, 5)], 1.0)
    assert meter.wait(5, 1.0) == pytest.approx(HOLD + 1, abs=1e-5)


def test_what_is_given_back_is_good_as_long_as_it_was() -> None:
    """Invariant 4.3."""
    meter = meter_of(RATE)
    leased(meter, [(0.0, 2)])
    meter.wait(1, 0.1)
    until = meter.take(1, 0.1)
    meter.take(1, 0.1)
    meter.give_back(1, until)
    assert meter.wait(1, HOLD - 0.01) == 0.0
    assert meter.wait(1, HOLD) == math.inf
    meter.give_back(1, until)
    assert meter.wait(1, HOLD) == math.inf


def test_no_more_is_asked_for_than_can_be_used() -> None:
    meter = meter_of(RATE)
    assert meter.claim(1, 0, math.inf, 0.0).more == 0
    assert meter.claim(1, 7, math.inf, 0.0).more == 7
    assert meter.claim(1, 7, 2, 0.0).more == 2
    leased(meter, [(0.0, 9)])
    for _ in range(9):
        meter.take(1, 0.0)
    assert meter.claim(1, 100, 0, 0.1).more == 18, "all was used: twice as many"
    assert meter.claim(1, 0, 10, HOLD).more == 9, "nobody waits: as many as went"
    leased(meter, [(0.0, 9)])
    meter.take(1, 0.0)
    assert meter.wait(1, HOLD) == math.inf
    assert meter.claim(1, 100, 0, HOLD).more == 1, "most was lost: as many as were used"


def test_a_claim_says_whose_rate_it_is_and_nothing_else() -> None:
    claim = SharedMeter(RATE, SHARE, "search").claim(1, 0, 0, 0.0)
    assert claim.name == "https://api.example me 600/60/60 search"
    assert not claim.again


@pytest.mark.parametrize(("passes", "rest"), [(True, SHORT_REST), (False, REST)])
def test_without_a_store_a_part_of_the_rate_is_kept_to(passes: bool, rest: float) -> None:
    meter, now, went = meter_of(Rate(40, per=1, burst=4, alone=0.5)), 0.0, 0
    meter.fail(now, passes=passes)
    while (wait := meter.wait(1, now)) < math.inf:
        if wait:
            now += wait
        else:
            meter.take(1, now)
            went += 1
    assert now == pytest.approx(rest, abs=0.01)
    assert went == pytest.approx(2 + rest * 18, abs=2)
    assert meter.lacks(now)


def test_without_a_store_nobody_goes_if_that_is_wished() -> None:
    meter = meter_of(Rate(40, alone=0))
    leased(meter, [(0.0, 1)])
    meter.fail(0.0, passes=False)
    assert meter.refused_until(1, 0.0) is None, "what is in hand is good"
    meter.take(1, 0.0)
    assert meter.refused_until(1, 0.0) == REST
    assert meter.wait(1, 0.0) == pytest.approx(REST, abs=1e-5)
    assert meter.refused_until(1, REST) is None


def test_a_small_rate_alone_is_spread() -> None:
    meter = meter_of(Rate(2, per=10, alone=0.25))
    meter.fail(0.0, passes=False)
    assert meter.wait(2, 0.0) < math.inf
    meter.take(1, 0.0)
    assert meter.wait(1, 0.0) == pytest.approx(REST, abs=1e-5), "it asks the store again first"


def test_a_forked_child_has_nothing_in_hand() -> None:
    """Invariant 4.1: those are its parent's, and would be used twice."""
    meter = meter_of(RATE)
    leased(meter, [(0.0, 9)])
    meter.asker = meter
    meter.renew()
    assert meter.wait(1, 0.0) == math.inf
    assert meter.lacks(0.0)


def test_a_clock_of_ours_that_is_set_back_frees_nothing_and_stops_nothing() -> None:
    meter = meter_of(RATE)
    leased(meter, [(0.0, 9)], 1000.0)
    meter.fail(1000.0, passes=False)
    assert meter.wait(60, 1000.0) < math.inf
    assert meter.wait(60, 10.0) == math.inf
    assert meter.lacks(10.0)
