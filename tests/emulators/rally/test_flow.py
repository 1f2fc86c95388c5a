"""Flow states belong to a project and move with the schedule state."""

from __future__ import annotations

from typing import Any

import pytest
from emulators.rally.desk import Desk

STORY = "/hierarchicalrequirement"
STATES = ["Idea", "Defined", "In-Progress", "Completed", "Accepted"]


@pytest.fixture
def desk() -> Desk:
    return Desk(tickets=70)


def flow(desk: Desk, project: str, name: str) -> str:
    query = f'((Project.Name = "{project}") AND (Name = "{name}"))'
    (row,) = desk.rows("/flowstate", query, project="null")
    ref: str = row["_ref"]
    return ref


def update(desk: Desk, oid: object, fields: dict[str, Any]) -> Any:
    return desk.update("hierarchicalrequirement", oid, fields)


def in_checkout(desk: Desk) -> dict[str, Any]:
    return desk.rows(STORY, '(Project.Name = "Checkout")', fetch="true")[0]


def test_default_names_equal_the_schedule_states(desk: Desk) -> None:
    for project, names in (
        ("Checkout", STATES),
        ("Firmware", ["Idea", "Defined", "In-Progress", "In Review", "Completed", "Accepted"]),
    ):
        rows = desk.rows("/flowstate", f'(Project.Name = "{project}")', fetch="true")
        assert [row["Name"] for row in rows] == names
        assert [row["OrderIndex"] for row in rows] == list(range(len(names)))


def test_every_item_stands_in_a_flow_state_of_its_project(desk: Desk) -> None:
    fetch = "FlowState,Project,ScheduleState,ScheduleStateMapping"
    for row in desk.rows(STORY, fetch=fetch):
        state = row["FlowState"]
        assert state["Project"]["_ref"] == row["Project"]["_ref"]
        assert state["ScheduleStateMapping"] == row["ScheduleState"]


def test_each_of_the_two_states_moves_the_other(desk: Desk) -> None:
    """The reference: "FlowState changes ScheduleState through the mapping and the reverse"."""
    oid = in_checkout(desk)["ObjectID"]
    update(desk, oid, {"FlowState": flow(desk, "Checkout", "Accepted")})
    row = in_checkout(desk)
    assert (row["ScheduleState"], row["FlowState"]["_refObjectName"]) == ("Accepted", "Accepted")
    assert row["AcceptedDate"] == row["FlowStateChangedDate"]
    update(desk, oid, {"ScheduleState": "Defined"})
    row = in_checkout(desk)
    assert (row["FlowState"]["_refObjectName"], row["AcceptedDate"]) == ("Defined", None)


def test_a_further_state_stays_while_its_schedule_state_does(desk: Desk) -> None:
    row = desk.rows(STORY, '(Project.Name = "Firmware")', fetch="ObjectID")[0]
    review = flow(desk, "Firmware", "In Review")
    assert update(desk, row["ObjectID"], {"FlowState": review})["Errors"] == []
    update(desk, row["ObjectID"], {"ScheduleState": "In-Progress"})
    now = desk.result("GET", f"{STORY}/{row['ObjectID']}")
    assert (now["ScheduleState"], now["FlowState"]["_ref"]) == ("In-Progress", review)


def test_another_projects_state_or_two_that_differ_are_refused(desk: Desk) -> None:
    """The reference: "Setting both inconsistently, or a FlowState of another project"."""
    before = in_checkout(desk)
    own, others = flow(desk, "Checkout", "Defined"), flow(desk, "Firmware", "Defined")
    for fields in ({"FlowState": others}, {"FlowState": own, "ScheduleState": "Accepted"}):
        (error,) = update(desk, before["ObjectID"], fields)["Errors"]
        assert error.startswith("Validation error: FlowState")
    assert in_checkout(desk) == before


def test_an_item_that_moves_takes_the_other_projects_state(desk: Desk) -> None:
    firmware = desk.rows("/project", '(Name = "Firmware")')[0]["_ref"]
    oid = in_checkout(desk)["ObjectID"]
    assert update(desk, oid, {"Project": firmware, "ScheduleState": "Completed"})["Errors"] == []
    now = desk.result("GET", f"{STORY}/{oid}")
    assert now["FlowState"]["_ref"] == flow(desk, "Firmware", "Completed")


def test_a_new_project_has_flow_states_and_a_closed_one_takes_no_writes(desk: Desk) -> None:
    """The reference: "Closed projects and missing rights: an error in a 200 body"."""
    made = desk.create("Project", {"Name": "New"}, fetch="ObjectID,FlowStates")["Object"]
    assert made["FlowStates"]["Count"] == 5
    fields = {"Name": "x", "Project": made["_ref"]}
    story = desk.create("HierarchicalRequirement", fields, fetch="FlowState")["Object"]
    assert story["FlowState"]["_refObjectName"] == "Defined"
    assert desk.update("project", made["ObjectID"], {"State": "Closed"})["Errors"] == []
    refused = ["Not authorized to perform action: Project New is closed"]
    assert desk.create("HierarchicalRequirement", fields)["Errors"] == refused
    oid = story["_ref"].rpartition("/")[2]
    assert update(desk, oid, {"Name": "y"})["Errors"] == refused
