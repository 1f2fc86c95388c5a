"""Stories that take their state and their estimate from their children, if that is switched on."""

from __future__ import annotations

from typing import Any

import pytest
from emulators.rally.desk import Desk

STORY = "/hierarchicalrequirement"
KIND = "hierarchicalrequirement"


@pytest.fixture
def desk() -> Desk:
    return Desk(tickets=70, roll_up=True)


def story(desk: Desk, **fields: Any) -> dict[str, Any]:
    made = desk.create("HierarchicalRequirement", {"Name": "x", **fields}, fetch="true")
    assert made["Errors"] == []
    row: dict[str, Any] = made["Object"]
    return row


def again(desk: Desk, row: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = desk.result("GET", f"{STORY}/{row['ObjectID']}")
    return known


def change(desk: Desk, row: dict[str, Any], **fields: Any) -> Any:
    return desk.update(KIND, row["ObjectID"], fields)


def family(desk: Desk, *states: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    parent = story(desk)
    return parent, [
        story(desk, Parent=parent["_ref"], ScheduleState=state, PlanEstimate=2) for state in states
    ]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["Defined", "Defined"], "Defined"),
        (["Defined", "In-Progress"], "In-Progress"),
        (["Defined", "Accepted"], "In-Progress"),
        (["Completed", "Accepted"], "Completed"),
        (["Accepted", "Accepted"], "Accepted"),
        (["Idea", "Defined"], "Idea"),
    ],
)
def test_a_parent_takes_state_and_estimate_from_its_children(
    desk: Desk, states: list[str], expected: str
) -> None:
    """The reference: "A story with children takes its schedule state and estimate from them"."""
    parent, _ = family(desk, *states)
    row = again(desk, parent)
    assert (row["ScheduleState"], row["PlanEstimate"]) == (expected, 2.0 * len(states))
    assert row["FlowState"]["_refObjectName"] == expected


def test_all_above_follow_and_so_do_former_parents(desk: Desk) -> None:
    top = story(desk)
    parent, (child, other) = family(desk, "Defined", "Defined")
    change(desk, parent, Parent=top["_ref"])
    change(desk, child, PlanEstimate=5)
    assert again(desk, top)["PlanEstimate"] == 7.0
    change(desk, child, Parent=None)
    assert again(desk, top)["PlanEstimate"] == 2.0
    desk.result("DELETE", f"{STORY}/{other['ObjectID']}")
    assert again(desk, parent)["PlanEstimate"] == 2.0  # its own again, as it was last
    assert change(desk, parent, PlanEstimate=3)["Warnings"] == []


def test_what_a_parent_takes_cannot_be_written(desk: Desk) -> None:
    """The reference: a field that does not apply gives "a *warning*"."""
    parent, _ = family(desk, "Defined")
    result = change(desk, parent, PlanEstimate=40, ScheduleState="Accepted", Name="y")
    path = "hierarchicalrequirement"
    assert (result["Errors"], result["Warnings"]) == (
        [],
        [
            f"Ignored JSON element {path}.{name} during processing of this request."
            for name in ("ScheduleState", "PlanEstimate")
        ],
    )
    row = again(desk, parent)
    assert (row["Name"], row["ScheduleState"], row["PlanEstimate"]) == ("y", "Defined", 2.0)


def test_a_parent_stands_in_no_iteration(desk: Desk) -> None:
    """The reference: "and cannot be put into an iteration itself"."""
    sprint = desk.rows("/iteration")[0]["_ref"]
    parent = story(desk, Iteration=sprint)
    story(desk, Parent=parent["_ref"])
    assert again(desk, parent)["Iteration"] is None
    (error,) = change(desk, parent, Iteration=sprint)["Errors"]
    assert error.startswith("Validation error: HierarchicalRequirement.Iteration")
    assert change(desk, parent, Iteration=None)["Errors"] == []


def test_it_holds_for_what_there_is_at_the_beginning() -> None:
    parents = Desk(tickets=2800, roll_up=True).rows(STORY, "(Children != null)", fetch="true")
    assert len(parents) > 3
    assert {row["Iteration"] for row in parents} == {None}


def test_without_the_switch_nothing_is_taken() -> None:
    desk = Desk(tickets=70)
    parent, _ = family(desk, "Accepted", "Accepted")
    assert again(desk, parent)["ScheduleState"] == "Defined"
    assert change(desk, parent, PlanEstimate=40)["Warnings"] == []


def test_a_parent_that_follows_gets_a_version_and_a_revision(desk: Desk) -> None:
    parent, (child,) = family(desk, "Defined")
    before = int(again(desk, parent)["VersionId"])
    change(desk, child, Name="other")
    assert int(again(desk, parent)["VersionId"]) == before
    change(desk, child, ScheduleState="Completed")
    assert int(again(desk, parent)["VersionId"]) == before + 1
