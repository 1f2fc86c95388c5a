"""Revisions, the recycle bin, and copies."""

from __future__ import annotations

from typing import Any

import pytest
from emulators.rally.desk import ROOT, Desk

STORY = "/hierarchicalrequirement"


@pytest.fixture
def desk() -> Desk:
    return Desk(tickets=70)


def revisions(desk: Desk, row: dict[str, Any], **parameters: Any) -> list[dict[str, Any]]:
    path = row["RevisionHistory"]["_ref"].partition(ROOT)[2]
    result = desk.result("GET", f"{path}/Revisions", **parameters)
    assert result["Errors"] == []
    rows: list[dict[str, Any]] = result["Results"]
    return rows


def test_every_item_has_a_history_that_begins_with_its_creation(desk: Desk) -> None:
    """The reference: "`RevisionNumber` (0 = creation...)"."""
    made = desk.create("Tag", {"Name": "x"}, fetch="true")["Object"]
    assert "RevisionHistory" not in made
    fresh = desk.create("Defect", {"Name": "x"}, fetch="true")["Object"]
    for row in (desk.ticket(STORY, "US1"), desk.ticket("/task", "TA1"), fresh):
        (first,) = revisions(desk, row)
        assert first["RevisionNumber"] == 0
        assert first["CreationDate"] == row["CreationDate"]


def test_every_change_adds_a_revision_and_raises_the_version(desk: Desk) -> None:
    """The reference: "newest first", "`SCHEDULE STATE changed from [Defined] to ...`"."""
    oid = desk.oid(STORY, "US1")
    for state in ("Defined", "In-Progress"):
        desk.update("hierarchicalrequirement", oid, {"ScheduleState": state})
    row = desk.ticket(STORY, "US1")
    newest, *older = revisions(desk, row)
    assert newest["Description"].startswith("SCHEDULE STATE changed from [Defined] to [In-Progr")
    assert newest["User"]["_refObjectName"] == "Robin Hale"
    assert newest["CreationDate"] == row["LastUpdateDate"]
    assert [each["RevisionNumber"] for each in (newest, *older)] == [2, 1, 0]
    assert row["VersionId"] == "3"


def test_a_revision_tells_references_texts_and_collections(desk: Desk) -> None:
    user = desk.rows("/user", '(DisplayName = "Mei Tanaka")')[0]["_ref"]
    oid = desk.create("Defect", {"Name": "x"}, fetch="ObjectID")["Object"]["ObjectID"]
    desk.update("defect", oid, {"Owner": user, "Description": "<p>long</p>"})
    desk.result("POST", f"/defect/{oid}/Tags/add", {"CollectionItems": [{"Name": "shiny"}]})
    row = desk.result("GET", f"/defect/{oid}")
    tagged, owned, _ = revisions(desk, row)
    assert tagged["Description"] == "TAGS added [shiny]"
    assert owned["Description"] == "OWNER changed from [] to [Mei Tanaka], DESCRIPTION changed"


def test_revisions_are_queried_and_read_but_not_written(desk: Desk) -> None:
    row = desk.ticket(STORY, "US1")
    history = row["RevisionHistory"]["_ref"]
    (found,) = desk.rows("/revision", f"(RevisionHistory = {history})", fetch="true")
    path = found["_ref"].partition(ROOT)[2]
    assert desk.result("GET", path)["RevisionNumber"] == 0
    assert desk.result("POST", path, {"Revision": {"Description": "x"}})["Errors"] == [
        "Not authorized to update Revision"
    ]


def test_what_is_deleted_is_found_in_the_recycle_bin(desk: Desk) -> None:
    """The reference: "`ID`, `Name`, `ItemOID`, `Type`, `DeletedBy`, `DeletionDate`"."""
    row = desk.ticket("/defect", "DE3")
    desk.result("DELETE", f"/defect/{row['ObjectID']}")
    (entry,) = desk.rows("/recyclebinentry", '(ID = "DE3")', fetch="true", project="null")
    kept = {name: entry[name] for name in ("Name", "ItemOID", "Type")}
    assert kept == {"Name": row["Name"], "ItemOID": row["ObjectID"], "Type": "Defect"}
    assert entry["DeletedBy"]["_refObjectName"] == "Robin Hale"
    assert entry["DeletionDate"]
    made = desk.create("RecycleBinEntry", {"Name": "x"})
    assert made["Errors"] == ["Not authorized to create RecycleBinEntry"]
    path = entry["_ref"].partition(ROOT)[2]
    assert desk.result("DELETE", path)["Errors"] == []
    assert desk.rows("/recyclebinentry", project="null") == []


def test_a_tag_leaves_nothing_behind(desk: Desk) -> None:
    tag = desk.rows("/tag")[0]["_ref"].partition(ROOT)[2]
    desk.result("DELETE", tag)
    assert desk.rows("/recyclebinentry", project="null") == []


def test_a_copy_has_an_identity_of_its_own(desk: Desk) -> None:
    """The reference: "copy: `POST {base}/{type}/{oid}/copy`"."""
    row = desk.rows("/defect", "(Tags != null)", fetch="true")[0]
    path = f"/defect/{row['ObjectID']}/copy"
    made = desk.result("POST", path, {"Defect": {"Name": "Twin"}}, fetch="true")["Object"]
    assert made["FormattedID"] != row["FormattedID"]
    assert (made["Name"], made["VersionId"]) == ("Twin", "1")
    same = ("Severity", "Owner", "ScheduleState", "FlowState", "Project", "Description")
    assert {name: made[name] for name in same} == {name: row[name] for name in same}
    assert made["Tags"]["_tagsNameArray"] == row["Tags"]["_tagsNameArray"]
    assert desk.result("POST", path)["Errors"] == []
    iteration = desk.rows("/iteration")[0]["_ref"].partition(ROOT)[2]
    assert desk.result("POST", f"{iteration}/copy")["Errors"] == [
        "Not authorized to copy Iteration"
    ]
