"""How a client caches: what its user chooses."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import attrs

from ...errors import ArgumentError
from ..policy.checks import at_least, not_negative

MEBIBYTE = 2**20


def lifetimes(instance: Any, field: attrs.Attribute[Any], value: Mapping[Any, Any]) -> None:
    """Check an attrs field: operations' names, and finite seconds from 0 upwards."""
    for name, seconds in value.items():
        if not isinstance(name, str):
            raise ArgumentError(f"{field.name} must name operations, not {name!r}")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ArgumentError(f"{field.name}[{name!r}] must be seconds, not {seconds!r}")
        not_negative(instance, field, seconds)


def switch(instance: Any, field: attrs.Attribute[Any], value: Any) -> None:  # noqa: ARG001 - attrs calls it so
    if not isinstance(value, bool):
        raise ArgumentError(f"{field.name} must be True or False, not {value!r}")


def frozen(given: Mapping[str, float]) -> Mapping[str, float]:
    if not isinstance(given, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
        raise ArgumentError(f"ttl must map operations' names to seconds, not {given!r}")
    return MappingProxyType(dict(given))


@attrs.frozen(kw_only=True)
class Cache:
    """Keep answers to reads, as a private cache does: RFC 9111.

    Nothing of one account is ever used for another.  Without further settings the server decides:
    what may be kept and for how long, and whether it may be used once it is stale (RFC 5861).
    """

    ttl: Mapping[str, float] = attrs.field(
        factory=dict[str, float], converter=frozen, validator=lifetimes
    )
    """Seconds for which an operation's answers are used, by its name, whatever the server says of
    their lifetime: the user's own word.  `no-store` holds all the same."""
    heuristic: bool = attrs.field(default=True, validator=switch)
    """Whether an answer without a lifetime is used for a tenth of the time since it was last
    changed, one day at most (4.2.2)."""
    stale_while_revalidate: float = attrs.field(default=0.0, validator=not_negative)
    """Seconds after its lifetime for which an answer is used at once, while it is confirmed aside;
    where the server does not say."""
    stale_if_error: float = attrs.field(default=0.0, validator=not_negative)
    """Seconds after its lifetime for which an answer is used if the server cannot be asked; where
    the server does not say."""
    bytes: int = attrs.field(default=64 * MEBIBYTE, validator=at_least(1))
    """How much the client's own store holds; a `store` that is given has its own bound."""
    wall: Callable[[], float] = attrs.field(default=time.time, repr=False, eq=False)
    """The time in seconds since 1970."""
