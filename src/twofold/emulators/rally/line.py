"""The server's queue as arithmetic: when does a request that arrives now get its answer?

Nobody waits here. An answer's time is fixed when it arrives, so a caller who hangs up makes room
for those who come later; those who already wait keep the time they were told.
"""

from __future__ import annotations

from bisect import insort

import attrs

ANOTHER_CLOCK = 1.0
"""Seconds back from which on it is another clock: each run of trio has one of its own."""
CLOCK_GRAIN = 1e-6
"""Seconds by which a caller may read its clock early: an end so near has come."""


@attrs.frozen(eq=False)
class Stay:
    """One request from its arrival on: it is served from `begin` to `end`."""

    arrival: float
    begin: float
    end: float


class Line:
    """First come, first served, at most so many at once; counts requests and the peak."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._unanswered: list[Stay] = []  # by end
        self._now = 0.0
        self.requests = 0
        self.peak = 0

    def arrive(self, seconds: float, now: float) -> Stay:
        """Take in a request that needs so many seconds of service."""
        begin = self.begin(now)
        stay = Stay(self._now, begin, begin + seconds)
        insort(self._unanswered, stay, key=lambda each: each.end)
        self.requests += 1
        self.peak = max(self.peak, len(self._unanswered))
        return stay

    def begin(self, now: float) -> float:
        """Return when the service of a request would begin that arrives now."""
        now = self._move_to(now)
        return max(now, self._next_free(), *(stay.begin for stay in self._unanswered))

    def leave(self, stay: Stay, now: float) -> None:
        """Free the place of a caller who hung up; after its end this changes nothing."""
        self._move_to(now)
        if stay in self._unanswered:
            self._unanswered.remove(stay)

    def in_flight(self, now: float) -> int:
        """Return how many are unanswered, those who wait for a place included."""
        self._move_to(now)
        return len(self._unanswered)

    def reset(self, now: float) -> None:
        """Begin to count anew; who is unanswered still counts for the peak."""
        self.requests = 0
        self.peak = self.in_flight(now)

    def _next_free(self) -> float:
        if len(self._unanswered) < self._places:
            return self._now
        return self._unanswered[-self._places].end

    def _move_to(self, now: float) -> float:
        if now < self._now - ANOTHER_CLOCK:
            self._unanswered.clear()  # by a clock that nobody reads any more
            self._now = now
        # Threads may bring their readings of one clock in the wrong order.
        self._now = max(self._now, now)
        done = self._now + CLOCK_GRAIN
        while self._unanswered and self._unanswered[0].end <= done:
            del self._unanswered[0]
        return self._now
