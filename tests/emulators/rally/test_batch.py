"""Many requests in one."""

from __future__ import annotations

from typing import Any

import pytest
from emulators.rally.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk(tickets=70)


def entry(method: str, path: str, body: object = None) -> dict[str, Any]:
    return {"Entry": {"Path": path, "Method": method, "Body": body}}


def batch(desk: Desk, *entries: object, **parameters: Any) -> Any:
    body = {"Batch": list(entries), "AllowSharedDelete": True}
    return desk.result("POST", "/batch", body, **parameters)


def test_results_are_in_order_each_with_its_own_errors(desk: Desk) -> None:
    """The reference: "a failed entry does not undo others"; methods "POST, PUT, DELETE, GET"."""
    oid = desk.oid("/defect", "DE1")
    result = batch(
        desk,
        entry("POST", f"/defect/{oid}", {"Defect": {"State": "Open", "c_Nope": 1}}),
        entry("PUT", "/task/create", {"Task": {"Name": "x", "WorkProduct": f"/defect/{oid}"}}),
        entry("POST", f"/defect/{oid}", {"Defect": {"State": "Nope"}}),
        entry("GET", f"/defect/{oid}"),
        entry("DELETE", "/defect/1"),
        fetch="State,Name",
    )
    assert (result["Errors"], result["Warnings"]) == ([], [])
    changed, made, refused, read, gone = result["Results"]
    assert changed["Object"]["State"] == read["Object"]["State"] == "Open"
    assert changed["Warnings"] == [
        "Ignored JSON element defect.c_Nope during processing of this request."
    ]
    assert made["Object"]["_type"] == "Task"
    assert refused["Errors"][0].startswith("Validation error: Defect.State")
    assert "Object" not in refused
    assert gone["Errors"] == ["Could not read: Could not read Defect 1 to delete."]


def test_an_entry_may_query_and_have_parameters_of_its_own(desk: Desk) -> None:
    path = '/defect?query=(FormattedID = "DE2")&fetch=FormattedID'
    (found,) = batch(desk, entry("get", path), fetch="Name")["Results"]
    assert found["TotalResultCount"] == 1
    assert found["Results"][0]["FormattedID"] == "DE2"


def test_what_is_no_batch_is_refused_in_its_own_envelope(desk: Desk) -> None:
    for body in (b"{", b"[]", {"Batch": 1}):
        answer = desk.send("POST", "/batch", body)
        assert answer.body.startswith(b'{"BatchResult"')
        assert b"Could not parse: " in answer.body
    assert b"sent by POST" in desk.send("GET", "/batch").body


@pytest.mark.parametrize(
    "bad",
    [
        7,
        {"Entry": {}},
        entry("PATCH", "/defect/1"),
        entry("POST", "/batch", {"Batch": []}),
        entry("GET", "/payjammas/1"),
        entry("POST", "/defect"),
    ],
)
def test_a_bad_entry_fails_alone(desk: Desk, bad: object) -> None:
    tag = entry("POST", "tag/create", {"Tag": {"Name": "x"}})
    first, second = batch(desk, bad, tag)["Results"]
    assert len(first["Errors"]) == 1
    assert second["Errors"] == []


def test_a_batch_takes_the_time_of_all_its_objects() -> None:
    desk = Desk(tickets=7, latency=0.1, per_object=0.01)
    body = {"Batch": [entry("POST", "/tag/create", {"Tag": {"Name": "x"}})] * 25}
    assert desk.send("POST", "/batch", body).after == pytest.approx(0.1 + 25 * 0.01)
