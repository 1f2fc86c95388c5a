"""Writes that overlap on one parent."""

from __future__ import annotations

from typing import Any

import pytest
from emulators.rally.desk import Desk

STORY = "/hierarchicalrequirement"


def desk(**options: Any) -> Desk:
    return Desk(tickets=70, latency=0.5, conflicts=True, **options)


def tasks_of_one(at: Desk) -> tuple[dict[str, Any], list[int]]:
    for story in at.rows(STORY, "(Tasks != null)", fetch="true"):
        path = f"{STORY}/{story['ObjectID']}/Tasks"
        rows = at.result("GET", path, fetch="ObjectID")["Results"]
        while len(rows) < 2:
            fields = {"Name": "x", "WorkProduct": story["_ref"]}
            at.now += 10
            rows.append(at.create("Task", fields, fetch="ObjectID")["Object"])
        at.now += 10
        return story, [each["ObjectID"] for each in rows]
    raise AssertionError


def test_writes_that_share_a_parent_meet() -> None:
    """The reference: "Arises ... when simultaneous writes touch a *shared* object: updating
    children of one parent at once"; "The write did not happen, so repeating it is safe"."""
    at = desk()
    story, (first, second, *_) = tasks_of_one(at)
    assert at.update("task", first, {"Actuals": 1})["Errors"] == []
    at.now += 0.4
    (error,) = at.update("task", second, {"Actuals": 77})["Errors"]
    assert error == (
        "Concurrency conflict: [Object has been modified since being read for update in this "
        "context] - ConcurrencyConflictException : Modified since read on update : Object Class : "
        f"com.f4tech.slm.domain.UserStory : ObjectID : {story['ObjectID']}"
    )
    at.now += 10
    assert at.result("GET", f"/task/{second}")["Actuals"] != 77
    assert at.update("task", second, {"Actuals": 77})["Errors"] == []


def test_the_same_object_and_a_parent_to_come_count_too() -> None:
    at = desk()
    oids = {each: at.oid(STORY, each) for each in ("US1", "US2", "US3")}
    parent = {"Parent": f"/hierarchicalrequirement/{oids['US1']}"}
    at.now += 10
    assert at.update("hierarchicalrequirement", oids["US2"], parent)["Errors"] == []
    for oid, fields in ((oids["US2"], {"Name": "x"}), (oids["US3"], parent)):
        (error,) = at.update("hierarchicalrequirement", oid, fields)["Errors"]
        assert error.startswith("Concurrency conflict: ")


def test_writes_apart_do_not_meet_nor_do_comments() -> None:
    at = desk()
    oids = [at.oid("/defect", each) for each in ("DE1", "DE4")]
    at.now += 10
    for oid in oids:
        assert at.update("defect", oid, {"Name": "x"})["Errors"] == []
        fields = {"Artifact": f"/defect/{oids[0]}", "Text": "x"}
        assert at.create("ConversationPost", fields)["Errors"] == []


def test_attaching_two_files_at_once_meets() -> None:
    """The reference: "attaching two items to the same parent"."""
    at = desk()
    target = {"Artifact": f"/defect/{at.oid('/defect', 'DE1')}"}
    contents = []
    for text in ("QUJD", "QUJE"):
        made = at.create("AttachmentContent", {"Content": text})
        contents.append(made["Object"]["_ref"])
        at.now += 10
    fields = {"Name": "a", "ContentType": "a/b"} | target
    errors = [at.create("Attachment", fields | {"Content": each})["Errors"] for each in contents]
    assert errors[0] == []
    assert errors[1][0].startswith("Concurrency conflict: ")


def test_without_the_switch_or_without_time_nothing_meets() -> None:
    for options in ({"conflicts": False, "latency": 0.5}, {"conflicts": True}):
        at = Desk(tickets=70, **options)
        _, (first, second, *_) = tasks_of_one(at)
        for oid in (first, second):
            assert at.update("task", oid, {"Actuals": 1})["Errors"] == []


@pytest.mark.parametrize("entries", [1, 3])
def test_entries_of_one_batch_do_not_meet_each_other(entries: int) -> None:
    at = desk()
    path = f"/defect/{at.oid('/defect', 'DE1')}"
    at.now += 10
    entry = {"Entry": {"Path": path, "Method": "POST", "Body": {"Defect": {"Name": "x"}}}}
    results = at.result("POST", "/batch", {"Batch": [entry] * entries})["Results"]
    assert [each["Errors"] for each in results] == [[]] * entries
