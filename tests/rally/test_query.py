from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from twofold.errors import ArgumentError
from twofold.rally.operations import stable, wish
from twofold.rally.query import Value, all_of, condition, literal, parenthesised


@pytest.mark.parametrize(
    ("value", "spelt"),
    [
        ("plain", '"plain"'),
        ('say "no"', r'"say \"no\""'),
        ("back\\slash", r'"back\\slash"'),
        ("(a) AND (b)", '"(a) AND (b)"'),
        (None, "null"),
        (True, "true"),
        (3, "3"),
        (Decimal("0.50"), "0.50"),
        (date(2026, 5, 1), '"2026-05-01"'),
        (datetime(2026, 5, 1, 12, tzinfo=UTC), '"2026-05-01T12:00:00+00:00"'),
    ],
)
def test_every_value_has_its_spelling(value: Value, spelt: str) -> None:
    assert literal(value) == spelt


def test_conditions_are_joined_two_at_a_time() -> None:
    assert all_of(["(a = 1)", "(b = 2)", "(c = 3)"]) == "(((a = 1) AND (b = 2)) AND (c = 3))"
    assert all_of(["(a = 1)"]) == "(a = 1)"
    assert all_of([]) is None


@pytest.mark.parametrize("field", ["", "a b", "Name)", "1a", "a..b", 'a"'])
def test_a_field_that_is_none_is_refused(field: str) -> None:
    with pytest.raises(ArgumentError):
        condition(field, "x")


def test_an_operator_that_is_none_is_refused() -> None:
    with pytest.raises(ArgumentError):
        condition("Name", "x", "~")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ArgumentError, match="time zone"):
        literal(datetime(2026, 5, 1))  # noqa: DTZ001 - the very thing that is refused


def test_a_query_of_the_users_own_gets_its_parentheses() -> None:
    assert parenthesised(" State = Open ") == "(State = Open)"
    assert parenthesised("(State = Open)") == "(State = Open)"
    assert parenthesised("(a = 1) AND (b = 2)") == "((a = 1) AND (b = 2))"
    with pytest.raises(ArgumentError):
        parenthesised("  ")


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


def test_a_field_to_fetch_that_is_none_is_refused() -> None:
    with pytest.raises(ArgumentError):
        wish(None, query=None, where=None, order=None, fetch=["a,b"])
