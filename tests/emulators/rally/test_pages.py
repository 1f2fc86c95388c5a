"""Paging, order and scope."""

from __future__ import annotations

from typing import Any

import pytest
from emulators.rally.desk import Desk
from hypothesis import given
from hypothesis import strategies as st

STORY = "/hierarchicalrequirement"
STEADY = Desk(tickets=350, unstable_ties=False)
SHIFTY = Desk(tickets=350, unstable_ties=True)


def pages(desk: Desk, size: int, **parameters: Any) -> list[str]:
    """Read page after page until the total is reached."""
    found: list[str] = []
    start = 1
    while True:
        page = desk.query(STORY, start=start, pagesize=size, **parameters)
        assert page["PageSize"] == size
        assert page["StartIndex"] == start
        found += [row["FormattedID"] for row in page["Results"]]
        start += size
        if start > page["TotalResultCount"]:
            return found


@given(
    st.integers(1, 230),
    st.sampled_from(["ObjectID", "Name,ObjectID DESC", "Rank", "Owner,FormattedID"]),
)
def test_pages_in_a_unique_order_join_to_the_whole(size: int, order: str) -> None:
    joined = pages(SHIFTY, size, order=order)
    assert len(joined) == 200
    assert len(set(joined)) == 200
    assert joined == SHIFTY.ids(STORY, order=order)


@pytest.mark.parametrize("order", ["", "ScheduleState", "Project.Name DESC"])
def test_an_order_that_is_not_unique_shifts_between_pages(order: str) -> None:
    joined = pages(SHIFTY, 30, order=order)
    assert len(joined) == 200
    assert len(set(joined)) < 200
    assert joined == pages(SHIFTY, 30, order=order)
    assert len(set(pages(STEADY, 30, order=order))) == 200


def test_a_shift_never_breaks_the_order_itself() -> None:
    rows = [
        row["PlanEstimate"] or 0
        for start in range(1, 200, 20)
        for row in SHIFTY.query(
            STORY, start=start, pagesize=20, order="PlanEstimate", fetch="PlanEstimate"
        )["Results"]
    ]
    assert rows == sorted(rows)


def test_a_page_has_twenty_rows_unless_asked_and_never_more_than_two_thousand() -> None:
    default = STEADY.result("GET", STORY)
    assert (default["PageSize"], len(default["Results"]), default["StartIndex"]) == (20, 20, 1)
    large = Desk(tickets=4000).query(STORY, pagesize=5000)
    assert (large["PageSize"], len(large["Results"])) == (2000, 2000)
    assert large["TotalResultCount"] == 2286


def test_a_start_past_the_end_is_an_empty_page_with_the_right_total() -> None:
    page = STEADY.query(STORY, start=9999)
    assert (page["TotalResultCount"], page["Results"], page["StartIndex"]) == (200, [], 9999)


@pytest.mark.parametrize(
    "bad", [{"pagesize": 0}, {"pagesize": "x"}, {"start": -1}, {"start": "1.5"}]
)
def test_a_window_that_is_none_is_an_error(bad: dict[str, Any]) -> None:
    (error,) = STEADY.query(STORY, **bad)["Errors"]
    assert error.startswith("Could not convert: ")


def sorted_by(key: str, order: str) -> tuple[list[Any], list[Any]]:
    values = [row[key] for row in STEADY.rows(STORY, order=order, fetch=key)]
    return values, sorted(values, key=lambda value: (value is not None, value))


def test_order_follows_keys_directions_and_kinds() -> None:
    assert STEADY.ids(STORY, order="FormattedID DESC") == [f"US{n}" for n in range(200, 0, -1)]
    points, expected = sorted_by("PlanEstimate", "PlanEstimate ASC")
    assert points == expected
    states = [
        row["ScheduleState"]
        for row in STEADY.rows(STORY, order="ScheduleState", fetch="ScheduleState")
    ]
    position = ["Idea", "Defined", "In-Progress", "Completed", "Accepted"].index
    assert states == sorted(states, key=position)
    assert STEADY.ids(STORY, order="Rank") == STEADY.ids(STORY, order="DragAndDropRank sideways")
    two = STEADY.rows(STORY, order="Project.Name desc, FormattedID", fetch="Project,FormattedID")
    keys = [(row["Project"]["_refObjectName"], -int(row["FormattedID"][2:])) for row in two]
    assert keys == sorted(keys, reverse=True)


@pytest.mark.parametrize("field", ["Nope", "Owner.Nope", "Tags.Name"])
def test_an_unknown_order_is_an_error(field: str) -> None:
    expected = f"Cannot sort using unknown attribute {field}"
    assert STEADY.errors(STORY, order=f"Name,{field} DESC") == [expected]


def project(name: str) -> str:
    return str(STEADY.rows("/project", f'(Name = "{name}")')[0]["_ref"])


@pytest.mark.parametrize(
    ("up", "down", "names"),
    [
        (False, False, {"Commerce"}),
        (False, True, {"Commerce", "Checkout", "Ledger & Billing"}),
        (True, False, {"Commerce", "Meridian Platform"}),
        (True, True, {"Commerce", "Checkout", "Ledger & Billing", "Meridian Platform"}),
    ],
)
def test_scope_reaches_up_and_down_and_never_aside(up: bool, down: bool, names: set[str]) -> None:
    scope = {"projectScopeUp": str(up).lower(), "projectScopeDown": str(down).lower()}
    rows = STEADY.rows(STORY, project=project("Commerce"), fetch="Project", **scope)
    assert {row["Project"]["_refObjectName"] for row in rows} == names


def test_no_project_means_the_default_one_and_null_the_whole_workspace() -> None:
    oid = project("Meridian Platform").rsplit("/", 1)[1]
    root_only = STEADY.ids(STORY, project=oid, projectScopeDown="false")
    assert root_only == STEADY.ids(STORY, projectScopeDown="false")
    assert 0 < len(root_only) < 200
    for whole in ("null", ""):
        assert len(STEADY.ids(STORY, project=whole, projectScopeDown="false")) == 200


@pytest.mark.parametrize("name", ["project", "workspace"])
def test_a_scope_that_is_no_reference_is_an_error(name: str) -> None:
    (error,) = STEADY.query(STORY, **{name: "/user/1"})["Errors"]
    assert error == 'Could not convert: Cannot parse object reference from "/user/1"'


def test_a_change_is_seen_by_the_next_page() -> None:
    desk = Desk(tickets=14)
    before = desk.ids(STORY, "(Name = Changed)")
    oid = desk.oid(STORY, "US2")
    desk.update("hierarchicalrequirement", oid, {"Name": "Changed"})
    assert before == []
    assert desk.ids(STORY, "(Name = Changed)") == ["US2"]
