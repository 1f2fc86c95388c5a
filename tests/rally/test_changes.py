"""What an update writes to one ticket, as far as it can be shown without asking."""

from __future__ import annotations

from decimal import Decimal

import pytest

from twofold.errors import ArgumentError
from twofold.rally.changes import plainly
from twofold.rally.drafts import draft, sized, stated
from twofold.rally.ids import Located
from twofold.rally.kinds import DEFECT, FEATURE, STORY, TASK, TEST_CASE
from twofold.rally.sought import STATE, Sought


def test_a_change_is_written_where_the_kind_keeps_it() -> None:
    change = plainly(stated("Completed", None))
    assert change(Located(STORY, 1)) == {"ScheduleState": "Completed"}
    assert change(Located(TASK, 1)) == {"State": "Completed"}
    assert change(Located(FEATURE, 1)) == {"State": Sought(STATE, "Completed")}
    assert plainly(sized(0.1, None))(Located(DEFECT, 1)) == {"PlanEstimate": Decimal("0.1")}


def test_several_fields_are_one_change() -> None:
    change = plainly(draft({"state": "Open", "severity": "Cosmetic", "points": 2}))
    sent = {"State": "Open", "Severity": "Cosmetic", "PlanEstimate": 2}
    assert change(Located(DEFECT, 1)) == sent


def test_what_a_kind_has_not_is_refused_for_that_ticket() -> None:
    change = plainly(draft({"severity": "Cosmetic"}))
    assert change(Located(DEFECT, 1)) == {"Severity": "Cosmetic"}
    for kind in (STORY, TASK, TEST_CASE):
        with pytest.raises(ArgumentError, match=f"a {kind.name} has no severity"):
            change(Located(kind, 1))
