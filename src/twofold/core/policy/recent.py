"""What became of the calls of the last seconds: a window that slides in ten steps.

It knows no circuit: it counts.
"""

from __future__ import annotations

import attrs

BUCKETS = 10


@attrs.define(eq=False)
class Bucket:
    """A tenth of the window."""

    calls: int = 0
    failed: int = 0
    slow: int = 0


@attrs.define(eq=False)
class Recent:
    """Counts of the last `window` seconds, of which the oldest tenth goes at once."""

    window: float
    calls: int = attrs.field(default=0, init=False)
    failed: int = attrs.field(default=0, init=False)
    slow: int = attrs.field(default=0, init=False)
    _step: float = attrs.field(init=False)
    _tick: float = attrs.field(default=0.0, init=False)
    """Which tenth the newest bucket is, counted from the beginning of the clock."""
    _newest: int = attrs.field(default=0, init=False)
    _buckets: list[Bucket] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._step = self.window / BUCKETS
        self._buckets = [Bucket() for _ in range(BUCKETS)]

    def count(self, *, failed: bool, slow: bool, now: float) -> None:
        """Add a call that ended now."""
        tick = now // self._step
        if tick != self._tick:
            self._slide(tick)
        bucket = self._buckets[self._newest]
        bucket.calls += 1
        self.calls += 1
        if failed:
            bucket.failed += 1
            self.failed += 1
        if slow:
            bucket.slow += 1
            self.slow += 1

    def clear(self) -> None:
        for bucket in self._buckets:
            self._drop(bucket)

    def _slide(self, tick: float) -> None:
        """Let go of what is too old by now.

        A clock that went back a little (two threads, one lock) changes nothing; after one that
        went back by a window or more, all that is there is too old.
        """
        steps = tick - self._tick
        if -BUCKETS < steps < 0:
            return
        self._tick = tick
        if not 0 <= steps < BUCKETS:
            self.clear()
            return
        for _ in range(int(steps)):
            self._newest = (self._newest + 1) % BUCKETS
            self._drop(self._buckets[self._newest])

    def _drop(self, bucket: Bucket) -> None:
        self.calls -= bucket.calls
        self.failed -= bucket.failed
        self.slow -= bucket.slow
        bucket.calls = bucket.failed = bucket.slow = 0
