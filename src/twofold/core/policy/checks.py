"""Options are refused where they are given, by name: before anything is sent."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import attrs

from ...errors import ArgumentError

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])


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


def of_kind(name: str, given: object, kind: type[T]) -> T | None:
    """Return what is of a kind, or None, as it is; or raise ArgumentError naming it."""
    if given is None or isinstance(given, kind):
        return given
    raise ArgumentError(f"{name} must be a {kind.__name__} or None, not {given!r}")


def callable_or_none(name: str, given: F | None) -> F | None:
    """Return what can be called, or None, as it is; or raise ArgumentError naming it."""
    if given is None or callable(given):
        return given
    raise ArgumentError(f"{name} must be something to call, not {given!r}")


def at_least(least: int) -> Validator:
    """Check an attrs field with `whole`."""

    def check(instance: Any, field: attrs.Attribute[Any], value: Any) -> None:  # noqa: ARG001 - attrs calls it so
        whole(field.name, value, least)

    return check


def positive(instance: Any, field: attrs.Attribute[Any], value: Any) -> None:  # noqa: ARG001 - attrs calls it so
    """Check an attrs field with `seconds`."""
    seconds(field.name, value)


def fraction(instance: Any, field: attrs.Attribute[Any], value: Any) -> None:  # noqa: ARG001 - attrs calls it so
    """Check an attrs field: a number above 0, and at most 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise ArgumentError(f"{field.name} must be a number above 0 and at most 1, not {value!r}")


def not_negative(instance: Any, field: attrs.Attribute[Any], value: Any) -> None:  # noqa: ARG001 - attrs calls it so
    """Check an attrs field: a finite number, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ArgumentError(f"{field.name} must be a number from 0 upwards, not {value!r}")


def optional(kind: type[object]) -> Validator:
    """Check an attrs field: an instance of a class, or None."""

    def check(instance: Any, field: attrs.Attribute[Any], value: Any) -> None:  # noqa: ARG001 - attrs calls it so
        if value is not None and not isinstance(value, kind):
            raise ArgumentError(f"{field.name} must be a {kind.__name__} or None, not {value!r}")

    return check
