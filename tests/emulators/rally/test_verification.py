"""Test cases and what belongs to them; suites, milestones, and links with two sides."""

from __future__ import annotations

from typing import Any

import pytest
from emulators.rally.desk import ROOT, Desk

STORY = "/hierarchicalrequirement"


@pytest.fixture
def desk() -> Desk:
    return Desk(tickets=350)


def made(desk: Desk, kind: str, **fields: Any) -> dict[str, Any]:
    result = desk.create(kind, fields, fetch="true")
    assert result["Errors"] == []
    row: dict[str, Any] = result["Object"]
    return row


def test_the_latest_result_is_the_last_verdict(desk: Desk) -> None:
    """The reference: "`LastVerdict` ro, `LastRun` ro, `LastBuild` ro ... No State"."""
    story = desk.ticket(STORY, "US2")
    case = made(desk, "TestCase", Name="New", WorkProduct=story["_ref"], Method="Automated")
    assert (case["LastVerdict"], case["LastRun"], case["LastResult"]) == ("", None, None)
    assert "State" not in case
    for date, verdict in (("2026-01-10", "Pass"), ("2026-01-12", "Fail"), ("2026-01-11", "Pass")):
        result = made(
            desk, "TestCaseResult", TestCase=case["_ref"], Build="b", Date=date, Verdict=verdict
        )
    case = desk.ticket("/testcase", case["FormattedID"])
    assert (case["LastVerdict"], case["LastRun"]) == ("Fail", "2026-01-12T00:00:00.000Z")
    assert case["Results"]["Count"] == 3
    assert desk.ticket(STORY, "US2")["TestCaseStatus"].startswith("ALL_RUN_")
    assert result["TestCase"]["_ref"] == case["_ref"]


@pytest.mark.parametrize("missing", ["Build", "Date", "Verdict", "TestCase"])
def test_a_result_needs_its_fields(desk: Desk, missing: str) -> None:
    case = desk.rows("/testcase")[0]["_ref"]
    fields = {"Build": "b", "Date": "2026-01-10", "Verdict": "Pass", "TestCase": case}
    del fields[missing]
    assert desk.create("TestCaseResult", fields)["Errors"] == [
        f"Validation error: TestCaseResult.{missing} should not be null"
    ]


def test_steps_are_read_in_their_order(desk: Desk) -> None:
    case = desk.rows("/testcase")[0]
    for index in (2, 1, 3):
        made(desk, "TestCaseStep", TestCase=case["_ref"], StepIndex=index, Input=f"{index}")
    path = case["_ref"].partition(ROOT)[2]
    steps = desk.result("GET", f"{path}/Steps")["Results"]
    assert [each["StepIndex"] for each in steps] == [1, 2, 3]


@pytest.mark.parametrize(
    ("kind", "collection", "other", "back"),
    [
        ("TestSet", "TestCases", "TestCase", "TestSets"),
        ("DefectSuite", "Defects", "Defect", "DefectSuites"),
        ("Milestone", "Artifacts", "Task", "Milestones"),
        ("HierarchicalRequirement", "Predecessors", "HierarchicalRequirement", "Successors"),
        ("Project", "TeamMembers", "User", "TeamMemberships"),
    ],
)
def test_a_link_is_seen_from_both_sides(
    desk: Desk, kind: str, collection: str, other: str, back: str
) -> None:
    owner = made(desk, kind, Name="Owner")["_ref"].partition(ROOT)[2]
    target = desk.rows(f"/{other}")[-1]["_ref"]
    count = desk.result("GET", target.partition(ROOT)[2])[back]["Count"]
    body = {"CollectionItems": [{"_ref": target}]}
    for verb, more in (("add", 1), ("remove", 0)):
        assert desk.result("POST", f"{owner}/{collection}/{verb}", body)["Errors"] == []
        assert desk.result("GET", owner)[collection]["Count"] == more
        assert desk.result("GET", target.partition(ROOT)[2])[back]["Count"] == count + more


def test_a_suite_is_an_artifact_that_is_planned(desk: Desk) -> None:
    suite = made(desk, "DefectSuite", Name="All of them", PlanEstimate=3)
    assert suite["FormattedID"] == "DS1"
    task = made(desk, "Task", Name="Sort them", WorkProduct=suite["_ref"])
    assert task["WorkProduct"]["_ref"] == suite["_ref"]
    assert desk.ids("/schedulableartifact", '(Name = "All of them")') == ["DS1"]


def test_ids_have_the_prefixes_of_their_types(desk: Desk) -> None:
    """The reference: "`TC` test case, `TS` test set, `DS` defect suite, ..."."""
    for kind, prefix in (
        *(("TestCase", "TC"), ("TestSet", "TS"), ("DefectSuite", "DS"), ("TestFolder", "TF")),
        *(("Milestone", "MI"), ("Risk", "RI")),
    ):
        assert made(desk, kind, Name="x")["FormattedID"].startswith(prefix)


def test_a_user_is_made_copied_and_disabled(desk: Desk) -> None:
    user = made(desk, "User", UserName="new@meridian.example", DisplayName="New")
    assert user["UserProfile"] is not None
    oid = user["ObjectID"]
    assert desk.update("user", oid, {"Disabled": True})["Errors"] == []
    fields = {"User": {"UserName": "other@meridian.example"}}
    other = desk.result("POST", f"/user/{oid}/copy", fields, fetch="true")["Object"]
    assert (other["DisplayName"], other["UserName"]) == ("New", "other@meridian.example")


def test_permissions_have_ids_made_of_two(desk: Desk) -> None:
    """The reference: "(`workspacepermission/{u}u{w}w1`, `projectpermission/{u}u{p}p1`)"."""
    user = desk.result("GET", "/user")
    listed = desk.result("GET", user["UserPermissions"]["_ref"].partition(ROOT)[2])["Results"]
    workspace = desk.rows("/workspace")[0]["ObjectID"]
    path = f"/workspacepermission/{user['ObjectID']}u{workspace}w1"
    assert path in [each["_ref"].partition(ROOT)[2] for each in listed]
    assert desk.result("GET", path)["Role"] == "Admin"
    newest, project = desk.rows("/user")[-1]["_ref"], desk.rows("/project")[0]
    fields = {"User": newest, "Project": project["_ref"], "Role": "Viewer"}
    made = desk.create("ProjectPermission", fields)["Object"]["_ref"].partition(ROOT)[2]
    assert made.endswith(f"u{project['ObjectID']}p1")
    assert desk.result("DELETE", made)["Errors"] == []
    assert desk.result("GET", made)["Errors"] == ["Cannot find object to read"]
