"""Paths, methods, and what is said at addresses where nothing is."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from emulators.rally.desk import ROOT, Desk, Request
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(
    "path", ["/Defect", "/defects", "/DEFECT.js", "/defects.js", "/defect/", "/Defects"]
)
def test_case_plural_and_suffix_make_no_difference(desk: Desk, path: str) -> None:
    assert desk.ids(path) == desk.ids("/defect")


def test_an_object_has_a_suffix_too(desk: Desk) -> None:
    oid = desk.oid("/defect", "DE2")
    assert desk.result("GET", f"/Defect/{oid}.js")["FormattedID"] == "DE2"
    assert desk.result("GET", f"/defect/{oid}/tags.js")["Errors"] == []


def test_an_unknown_type_is_named(desk: Desk) -> None:
    for method in ("GET", "DELETE"):
        result = desk.result(method, "/payjammas/1")
        assert result["Errors"] == ['Requested type name "payjammas" is unknown.']


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/slm/webservice/v1.43/defect", 302),
        ("/slm/webservice/v2.0", 404),
        ("/slm/webservice/v2.0x/defect", 302),
        ("/slm/webservice/v2.0/defect/1/Tags/add/more", 404),
        ("/", 404),
        ("/elsewhere", 404),
    ],
)
def test_other_addresses_answer_in_html(desk: Desk, target: str, status: int) -> None:
    answer = desk.emulator.answer(Request("GET", target, desk.headers), 0.0)
    assert answer.status == status
    assert answer.headers[0] == ("Content-Type", "text/html;charset=utf-8")
    assert answer.body.startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/defect/1"), ("POST", "/defect")])
def test_other_methods_are_not_allowed(desk: Desk, method: str, path: str) -> None:
    assert desk.send(method, path).status == 405


def test_a_form_stands_for_a_long_get(desk: Desk) -> None:
    form = {"_method": "GET", "query": '(FormattedID = "DE3")', "fetch": "FormattedID"}
    headers = (*desk.headers, ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"))
    answer = desk.send("POST", "/defect", urlencode(form).encode(), headers=headers)
    (row,) = json.loads(answer.body)["QueryResult"]["Results"]
    assert row["FormattedID"] == "DE3"


def test_spaces_and_signs_survive_both_encodings(desk: Desk) -> None:
    name = "R&D budget: a+b=c, x&y?"
    plus = desk.ids("/artifact", f'(Name = "{name}")')
    query = f'(Name = "{name}")'.encode()
    target = f"{ROOT}/artifact?fetch=FormattedID&query=" + "".join(f"%{byte:02X}" for byte in query)
    answer = desk.emulator.answer(Request("GET", target, desk.headers), 0.0)
    found = json.loads(answer.body)["QueryResult"]["Results"]
    assert [row["FormattedID"] for row in found] == plus != []


ANY = Desk(tickets=21)
PARTS = st.sampled_from(
    ["defect", "user", "create", "Tags", "add", "x.js", "artifact", "project", "", "security",
     "authorize", "%00", "%ff", "tag", "conversationpost", str(ANY.oid("/defect", "DE1"))]
)  # fmt: skip
NAMES = st.sampled_from(
    [
        "query",
        "fetch",
        "order",
        "start",
        "pagesize",
        "project",
        "workspace",
        "types",
        "key",
        "_method",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Defect",
                    "Tag",
                    "CollectionItems",
                    "Name",
                    "_ref",
                    "Tags",
                    "Owner",
                    "State",
                    "Project",
                    "PlanEstimate",
                    "ConversationPost",
                    "Artifact",
                    "TargetDate",
                    "Ready",
                    "User",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "BREW"]),
    st.lists(PARTS | st.text(max_size=5), max_size=5),
    st.dictionaries(NAMES, st.text(max_size=12), max_size=4),
    JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40),
)
def test_whatever_comes_is_answered(
    method: str, parts: list[str], parameters: dict[str, str], body: bytes
) -> None:
    target = f"{ROOT}/{'/'.join(parts)}?{urlencode(parameters)}"
    answer = ANY.emulator.answer(Request(method, target, ANY.headers, body), 0.0)
    assert answer.status in (200, 302, 404, 405)
    if answer.headers[0][1].startswith("application/json"):
        assert len(json.loads(answer.body)) == 1
