"""Queries: strictly binary, every value quoted, so that no value can become a part of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from typing import TypeAlias

from ..errors import ArgumentError

Value: TypeAlias = str | int | Decimal | bool | date | None

FIELD = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
OPERATORS = frozenset({"=", "!=", "<", ">", "<=", ">=", "contains", "!contains"})


def condition(field: str, value: Value, operator: str = "=") -> str:
    """Return one condition; spaces around the operator are mandatory, and so are parentheses."""
    checked_field(field)
    if operator not in OPERATORS:
        raise ArgumentError(f"{operator!r} is not an operator; there are {sorted(OPERATORS)}")
    return f"({field} {operator} {literal(value)})"


def checked_field(field: object) -> str:
    if not isinstance(field, str) or not FIELD.fullmatch(field):
        raise ArgumentError(f"{field!r} is not the name of a field")
    return field


def literal(value: Value) -> str:
    """Spell a value; text is quoted, with a backslash before a quote or a backslash in it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    text = value if isinstance(value, str) else moment(value)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def moment(value: date) -> str:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ArgumentError("a time in a query must be aware: give it a time zone")
    return value.isoformat()


def one_of(field: str, values: Iterable[str]) -> str:
    """Return the condition that a field has one of several values, none of them with a comma."""
    return f'({field} in "{",".join(values)}")'


def all_of(conditions: Iterable[str]) -> str | None:
    """Join conditions with AND, two at a time; None if there are none."""
    wanted = list(conditions)
    return reduce(lambda left, right: f"({left} AND {right})", wanted) if wanted else None


def equal(where: Mapping[str, Value] | None) -> list[str]:
    return [condition(field, value) for field, value in (where or {}).items()]


def parenthesised(query: str) -> str:
    """Return a query of the user's own, in parentheses as Rally wants it."""
    text = query.strip()
    if not text:
        raise ArgumentError("query must not be empty; leave it out for every ticket")
    return text if is_one_group(text) else f"({text})"


def is_one_group(text: str) -> bool:
    """Tell whether the last parenthesis closes the first one; those in quotes do not count."""
    bare = QUOTED.sub("", text)
    depth = 0
    for place, mark in enumerate(bare):
        depth += (mark == "(") - (mark == ")")
        if depth == 0:
            return place == len(bare) - 1 and mark == ")"
    return False
