from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.request import JSON
from twofold.rally.kinds import DEFECT, KINDS, STORY, TASK, Kind
from twofold.rally.models import Comment, Reference, Ticket
from twofold.rally.names import NAMES, model_of
from twofold.rally.records import Attachment, Iteration, Release, Revision, Tag, User
from twofold.rally.straight import Straight
from twofold.rally.straight import straight as read_straight
from twofold.rally.structure import structure, structure_ticket

BASE = "https://rally.example/slm/webservice/v2.0"

words = st.text(max_size=8)
shells = st.fixed_dictionaries(
    {"_ref": st.integers(1, 50).map(lambda n: f"{BASE}/user/{n}")},
    optional={"_refObjectName": words, "_type": st.just("User"), "_rallyAPIMajor": st.just("2")},
)
tags = st.fixed_dictionaries(
    {"Count": st.integers(0, 3)},
    optional={"_tagsNameArray": st.lists(st.fixed_dictionaries({"Name": words, "_ref": words}))},
)
numbers = st.integers(0, 100) | st.decimals(0, 100, places=2).map(float)
moments = st.datetimes().map(lambda at: at.isoformat(timespec="milliseconds") + "Z")
junk = st.none() | st.booleans() | st.integers() | words | st.lists(st.integers()) | shells

# What may be asked for beside the fields of a model.
beside = st.dictionaries(st.sampled_from(["c_Own", "c_Other", "DisplayColor"]), junk, max_size=2)

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "Tags": tags,
    "Blocked": st.booleans(),
    "Ready": st.booleans(),
    "CreationDate": moments,
    "LastUpdateDate": moments,
    "VersionId": st.integers(0, 999).map(str),
    **dict.fromkeys(("PlanEstimate", "Estimate", "ToDo", "Actuals"), numbers),
    **dict.fromkeys(("Owner", "Project", "Iteration", "Release", "Parent"), shells),
    **dict.fromkeys(("PortfolioItem", "Requirement", "WorkProduct", "PreliminaryEstimate"), shells),
    **dict.fromkeys(("PlannedStartDate", "PlannedEndDate", "ActualStartDate"), moments),
    **dict.fromkeys(("ActualEndDate", "LastRun"), moments),
    **dict.fromkeys(("LeafStoryCount", "AcceptedLeafStoryCount"), st.integers(0, 99)),
    **dict.fromkeys(("PercentDoneByStoryCount", "RefinedEstimate"), numbers),
    **dict.fromkeys(("PercentDoneByStoryPlanEstimate", "LeafStoryPlanEstimateTotal"), numbers),
    "Archived": st.booleans(),
}


def rows(kind: Kind, *, strange: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Rows as a server sends them, or with fields of any shape and fields that nobody knows."""
    names = NAMES[model_of(kind)].values()
    sure = {
        "_ref": st.integers(1, 9).map(lambda n: f"{BASE}/{kind.path}/{n}"),
        "_type": st.just(kind.element),
        "ObjectID": st.integers(1, 10**12),
        "FormattedID": st.integers(1, 99).map(lambda n: f"{kind.prefix}{n}"),
        "Name": words,
    }
    values = VALUES | ({"State": shells} if kind.is_portfolio else {})
    usual = {name: st.none() | values.get(name, words) for name in names if name not in sure}
    odd = {name: value | junk for name, value in usual.items()} | {
        "c_Own": junk,
        "_objectVersion": junk,
    }
    return st.fixed_dictionaries(sure, optional=odd if strange else usual)


def listed(found: list[dict[str, Any]], **more: Any) -> bytes:
    head = {"Errors": [], "Warnings": ["old"], "TotalResultCount": 7, "StartIndex": 1}
    return json.dumps({"QueryResult": {**head, "Results": found, **more}}).encode()


def straight(kind: Kind, body: bytes) -> Straight[Ticket] | None:
    return read_straight(model_of(kind), kind.element, body)


def generally(body: bytes) -> list[Ticket]:
    return [structure_ticket(raw) for raw in JSON.decode(body)["QueryResult"]["Results"]]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_what_was_asked_for_is_read_straight_and_equal(kind: Kind, data: st.DataObject) -> None:
    sent = data.draw(st.lists(st.tuples(rows(kind, strange=False), beside), max_size=2))
    body = listed([row | more for row, more in sent])
    found = straight(kind, body)
    assert found is not None
    assert found.items == generally(body)
    assert (found.total, found.warnings) == (7, ("old",))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_whatever_else_comes_is_equal_or_left_to_the_general_way(
    kind: Kind, data: st.DataObject
) -> None:
    body = listed(data.draw(st.lists(rows(kind, strange=True), min_size=1, max_size=3)))
    found = straight(kind, body)
    assert found is None or found.items == generally(body)


BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: words,
    int: st.integers(1, 99),
    str | None: words,
    bool | None: st.booleans(),
    int | None: st.integers(0, 99),
    Decimal | None: numbers,
    datetime | None: moments,
    Reference | None: shells,
}
RECORDS = [Comment, Iteration, Release, User, Tag, Revision, Attachment]


def records(model: type[Any], *, strange: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Objects as a server sends them, or with fields of any shape and fields that nobody knows."""
    types = get_type_hints(model)
    wanted = {name: BY_TYPE[types[field]] for field, name in NAMES[model].items()}
    sure = {name: wanted.pop(name) for name in ("_ref", "ObjectID", "Text") if name in wanted}
    usual = {name: st.none() | value for name, value in wanted.items()} | {"_type": words}
    odd = {name: value | junk for name, value in usual.items()} | {"_objectVersion": junk}
    return st.fixed_dictionaries(sure, optional=odd if strange else usual)


@pytest.mark.parametrize("model", RECORDS)
@given(data=st.data())
def test_what_is_no_ticket_is_read_straight_and_equal(
    model: type[Any], data: st.DataObject
) -> None:
    row = st.tuples(records(model, strange=False), beside)
    sent = [row | more for row, more in data.draw(st.lists(row, max_size=2))]
    found = read_straight(model, None, listed(sent))
    assert found is not None
    assert found.items == as_read(model, sent)
    assert (found.total, found.warnings) == (7, ("old",))


@pytest.mark.parametrize("model", RECORDS)
@given(data=st.data())
def test_what_else_is_no_ticket_is_equal_or_left_to_the_general_way(
    model: type[Any], data: st.DataObject
) -> None:
    sent = data.draw(st.lists(records(model, strange=True), min_size=1, max_size=3))
    found = read_straight(model, None, listed(sent))
    assert found is None or found.items == as_read(model, sent)


def as_read(model: type[Any], sent: list[dict[str, Any]]) -> list[Any]:
    return [structure(model, raw) for raw in JSON.decode(json.dumps(sent))]


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"<html>", b"\xff", b'{"QueryResult": {}}', b'{"OperationResult": {}}',
     listed([], Errors=["Could not parse"]), listed([], TotalResultCount="7"),
     json.dumps({"QueryResult": {"Results": [], "TotalResultCount": 0}, "Errors": ["x"]}).encode()],
)  # fmt: skip
def test_any_other_answer_is_left_to_the_general_way(body: bytes) -> None:
    assert straight(STORY, body) is None


def test_another_type_than_asked_for_is_left_to_the_general_way() -> None:
    row = {
        "_ref": f"{BASE}/task/1",
        "_type": "Task",
        "ObjectID": 1,
        "FormattedID": "TA1",
        "Name": "",
    }
    assert straight(DEFECT, listed([row])) is None
    assert straight(TASK, listed([row])) is not None


def test_a_time_without_a_zone_is_left_to_the_general_way() -> None:
    row = {"_ref": f"{BASE}/task/1", "_type": "Task", "ObjectID": 1, "FormattedID": "TA1"}
    body = listed([{**row, "Name": "", "CreationDate": "2026-05-01T12:00:00"}])
    assert straight(TASK, body) is None
    assert generally(body)[0].created is None


def test_points_keep_their_digits() -> None:
    row = {
        "_ref": f"{BASE}/task/1",
        "_type": "Task",
        "ObjectID": 1,
        "FormattedID": "TA1",
        "Name": "",
    }
    body = listed([row]).replace(b'"Name": ""', b'"Name": "", "Estimate": 0.10')
    found = straight(TASK, body)
    assert found is not None
    assert str(found.items[0].points) == "0.10"
    assert found.items[0].points == Decimal("0.1")


def test_threads_may_read_their_first_pages_at_the_same_time() -> None:
    """Now and then one saw half made what they share, and the process died."""
    ended = [
        subprocess.run([sys.executable, "-c", FIRST_PAGES], capture_output=True, check=False)
        for _ in range(3)
    ]
    assert [(each.returncode, each.stderr) for each in ended] == [(0, b"")] * 3


FIRST_PAGES = """
import json, sys, threading
from twofold.rally.kinds import KINDS
from twofold.rally.names import model_of
from twofold.rally.straight import straight

sys.setswitchinterval(1e-6)
together = threading.Barrier(len(KINDS))
owner = {"_ref": "/user/1", "_refObjectName": "x"}
head = {"_ref": "/x/1", "ObjectID": 1, "FormattedID": "X1", "Name": "n", "Owner": owner}
tags = {"Tags": {"_tagsNameArray": [{"Name": "a"}]}}


def read(kind):
    rows = [{**head, **tags, "_type": kind.element}]
    body = json.dumps({"QueryResult": {"Results": rows, "TotalResultCount": 1}}).encode()
    together.wait()
    for _ in range(50):
        assert straight(model_of(kind), kind.element, body).items[0].tags == ("a",)


threads = [threading.Thread(target=read, args=(kind,)) for kind in KINDS]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""
