"""How old a stored answer is, and how long it may be used: RFC 9111, section 4.2.

Everything that does not change while it is stored is computed once.  The clock is the caller's.
"""

from __future__ import annotations

import math
import re

import attrs

from ..text.headers import Headers, Pairs
from .dates import http_date
from .directives import LARGEST, Directives, directives

# 4.2.2: a tenth of the time since the last change, and a day at most.
HEURISTIC = 0.1
LONGEST_HEURISTIC = 86400.0

# Statuses whose answers may be kept though nothing says for how long (RFC 9110, 15.1); 206 is not
# among them, since parts are not kept.
HEURISTICALLY = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})

# So far a clock may be behind the moment when something was stored: other hosts share the store.
TOLERANCE = 2.0

AGE = re.compile(r"\d+", re.ASCII)


@attrs.frozen
class Freshness:
    """What an answer says of its own age and lifetime, in seconds."""

    received: float
    """When it was complete, in seconds since 1970."""
    initial_age: float
    """How old it was then (4.2.3)."""
    explicit: float | None
    """Its lifetime as the server says; None: it says nothing."""
    heuristic: float
    """Its lifetime as may be guessed; 0: not at all."""
    says: Directives
    etag: str | None
    last_modified: str | None
    """Only if it is a date."""

    def age(self, now: float) -> float:
        """Return the age by the wall clock; infinity if that went back since."""
        resident = now - self.received
        if resident < -TOLERANCE:
            return math.inf  # nobody knows how long ago that was
        return self.initial_age + max(0.0, resident)

    @property
    def must_be_confirmed(self) -> bool:
        """Whether the server wants to be asked every time (5.2.2.4)."""
        return "no-cache" in self.says

    @property
    def never_stale(self) -> bool:
        """Whether it may not be used once it is stale (5.2.2.2)."""
        return "must-revalidate" in self.says or self.must_be_confirmed

    @property
    def has_validator(self) -> bool:
        return self.etag is not None or self.last_modified is not None


def freshness(status: int, pairs: Pairs, requested: float, received: float) -> Freshness:
    """Read an answer's fields; the times are those of asking and of the complete answer."""
    headers = Headers(pairs)
    says = directives(headers.get("cache-control"))
    date = http_date(headers.get("date") or "")
    date = received if date is None else date
    explicit = lifetime(headers, says, date)
    modified = headers.get("last-modified")
    changed = None if modified is None else http_date(modified)
    guessed = 0.0
    if explicit is None and changed is not None and may_guess(status, says):
        guessed = min(LONGEST_HEURISTIC, max(0.0, (date - changed) * HEURISTIC))
    delay = max(0.0, received - requested)
    return Freshness(
        received=received,
        initial_age=max(0.0, received - date, stated_age(headers) + delay),
        explicit=explicit,
        heuristic=guessed,
        says=says,
        etag=headers.get("etag") or None,
        last_modified=None if changed is None else modified,
    )


def lifetime(headers: Headers, says: Directives, date: float) -> float | None:
    """Return the seconds that the server gives; None: it says nothing.

    A private cache knows no `s-maxage`.  An `Expires` that is no date, or one of several, lies in
    the past (4.2.1, 5.3).
    """
    stated = says.seconds("max-age")
    if stated is not None:
        return stated
    until = headers.get("expires")
    if until is None:
        return None
    expires = http_date(until)
    return 0.0 if expires is None else min(max(0.0, expires - date), float(LARGEST))


def may_guess(status: int, says: Directives) -> bool:
    return status in HEURISTICALLY or "public" in says


def stated_age(headers: Headers) -> float:
    """Return the first `Age`; what is no number is not there (5.1)."""
    first = (headers.get("age") or "").partition(",")[0].strip()
    if not AGE.fullmatch(first):
        return 0.0
    return float(min(int(first), LARGEST)) if len(first) < 19 else float(LARGEST)
