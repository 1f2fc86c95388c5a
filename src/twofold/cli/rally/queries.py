"""What options ask for, as queries; checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable

from ...rally.query.expression import Query, all_of, condition
from .options import pair_of


def parsed(query: str | None) -> Query | None:
    return None if query is None else Query.parse(query)


def conditions(query: str | None, where: Iterable[str] | None) -> list[Query]:
    """Return a query, and what fields must equal; a field without a value is empty."""
    asked = [] if query is None else [Query.parse(query)]
    pairs = [pair_of("--where", each) for each in where or ()]
    return [*asked, *(condition(field, text or None) for field, text in pairs)]


def matching(query: str | None, where: Iterable[str] | None) -> Query | None:
    asked = conditions(query, where)
    return all_of(asked) if asked else None
