from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.outcome import MOST_NAMED, BatchResult, Failure, Outcome, Success, noted


def result_of(*failing: int, size: int) -> BatchResult[str, int]:
    return BatchResult(
        tuple(
            Failure(index, f"item {index}", ValueError(f"no {index}"))
            if index in failing
            else Success(index, f"item {index}", index * index)
            for index in range(size)
        )
    )


def test_a_success_has_a_value_and_no_error() -> None:
    success = Success(3, "item", 9)
    assert success.is_success
    assert success.error is None
    assert success.unwrap() == success.value == 9


def test_a_failure_raises_its_error_as_it_is() -> None:
    error = ValueError("no")
    failure = Failure(3, "item", error)
    assert not failure.is_success
    with pytest.raises(ValueError, match="no") as caught:
        failure.unwrap()
    assert caught.value is error


def test_both_are_told_apart_by_match() -> None:
    def told(outcome: Outcome[str, int]) -> str:
        match outcome:
            case Success(index, item, value):
                return f"{index} {item} {value}"
            case Failure(index, item, error):
                return f"{index} {item} {error}"

    assert [told(outcome) for outcome in result_of(1, size=2)] == ["0 item 0 0", "1 item 1 no 1"]


def test_outcomes_are_values() -> None:
    assert Success(0, "a", 1) == Success(0, "a", 1) != Success(0, "a", 2)
    with pytest.raises(AttributeError):
        Success(0, "a", 1).value = 2  # type: ignore[misc]  # that it is refused is the test


@given(st.lists(st.booleans(), max_size=30))
def test_a_result_keeps_the_order_and_loses_nothing(good: list[bool]) -> None:
    failing = [index for index, is_good in enumerate(good) if not is_good]
    result = result_of(*failing, size=len(good))
    assert len(result) == len(good)
    assert [outcome.index for outcome in result] == list(range(len(good)))
    assert [failure.index for failure in result.failed] == failing
    both: list[Outcome[Any, Any]] = [*result.succeeded, *result.failed]
    assert sorted(both, key=lambda one: one.index) == list(result)


def test_a_result_is_a_sequence() -> None:
    result = result_of(1, size=4)
    assert result[-1] == Success(3, "item 3", 9)
    assert result[2:] == BatchResult((Success(2, "item 2", 4), Success(3, "item 3", 9)))
    assert result[0] in result
    assert not BatchResult[int, int]()


def test_values_come_in_the_order_of_the_items() -> None:
    assert result_of(size=4).values() == [0, 1, 4, 9]


def test_values_raise_the_first_failure_and_name_the_others() -> None:
    result = result_of(1, 3, size=4)
    for _ in range(2):  # asking again adds no notes
        with pytest.raises(ValueError, match="no 1") as caught:
            result.values()
        assert caught.value is result.failed[0].error
    assert caught.value.__notes__ == [
        "this was item 1 of the batch",
        "item 3 failed too: ValueError('no 3')",
    ]


def test_notes_stay_few() -> None:
    first, *others = result_of(*range(100), size=100).failed
    notes = noted(first, others).__notes__
    assert len(notes) == MOST_NAMED + 2
    assert notes[-1] == f"{99 - MOST_NAMED} more items failed"


def test_the_repr_says_how_it_went() -> None:
    assert repr(result_of(size=4)) == "<BatchResult 4 succeeded, 0 failed>"
    assert repr(result_of(1, size=4)) == (
        "<BatchResult 3 succeeded, 1 failed, 1: ValueError('no 1')>"
    )
    assert repr(result_of(*range(9), size=9)).endswith("2: ValueError('no 2'), ...>")
