"""Which fields come back, and in what shape."""

from __future__ import annotations

import json
from typing import Any

import pytest
from emulators.rally.desk import ROOT, Desk

STORY = "/hierarchicalrequirement"
REFERENCE = {
    "_rallyAPIMajor",
    "_rallyAPIMinor",
    "_ref",
    "_refObjectUUID",
    "_refObjectName",
    "_type",
}
OBJECT = REFERENCE | {"_objectVersion", "_CreatedAt"}


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


def first(desk: Desk, path: str, **parameters: Any) -> dict[str, Any]:
    row: dict[str, Any] = desk.query(path, **parameters)["Results"][0]
    return row


def test_without_a_fetch_a_query_gives_shells(desk: Desk) -> None:
    shell = desk.result("GET", STORY, pagesize=1)["Results"][0]
    assert set(shell) == OBJECT
    assert shell == first(desk, STORY, fetch="false", pagesize=1)
    assert shell["_ref"].startswith(f"http://rally.test{ROOT}/hierarchicalrequirement/")


def test_true_gives_all_fields_and_shells_of_what_they_refer_to(desk: Desk) -> None:
    row = desk.ticket(STORY, "US1")
    assert {"Name", "Description", "Owner", "Tasks", "PlanEstimate", "TaskStatus"} < set(row)
    assert set(row["Project"]) == REFERENCE
    assert row["_objectVersion"] == row["VersionId"] == "1"
    assert row["_refObjectName"] == row["Name"]


def test_named_fields_are_filled_at_every_level(desk: Desk) -> None:
    fetch = "WorkProduct,FormattedID,Name,Project,Parent,UserName"
    row = desk.ticket("/task", "TA1", fetch)
    assert set(row) == OBJECT | {"WorkProduct", "FormattedID", "Name", "Project"}
    product = row["WorkProduct"]
    assert {"FormattedID", "Name", "Project"} <= set(product)
    assert set(product["Project"]) == REFERENCE | {"Name", "Parent"}
    assert row["Project"]["Parent"] is None or set(row["Project"]["Parent"]) >= {"Name", "Parent"}


def test_depth_is_bounded(desk: Desk) -> None:
    flat = Desk(fetch_depth=1).ticket("/task", "TA1", "WorkProduct,Name")
    assert set(flat["WorkProduct"]) == REFERENCE
    assert "Name" in desk.ticket("/task", "TA1", "WorkProduct,Name")["WorkProduct"]


def test_a_circle_of_references_ends(desk: Desk) -> None:
    row = first(desk, "/user", fetch="UserProfile,DefaultProject,Owner")
    assert set(row["UserProfile"]["DefaultProject"]["Owner"]) == REFERENCE


def test_unknown_names_literal_quotes_and_spaces_are_tolerated(desk: Desk) -> None:
    row = first(desk, STORY, fetch='"Name, Nope,c_Custom"', pagesize=1)
    assert set(row) == OBJECT | {"Name"}


def test_a_collection_is_a_count_and_tags_carry_their_names(desk: Desk) -> None:
    rows = desk.rows(STORY, fetch="Tasks,Tags", query="(Tags != null)")
    tags, tasks = rows[0]["Tags"], rows[0]["Tasks"]
    assert set(tasks) == {"_rallyAPIMajor", "_rallyAPIMinor", "_ref", "_type", "Count"}
    assert tags["Count"] == len(tags["_tagsNameArray"]) > 0
    assert tags["_tagsNameArray"][0]["_ref"].startswith("/tag/")
    assert tags["_ref"].endswith("/Tags")
    summary = first(desk, STORY, fetch="Tasks:summary[State;Owner]", pagesize=1)
    assert "Tasks" in summary


def test_a_collections_address_lists_its_elements(desk: Desk) -> None:
    parent = desk.rows(STORY, "(Tasks != null)", fetch="Tasks")[0]
    path = parent["Tasks"]["_ref"].partition(ROOT)[2]
    result = desk.result("GET", path)
    assert result["TotalResultCount"] == parent["Tasks"]["Count"]
    assert all(row["WorkProduct"]["_ref"] == parent["_ref"] for row in result["Results"])
    some = desk.result("GET", path, query='(State = "Defined")', fetch="State")
    assert {row["State"] for row in some["Results"]} <= {"Defined"}


def test_an_object_is_read_alone_by_id_and_by_uuid(desk: Desk) -> None:
    row = desk.ticket("/defect", "DE1")
    for path in (f"/defect/{row['ObjectID']}", f"/artifact/{row['ObjectUUID']}"):
        answer = json.loads(desk.send("GET", path).body)
        assert answer == {"Defect": row | {"Errors": [], "Warnings": []}}
    narrow = desk.result("GET", f"/defect/{row['ObjectID']}", fetch="Name")
    assert set(narrow) == OBJECT | {"Name", "Errors", "Warnings"}


def test_what_is_not_there_cannot_be_read(desk: Desk) -> None:
    story = desk.oid(STORY, "US1")
    for path in ("/defect/1", f"/defect/{story}", "/defect/nope"):
        answer = json.loads(desk.send("GET", path).body)
        assert answer["OperationResult"]["Errors"] == ["Cannot find object to read"]
    (error,) = desk.result("GET", f"{STORY}/{story}/Nope")["Errors"]
    assert "Nope" in error


def test_a_user_and_a_subscription_alone_are_the_callers_own(desk: Desk) -> None:
    user = json.loads(desk.send("GET", "/user", fetch="UserName,UserProfile").body)["User"]
    assert user["UserName"] == desk.emulator.ready.username
    assert "DefaultProject" in desk.result("GET", user["UserProfile"]["_ref"].partition(ROOT)[2])
    assert json.loads(desk.send("GET", "/subscription").body)["Subscription"]["Name"]
    assert len(desk.result("GET", "/users")["Results"]) == 20
    assert len(desk.query("/user")["Results"]) > 20
    assert [row["Name"] for row in desk.rows("/workspace")] == [desk.emulator.ready.workspace]


def test_a_fixed_address_may_stand_in_references() -> None:
    desk = Desk(base_url="https://rally1.rallydev.com/")
    assert first(desk, STORY)["_ref"].startswith(f"https://rally1.rallydev.com{ROOT}/")


def test_a_shallow_fetch_names_the_fields_of_each_level(desk: Desk) -> None:
    shallow = (
        "FormattedID,Project,WorkProduct[Name;Project[Name;Parent];Tags],Tags[Name],Nope[Name]"
    )
    row = desk.query("/task", shallowFetch=shallow, pagesize=1)["Results"][0]
    assert set(row) == OBJECT | {"FormattedID", "Project", "WorkProduct", "Tags"}
    assert set(row["Project"]) == REFERENCE
    product = row["WorkProduct"]
    assert set(product) == REFERENCE | {"Name", "Project", "Tags"}
    assert set(product["Project"]) == REFERENCE | {"Name", "Parent"}
    assert set(product["Project"]["Parent"] or REFERENCE) == REFERENCE
    assert "Count" in row["Tags"]
    again = Desk(fetch_depth=1).query("/task", shallowFetch=shallow, pagesize=1)["Results"][0]
    assert again == row


def test_a_change_is_seen_in_what_refers_to_the_object() -> None:
    desk = Desk(tickets=14)
    task = desk.ticket("/task", "TA1", "WorkProduct")["WorkProduct"]
    kind, oid = task["_ref"].rsplit("/", 2)[1:]
    for parameters in ({"shallowFetch": "WorkProduct[Name]"}, {"fetch": "WorkProduct,Name"}):
        desk.rows("/task", **parameters)
        name = f"Renamed for {next(iter(parameters))}"
        assert desk.update(kind, oid, {"Name": name})["Errors"] == []
        product = desk.rows("/task", **parameters)[0]["WorkProduct"]
        assert product["Name"] == product["_refObjectName"] == name


@pytest.mark.parametrize("shallow", ["Parent[" * 5000, "[", "]],Name[", "Name]", "Project[Name"])
def test_brackets_may_be_nonsense(desk: Desk, shallow: str) -> None:
    assert desk.query(STORY, shallowFetch=shallow)["Errors"] == []
