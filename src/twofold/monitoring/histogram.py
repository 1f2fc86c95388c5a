"""How long things took, in little memory: counts by order of magnitude.

A bucket is a twelfth of an octave wide, so a percentile is off by 3 % at most.
"""

from __future__ import annotations

import math
from collections import Counter

import attrs

LEAST = 1e-6  # seconds; what took less counts as this
STEPS = 12  # to an octave
BUCKETS = STEPS * 40  # up to about two weeks


@attrs.frozen
class Latency:
    """How long the calls of one operation took, in seconds; 0 without any."""

    count: int = 0
    p50: float = 0.0
    p90: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    longest: float = 0.0


@attrs.define(eq=False)
class Histogram:
    """Counts seconds; its size depends on how much they differ, never on how many there are."""

    count: int = 0
    longest: float = 0.0
    _buckets: Counter[int] = attrs.field(factory=lambda: Counter[int]())

    def note(self, seconds: float) -> None:
        self.count += 1
        self.longest = max(self.longest, seconds)
        self._buckets[bucket_of(seconds)] += 1

    def percentile(self, share: float) -> float:
        """Return what `share` (0 to 1) of them did not exceed, about."""
        wanted = max(1, math.ceil(share * self.count))
        for bucket in sorted(self._buckets):
            wanted -= self._buckets[bucket]
            if wanted <= 0:
                return min(self.longest, middle_of(bucket))
        return 0.0

    def summary(self) -> Latency:
        p50, p90, p95, p99 = map(self.percentile, (0.5, 0.9, 0.95, 0.99))
        return Latency(self.count, p50, p90, p95, p99, self.longest)

    def __add__(self, other: Histogram) -> Histogram:
        return Histogram(
            self.count + other.count,
            max(self.longest, other.longest),
            self._buckets + other._buckets,
        )


def bucket_of(seconds: float) -> int:
    octaves = math.log2(max(seconds, LEAST) / LEAST)
    return min(int(octaves * STEPS), BUCKETS - 1)


def middle_of(bucket: int) -> float:
    return float(LEAST * 2.0 ** ((bucket + 0.5) / STEPS))


@attrs.define(eq=False)
class Lately:
    """The histogram of the last one to two windows."""

    window: float
    _tick: float = 0.0
    """Which window it is, counted from the beginning of the clock."""
    _now: Histogram = attrs.field(factory=Histogram)
    _before: Histogram = attrs.field(factory=Histogram)

    def note(self, seconds: float, now: float) -> None:
        self._turn(now)
        self._now.note(seconds)

    def summary(self, now: float) -> Latency:
        self._turn(now)
        return (self._before + self._now).summary()

    def _turn(self, now: float) -> None:
        tick = now // self.window
        if tick != self._tick:
            self._before = self._now if tick == self._tick + 1 else Histogram()
            self._now, self._tick = Histogram(), tick
