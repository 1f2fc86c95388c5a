"""What every client may be told, and how it is checked: by name, before anything is sent."""

from __future__ import annotations

import enum
import math
from collections.abc import Collection, Mapping

import attrs

from ..errors import ArgumentError
from .policy.checks import seconds, whole
from .policy.limits import SHARED, Limits
from .policy.retry import Retry
from .policy.timeout import Timeout


class Unset(enum.Enum):
    """The type of an option that was left out: None means off."""

    UNSET = enum.auto()

    def __repr__(self) -> str:
        return "the default"


UNSET = Unset.UNSET


@attrs.frozen
class Terms:
    """How one method call is to be carried out, however many requests it takes."""

    timeout: Timeout | None
    retry: Retry | None
    until: float = math.inf
    """When the method's own time is over, on the line's clock."""

    def seconds_left(self, now: float) -> float | None:
        """Return how long the next request may take in all; None: as long as it likes."""
        total = math.inf if self.timeout is None else self.timeout.total
        left = min(total, self.until - now)
        return None if left == math.inf else left


def terms(
    own: Terms,
    now: float,
    timeout: Timeout | float | Unset | None,
    retry: Retry | Unset | None,
) -> Terms:
    """Return a client's own terms with what a method was given in their place.

    A time-out that a method is given bounds the method as a whole; a client's own bounds each of
    its requests.
    """
    repeat = own.retry if isinstance(retry, Unset) else as_retry(retry)
    if isinstance(timeout, Unset):
        return attrs.evolve(own, retry=repeat)
    allowed = as_timeout(timeout)
    return Terms(allowed, repeat, math.inf if allowed is None else now + allowed.total)


def as_timeout(given: Timeout | float | None) -> Timeout | None:
    """Return how long a call may take; a number is the seconds in all."""
    if given is None or isinstance(given, Timeout):
        return given
    total = seconds("timeout", given)
    return Timeout(total=total, attempt=min(total, Timeout().attempt))


def as_retry(given: Retry | None) -> Retry | None:
    if given is not None and not isinstance(given, Retry):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
        raise ArgumentError(f"retry must be a Retry or None, not {given!r}")
    return given


def as_concurrency(given: int | None) -> int | None:
    """Return the number of requests at once; None: no limit of this client's own."""
    return None if given is None else whole("concurrency", given, 1)


def as_limits(given: Limits | None) -> Limits:
    """Return what a client shares with others; None: what all clients of the process share."""
    if given is not None and not isinstance(given, Limits):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
        raise ArgumentError(f"limits must be a Limits, not {given!r}")
    return SHARED if given is None else given


def known(given: Mapping[str, object], names: Collection[str]) -> None:
    """Refuse an option that does not exist: a misspelt one must not pass for its default."""
    for name in given:
        if name not in names:
            raise ArgumentError(f"there is no option {name!r}; there are {', '.join(names)}")
