"""Options are refused where they are given, by name: before anything is sent."""

from __future__ import annotations

import math
from typing import Any, Protocol

import attrs

from ...errors import ArgumentError


class Validator(Protocol):
    def __call__(self, instance: Any, field: attrs.Attribute[Any], value: Any) -> None: ...


def whole(name: str, value: object, least: int, most: float = math.inf) -> int:
    """Return a whole number within bounds, or raise ArgumentError naming it."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        bounds = f"at least {least}" if most == math.inf else f"from {least} to {int(most)}"
        raise ArgumentError(f"{name} must be a whole number {bounds}, not {value!r}")
    return value


def seconds(name: str, value: object) -> float:
    """Return a number of seconds above 0, or raise ArgumentError naming it."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ArgumentError(f"{name} must be a number above 0, not {value!r}")
    return float(value)


def at_least(least: int) -> Validator:
    """Check an attrs field with `whole`."""

    def check(instance: Any, field: attrs.Attribute[Any], value: Any) -> None:  # noqa: ARG001 - attrs calls it so
        whole(field.name, value, least)

    return check


def positive(instance: Any, field: attrs.Attribute[Any], value: Any) -> None:  # noqa: ARG001 - attrs calls it so
    """Check an attrs field with `seconds`."""
    seconds(field.name, value)
