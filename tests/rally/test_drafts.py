"""What is to be written: fields under all their names, refused as early as they can be."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from twofold.errors import ArgumentError
from twofold.rally.drafts import draft, new, sized, stated
from twofold.rally.ids import Named, Numbered
from twofold.rally.kinds import DEFECT, FEATURE, STORY, TASK, TEST_CASE, Kind
from twofold.rally.models import Reference
from twofold.rally.pointing import Several, pointed, tag
from twofold.rally.records import Iteration, Tag, User
from twofold.rally.sought import FLOW_STATE, ITERATION, STATE, TAG, USER, Sought

PROJECT = Reference(ref="/project/5")
SPRINT = Iteration(
    ref="/iteration/7",
    object_id=7,
    name="Sprint 7",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    end_date=datetime(2026, 1, 14, tzinfo=UTC),
    project=PROJECT,
)


@pytest.mark.parametrize(
    ("kind", "given", "sent"),
    [
        (STORY, {"plan_estimate": 3}, {"PlanEstimate": 3}),
        (STORY, {"PlanEstimate": 3}, {"PlanEstimate": 3}),
        (STORY, {"points": 3}, {"PlanEstimate": 3}),
        (STORY, {"points": None}, {"PlanEstimate": None}),
        (TASK, {"points": "2.5"}, {"Estimate": Decimal("2.5")}),
        (FEATURE, {"points": 8}, {"RefinedEstimate": 8}),
        (STORY, {"state": "Defined"}, {"ScheduleState": "Defined"}),
        (DEFECT, {"state": "Open"}, {"State": "Open"}),
        (DEFECT, {"defect_state": "Open", "schedule_state": "Defined"},
         {"State": "Open", "ScheduleState": "Defined"}),
        (TASK, {"task_state": "Defined", "to_do": 1}, {"State": "Defined", "ToDo": 1}),
        (STORY, {"c_BusinessValue": 7}, {"c_BusinessValue": 7}),
        (STORY, {"BlockedReason": "vendor", "blocked": True},
         {"BlockedReason": "vendor", "Blocked": True}),
        (STORY, {"owner": "me"}, {"Owner": Sought(USER, "me")}),
        (STORY, {"Owner": " Robin Hale "}, {"Owner": Sought(USER, "Robin Hale")}),
        (STORY, {"owner": "/user/12"}, {"Owner": "/user/12"}),
        (STORY, {"owner": None}, {"Owner": None}),
        (STORY, {"iteration": "Sprint 7"}, {"Iteration": Sought(ITERATION, "Sprint 7")}),
        (STORY, {"flow_state": "In Review"}, {"FlowState": Sought(FLOW_STATE, "In Review")}),
        (FEATURE, {"state": "Done"}, {"State": Sought(STATE, "Done")}),
        (FEATURE, {"state": Reference(ref="/state/4")}, {"State": "/state/4"}),
        (STORY, {"feature": "F7"}, {"PortfolioItem": Named(FEATURE, "F7")}),
        (DEFECT, {"requirement": "/hierarchicalrequirement/4"},
         {"Requirement": "/hierarchicalrequirement/4"}),
        (TASK, {"work_product": 441}, {"WorkProduct": Numbered(441)}),
        (STORY, {"tags": ["a", "front/end", Tag(ref="/tag/9", object_id=9), "a"]},
         {"Tags": Several((Sought(TAG, "a"), Sought(TAG, "front/end"), "/tag/9"))}),
        (STORY, {"parent": None}, {"Parent": None, "PortfolioItem": None}),
        (DEFECT, {"parent": None}, {"Requirement": None, "PortfolioItem": None}),
    ],
)  # fmt: skip
def test_a_field_is_written_where_a_kind_keeps_it(
    kind: Kind, given: dict[str, object], sent: dict[str, object]
) -> None:
    assert draft(given).wanted(kind).fields == sent


def test_a_parent_is_kept_apart_until_its_kind_is_known() -> None:
    wanted = draft({"parent": 4417, "name": "x"}).wanted(STORY)
    assert (wanted.fields, wanted.under) == ({"Name": "x"}, Numbered(4417))
    assert draft({"parent": "F1"}).wanted(STORY).under == Named(FEATURE, "F1")


@pytest.mark.parametrize(
    "given",
    [
        {},
        [],
        None,
        "Name",
        {"a b": 1},
        {"": 1},
        {7: 1},
        {"Iteration.Name": "x"},
        {"_ref": "/task/1"},
        {"FormattedID": "US1"},
        {"LastUpdateDate": None},
        {"HasParent": True},
        {"c_Field": object()},
        {"c_Field": float("nan")},
        {"c_Field": datetime(2026, 1, 1)},  # noqa: DTZ001 - it is refused for that
        {"points": -1},
        {"points": "many"},
        {"points": True},
        {"state": ""},
        {"state": None},
        {"state": 3},
        {"owner": ""},
        {"owner": 12},
        {"owner": "/defect/12"},
        {"owner": "https://rally.example/slm/webservice/v2.0/defect/12"},
        {"owner": "con\x00trol"},
        {"owner": PROJECT},
        {"owner": SPRINT},
        {"iteration": User(ref="/user/3", object_id=3)},
        {"tags": "urgent"},
        {"tags": [None]},
        {"tags": [7]},
        {"parent": "nonsense"},
        {"parent": PROJECT},
        {"parent": "XY12"},
        {"requirement": "none"},
    ],
)
def test_what_is_wrong_for_any_ticket_is_refused_when_the_draft_is_made(given: Any) -> None:
    with pytest.raises(ArgumentError):
        draft(given)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (TASK, {"plan_estimate": 3}),
        (TASK, {"iteration": "Sprint 7"}),
        (TASK, {"release": None}),
        (TASK, {"parent": None}),
        (TASK, {"parent": "F1"}),
        (TASK, {"parent": "/testcase/7"}),
        (TEST_CASE, {"state": "Open"}),
        (TEST_CASE, {"points": 3}),
        (TEST_CASE, {"iteration": None}),
        (FEATURE, {"iteration": None}),
        (TASK, {"flow_state": "Defined"}),
        (FEATURE, {"parent": "US1"}),
        (STORY, {"severity": "Cosmetic"}),
        (STORY, {"blocked_reason": "not a field of the models"}),
        (STORY, {"created": None}),
        (STORY, {"ref": "/task/1"}),
        (STORY, {"formatted_id": "US1"}),
        (TEST_CASE, {"last_verdict": "Pass"}),
    ],
)
def test_what_a_kind_has_not_is_refused(kind: Kind, given: dict[str, object]) -> None:
    with pytest.raises(ArgumentError, match=rf"a {kind.name} |cannot be written"):
        draft(given).check(kind)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (STORY, {"plan_estimate": 3, "PlanEstimate": 3}),
        (STORY, {"points": 3, "plan_estimate": 3}),
        (DEFECT, {"state": "Open", "defect_state": "Open"}),
        (STORY, {"name": "x", "Name": "x"}),
        (STORY, {"parent": "US2", "feature": "F1"}),
        (STORY, {"Parent": "US2", "parent": None}),
        (TASK, {"parent": "US2", "work_product": "US2"}),
        (STORY, {"tags": [], "Tags": []}),
    ],
)
def test_one_field_under_two_names_is_refused_and_both_are_named(
    kind: Kind, given: dict[str, object]
) -> None:
    with pytest.raises(ArgumentError, match="one field of a") as caught:
        draft(given).check(kind)
    assert all(name in str(caught.value) for name in given)


def test_an_iteration_of_a_project_stands_for_that_of_its_name_and_days() -> None:
    days = (SPRINT.start_date, SPRINT.end_date)
    wanted = Sought(ITERATION, "Sprint 7", "/iteration/7", "/project/5", days)
    assert pointed(ITERATION, "iteration", SPRINT) == wanted
    assert pointed(ITERATION, "iteration", Reference(ref="/iteration/7")) == "/iteration/7"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("/tag/9", "/tag/9"),
        ("tag/9", "/tag/9"),
        ("https://rally.example/slm/webservice/v2.0/tag/9.js", "/tag/9"),
        ("tag/0cf5a8a2-24a5-4d2e-9c0b-0f2f5d5b6f1c", "/tag/0cf5a8a2-24a5-4d2e-9c0b-0f2f5d5b6f1c"),
        ("ops/dev", Sought(TAG, "ops/dev")),
        ("sprint/9", Sought(TAG, "sprint/9")),
        ("/etc", Sought(TAG, "/etc")),
        ("100%", Sought(TAG, "100%")),
        ('say "no"', Sought(TAG, 'say "no"')),
    ],
)
def test_a_name_may_hold_anything_and_a_ref_is_told_from_it(given: str, found: object) -> None:
    assert tag(given) == found


def test_the_field_of_a_state_or_of_a_size_can_be_named() -> None:
    assert stated("Open", None).wanted(DEFECT).fields == {"State": "Open"}
    assert stated("Run", "c_State").wanted(TEST_CASE).fields == {"c_State": "Run"}
    assert sized(0.1, "to_do").wanted(TASK).fields == {"ToDo": Decimal("0.1")}
    assert sized(None, "ToDo").wanted(TASK).fields == {"ToDo": None}
    (size,) = sized("M", "PreliminaryEstimate").wanted(FEATURE).sought()
    assert (size.type.path, size.name) == ("preliminaryestimate", "M")
    with pytest.raises(ArgumentError):
        sized("M", "to_do")
    with pytest.raises(ArgumentError):
        stated("", "FlowState")


def test_a_new_ticket_has_a_type_a_name_and_what_its_type_needs() -> None:
    made = new("user story", "x", {"points": 3})
    assert made.kind == STORY
    assert made.draft.wanted(STORY).fields == {"Name": "x", "PlanEstimate": 3}
    assert new("task", "x", {"work_product": "US1"}).kind == TASK


@pytest.mark.parametrize(
    ("type", "name", "fields"),
    [
        ("payjammas", "x", None),
        ("portfolioitem", "x", None),
        (None, "x", None),
        ("story", "", None),
        ("story", " ", None),
        ("story", None, None),
        ("story", "x", ["points"]),
        ("story", "x", {"name": "y"}),
        ("story", "x", {"Name": "y"}),
        ("story", "x", {"severity": "Cosmetic"}),
        ("task", "x", None),
        ("task", "x", {"parent": None}),
        ("task", "x", {"WorkProduct": None}),
        ("test case", "x", {"state": "Open"}),
    ],
)
def test_a_new_ticket_that_cannot_be_is_refused(type: Any, name: Any, fields: Any) -> None:
    with pytest.raises(ArgumentError):
        new(type, name, fields)
