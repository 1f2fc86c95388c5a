"""Values as they are sent in the body of a write; what cannot be sent is refused by its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from ..errors import ArgumentError
from .query.values import Referable
from .structure import relative

# What a signed number of 64 bits holds; servers make of a longer one what they like.
LONGEST = 2**63


def sendable(field: str, value: object) -> Any:
    """Return a value as JSON has it: exact numbers, times in UTC, refs without their server.

    A list is one of what has a ref, for a field that refers to many.
    """
    match value:
        case None | bool():
            return value
        case str():
            return text(field, value)
        case int() | float() | Decimal():
            return number(field, value)
        case datetime():
            return moment(field, value)
        case date():
            return value.isoformat()
        case Referable(ref=str() as ref):
            return relative(ref)
        case Mapping():
            return parts(field, cast("Mapping[object, object]", value))
        case list() | tuple():
            return elements(field, cast("Sequence[object]", value))
        case _:
            raise ArgumentError(f"{field}: {value!r} cannot be sent")


def text(field: str, value: str) -> str:
    """Return a text that can be sent: half of a pair of surrogates is no character."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ArgumentError(f"{field}: {value!r} holds half a character") from None
    return value


def number(field: str, value: float | Decimal) -> int | Decimal:
    """Return the number as it is written: 0.1 is a tenth, not the float beside it."""
    exact = Decimal(str(value)) if isinstance(value, float) else value
    if (isinstance(exact, Decimal) and not exact.is_finite()) or abs(exact) >= LONGEST:
        raise ArgumentError(f"{field}: the number {value} cannot be sent")
    return exact


def moment(field: str, value: datetime) -> str:
    """Spell a time in UTC; Rally's are exact to the millisecond."""
    if value.tzinfo is None:
        raise ArgumentError(f"{field}: a time must be aware: give it a time zone")
    try:
        universal = value.astimezone(UTC)
    except OverflowError as error:
        raise ArgumentError(f"{field}: the time {value} cannot be sent") from error
    return universal.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parts(field: str, value: Mapping[object, object]) -> dict[str, Any]:
    """Return a value of several parts, such as a link: what it leads to, and what it says."""
    return {text(field, str(name)): sendable(field, each) for name, each in value.items()}


def elements(field: str, values: Sequence[object]) -> list[dict[str, str]]:
    """Return what a collection is to hold."""
    return [{"_ref": reference(field, each)} for each in values]


def reference(field: str, value: object) -> str:
    """Return the ref of one of many that a field refers to."""
    match value:
        case Referable(ref=str() as ref):
            return relative(ref)
        case Mapping():
            return reference(field, cast("Mapping[object, object]", value).get("_ref"))
        case str() if "/" in value.strip("/"):
            return relative(text(field, value.strip()))
        case _:
            raise ArgumentError(f"{field} takes a list of refs, not of {value!r}")


def exactly(points: Decimal | float | str) -> Decimal:
    """Return a size as the number that is written: 0.1 is a tenth, not the float beside it."""
    try:
        number = Decimal(str(points))
    except InvalidOperation:
        number = Decimal("nan")
    if isinstance(points, bool) or not number.is_finite() or not 0 <= number < LONGEST:
        raise ArgumentError(f"points must be a number of at least 0, not {points!r}")
    return number
