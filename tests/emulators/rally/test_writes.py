"""Objects changed, created and deleted; warnings, and what is refused."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from emulators.rally.desk import ROOT, Desk

STORY = "/hierarchicalrequirement"


@pytest.fixture
def desk() -> Desk:
    return Desk(tickets=70)


def ignored(*names: str) -> list[str]:
    return [f"Ignored JSON element {name} during processing of this request." for name in names]


def test_an_update_changes_what_is_named_and_raises_the_version(desk: Desk) -> None:
    before = desk.ticket(STORY, "US5")
    result = desk.update("hierarchicalrequirement", before["ObjectID"], {"PlanEstimate": 13})
    assert (result["Errors"], result["Warnings"]) == ([], [])
    after = desk.ticket(STORY, "US5")
    changed = {name for name in before if before[name] != after[name]}
    assert changed - {"PlanEstimate"} == {"VersionId", "_objectVersion", "LastUpdateDate"}
    assert after["PlanEstimate"] == 13.0
    assert after["VersionId"] == after["_objectVersion"] == "2"
    assert after["LastUpdateDate"] > before["LastUpdateDate"]


def test_a_write_answers_with_the_fields_asked_for(desk: Desk) -> None:
    oid = desk.oid("/defect", "DE1")
    wanted = desk.update("defect", oid, {"Name": "New"}, fetch="Name,Project")["Object"]
    assert wanted["Name"] == wanted["_refObjectName"] == "New"
    assert wanted["Project"]["Name"]
    assert "Name" not in desk.update("DEFECT", oid, {"Name": "New"})["Object"]
    answer = desk.send("PUT", f"/defect/{oid}", {"Defect": {"Name": "By PUT"}})
    assert list(json.loads(answer.body)) == ["OperationResult"]


@pytest.mark.parametrize(
    ("kind", "formatted_id", "fields", "names"),
    [
        ("defect", "DE1", {"c_Nope": 1}, ["defect.c_Nope"]),
        ("defect", "DE1", {"FormattedID": "DE9"}, ["defect.FormattedID"]),
        ("task", "TA1", {"ScheduleState": "Accepted", "PlanEstimate": 3},
         ["task.ScheduleState", "task.PlanEstimate"]),
        ("task", "TA1", {"Iteration": None}, ["task.Iteration"]),
        ("hierarchicalrequirement", "US1", {"State": "Open"}, ["hierarchicalrequirement.State"]),
    ],
)  # fmt: skip
def test_what_does_not_apply_is_warned_about_and_the_rest_is_written(
    desk: Desk, kind: str, formatted_id: str, fields: dict[str, Any], names: list[str]
) -> None:
    oid = desk.oid(f"/{kind}", formatted_id)
    result = desk.update(kind, oid, {"Name": "Renamed"} | fields)
    assert (result["Errors"], result["Warnings"]) == ([], ignored(*names))
    assert desk.ticket(f"/{kind}", formatted_id)["Name"] == "Renamed"


def test_state_and_points_have_a_field_for_each_type(desk: Desk) -> None:
    for kind, formatted_id, fields in (
        ("hierarchicalrequirement", "US1", {"ScheduleState": "Completed", "PlanEstimate": 0.5}),
        ("defect", "DE1", {"State": "Fixed", "ScheduleState": "Defined", "PlanEstimate": None}),
        ("task", "TA1", {"State": "In-Progress", "Estimate": 2, "ToDo": "1.5", "Actuals": 0.5}),
    ):
        result = desk.update(kind, desk.oid(f"/{kind}", formatted_id), fields)
        assert (result["Errors"], result["Warnings"]) == ([], [])
        row = desk.ticket(f"/{kind}", formatted_id)
        numbers = {"ToDo": 1.5}
        assert {name: row[name] for name in fields} == fields | {
            name: value for name, value in numbers.items() if name in fields
        }


@pytest.mark.parametrize(
    ("fields", "start"),
    [
        ({"Name": ""}, "Validation error: Defect.Name should not be null"),
        ({"Name": None}, "Validation error: Defect.Name should not be null"),
        ({"Name": "x" * 257}, "Validation error: Defect.Name"),
        ({"Description": "x" * 32_769}, "Validation error: Defect.Description"),
        ({"State": "Nope"}, "Validation error: Defect.State"),
        ({"ScheduleState": None}, "Validation error: Defect.ScheduleState should not be null"),
        ({"PlanEstimate": "many"}, "Could not convert: "),
        ({"PlanEstimate": True}, "Could not convert: "),
        ({"PlanEstimate": 10**400}, "Could not convert: "),
        ({"Owner": "robin"}, "Could not convert: "),
        ({"Owner": "/user/1"}, "Could not convert: "),
        ({"Owner": {"_ref": "/user/1"}}, "Could not convert: "),
        ({"Owner": 5}, "Could not convert: "),
        ({"Project": None}, "Validation error: Defect.Project should not be null"),
        ({"Ready": "perhaps"}, "Could not convert: "),
        ({"TargetDate": "soon"}, "Could not convert: "),
        ({"Tags": "spike"}, "Could not convert: "),
        ({"Tags": [{"Name": "spike"}]}, "Could not convert: "),
    ],
)
def test_a_bad_value_changes_nothing_at_all(desk: Desk, fields: dict[str, Any], start: str) -> None:
    before = desk.ticket("/defect", "DE1")
    result = desk.update("defect", before["ObjectID"], {"Notes": "n"} | fields)
    (error,) = result["Errors"]
    assert error.startswith(start)
    assert "Object" not in result
    assert desk.ticket("/defect", "DE1") == before


def test_a_reference_of_another_type_is_refused(desk: Desk) -> None:
    story = desk.ticket(STORY, "US1")
    result = desk.update("defect", desk.oid("/defect", "DE1"), {"Owner": story["_ref"]})
    assert result["Errors"][0].startswith("Could not convert: ")


def test_references_are_set_in_every_form_and_cleared_by_null(desk: Desk) -> None:
    oid = desk.oid("/defect", "DE1")
    user = desk.rows("/user", '(DisplayName = "Mei Tanaka")')[0]
    number = user["_ref"].rsplit("/", 1)[1]
    forms = [user["_ref"], f"/user/{number}", f"user/{number}", {"_ref": user["_ref"]}]
    for form in (*forms, f"/user/{user['_refObjectUUID']}"):
        assert desk.update("defect", oid, {"Owner": None})["Errors"] == []
        assert desk.ticket("/defect", "DE1")["Owner"] is None
        assert desk.update("defect", oid, {"Owner": form})["Errors"] == []
        assert desk.ticket("/defect", "DE1")["Owner"]["_refObjectName"] == "Mei Tanaka"


def test_an_unknown_object_is_named(desk: Desk) -> None:
    story = desk.oid(STORY, "US1")
    for oid in (123, story):
        expected = f"Could not read: Could not read Defect {oid} to update."
        assert desk.update("defect", oid, {"Name": "x"})["Errors"] == [expected]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"Story": {}}', b'{"Defect": 1}'])
def test_a_body_that_is_none_is_refused(desk: Desk, body: bytes) -> None:
    result = desk.result("POST", f"/defect/{desk.oid('/defect', 'DE1')}", body)
    assert result["Errors"][0].startswith("Could not parse: ")


def test_a_comment_counts_and_is_found_by_its_artifact(desk: Desk) -> None:
    before = desk.ticket(STORY, "US2")
    post = {"Artifact": before["_ref"], "Text": "<p>Done &amp; dusted</p>"}
    result = desk.create("ConversationPost", post, fetch="Text,PostNumber,User,Artifact")
    made = result["Object"]
    assert (result["Errors"], made["Text"]) == ([], "<p>Done &amp; dusted</p>")
    assert made["User"]["_refObjectName"] == "Robin Hale"
    assert desk.ticket(STORY, "US2")["Discussion"]["Count"] == before["Discussion"]["Count"] + 1
    found = desk.rows(
        "/conversationpost", f"(Artifact = {before['_ref']})", order="CreationDate", fetch="Text"
    )
    assert found[-1]["Text"] == made["Text"]


@pytest.mark.parametrize("missing", ["Artifact", "Text"])
def test_a_comment_needs_both_fields(desk: Desk, missing: str) -> None:
    fields = {"Artifact": desk.ticket(STORY, "US2")["_ref"], "Text": "x"}
    del fields[missing]
    answer = desk.send("POST", "/conversationpost/create", {"ConversationPost": fields})
    errors = json.loads(answer.body)["CreateResult"]["Errors"]
    assert errors == [f"Validation error: ConversationPost.{missing} should not be null"]


def test_a_created_story_gets_its_defaults(desk: Desk) -> None:
    made = desk.create("HierarchicalRequirement", {"Name": "New"}, fetch="true")["Object"]
    assert made["FormattedID"] == "US41"
    assert made["ScheduleState"] == "Defined"
    assert made["Project"]["_refObjectName"] == desk.emulator.ready.project
    assert made["CreatedBy"]["_refObjectName"] == "Robin Hale"
    assert made["Owner"] is None
    assert desk.ids(STORY, order="Rank")[-1] == "US41"
    assert desk.ids(STORY, f"(ObjectID = {made['ObjectID']})") == ["US41"]
    assert set(desk.create("HierarchicalRequirement", {"Name": "New"})["Object"]) >= {"_ref"}


def test_a_project_may_be_named_beside_the_body(desk: Desk) -> None:
    firmware = desk.rows("/project", '(Name = "Firmware")')[0]["_ref"]
    made = desk.create("Defect", {"Name": "New"}, fetch="Project", project=firmware)["Object"]
    assert made["Project"]["_ref"] == firmware


def test_a_task_needs_its_work_product_and_takes_timeboxes_from_it(desk: Desk) -> None:
    assert desk.create("Task", {"Name": "x"})["Errors"] == [
        "Validation error: Task.WorkProduct should not be null"
    ]
    story = desk.rows(STORY, "(Iteration != null)", fetch="true")[0]
    made = desk.create("Task", {"Name": "x", "WorkProduct": story["_ref"]}, fetch="true")["Object"]
    assert made["Iteration"]["_ref"] == story["Iteration"]["_ref"]
    assert made["Project"]["_ref"] == story["Project"]["_ref"]
    again = desk.ticket(STORY, story["FormattedID"])
    assert again["Tasks"]["Count"] == story["Tasks"]["Count"] + 1
    desk.update("hierarchicalrequirement", story["ObjectID"], {"Iteration": None})
    assert desk.ticket("/task", made["FormattedID"])["Iteration"] is None


def test_moving_a_child_moves_it_in_both_collections(desk: Desk) -> None:
    first, second, child = (desk.ticket(STORY, each) for each in ("US1", "US2", "US3"))
    oid = child["ObjectID"]
    for parent, counts in ((first, (1, 0)), (second, (0, 1)), (None, (0, 0))):
        fields = {"Parent": parent and parent["_ref"]}
        assert desk.update("hierarchicalrequirement", oid, fields)["Errors"] == []
        now = [desk.ticket(STORY, each)["DirectChildrenCount"] for each in ("US1", "US2")]
        gained = [
            n - row["DirectChildrenCount"] for n, row in zip(now, (first, second), strict=True)
        ]
        assert tuple(gained) == counts or child["Parent"] is not None


def test_a_story_cannot_be_its_own_ancestor(desk: Desk) -> None:
    refs = [desk.ticket(STORY, each)["_ref"] for each in ("US1", "US2")]
    oids = [ref.rsplit("/", 1)[1] for ref in refs]
    assert desk.update("hierarchicalrequirement", oids[0], {"Parent": refs[1]})["Errors"] == []
    for ref in refs:
        (error,) = desk.update("hierarchicalrequirement", oids[1], {"Parent": ref})["Errors"]
        assert error.startswith("Validation error: HierarchicalRequirement.Parent")


def test_dates_follow_the_states(desk: Desk) -> None:
    oid = desk.oid("/defect", "DE1")
    desk.update("defect", oid, {"ScheduleState": "Accepted", "State": "Closed"})
    done = desk.ticket("/defect", "DE1")
    assert None not in (done["InProgressDate"], done["AcceptedDate"], done["ClosedDate"])
    desk.update("defect", oid, {"ScheduleState": "Defined", "State": "Submitted"})
    undone = desk.ticket("/defect", "DE1")
    assert {undone[name] for name in ("InProgressDate", "AcceptedDate", "ClosedDate")} == {None}


def test_a_deleted_item_is_gone_with_its_tasks(desk: Desk) -> None:
    story = desk.rows(STORY, "(Tasks != null)", fetch="true")[0]
    child = desk.ticket(STORY, "US39")
    desk.update("hierarchicalrequirement", child["ObjectID"], {"Parent": story["_ref"]})
    tasks = desk.query("/task")["TotalResultCount"]
    path = f"{STORY}/{story['ObjectID']}"
    assert desk.result("DELETE", path)["Errors"] == []
    assert desk.result("DELETE", path)["Errors"][0].startswith("Could not read: ")
    assert desk.result("GET", path)["Errors"] == ["Cannot find object to read"]
    assert desk.ids(STORY, f'(FormattedID = "{story["FormattedID"]}")') == []
    assert desk.query("/task")["TotalResultCount"] == tasks - story["Tasks"]["Count"]
    assert desk.ticket(STORY, "US39")["Parent"] is None


def test_what_is_closed_rather_than_deleted_cannot_be_deleted(desk: Desk) -> None:
    ref = desk.rows("/project")[0]["_ref"]
    oid = ref.rsplit("/", 1)[1]
    assert desk.result("DELETE", f"/project/{oid}")["Errors"] == [
        "Not authorized to delete Project"
    ]
    subscription = desk.create("Subscription", {"Name": "x"})["Errors"]
    assert subscription == ["Not authorized to create Subscription"]


def tags_of(desk: Desk, formatted_id: str) -> list[str]:
    row = desk.ticket("/defect", formatted_id, "Tags")
    return [tag["Name"] for tag in row["Tags"]["_tagsNameArray"]]


def test_tags_are_replaced_added_created_and_removed(desk: Desk) -> None:
    oid = desk.oid("/defect", "DE1")
    refs = {row["Name"]: row["_ref"] for row in desk.rows("/tag")}
    desk.update("defect", oid, {"Tags": [{"_ref": refs["spike"]}, {"_ref": refs["R&D"]}]})
    assert tags_of(desk, "DE1") == ["spike", "R&D"]
    items = [{"_ref": refs["größe"]}, {"Name": "brand new"}]
    added = desk.result("POST", f"/defect/{oid}/Tags/add", {"CollectionItems": items}, fetch="Name")
    assert [row["Name"] for row in added["Results"]] == ["größe", "brand new"]
    assert tags_of(desk, "DE1") == ["spike", "R&D", "größe", "brand new"]
    body = {"CollectionItems": [{"_ref": refs["R&D"]}]}
    assert desk.result("POST", f"/defect/{oid}/tags/remove", body)["Errors"] == []
    assert tags_of(desk, "DE1") == ["spike", "größe", "brand new"]
    assert "brand new" in [row["Name"] for row in desk.rows("/tag")]


def test_a_refused_addition_creates_no_tag(desk: Desk) -> None:
    oid, before = desk.oid("/defect", "DE1"), desk.rows("/tag")
    items = [{"Name": "brand new"}, {"_ref": "/tag/1"}]
    result = desk.result("POST", f"/defect/{oid}/Tags/add", {"CollectionItems": items})
    assert result["Errors"][0].startswith("Could not convert: ")
    assert desk.rows("/tag") == before
    refused = desk.result("POST", f"/defect/{oid}/Tasks/add", {"CollectionItems": []})
    assert refused["Errors"] == ["Not authorized to change Defect.Tasks"]


def test_a_deleted_tag_is_on_nothing_any_more(desk: Desk) -> None:
    row = desk.rows("/artifact", "(Tags != null)", fetch="Tags")[0]
    tag = row["Tags"]["_tagsNameArray"][0]["_ref"]
    assert desk.result("DELETE", tag)["Errors"] == []
    left = desk.result("GET", row["_ref"].partition(ROOT)[2])["Tags"]
    assert left["Count"] == row["Tags"]["Count"] - 1
    assert tag not in [each["_ref"] for each in left["_tagsNameArray"]]


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns a thousand times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty_threads")
def test_writes_from_many_threads_all_arrive(desk: Desk) -> None:
    story = desk.ticket(STORY, "US1")

    def comment() -> None:
        for _ in range(25):
            desk.create("ConversationPost", {"Artifact": story["_ref"], "Text": "x"})

    threads = [Thread(target=comment) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = desk.ticket(STORY, "US1")
    assert after["Discussion"]["Count"] == story["Discussion"]["Count"] + 200
    posts = desk.rows("/conversationpost", "(Text = x)", fetch="PostNumber")
    assert len({row["_ref"] for row in posts}) == 200
    assert len({row["PostNumber"] for row in posts}) == 200
