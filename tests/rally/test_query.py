"""Queries that are built: whatever a value holds, the text is one valid query."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rally.queries import queries

from twofold.emulators.rally.query.grammar import parse as parsed_by_the_emulator
from twofold.errors import ArgumentError
from twofold.rally.asking import stable, wish
from twofold.rally.models import Reference
from twofold.rally.query.expression import Query, all_of, any_of, condition
from twofold.rally.query.fields import Q, wire_path
from twofold.rally.query.values import Value, literal, today


@pytest.mark.parametrize(
    ("value", "spelt"),
    [
        ("plain", '"plain"'),
        ('say "no"', r'"say \"no\""'),
        ("back\\slash", r'"back\\slash"'),
        ("(a) AND (b)", '"(a) AND (b)"'),
        ("two\nlines", '"two\nlines"'),
        ("null", '"null"'),
        ("", '""'),
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (-3, "-3"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (Decimal("0.50"), "0.50"),
        (Decimal("1E+3"), "1000"),
        (date(2026, 5, 1), "2026-05-01"),
        (datetime(2026, 5, 1, 12, tzinfo=UTC), "2026-05-01T12:00:00.000Z"),
        (datetime(2026, 5, 1, 1, tzinfo=timezone(timedelta(hours=2))), "2026-04-30T23:00:00.000Z"),
        (today, "today"),
        (today - 7, "today-7"),
        (today + 7 + 7, "today+14"),
        (Reference(ref="/user/12"), "/user/12"),
        (Reference(ref="https://r.example/slm/webservice/v2.0/user/12"), "/user/12"),
        (Reference(ref='/user/1" OR'), r'"/user/1\" OR"'),
    ],
)
def test_every_value_has_its_spelling(value: Value, spelt: str) -> None:
    assert literal(value) == spelt


@pytest.mark.parametrize(
    "value",
    [
        *(float("nan"), float("inf"), Decimal("sNaN"), Decimal("1E+999999"), 10**31, 10**4000),
        *("a\0b", "\x1b", "\ud800", object(), b"x", ["x"], today + 10**6),
        datetime(2026, 5, 1),  # noqa: DTZ001 - the very thing that is refused
        datetime.min.replace(tzinfo=timezone(timedelta(hours=3))),
    ],
)
def test_what_no_query_can_hold_is_refused(value: Any) -> None:
    with pytest.raises(ArgumentError):
        literal(value)


def test_conditions_of_every_sort() -> None:
    assert str(Q.state == "Open") == '(State = "Open")'
    assert str(Q.state != None) == "(State != null)"  # noqa: E711 - that is how it is written
    assert str(Q.iteration.name.contains("Sprint")) == '(Iteration.Name contains "Sprint")'
    assert str(Q.name.not_contains("x")) == '(Name !contains "x")'
    assert str(Q.owner == Reference(ref="/user/1")) == "(Owner = /user/1)"
    assert str(Q.blocked == True) == "(Blocked = true)"  # noqa: E712 - likewise
    assert str(Q.updated >= today - 7) == "(LastUpdateDate >= today-7)"
    assert str(Q.points.between(1, 5)) == "((PlanEstimate >= 1) AND (PlanEstimate <= 5))"
    assert str(Q.iteration.is_null() | Q.release.is_set()) == (
        "((Iteration = null) OR (Release != null))"
    )


@pytest.mark.parametrize(
    ("values", "spelt"),
    [
        (["A"], '(State = "A")'),
        (["A", "In-Progress", "A"], '(State in "A,In-Progress")'),
        ([1, 2], '(State in "1,2")'),
        (["A", "B c"], '((State = "A") OR (State = "B c"))'),
        (["a,b", "c"], '((State = "a,b") OR (State = "c"))'),
        (["1", "2"], '((State = "1") OR (State = "2"))'),
        (["A", None], '((State = "A") OR (State = null))'),
        (["null", "A"], '((State = "null") OR (State = "A"))'),
    ],
)
def test_a_choice_is_a_list_only_where_a_list_says_the_same(values: list[Any], spelt: str) -> None:
    assert str(Q.state.in_(values)) == spelt


def test_not_is_said_by_every_condition_for_itself() -> None:
    either = (Q.state == "Open") & (Q.points < 3) | Q.name.contains("x")
    assert str(~either) == ('(((State != "Open") OR (PlanEstimate >= 3)) AND (Name !contains "x"))')
    assert str(~Q.state.in_(["A", "B"])) == '((State != "A") AND (State != "B"))'
    assert ~~either == either


@pytest.mark.parametrize("field", ["tags.name", "Milestones", "tasks.owner.user_name"])
def test_that_no_element_of_a_collection_is_so_cannot_be_said(field: str) -> None:
    with pytest.raises(ArgumentError, match="any element"):
        _ = ~(Q[field] == "x")
    assert "!=" in str(~(Q[field] == None))  # noqa: E711


def test_many_conditions_nest_as_flat_as_can_be() -> None:
    thousand = any_of(Q.name == f"name {number}" for number in range(1000))
    depth = deepest = 0
    for mark in str(thousand):
        depth += (mark == "(") - (mark == ")")
        deepest = max(deepest, depth)
    assert deepest == 11
    folded = Q.name == "name 0"
    for number in range(1, 1000):
        folded |= Q.name == f"name {number}"
    assert folded == thousand
    assert len(str(~folded)) == len(str(thousand)) + 1000 + 999


def test_alternation_without_end_is_refused_and_not_a_crash() -> None:
    query: Query = Q.a == 1
    with pytest.raises(ArgumentError, match="levels"):
        for _ in range(1000):
            query = (query & (Q.b == 2)) | (Q.c == 3)


def test_conditions_are_joined_two_at_a_time() -> None:
    some = [condition("a", 1), condition("b", 2), condition("c", 3)]
    assert str(all_of(some)) == "(((a = 1) AND (b = 2)) AND (c = 3))"
    assert str(any_of(some[:1])) == "(a = 1)"
    with pytest.raises(ArgumentError):
        all_of([])


@pytest.mark.parametrize("field", ["", "a b", "Name)", "1a", "a..b", 'a"', "a.", "ä"])
def test_a_field_that_is_none_is_refused(field: str) -> None:
    with pytest.raises(ArgumentError):
        condition(field, "x")
    with pytest.raises(ArgumentError):
        _ = Q[field]


def test_an_operator_that_is_none_is_refused() -> None:
    with pytest.raises(ArgumentError):
        condition("Name", "x", "~")


@pytest.mark.parametrize("values", [[], "text"])
def test_a_choice_of_nothing_or_of_letters_is_refused(values: Any) -> None:
    with pytest.raises(ArgumentError):
        Q.state.in_(values)


@pytest.mark.parametrize("value", [None, True])
def test_nothing_is_less_than_nothing(value: Any) -> None:
    with pytest.raises(ArgumentError):
        _ = Q.points < value


def test_a_query_has_no_truth() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(Q.state == "Open")
    with pytest.raises(TypeError):
        _ = 1 < Q.points < 5
    with pytest.raises(TypeError):
        _ = (Q.state == "Open") & True  # type: ignore[operator]  # that is what is tried
    with pytest.raises(TypeError):
        _ = "x" in Q.tags  # type: ignore[operator]  # likewise


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("schedule_state", "ScheduleState"),
        ("ScheduleState", "ScheduleState"),
        ("iteration.name", "Iteration.Name"),
        ("owner.user_name", "Owner.UserName"),
        ("formatted_id", "FormattedID"),
        ("created", "CreationDate"),
        ("feature.formatted_id", "PortfolioItem.FormattedID"),
        ("c_TeamName", "c_TeamName"),
        ("Feature.c_own", "Feature.c_own"),
    ],
)
def test_fields_have_our_names_and_theirs(ours: str, theirs: str) -> None:
    assert wire_path(ours) == theirs
    assert repr(Q[ours]) == f"Q.{theirs}"


def test_what_python_asks_of_every_object_is_no_field() -> None:
    assert not hasattr(Q, "__fspath__")
    assert not hasattr(Q.name, "_private")


@given(query=queries)
def test_any_expression_is_read_back_equal(query: Query) -> None:
    assert Query.parse(str(query)) == query


@given(query=queries)
def test_any_expression_is_strictly_binary(query: Query) -> None:
    """The emulator's parser, which shares no code with ours, takes nothing else."""
    parsed_by_the_emulator(str(query))


@given(text=st.text())
def test_any_text_is_one_value(text: str) -> None:
    try:
        query = Q.name == text
    except ArgumentError:
        return
    read = parsed_by_the_emulator(str(query))
    assert (getattr(read, "path", None), getattr(read, "value", None)) == (("Name",), text)


@pytest.mark.parametrize(
    ("order", "stable_order"),
    [
        (None, "ObjectID"),
        ("Rank", "Rank,ObjectID"),
        ("Name DESC, ObjectID DESC", "Name DESC,ObjectID DESC"),
    ],
)
def test_an_order_always_ends_with_something_unique(order: str | None, stable_order: str) -> None:
    assert stable(order) == stable_order


@pytest.mark.parametrize("fetch", [["a,b"], "Name"])
def test_a_field_to_fetch_that_is_none_is_refused(fetch: Any) -> None:
    with pytest.raises(ArgumentError):
        wish(None, fetch=fetch)
