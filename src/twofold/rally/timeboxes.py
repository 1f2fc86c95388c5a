"""Which iterations and releases are meant: by the day of the query, which the server knows."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ..errors import ArgumentError
from .asking import Scope
from .query.expression import Query, all_of, condition
from .query.fields import Field, Q
from .query.values import today
from .records import Iteration

When: TypeAlias = Literal["current", "past", "future"] | None
"""Whether today is within it, after it, or before it; None: no matter."""


def during(when: When, start: str, end: str, also: Query | None = None) -> Query | None:
    """Return the query for timeboxes whose days are in these fields; None: all of them."""
    wanted = [] if also is None else [also]
    if when is not None:
        wanted.append(around_today(when, Q[start], Q[end]))
    return all_of(wanted) if wanted else None


def around_today(when: str, start: Field, end: Field) -> Query:
    match when:
        case "current":
            return (start <= today) & (end >= today)
        case "past":
            return end < today
        case "future":
            return start > today
        case _:
            raise ArgumentError(f"when must be current, past, future or None, not {when!r}")


def own_project(scope: Scope, below: bool) -> Scope:
    """Narrow a scope to the project itself: the same sprint exists in each one beneath it too."""
    return scope if below else {**scope, "projectScopeDown": "false"}


def planned_into(iteration: Iteration | str | None) -> tuple[Query, str]:
    """Return the query for what is planned into an iteration, and its name; None: the current one.

    Of a sprint there is one in each project, so it is found by name and days, not by its ref.
    """
    if iteration is None:
        return around_today("current", Q.iteration.start_date, Q.iteration.end_date), ""
    if isinstance(iteration, str):
        return condition("Iteration.Name", checked_name(iteration)), iteration
    if not isinstance(iteration, Iteration):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
        raise ArgumentError(f"an iteration is named by its name, not by {iteration!r:.80}")
    name = checked_name(iteration.name)
    days = {"StartDate": iteration.start_date, "EndDate": iteration.end_date}
    known = [condition(f"Iteration.{field}", day) for field, day in days.items() if day is not None]
    return all_of([condition("Iteration.Name", name), *known]), name


def checked_name(name: str | None) -> str:
    if not name or not name.strip():
        raise ArgumentError("an iteration is named by its name, which must not be empty")
    return name
