"""What every client may be told, and how it is checked: by name, before anything is sent."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Literal, TypeAlias, TypedDict

import attrs

from ..errors import ArgumentError
from .cache.settings import Cache
from .policy.adaptive import Adaptive
from .policy.checks import of_kind, seconds, whole
from .policy.limits import SHARED, Limits
from .policy.retry import Retry
from .policy.timeout import Timeout
from .task import Background
from .text.headers import UNSENDABLE, Pairs
from .unset import UNSET as UNSET
from .unset import Unset as Unset

CONCURRENCY = 10
"""Requests at once of a client whose kind has no number of its own."""


Strictness: TypeAlias = bool | Literal["drift", "warnings"]
"""What of an answer is an error though it could be read; True: all of it."""


class CallOptions(TypedDict, total=False):
    """What a method takes for itself, in place of its client's own; for `**call`."""

    timeout: Timeout | float | None
    """Seconds that the method may take in all, or in parts; None: no limit."""
    retry: Retry | None
    """How failures are repeated; None: not at all."""


@attrs.frozen
class Terms:
    """How one method call is to be carried out, however many requests it takes."""

    timeout: Timeout | None
    retry: Retry | None
    until: float = math.inf
    """When the method's own time is over, on the line's clock."""
    is_confirming: bool = False
    """Whether a cache is to believe nothing that the server has not confirmed now."""

    def seconds_left(self, now: float) -> float | None:
        """Return how long the next request may take in all; None: as long as it likes."""
        total = math.inf if self.timeout is None else self.timeout.total
        left = total if self.until == math.inf else min(total, self.until - now)
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
    repeat = own.retry if isinstance(retry, Unset) else of_kind("retry", retry, Retry)
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


def as_concurrency(given: int | Adaptive | None) -> int | Adaptive | None:
    """Return the number of requests at once; None: no limit of this client's own."""
    if given is None or isinstance(given, Adaptive):
        return given
    return whole("concurrency", given, 1)


def as_limits(given: Limits | None) -> Limits:
    """Return what a client shares with others; None: what all clients of the process share."""
    return of_kind("limits", given, Limits) or SHARED


def as_strictness(given: Strictness | None) -> tuple[bool, bool]:
    """Return whether warnings are errors, and whether drift is; None: neither."""
    if given not in (None, True, False, "warnings", "drift"):
        raise ArgumentError(f"strict must be True, False, 'drift' or 'warnings', not {given!r}")
    return given in (True, "warnings"), given in (True, "drift")


def as_cache(given: Cache | None, *, has_store: bool) -> Cache | None:
    """Return how answers are kept; None: not at all."""
    settings = of_kind("cache", given, Cache)
    if settings is None and has_store:
        raise ArgumentError(
            "a store is of use only with a cache, or with a rate that it can count: "
            "give cache=Cache() too"
        )
    return settings


def as_background(given: Background | None) -> Background:
    """Return how tasks are kept; None: as is usual."""
    return of_kind("background", given, Background) or Background()


def as_agent(given: str | None) -> Pairs:
    """Return the field that names this client to servers; None: it is called twofold."""
    agent = "twofold" if given is None else given
    if not isinstance(agent, str) or UNSENDABLE.search(agent):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
        raise ArgumentError(f"user_agent must be one line of text, not {agent!r}")
    return (("User-Agent", agent),)


def known(given: Mapping[str, object], names: Collection[str]) -> None:
    """Refuse an option that does not exist: a misspelt one must not pass for its default."""
    for name in given:
        if name not in names:
            raise ArgumentError(f"there is no option {name!r}; there are {', '.join(names)}")
