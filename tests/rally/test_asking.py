"""What is asked of each type: its own fields, and a form where an address would be too long."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.request import Origin, Safety
from twofold.errors import ArgumentError
from twofold.rally import lists, operations
from twofold.rally.asking import LONGEST, wish
from twofold.rally.changes import plainly
from twofold.rally.drafts import sized, stated
from twofold.rally.ids import Located
from twofold.rally.kinds import kind_named
from twofold.rally.query.expression import Query, condition
from twofold.rally.query.fields import Q

ORIGIN = Origin("https", "rally.example", 443)
BASE = "/slm/webservice/v2.0"


@pytest.mark.parametrize(
    ("type", "query", "asked"),
    [
        ("story", Q.state == "Completed", '(ScheduleState = "Completed")'),
        ("defect", Q.state == "Open", '(State = "Open")'),
        ("task", Q.points > 3, "(Estimate > 3)"),
        ("story", Q.points > 3, "(PlanEstimate > 3)"),
        ("feature", Q.state == "Done", '(State.Name = "Done")'),
        ("feature", Q.state.is_null(), "(State = null)"),
        ("feature", Q.state.name == "Done", '(State.Name = "Done")'),
        ("epic", Q.points.is_null(), "(RefinedEstimate = null)"),
        ("test set", Q.state == "Defined", '(ScheduleState = "Defined")'),
        (
            "story",
            'State = Done and Name = "State"',
            '((ScheduleState = "Done") AND (Name = "State"))',
        ),
    ],
)
def test_state_and_size_are_asked_where_each_type_keeps_them(
    type: str, query: Query | str, asked: str
) -> None:
    (question,) = operations.questions(wish(type, query=query), {})
    assert question.page(1, 20).query["query"] == asked


def test_one_query_serves_several_types() -> None:
    asked = operations.questions(wish(None, query=Q.state == "Completed"), {})
    assert [str(question.query) for question in asked] == [
        '(ScheduleState = "Completed")',
        '(State = "Completed")',
        '(State = "Completed")',
    ]


@pytest.mark.parametrize("query", [Q.state == "Open", Q.points > 3])
def test_what_a_type_has_not_cannot_be_asked_of_it(query: Query) -> None:
    with pytest.raises(ArgumentError, match="a test case has no"):
        wish("test case", query=query)


def test_what_a_type_has_not_cannot_be_written_to_it() -> None:
    for change in (plainly(stated("Open", None)), plainly(sized(3, None))):
        with pytest.raises(ArgumentError, match="a test case has no"):
            change(Located(kind_named("test case"), 1))
    assert plainly(stated("Run", "c_State"))(Located(kind_named("test case"), 1)) == {
        "c_State": "Run"
    }
    assert plainly(sized(3, None))(Located(kind_named("feature"), 1)) == {"RefinedEstimate": 3}


def test_queries_and_fields_are_joined() -> None:
    (question,) = operations.questions(
        wish("defect", query="Severity != null OR a = 1", where={"name": 'x" OR "', "State": None}),
        {},
    )
    assert str(question.query) == (
        '((((Severity != null) OR (a = 1)) AND (Name = "x\\" OR \\"")) AND (State = null))'
    )


def test_levels_of_portfolio_items_are_two_parts_of_an_address() -> None:
    (question,) = operations.questions(wish("epic"), {})
    sent = question.page(1, 20).request(ORIGIN, BASE, ())
    assert sent.target.startswith(f"{BASE}/portfolioitem/epic?")


@given(length=st.integers(LONGEST - 400, LONGEST + 400))
def test_a_read_goes_as_a_form_exactly_where_its_address_would_be_too_long(length: int) -> None:
    (question,) = operations.questions(
        wish("task", query=condition("Name", "ä " * (length // 9))), {}
    )
    operation = question.page(1, 20)
    sent = operation.request(ORIGIN, BASE, ())
    assert len(sent.target) < LONGEST + len(BASE)
    assert operation.endpoint.safety is Safety.SAFE
    assert operation.endpoint.name == "rally.query"
    assert operation.endpoint.invalidates == ()
    if sent.method == "POST":
        form = parse_qs(sent.body.decode(), strict_parsing=True)
        assert form["_method"] == ["GET"]
        assert form["query"] == [str(question.query)]
        assert sent.target == f"{BASE}/task"
    else:
        assert (sent.method, sent.body) == ("GET", b"")


@pytest.mark.parametrize(
    "ref", ["", "defect", "/defect/", "/a/b/c/1", "/defect/1/Tasks", 3, "../x/1"]
)
def test_a_ref_that_is_none_is_refused(ref: str) -> None:
    with pytest.raises(ArgumentError):
        lists.taken_apart(ref)


def test_a_ref_is_taken_apart() -> None:
    assert lists.taken_apart("https://r.example/slm/webservice/v2.0/Defect/12.js") == (
        "defect",
        "12",
    )
    assert lists.taken_apart("typedefinition/-12") == ("typedefinition", "-12")
    assert lists.taken_apart("/portfolioitem/feature/7") == ("portfolioitem/feature", "7")
    assert lists.taken_apart("/projectpermission/1u2p1") == ("projectpermission", "1u2p1")


@pytest.mark.parametrize("type", ["", "a b", "../x", "a/b/c", None, "Ä"])
def test_a_type_that_is_none_is_refused(type: str) -> None:
    with pytest.raises(ArgumentError):
        lists.checked_type(type)
