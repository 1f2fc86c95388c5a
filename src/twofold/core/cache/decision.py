"""What to do with what is stored: use it, ask the server about it, or have nothing.

RFC 9111, section 4, and RFC 5861.  It is told what time it is.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import attrs

from ...events import CacheOutcome
from ..store.entry import Entry
from .freshness import Freshness
from .settings import Cache
from .wishes import NONE, Wishes


@attrs.frozen
class Use:
    """Answer with an entry."""

    entry: Entry
    age: float
    outcome: CacheOutcome
    """FRESH or STALE."""
    confirm_aside: bool = False
    """Whether the server is to be asked about it, though nobody waits for that."""
    by_override: bool = False
    """Whether it is fresh only by the user's own word."""


@attrs.frozen
class Ask:
    """Ask the server."""

    about: Entry | None = None
    """What to ask about, whether it has changed."""
    instead: Entry | None = None
    """What to answer with if the server cannot be asked."""


@attrs.frozen
class Nothing:
    """There is nothing, and nobody may be asked: `only-if-cached`."""


Decision: TypeAlias = Use | Ask | Nothing

ASK = Ask()
NOTHING = Nothing()


def decide(
    entry: Entry | None,
    wished: Wishes,
    settings: Cache,
    now: float,
    *,
    operation: str = "",
    ttl: float | None = None,
) -> Decision:
    """Decide on the entry that fits a request.

    `now` is the wall clock, in seconds since 1970; `ttl` is the lifetime that the endpoint gives
    where the server does not.
    """
    if entry is None:
        return NOTHING if wished.only_stored else ASK
    fresh = entry.freshness
    age = fresh.age(now)
    seconds, is_override = lifetime(fresh, settings, operation, ttl)
    is_fresh = age < seconds and (is_override or not fresh.must_be_confirmed)
    if is_fresh and pleases(fresh, age, seconds, wished):
        return Use(entry, age, CacheOutcome.FRESH, False, is_override)
    return stale(entry, age, age - seconds, wished, settings)


def stale(entry: Entry, age: float, staleness: float, wished: Wishes, settings: Cache) -> Decision:
    """Decide on an entry that is not, or not as fresh as the request wants it.

    A request that says how old or how fresh the answer must be wants none that is stale, unless it
    says that too (5.2.1.1).
    """
    fresh = entry.freshness
    may_be = not fresh.never_stale and age != math.inf
    if may_be and wished.takes(age) and within(staleness, wished.staleness):
        return Use(entry, age, CacheOutcome.STALE)
    if wished.only_stored:
        return NOTHING
    if not may_be:
        return Ask(entry)
    rescue = wished.stale_if_error
    if not wished.is_strict:
        swr = window(fresh, "stale-while-revalidate", settings.stale_while_revalidate)
        if within(staleness, swr):
            return Use(entry, age, CacheOutcome.STALE, confirm_aside=True)
        rescue = max(rescue, window(fresh, "stale-if-error", settings.stale_if_error))
    return Ask(entry, entry if rescue > 0 and staleness <= rescue else None)


def within(staleness: float, allowed: float) -> bool:
    return 0 <= staleness <= allowed and allowed > 0


def pleases(fresh: Freshness, age: float, seconds: float, wished: Wishes) -> bool:
    """Tell whether a fresh answer is what the request wants (5.2.1).

    What never changes while it is fresh need not be younger (RFC 8246).
    """
    if wished is NONE:
        return True  # as it is nearly always
    if wished.confirm or seconds - age < wished.remaining:
        return False
    return age <= wished.oldest or "immutable" in fresh.says


def lifetime(
    fresh: Freshness, settings: Cache, operation: str, ttl: float | None
) -> tuple[float, bool]:
    """Return the lifetime in seconds of age, and whether it is the user's own word.

    That comes first, then the server's, then the endpoint's, then a guess.  The user's and the
    endpoint's count from when the answer came, however old it was then.
    """
    own = settings.ttl.get(operation)
    if own is not None:
        return fresh.initial_age + own, True
    if fresh.explicit is not None:
        return fresh.explicit, False
    if ttl is not None:
        return fresh.initial_age + ttl, False
    return (fresh.heuristic if settings.heuristic else 0.0), False


def window(fresh: Freshness, directive: str, default: float) -> float:
    stated = fresh.says.seconds(directive)
    return default if stated is None else stated
