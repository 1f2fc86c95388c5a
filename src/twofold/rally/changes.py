"""What an update writes, and where each type of ticket keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from ..errors import ArgumentError
from .ids import Located
from .kinds import Kind
from .query.values import checked_field

Change: TypeAlias = Callable[[Located], Mapping[str, Any]]
"""What to write to a ticket, by its kind and by where it is."""


def state_change(state: str, field: str | None) -> Change:
    if not isinstance(state, str) or not state.strip():  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
        raise ArgumentError(f"state must be text, not {state!r}")
    own = None if field is None else checked_field(field)
    return lambda place: {own or kept("state", place.kind.state_field, place.kind): state}


def points_change(points: Decimal | float | str | None, field: str | None) -> Change:
    exact = None if points is None else exactly(points)
    own = None if field is None else checked_field(field)
    return lambda place: {own or kept("size", place.kind.points_field, place.kind): exact}


def kept(what: str, field: str | None, kind: Kind) -> str:
    if field is None:
        raise ArgumentError(f"a {kind.name} has no {what} to be set")
    return field


def exactly(points: Decimal | float | str) -> Decimal:
    """Return the number as it is written: 0.1 is a tenth, not the float beside it."""
    try:
        number = Decimal(str(points))
    except InvalidOperation:
        number = Decimal("nan")
    if isinstance(points, bool) or not number.is_finite() or number < 0:
        raise ArgumentError(f"points must be a number of at least 0, not {points!r}")
    return number
