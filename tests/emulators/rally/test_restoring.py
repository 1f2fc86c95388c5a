"""What comes back from the recycle bin."""

from __future__ import annotations

from typing import Any

import pytest
from emulators.rally.desk import ROOT, Desk, Request

from twofold.emulators.exchange import Answer

STORY = "/hierarchicalrequirement"


@pytest.fixture
def desk() -> Desk:
    return Desk(tickets=350)


def restore(desk: Desk, oid: object, key: str = "") -> Answer:
    target = f"/slm/recyclebin/restore.sp?oid={oid}"
    headers = (("ZSESSIONID", key or desk.emulator.ready.api_key),)
    return desk.emulator.answer(Request("GET", target, headers), desk.now)


def delete(desk: Desk, row: dict[str, Any]) -> int:
    """Delete an object, and return the number of its entry in the bin."""
    assert desk.result("DELETE", row["_ref"].partition(ROOT)[2])["Errors"] == []
    entry = desk.rows("/recyclebinentry", f"(ItemOID = {row['ObjectID']})", fetch="true")[0]
    assert entry["ID"] == row["FormattedID"]
    oid: int = entry["ObjectID"]
    return oid


def with_everything(desk: Desk) -> dict[str, Any]:
    """Return a story that has tasks, tags, a comment, an attachment and a parent."""
    query = "((Tasks != null) AND ((TestCases = null) AND (Defects = null)))"
    story = desk.rows(STORY, query, fetch="true")[0]
    content = desk.create("AttachmentContent", {"Content": "QUJD"})["Object"]["_ref"]
    fields = {"Name": "a", "ContentType": "a/b", "Content": content, "Artifact": story["_ref"]}
    assert desk.create("Attachment", fields)["Errors"] == []
    desk.create("ConversationPost", {"Artifact": story["_ref"], "Text": "x"})
    other = desk.ticket(STORY, "US1" if story["FormattedID"] != "US1" else "US2")
    tags = [{"_ref": each["_ref"]} for each in desk.rows("/tag")[:2]]
    change = {"Parent": other["_ref"], "Tags": tags, "Blocked": True}
    assert desk.update("hierarchicalrequirement", story["ObjectID"], change)["Errors"] == []
    return desk.ticket(STORY, story["FormattedID"])


def test_an_item_comes_back_as_it_was(desk: Desk) -> None:
    story = with_everything(desk)
    entry = delete(desk, story)
    assert desk.ids(STORY, f"(ObjectID = {story['ObjectID']})") == []
    assert restore(desk, entry).status == 200
    assert desk.ticket(STORY, story["FormattedID"]) == story
    assert desk.rows("/recyclebinentry") == []
    for name in ("Tasks", "Discussion", "Attachments", "Tags"):
        path = f"{STORY}/{story['ObjectID']}/{name}"
        found = desk.result("GET", path, fetch="Artifact,WorkProduct")["Results"]
        assert len(found) == story[name]["Count"] > 0
        for each in found:
            owner = each.get("WorkProduct") or each.get("Artifact")
            assert owner is None or owner["_ref"] == story["_ref"]
    parent = desk.result("GET", story["Parent"]["_ref"].partition(ROOT)[2] + "/Children")
    assert story["_ref"] in [each["_ref"] for each in parent["Results"]]


def test_what_went_meanwhile_is_not_there(desk: Desk) -> None:
    story = with_everything(desk)
    entry = delete(desk, story)
    desk.result("DELETE", story["Parent"]["_ref"].partition(ROOT)[2])
    tag = story["Tags"]["_tagsNameArray"][0]["_ref"]
    desk.result("DELETE", tag)
    assert restore(desk, entry).status == 200
    known = desk.ticket(STORY, story["FormattedID"])
    assert known["Parent"] is None
    assert known["Tags"]["Count"] == 1


def test_an_entry_that_is_deleted_is_the_end(desk: Desk) -> None:
    entry = delete(desk, desk.ticket(STORY, "US1"))
    assert desk.result("DELETE", f"/recyclebinentry/{entry}")["Errors"] == []
    assert restore(desk, entry).status == 404
    assert restore(desk, desk.oid(STORY, "US2")).status == 404
    assert restore(desk, "").status == 404


def test_a_key_for_reading_restores_nothing(desk: Desk) -> None:
    entry = delete(desk, desk.ticket(STORY, "US1"))
    assert restore(desk, entry, desk.emulator.ready.read_only_api_key).status == 401
    assert restore(desk, entry).status == 200
