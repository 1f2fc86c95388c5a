"""What a request asks of the cache: RFC 9111, section 5.2.1."""

from __future__ import annotations

import math
from functools import lru_cache

import attrs

from ..text.headers import Headers, Pairs
from .directives import Directives, directives

# Who asks for a part, or whether something of his own changed, is answered by the server.
CONDITIONS = (
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "range",
)


@attrs.frozen
class Wishes:
    """What the fields of a request say; seconds throughout."""

    bypass: bool = False
    """Neither look nor keep: `no-store`, a range, conditions of the caller's own."""
    confirm: bool = False
    """Use nothing that the server has not confirmed now: `no-cache`."""
    only_stored: bool = False
    """Ask nobody: `only-if-cached`."""
    oldest: float = math.inf
    """`max-age`"""
    remaining: float = 0.0
    """`min-fresh`"""
    staleness: float = 0.0
    """`max-stale`; infinity: however stale."""
    stale_if_error: float = 0.0

    @property
    def is_strict(self) -> bool:
        """Whether it says how fresh the answer must be."""
        return self.confirm or self.remaining > 0 or self.oldest != math.inf

    def takes(self, age: float) -> bool:
        """Tell whether it takes an answer of this age that nobody has confirmed."""
        return not self.confirm and age <= self.oldest


NONE = Wishes()
CONFIRM = Wishes(confirm=True)


@lru_cache(maxsize=256)
def wishes(fields: Pairs) -> Wishes:
    """Read the fields of a request, unsigned."""
    headers = Headers(fields)
    if any(headers.get(name) is not None for name in CONDITIONS):
        return Wishes(bypass=True)
    control = headers.get("cache-control")
    if control is None:
        # 5.4: for servers of old, and for those who still write it.
        return CONFIRM if "no-cache" in directives(headers.get("pragma")) else NONE
    return of(directives(control))


def of(says: Directives) -> Wishes:
    oldest = says.seconds("max-age")
    return Wishes(
        bypass="no-store" in says,
        confirm="no-cache" in says,
        only_stored="only-if-cached" in says,
        oldest=math.inf if oldest is None else oldest,
        remaining=says.seconds("min-fresh") or 0.0,
        staleness=math.inf
        if says.values.get("max-stale") == ("",)
        else says.seconds("max-stale") or 0.0,
        stale_if_error=says.seconds("stale-if-error") or 0.0,
    )
