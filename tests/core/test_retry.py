from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.policy.decision import Stop, Wait
from twofold.core.policy.retry import Retry
from twofold.core.request import Safety
from twofold.errors import (
    ArgumentError,
    CredentialsError,
    Effect,
    NotFoundError,
    RetryLaterError,
    ServerError,
    Try,
    TwofoldError,
)

ONE_TRY = (Try(1, None, 0.0, ""),)

lost = ServerError("lost", effect=Effect.UNKNOWN, transient=True)
refused = ServerError("no connection", effect=Effect.NONE, transient=True)
broken = ServerError("500", status=500, effect=Effect.UNKNOWN)
throttled = RetryLaterError("429", status=429, effect=Effect.NONE, transient=True)


def longest(low: float, high: float) -> float:
    return high


def tries(count: int) -> list[Try]:
    return [Try(number + 1, None, 0.0, "") for number in range(count)]


@pytest.mark.parametrize("safety", [Safety.SAFE, Safety.REPEATABLE])
def test_a_lost_answer_is_asked_for_again_where_twice_is_as_good_as_once(safety: Safety) -> None:
    assert isinstance(Retry().after(lost, safety, ONE_TRY, 0.0), Wait)


def test_a_lost_answer_of_a_write_that_counts_is_never_asked_for_again() -> None:
    """Invariant 2.2"""
    assert isinstance(Retry().after(lost, Safety.ONCE, ONE_TRY, 0.0), Stop)


@pytest.mark.parametrize("error", [refused, throttled])
def test_a_write_is_sent_again_if_the_server_did_nothing(error: TwofoldError) -> None:
    assert isinstance(Retry().after(error, Safety.ONCE, ONE_TRY, 0.0), Wait)


@pytest.mark.parametrize("error", [NotFoundError("gone"), CredentialsError("who?"), broken])
def test_what_would_fail_again_is_not_tried_again(error: TwofoldError) -> None:
    assert isinstance(Retry().after(error, Safety.SAFE, ONE_TRY, 0.0), Stop)


def test_a_status_can_be_declared_worth_another_try() -> None:
    retry = Retry(statuses={500})
    assert isinstance(retry.after(broken, Safety.SAFE, ONE_TRY, 0.0), Wait)
    assert isinstance(retry.after(broken, Safety.ONCE, ONE_TRY, 0.0), Stop)


@given(attempts=st.integers(1, 8), made=st.integers(1, 20))
def test_never_more_attempts_than_allowed(attempts: int, made: int) -> None:
    """Invariant 2.1"""
    decision = Retry(attempts=attempts).after(lost, Safety.SAFE, tries(made), 0.0)
    assert isinstance(decision, Wait) == (made < attempts)


@given(
    made=st.integers(1, 500),
    base=st.floats(0.001, 10),
    cap=st.floats(0.001, 100),
    now=st.floats(0, 1e6),
    at=st.floats(0, 1),
)
def test_a_pause_lies_between_nothing_and_the_cap(
    made: int, base: float, cap: float, now: float, at: float
) -> None:
    """Invariant 2.3"""
    retry = Retry(
        attempts=1000, base=base, cap=cap, uniform=lambda low, high: low + at * (high - low)
    )
    pause = retry.pause(lost, made - 1)
    assert 0 <= pause <= cap
    assert pause <= base * 2.0 ** min(made - 1, 1000)


def test_pauses_at_the_cap_are_spread() -> None:
    """Invariant 2.3: of ten thousand callers no two come back at once, and each tenth its share."""
    retry = Retry(attempts=100)
    pauses = [retry.pause(lost, 50) for _ in range(10_000)]
    assert len(set(pauses)) > 9_990
    tenths = Counter(int(pause / retry.cap * 10) for pause in pauses)
    assert all(700 < tenths[tenth] < 1300 for tenth in range(10))


def test_those_who_were_told_one_moment_do_not_come_back_at_it_together() -> None:
    """Invariant 2.3: a hint is an atom too, if nothing is added."""
    error = RetryLaterError("later", effect=Effect.NONE, transient=True, after=30.0)
    pauses = [Retry().pause(error, 0) for _ in range(10_000)]
    assert len(set(pauses)) > 9_990
    tenths = Counter(int((pause - 30) * 10) for pause in pauses)
    assert all(700 < tenths[tenth] < 1300 for tenth in range(10))


@given(hint=st.floats(0, 60), made=st.integers(0, 5))
def test_a_hint_is_waited_for_and_exceeded_by_a_tenth_or_a_second_at_most(
    hint: float, made: int
) -> None:
    """Invariant 2.3"""
    error = RetryLaterError("later", effect=Effect.NONE, transient=True, after=hint)
    retry = Retry(attempts=10)
    pause = retry.pause(error, made)
    assert pause >= hint
    assert pause <= max(hint, min(retry.cap, retry.throttle_base * 2**made)) + min(1.0, 0.1 * hint)


def test_a_hint_beyond_patience_ends_the_call_at_once() -> None:
    error = RetryLaterError("later", effect=Effect.NONE, transient=True, after=3600.0)
    assert isinstance(Retry().after(error, Safety.SAFE, ONE_TRY, 0.0), Stop)


def test_throttling_pauses_longer_than_an_accident() -> None:
    retry = Retry(uniform=longest)
    assert retry.after(throttled, Safety.SAFE, ONE_TRY, 10.0) == Wait(11.0)
    assert retry.after(lost, Safety.SAFE, ONE_TRY, 10.0) == Wait(10.1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attempts", 0),
        ("attempts", True),
        ("base", -1.0),
        ("cap", float("nan")),
        ("cap", "1"),
        ("budget", 0.1),
    ],
)
def test_an_option_out_of_range_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(ArgumentError, match=name):
        Retry(**{name: value})
