from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.policy.hedge import Hedge, Hedging, Race, as_hedging
from twofold.errors import ArgumentError, ServerError


def test_nothing_is_known_before_there_are_enough_answers() -> None:
    hedging = Hedging(Hedge(samples=3))
    for seconds in (1.0, 2.0):
        hedging.note("look", seconds)
    assert hedging.delay("look", 0.0) is None
    hedging.note("look", 3.0)
    assert hedging.delay("look", 0.0) == 3.0
    assert hedging.delay("put", 0.0) is None


def test_a_copy_waits_for_the_quantile_of_the_last_answers_and_no_less_than_the_least() -> None:
    hedging = Hedging(Hedge(least=0.5))
    for hundredth in range(1, 101):
        hedging.note("look", hundredth / 100)
        hedging.note("glance", hundredth / 1000)
    assert hedging.delay("look", 0.0) == 0.95
    assert hedging.delay("glance", 0.0) == 0.5


def test_the_delay_is_refreshed_every_three_seconds_and_when_the_clock_goes_back() -> None:
    hedging = Hedging(Hedge(least=0.0, samples=1, quantile=1.0))
    hedging.note("look", 1.0)
    assert hedging.delay("look", 10.0) == 1.0
    hedging.note("look", 2.0)
    assert hedging.delay("look", 12.9) == 1.0
    assert hedging.delay("look", 13.0) == 2.0
    hedging.note("look", 3.0)
    assert hedging.delay("look", 5.0) == 3.0


@given(st.lists(st.floats(0, 100), min_size=1, max_size=300), st.floats(0.01, 1))
def test_so_many_answers_as_the_quantile_says_take_no_longer_than_the_delay(
    seconds: list[float], quantile: float
) -> None:
    hedging = Hedging(Hedge(least=0.0, samples=1, quantile=quantile))
    for each in seconds:
        hedging.note("look", each)
    delay = hedging.delay("look", 0.0)
    assert delay is not None
    assert sum(each <= delay for each in seconds) >= quantile * len(seconds) - 1e-9
    assert sum(each < delay for each in seconds) < quantile * len(seconds) + 1e-9


def test_only_the_last_thousand_answers_count() -> None:
    hedging = Hedging(Hedge(least=0.0))
    for _ in range(5000):
        hedging.note("look", 9.0)
    for _ in range(1000):
        hedging.note("look", 1.0)
    assert hedging.delay("look", 0.0) == 1.0


def test_that_no_hedge_is_possible_is_news_once() -> None:
    hedging = Hedging(Hedge())
    assert [hedging.is_news() for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("least", -1),
        ("least", math.nan),
        ("quantile", 0),
        ("quantile", 1.5),
        ("quantile", "0.9"),
        ("samples", 0),
        ("samples", 1001),
        ("samples", 1.5),
    ],
)
def test_an_option_out_of_range_is_refused_by_its_name(name: str, value: object) -> None:
    with pytest.raises(ArgumentError, match=name):
        Hedge(**{name: value})  # type: ignore[arg-type]  # what a caller may do all the same


def test_what_is_no_hedge_is_refused_by_name() -> None:
    with pytest.raises(ArgumentError, match="hedge"):
        as_hedging(0.5)  # type: ignore[arg-type]  # what a caller may do all the same


def test_the_first_answer_wins_and_the_second_is_dropped() -> None:
    """Invariant 7.4: even if both come before anybody looks."""
    race = Race[str]()
    assert race.join()
    race.answer("copy", "b", 2.0)
    race.answer("first", "a", 5.0)
    assert race.won is not None
    assert (race.won.who, race.won.answer, race.won.seconds) == ("copy", "b", 2.0)


def test_an_error_of_one_does_not_end_the_other() -> None:
    race = Race[str]()
    assert race.join()
    race.give_up(ServerError("lost"))
    assert not race.is_over
    race.answer("copy", "b", 2.0)
    assert race.is_over


def test_a_copy_that_comes_too_late_does_not_run() -> None:
    failed, answered = Race[str](), Race[str]()
    failed.give_up(ServerError("lost"))
    answered.answer("first", "a", 1.0)
    assert not failed.join()
    assert not answered.join()


def test_if_both_fail_the_error_is_that_of_the_request_itself() -> None:
    race, lost = Race[str](), ServerError("lost")
    assert race.join()
    race.give_up()
    assert not race.is_over
    race.give_up(lost)
    assert race.is_over
    assert race.error() is lost
