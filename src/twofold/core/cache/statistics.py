"""How often a cache answered, and with what."""

from __future__ import annotations

from threading import Lock

import attrs

from ...events import CacheOutcome
from ..forks import renewed_in_child


@attrs.frozen(kw_only=True)
class CacheStatistics:
    """What a client's cache did since the client was made; accounts that share it counted in."""

    fresh: int = 0
    stale: int = 0
    """Answered with what was stale, and asked aside."""
    revalidated: int = 0
    """The server said that it has not changed."""
    rescued: int = 0
    """Answered with what was stored, since the server could not be asked."""
    misses: int = 0
    overrides: int = 0
    """Those of `fresh` that are so by `Cache(ttl=)`, whatever the server said."""
    bytes_saved: int = 0
    """Of bodies that the server did not send again."""
    stored: int = 0
    """Answers that were handed to the store."""
    invalidated: int = 0
    """How often something was taken out on purpose: by a write, or by `invalidate`."""
    errors: int = 0
    """Failures of the store."""
    entries: int = 0
    bytes: int = 0
    """What the store holds, for whomever."""
    evicted: int = 0
    """What the store dropped to make room."""

    @property
    def hits(self) -> int:
        """How many calls were answered with a stored body."""
        return self.fresh + self.stale + self.revalidated + self.rescued


COUNTED = {
    CacheOutcome.FRESH: "fresh",
    CacheOutcome.STALE: "stale",
    CacheOutcome.REVALIDATED: "revalidated",
    CacheOutcome.RESCUED: "rescued",
    CacheOutcome.MISS: "misses",
}


class Counters:
    """Counts; safe to share between event loops and threads."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._lock = Lock()
        renewed_in_child(self)

    def renew(self) -> None:
        self._lock = Lock()

    def add(self, name: str, number: int = 1) -> None:
        with self._lock:
            self._counts[name] = self._counts.get(name, 0) + number

    def answered(self, outcome: CacheOutcome) -> None:
        self.add(COUNTED[outcome])

    def read(self) -> CacheStatistics:
        with self._lock:
            return CacheStatistics(**self._counts)
