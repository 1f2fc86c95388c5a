"""Queries written by hand: what they mean is kept, what they are not is said where."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rally.queries import queries

from twofold.errors import ArgumentError
from twofold.rally.query.expression import Query


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("State = Open", '(State = "Open")'),
        ("(State = Open)", '(State = "Open")'),
        ("((State = Open))", '(State = "Open")'),
        ('State="Open"', '(State = "Open")'),
        (" ( State  =\tOpen ) ", '(State = "Open")'),
        ("(a = 1) AND (b = 2)", "((a = 1) AND (b = 2))"),
        ("a = 1 and b = 2 And c = 3", "(((a = 1) AND (b = 2)) AND (c = 3))"),
        ("((a = 1) AND (b = 2) AND (c = 3))", "(((a = 1) AND (b = 2)) AND (c = 3))"),
        ("((a = 1) AND ((b = 2) AND (c = 3)))", "(((a = 1) AND (b = 2)) AND (c = 3))"),
        ("a = 1 OR b = 2 AND c = 3", "((a = 1) OR ((b = 2) AND (c = 3)))"),
        ("(a = 1 OR b = 2) AND c = 3", "(((a = 1) OR (b = 2)) AND (c = 3))"),
        ("(a = 1)AND(b = 2)", "((a = 1) AND (b = 2))"),
        ("A = NULL", "(A = null)"),
        ('A = "null"', '(A = "null")'),
        ("A != True", "(A != true)"),
        ("A = 007", '(A = "007")'),
        ("A = 1.50", "(A = 1.50)"),
        ("A >= today - 7", "(A >= today-7)"),
        ("(A >= Today-7) or (A < today)", "((A >= today-7) OR (A < today))"),
        ("A = todays", '(A = "todays")'),
        ("A > 2024-05-01", "(A > 2024-05-01)"),
        ("A > 2024-05-32", '(A > "2024-05-32")'),
        ("A = 2024-05-01T12:00:00+02:00", '(A = "2024-05-01T12:00:00+02:00")'),
        ("Owner = /user/12", "(Owner = /user/12)"),
        ("Owner = https://r.example/slm/webservice/v2.0/user/12", "(Owner = /user/12)"),
        ("FormattedID >= DE60", '(FormattedID >= "DE60")'),
        ('State in "Defined, In-Progress"', '(State in "Defined,In-Progress")'),
        ("State IN Defined,In-Progress", '(State in "Defined,In-Progress")'),
        ("State !in A,B", '((State != "A") AND (State != "B"))'),
        ("Name Contains O'Brien", '(Name contains "O\'Brien")'),
        ('Name = "C:\\temp"', r'(Name = "C:\\temp")'),
        (r'Name = "say \"no\""', r'(Name = "say \"no\"")'),
        ("Tags.Name containsall a,b", '(Tags.Name containsall "a,b")'),
        ("inner = 1", "(inner = 1)"),
        ("A = Grüße", '(A = "Grüße")'),
    ],
)
def test_what_a_hand_wrote_is_kept_and_made_normal(text: str, normal: str) -> None:
    query = Query.parse(text)
    assert str(query) == normal
    assert Query.parse(normal) == query


@pytest.mark.parametrize(
    ("text", "place", "wanted"),
    [
        ("(", 2, "the name of a field"),
        ("A", 2, "an operator"),
        ("A =", 4, "a value"),
        ("A = (", 5, "a value"),
        ("A = ()", 5, "a value"),
        ("A = 1 AND", 10, "the name of a field"),
        ("A = 1 AND AND B = 2", 15, "an operator"),
        ("(A = 1", 7, "closes that of character 1"),
        ("((A = 1) AND (B = 2)", 21, "closes that of character 1"),
        ("A = 1)", 6, "the end"),
        ("A = My Story", 8, "AND, OR or the end"),
        ("A = 1 B = 2", 7, "AND, OR or the end"),
        ("(A = 1) (B = 2)", 9, "AND, OR or the end"),
        ("A like x", 3, "an operator"),
        ("A contained x", 3, "an operator"),
        ('A = "x', 5, "a value"),
        ("A = 'x'", 5, "a value"),
        ("1 = A", 1, "the name of a field"),
        ('"A" = 1', 1, "the name of a field"),
        ("A = 1; B = 2", 8, "AND, OR or the end"),
    ],
)
def test_nonsense_is_refused_with_its_place(text: str, place: int, wanted: str) -> None:
    with pytest.raises(ArgumentError, match=re.escape(wanted)) as caught:
        Query.parse(text)
    assert f"at character {place} " in str(caught.value)


@pytest.mark.parametrize("text", ["", "  ", None, 3])
def test_no_text_at_all_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError):
        Query.parse(text)


@given(text=st.text(alphabet='()AND OR=<>"\\ ab1.,!in\ntoday-7', max_size=40) | st.text())
def test_any_text_is_a_query_or_refused(text: str) -> None:
    try:
        query = Query.parse(text)
    except ArgumentError:
        return
    assert Query.parse(str(query)) == query


@given(query=queries)
def test_parentheses_too_many_mean_nothing(query: Query) -> None:
    assert Query.parse(f"(( {query} ) )") == query


def test_a_text_nested_deeply_is_read_and_flattened() -> None:
    deep = "(a = 0)"
    for number in range(1, 5000):
        deep = f"({deep} OR (a = {number}))"
    assert str(Query.parse(deep)).count(" OR ") == 4999
    assert str(Query.parse("(" * 9999 + "a = 1" + ")" * 9999)) == "(a = 1)"
