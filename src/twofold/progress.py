"""How far a batch has come, told ten times a second at most.

A callback is called inline, between two items, so it must be quick.  One that raises is logged and
never felt.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TypeAlias

import attrs

INTERVAL = 0.1
"""Seconds between two callbacks, the last one excepted."""


@attrs.frozen(kw_only=True)
class Progress:
    """How many items are done, of how many, and for how long it took."""

    succeeded: int = 0
    failed: int = 0
    total: int | None = None
    """How many there are; None while nobody knows, as with a generator."""
    elapsed: float = 0.0
    """Seconds since the batch began."""

    @property
    def done(self) -> int:
        return self.succeeded + self.failed


ProgressCallback: TypeAlias = Callable[[Progress], None]


class Reporter:
    """Counts what is done, and tells a callback: at the start, then now and then, and at the end.

    Between two calls lie at least 0.1 s.  A count that comes too soon is not queued: the next call
    tells it with its own.  The last call always comes, whatever the batch ended with, and tells
    the final counts.  Any number of threads may report; the callback is never entered twice.
    """

    def __init__(self, callback: ProgressCallback, *, total: int | None) -> None:
        self._callback = callback
        self._total = total
        self._began = 0.0
        self._next = 0.0
        self._succeeded = 0
        self._failed = 0
        self._telling = False
        self._lock = Lock()

    def started(self, now: float) -> None:
        """Tell that nothing is done yet, and of how much."""
        self._began = self._next = now
        self._tell(self._due(now))

    def expect(self, total: int) -> None:
        """Take note of how many there are, learnt only after the start."""
        self._total = total

    def succeeded(self, now: float, count: int = 1) -> None:
        """Count an item whose call returned, or several that came at once."""
        with self._lock:
            self._succeeded += count
            progress = self._due(now)
        self._tell(progress)

    def failed(self, now: float) -> None:
        """Count an item whose call raised."""
        with self._lock:
            self._failed += 1
            progress = self._due(now)
        self._tell(progress)

    def ended(self, now: float, *, total: int | None = None) -> None:
        """Tell the final counts, and the total if it became known meanwhile.

        Everybody who reports must have finished.
        """
        if total is not None:
            self._total = total
        self._next = now
        self._tell(self._due(now))

    def _due(self, now: float) -> Progress | None:
        """Claim the next call, if it is time for one and none is under way."""
        if self._telling or now < self._next:
            return None
        self._telling = True
        self._next = now + INTERVAL
        return Progress(
            succeeded=self._succeeded,
            failed=self._failed,
            total=self._total,
            elapsed=now - self._began,
        )

    def _tell(self, progress: Progress | None) -> None:
        if progress is None:
            return
        try:
            self._callback(progress)
        except Exception:
            import logging  # slow to import, and only needed for this

            logging.getLogger("twofold").exception("a progress callback failed")
        finally:
            self._telling = False


class Meter:
    """Tells how much of one thing is done, though it be begun anew: counts never fall.

    What was told once is not told again before more than that is done.
    """

    def __init__(self, callback: ProgressCallback | None, *, total: int | None) -> None:
        self._reporter = None if callback is None else Reporter(callback, total=total)
        self._begun = False
        self._reached = 0

    def started(self, now: float) -> None:
        """Tell that nothing is done yet; only once."""
        if self._reporter is not None and not self._begun:
            self._begun = True
            self._reporter.started(now)

    def expect(self, total: int) -> None:
        """Take note of how much there is, learnt only after the start."""
        if self._reporter is not None:
            self._reporter.expect(total)

    def reached(self, done: int, now: float) -> None:
        """Take note of how much is done."""
        if self._reporter is not None and done > self._reached:
            self._reporter.succeeded(now, done - self._reached)
            self._reached = done

    def ended(self, now: float) -> None:
        """Tell the counts as they stand."""
        if self._reporter is not None:
            self._reporter.ended(now)
