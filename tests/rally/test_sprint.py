from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from twofold.errors import ArgumentError
from twofold.rally.models import Defect, Story, Task
from twofold.rally.records import Iteration
from twofold.rally.sprint import summary
from twofold.rally.timeboxes import during, planned_into


def test_a_sprint_is_added_up_by_type_and_state() -> None:
    known: dict[str, Any] = {"object_id": 1, "formatted_id": "X1", "name": ""}
    found = summary(
        "Sprint 1",
        [
            Story(ref="/s/1", schedule_state="Accepted", plan_estimate=Decimal("0.5"), **known),
            Story(ref="/s/2", schedule_state="Defined", plan_estimate=None, blocked=True, **known),
            Defect(ref="/d/1", schedule_state="Released", plan_estimate=Decimal(3), **known),
            Task(ref="/t/1", estimate=Decimal(8), to_do=Decimal("2.5"), actuals=None, **known),
        ],
    )
    assert found.tickets == {"story": 2, "defect": 1, "task": 1}
    assert found.by_state == {"Accepted": 1, "Defined": 1, "Released": 1}
    assert found.points_by_state == {"Accepted": Decimal("0.5"), "Defined": 0, "Released": 3}
    assert (found.points, found.accepted_points) == (Decimal("3.5"), Decimal("3.5"))
    assert (found.estimate, found.to_do) == (Decimal(8), Decimal("2.5"))
    assert found.actuals == Decimal(0)
    assert found.blocked == 1


def test_an_empty_sprint_is_nothing() -> None:
    assert summary("x", []).points == 0
    assert summary("x", []).tickets == {}


@pytest.mark.parametrize("iteration", ["", " ", Iteration(ref="/iteration/1", object_id=1)])
def test_an_iteration_without_a_name_is_none(iteration: Iteration | str) -> None:
    with pytest.raises(ArgumentError):
        planned_into(iteration)


def test_a_time_that_is_none_is_refused() -> None:
    wrong: Any = "yesterday"
    with pytest.raises(ArgumentError, match="yesterday"):
        during(wrong, "StartDate", "EndDate")


def test_every_timebox_is_past_current_or_future() -> None:
    assert [str(during(when, "A", "B")) for when in ("past", "current", "future")] == [
        "(B < today)",
        "((A <= today) AND (B >= today))",
        "(A > today)",
    ]
    assert during(None, "A", "B") is None
