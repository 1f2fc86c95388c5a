"""Scripted trouble."""

from __future__ import annotations

import json
from typing import Any

import pytest
from emulators.rally.desk import Desk

STORY = "/hierarchicalrequirement"


def desk(*faults: dict[str, Any]) -> Desk:
    return Desk(tickets=70, faults=list(faults))


def statuses(at: Desk, count: int, path: str = "/defect", method: str = "GET") -> list[int]:
    return [at.send(method, path).status for _ in range(count)]


def test_a_status_comes_as_a_page_with_its_pause() -> None:
    fault = {"fault": "status", "status": 429, "retry_after": 7}
    answer = desk(fault).send("GET", "/defect")
    assert answer.status == 429
    assert dict(answer.headers)["Retry-After"] == "7"
    assert answer.body.startswith(b"<!DOCTYPE html>")


def test_a_status_may_have_a_body_of_its_own() -> None:
    at = desk({"fault": "status", "status": 503, "body": '{"a": 1}'})
    answer = at.send("GET", "/defect")
    assert json.loads(answer.body) == {"a": 1}
    assert dict(answer.headers)["Content-Type"].startswith("application/json")
    assert desk({"fault": "status", "status": 304}).send("GET", "/tag").body == b""


def test_html_comes_with_200() -> None:
    answer = desk({"fault": "html"}).send("GET", "/defect")
    assert answer.status == 200
    assert dict(answer.headers)["Content-Type"].startswith("text/html")


def test_nth_and_times_choose_among_those_that_fit() -> None:
    bad = {"fault": "status", "status": 500}
    assert statuses(desk(bad | {"nth": 2}), 4) == [200, 500, 200, 200]
    assert statuses(desk(bad | {"nth": [1, 3]}), 4) == [500, 200, 500, 200]
    assert statuses(desk(bad | {"times": 3}), 5) == [500, 500, 500, 200, 200]
    assert statuses(desk(bad | {"nth": [2, 3, 4], "times": 2}), 5) == [200, 500, 500, 200, 200]
    only = desk(bad | {"match": {"type": "task"}, "nth": 2})
    assert [only.send("GET", path).status for path in ("/task", "/tag", "/task")] == [200, 200, 500]


@pytest.mark.parametrize(
    ("match", "hits"),
    [
        ({}, [True, True, True, True]),
        ({"method": "post"}, [False, False, True, True]),
        ({"path": 'FormattedID = "DE1"'}, [True, False, False, False]),
        ({"type": "Defect"}, [True, True, True, False]),
        ({"object": "DE1"}, [False, True, True, False]),
        ({"object": "DE2"}, [False, False, False, False]),
        ({"body": "Renamed"}, [False, False, True, False]),
        ({"method": "POST", "type": "conversationpost"}, [False, False, False, True]),
    ],
)
def test_a_match_must_fit_in_all_it_names(match: dict[str, Any], hits: list[bool]) -> None:
    at = desk({"match": match, "fault": "status", "status": 500})
    plain = Desk(tickets=70)
    oid = plain.oid("/defect", "DE1")
    post = {"ConversationPost": {"Artifact": f"/defect/{oid}", "Text": "x"}}
    answers = [
        at.send("GET", "/defect", query='(FormattedID = "DE1")'),
        at.send("GET", f"/defect/{oid}"),
        at.send("POST", f"/defect/{oid}", {"Defect": {"Name": "Renamed"}}),
        at.send("POST", "/conversationpost/create", post),
    ]
    assert [answer.status == 500 for answer in answers] == hits


def test_an_object_is_named_in_every_form() -> None:
    plain = Desk(tickets=70)
    row = plain.ticket("/task", "TA1")
    for name in (
        "TA1",
        "ta1",
        row["ObjectID"],
        str(row["ObjectID"]),
        row["_ref"],
        row["ObjectUUID"],
    ):
        at = desk({"match": {"object": name}, "fault": "status", "status": 500})
        assert at.send("GET", f"/task/{row['ObjectUUID']}").status == 500
        assert at.send("GET", f"/task/{row['ObjectID']}/Tags.js").status == 500
        assert at.send("GET", "/task").status == 200


def test_errors_come_in_the_envelope_of_the_request() -> None:
    at = desk({"fault": "errors", "errors": ["Not authorized to update", "b"]})
    oid = Desk(tickets=70).oid("/defect", "DE1")
    for method, path, envelope in (
        ("GET", "/defect", "QueryResult"),
        ("GET", f"/defect/{oid}", "OperationResult"),
        ("POST", f"/defect/{oid}", "OperationResult"),
        ("POST", "/tag/create", "CreateResult"),
    ):
        answer = json.loads(at.send(method, path, {}).body)
        assert answer[envelope]["Errors"] == ["Not authorized to update", "b"]


def test_a_conflict_has_the_servers_text_and_changes_nothing() -> None:
    at = desk({"match": {"method": "POST", "object": "US2"}, "fault": "conflict", "times": 1})
    oid = at.oid(STORY, "US2")
    first = at.update("hierarchicalrequirement", oid, {"Name": "Renamed"})
    text = (
        "Concurrency conflict: [Object has been modified since being read for update in this "
        "context] - ConcurrencyConflictException : Modified since read on update : Object Class : "
        f"com.f4tech.slm.domain.UserStory : ObjectID : {oid}"
    )
    assert first["Errors"] == [text]
    assert at.ticket(STORY, "US2")["VersionId"] == "1"
    assert at.update("hierarchicalrequirement", oid, {"Name": "Renamed"})["Errors"] == []


@pytest.mark.parametrize("kind", ["empty", "garbage", "truncated"])
def test_a_broken_body_is_not_json(kind: str) -> None:
    answer = desk({"fault": kind}).send("GET", "/defect")
    assert answer.status == 200
    with pytest.raises(ValueError):
        json.loads(answer.body)


@pytest.mark.parametrize(
    ("fault", "is_done"),
    [
        ({"fault": "cut_before"}, False),
        ({"fault": "cut_after"}, True),
        ({"fault": "truncated"}, True),
        ({"fault": "delay", "seconds": 1}, True),
        ({"fault": "empty"}, False),
        ({"fault": "empty", "applied": True}, True),
        ({"fault": "garbage", "applied": True}, True),
        ({"fault": "status", "status": 502}, False),
        ({"fault": "status", "status": 502, "applied": True}, True),
        ({"fault": "html", "applied": True}, True),
        ({"fault": "errors", "errors": ["e"], "applied": True}, True),
    ],
)
def test_a_fault_says_whether_the_change_was_made(fault: dict[str, Any], is_done: bool) -> None:
    at = desk({"match": {"method": "POST"}} | fault)
    oid = at.oid("/defect", "DE1")
    answer = at.send("POST", f"/defect/{oid}", {"Defect": {"Name": "Renamed"}})
    assert (at.ticket("/defect", "DE1")["Name"] == "Renamed") is is_done
    cuts = {"cut_before": "before", "cut_after": "after"}
    assert answer.cut == cuts.get(fault["fault"])


def test_a_delay_comes_on_top() -> None:
    at = Desk(latency=0.5, faults=[{"fault": "delay", "seconds": 2, "nth": 1}])
    assert [at.send("GET", "/user").after for _ in range(2)] == [2.5, 0.5]


def test_the_first_fault_that_strikes_wins_and_all_count() -> None:
    at = desk(
        {"fault": "status", "status": 500, "nth": 1}, {"fault": "status", "status": 503, "nth": 2}
    )
    assert statuses(at, 3) == [500, 503, 200]
    both = desk({"fault": "status", "status": 500, "times": 1}, {"fault": "status", "status": 503})
    assert statuses(both, 2) == [500, 503]


def test_statistics_meet_no_fault() -> None:
    assert desk({"fault": "status", "status": 500}).statistics()["requests"] == 0


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ({"fault": "empty"}, "faults: must be a list"),
        ("empty", "faults: must be a list"),
        (["empty"], "faults[0]: must be an object"),
        ([{"fault": "empty"}, {}], "faults[1].fault: must be one of status, html"),
        ([{"fault": "explode"}], "faults[0].fault: must be one of"),
        ([{"fault": 3}], "faults[0].fault: must be a text"),
        ([{"fault": "empty", "colour": 1}], "faults[0].colour: is not a field here"),
        ([{"fault": "delay"}], "faults[0].seconds: must be seconds"),
        ([{"fault": "delay", "seconds": -1}], "faults[0].seconds: must be seconds"),
        ([{"fault": "delay", "seconds": True}], "faults[0].seconds: must be seconds"),
        ([{"fault": "status"}], "faults[0].status: must be a status from 200 to 599"),
        ([{"fault": "status", "status": 99}], "faults[0].status: must be a status"),
        ([{"fault": "status", "status": 500, "retry_after": []}], "faults[0].retry_after"),
        ([{"fault": "errors"}], "faults[0].errors: must be a list of texts"),
        ([{"fault": "errors", "errors": ["a", 1]}], "faults[0].errors: must be a list of texts"),
        ([{"fault": "errors", "errors": []}], "faults[0].errors: must be a list of texts"),
        ([{"fault": "empty", "nth": 0}], "faults[0].nth: must be a number from 1 on"),
        ([{"fault": "empty", "nth": []}], "faults[0].nth: must be a number from 1 on"),
        ([{"fault": "empty", "nth": [1, "2"]}], "faults[0].nth: must be a number from 1 on"),
        ([{"fault": "empty", "times": 1.5}], "faults[0].times: must be a whole number"),
        ([{"fault": "empty", "applied": "yes"}], "faults[0].applied: must be true or false"),
        ([{"fault": "cut_before", "applied": True}], "faults[0].applied: is not a field here"),
        ([{"fault": "empty", "match": []}], "faults[0].match: must be an object"),
        ([{"fault": "empty", "match": {"nth": 1}}], "faults[0].match.nth: is not a field here"),
        ([{"fault": "empty", "match": {"method": 1}}], "faults[0].match.method: must be a text"),
        ([{"fault": "empty", "match": {"type": "x"}}], "faults[0].match.type: there is no type"),
        ([{"fault": "empty", "match": {"object": "US999"}}], "faults[0].match.object: there is no"),
        ([{"fault": "empty", "match": {"object": 0}}], "faults[0].match.object: there is no"),
    ],
)
def test_a_bad_script_is_refused_by_place(faults: Any, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        Desk(tickets=7, faults=faults)
    assert str(caught.value).startswith(message)


def test_rows_come_and_go_between_pages() -> None:
    """The reference: "rows added or removed between pages"."""
    faults = ({"fault": "rows_added", "count": 3}, {"fault": "rows_removed", "type": "task"})
    at = desk(*({**each, "nth": 2, "match": {"path": "start"}} for each in faults))
    order: dict[str, Any] = {"order": "ObjectID", "pagesize": 10}
    before = [at.query("/defect", start=1, **order), at.query("/task", start=1, **order)]
    after = [at.query("/defect", start=11, **order), at.query("/task", start=11, **order)]
    totals = (
        [each["TotalResultCount"] for each in before],
        [each["TotalResultCount"] for each in after],
    )
    assert totals == ([20, 10], [23, 10])


def test_rows_that_go_move_all_others_up() -> None:
    fault = {"fault": "rows_removed", "count": 2, "nth": 2}
    at = desk(fault)
    first = at.ids("/defect", order="ObjectID")
    assert at.ids("/defect", order="ObjectID") == first[2:]


@pytest.mark.parametrize("bad", [{"type": "user"}, {"type": "artifact"}, {"count": 0}])
def test_rows_are_of_one_type_of_tickets(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"faults\[0\]"):
        desk({"fault": "rows_added", **bad})
