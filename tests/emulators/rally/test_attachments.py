"""Files: their content first, then the attachment; bytes back, and what is refused."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from emulators.rally.desk import ROOT, Desk, Request

from twofold.emulators.exchange import Answer

STORY = "/hierarchicalrequirement"
BYTES = bytes(range(256)) * 3


@pytest.fixture
def desk() -> Desk:
    return Desk(tickets=350)


def content(desk: Desk, data: bytes = BYTES) -> str:
    text = base64.b64encode(data).decode()
    made = desk.create("AttachmentContent", {"Content": text})
    assert made["Errors"] == []
    ref: str = made["Object"]["_ref"]
    return ref


def attach(desk: Desk, **fields: Any) -> Any:
    usual = {"Name": "a.bin", "ContentType": "application/x-a", "Size": len(BYTES)}
    artifact = {} if "TestCaseResult" in fields else {"Artifact": desk.ticket(STORY, "US1")["_ref"]}
    return desk.create("Attachment", usual | artifact | fields, fetch="true")


def download(desk: Desk, oid: object, name: str = "x", method: str = "GET") -> Answer:
    address = f"/slm/attachment/{oid}/{name}"
    return desk.emulator.answer(Request(method, address, desk.headers), desk.now)


def test_content_comes_first_then_the_attachment(desk: Desk) -> None:
    """The reference: "`POST /attachmentcontent/create` ... -> ref", then the bytes directly."""
    before = desk.ticket(STORY, "US1")["Attachments"]["Count"]
    ref = content(desk)
    made = attach(desk, Content=ref)
    assert made["Errors"] == []
    row = made["Object"]
    assert (row["Size"], row["User"]["_refObjectName"]) == (len(BYTES), "Robin Hale")
    assert desk.ticket(STORY, "US1")["Attachments"]["Count"] == before + 1
    answer = download(desk, row["ObjectID"], "a.bin")
    assert (answer.status, answer.body) == (200, BYTES)
    assert dict(answer.headers)["Content-Type"] == "application/x-a"
    read = desk.result("GET", ref.partition(ROOT)[2])["Content"]
    assert base64.b64decode(read) == BYTES


def test_names_are_not_unique_and_may_be_awkward(desk: Desk) -> None:
    """The reference: "Names are **not unique** on an item: address by object id"."""
    name = "50% of #2/größe (1).txt"
    both = [attach(desk, Name=name, Content=content(desk, data)) for data in (b"1", b"2")]
    oids = [each["Object"]["ObjectID"] for each in both]
    assert [download(desk, oid).body for oid in oids] == [b"1", b"2"]
    disposition = dict(download(desk, oids[0], "50%25%2F%23").headers)["Content-Disposition"]
    assert disposition.isascii()
    fetch = "Name,Size,ContentType,Content,CreationDate"
    oid = desk.oid(STORY, "US1")
    rows = desk.result("GET", f"{STORY}/{oid}/Attachments", fetch=fetch)["Results"]
    assert [row["Name"] for row in rows][-2:] == [name, name]


def test_a_content_type_cannot_break_the_answer(desk: Desk) -> None:
    row = attach(desk, ContentType="text/plain\r\nX-Bad: 1", Content=content(desk))["Object"]
    assert dict(download(desk, row["ObjectID"]).headers)["Content-Type"].startswith("application/")


@pytest.mark.parametrize("bad", ["QUJD\nREVG", "QUJ", "Q===", "äöü=", 7, None])
def test_base64_must_be_whole_and_in_one_line(desk: Desk, bad: object) -> None:
    """The reference: "Line breaks give `Could not convert: ...`"."""
    (error,) = desk.create("AttachmentContent", {"Content": bad})["Errors"]
    assert error.startswith(("Could not convert: ", "Validation error: "))


def test_fifty_megabytes_are_the_bound_of_the_bytes(desk: Desk) -> None:
    """The reference: "50 MB limit is on decoded size"."""
    text = "A" * (4 * (50 * 1024 * 1024 // 3 + 1))
    (error,) = desk.create("AttachmentContent", {"Content": text})["Errors"]
    assert error == "Validation error: AttachmentContent.Content should not be larger than 50 MB"
    assert desk.create("AttachmentContent", {"Content": text[:-4]})["Errors"] == []


def test_deleting_an_attachment_deletes_its_content(desk: Desk) -> None:
    ref = content(desk).partition(ROOT)[2]
    row = attach(desk, Content=ref)["Object"]
    assert desk.result("DELETE", f"/attachment/{row['ObjectID']}")["Errors"] == []
    assert desk.result("GET", ref)["Errors"] == ["Cannot find object to read"]
    assert download(desk, row["ObjectID"]).status == 404
    alone = content(desk).partition(ROOT)[2]
    assert desk.result("DELETE", alone)["Errors"] == []


def test_an_item_takes_its_attachments_along(desk: Desk) -> None:
    row = attach(desk, Content=content(desk))["Object"]
    desk.result("DELETE", f"{STORY}/{desk.oid(STORY, 'US1')}")
    assert download(desk, row["ObjectID"]).status == 404


def test_an_attachment_needs_something_to_hang_on(desk: Desk) -> None:
    """The reference: "for test results use `"TestCaseResult": <ref>` instead of Artifact"."""
    fields = {"Name": "a", "ContentType": "a/b", "Content": content(desk)}
    assert desk.create("Attachment", fields)["Errors"] == [
        "Validation error: Attachment.Artifact should not be null"
    ]
    result = desk.rows("/testcaseresult", fetch="Attachments")[0]
    made = attach(desk, TestCaseResult=result["_ref"], Content=content(desk))["Object"]
    assert made["TestCaseResult"]["_ref"] == result["_ref"]
    missing = attach(desk)["Errors"]
    assert missing == ["Validation error: Attachment.Content should not be null"]


def test_a_subscription_may_allow_some_extensions_only() -> None:
    desk = Desk(extensions=["txt", "png"])
    (error,) = attach(desk, Content=content(desk))["Errors"]
    assert error.startswith("Validation error: Attachment.Name")
    assert attach(desk, Name="A.TXT", Content=content(desk))["Errors"] == []


def test_bytes_need_credentials_too(desk: Desk) -> None:
    row = attach(desk, Content=content(desk))["Object"]
    address = f"/slm/attachment/{row['ObjectID']}/a"
    assert desk.emulator.answer(Request("GET", address, ()), 0.0).status == 401
    assert download(desk, row["ObjectID"], method="POST").status == 405


def test_an_image_stands_in_rich_text(desk: Desk) -> None:
    """The reference: "`<img src="/slm/attachment/{oid}/{name}">`"."""
    notes = [row["Notes"] for row in desk.rows(STORY, "(Notes contains img)", fetch="Notes")]
    assert notes
    address = notes[0].partition('src="')[2].partition('"')[0]
    answer = desk.emulator.answer(Request("GET", address, desk.headers), desk.now)
    assert answer.body.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("<p>fine</p><script>alert(1)</script>", "<script>"),
        ('<img src="x" onerror="go()">', "<img>"),
        ('<a href="javascript:go()">x</a>', "<a>"),
        ("List<String> x", "<string>"),
    ],
)
def test_markup_that_is_not_allowed_is_refused(desk: Desk, text: str, tag: str) -> None:
    """The reference: "Rich text is HTML filtered by a whitelist ... a validation error"."""
    oid = desk.oid(STORY, "US1")
    (error,) = desk.update("hierarchicalrequirement", oid, {"Description": text})["Errors"]
    expected = f"HierarchicalRequirement.Description should not contain the markup {tag}"
    assert error == f"Validation error: {expected}"


@pytest.mark.parametrize("text", ["a < b &amp; c > d", '<p>x <b>y</b><br/></p><a href="/z">z</a>'])
def test_markup_that_is_allowed_is_kept_as_it_is(desk: Desk, text: str) -> None:
    oid = desk.oid(STORY, "US1")
    desk.update("hierarchicalrequirement", oid, {"Description": text})
    assert desk.ticket(STORY, "US1")["Description"] == text
