"""Queries of any shape, for tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from twofold.rally.models import Reference
from twofold.rally.query.expression import Query, condition, one_of
from twofold.rally.query.values import FORBIDDEN, Today

fields = st.sampled_from(["Name", "State", "Iteration.Name", "c_Own", "PlanEstimate"])
texts = st.text(max_size=12).filter(lambda text: not FORBIDDEN.search(text))
moments = st.datetimes(
    min_value=datetime(1000, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.just(UTC),
)
values: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | texts
    | st.integers(-(10**12), 10**12)
    | st.decimals(-(10**6), 10**6, places=3)
    | st.floats(-1e9, 1e9).filter(lambda number: number == 0 or abs(number) > 1e-6)
    | st.dates()
    | moments
    | st.integers(-999, 999).map(Today)
    | st.integers(1, 99).map(lambda number: Reference(ref=f"/user/{number}"))
)
operators = st.sampled_from(["=", "!=", "<", ">", "<=", ">=", "contains", "!contains"])
conditions = st.builds(condition, fields, values, operators) | st.builds(
    one_of, fields, st.lists(values, min_size=1, max_size=5)
)


def joined(query: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    both: Callable[[Query, Query], Query] = lambda left, right: left & right  # noqa: E731
    either: Callable[[Query, Query], Query] = lambda left, right: left | right  # noqa: E731
    return (
        st.builds(both, query, query)
        | st.builds(either, query, query)
        | query.map(lambda one: ~one)
    )


queries: st.SearchStrategy[Query] = st.recursive(conditions, joined, max_leaves=12)
