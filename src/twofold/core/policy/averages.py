"""What is usual: the time to an answer, followed by averages that forget.

They know no limit of any kind but the one that a gradient computes.
"""

from __future__ import annotations

import attrs

WEIGHT = 0.4
FAR = 2.5
"""Deviations from the average beyond which something is not noise."""
LEAST_SPREAD = 0.01
"""Of the average: even answers that all took the same time are never alike to the last bit."""

# Of Gradient2.
TOLERANCE = 1.5
SMOOTHING = 0.2
QUEUE = 4.0
LONG_WEIGHT = 0.01
RECOVERY = 0.95


@attrs.define(eq=False)
class Usual:
    """An average and how far it is usually missed, exponentially weighted."""

    seconds: float | None = None
    spread: float = 0.0

    def add(self, seconds: float) -> None:
        if self.seconds is None:
            # Half of the first is as good a guess at the spread as any.
            self.seconds, self.spread = seconds, seconds / 2
            return
        self.spread += WEIGHT * (abs(seconds - self.seconds) - self.spread)
        self.seconds += WEIGHT * (seconds - self.seconds)

    def is_exceeded_by(self, seconds: float) -> bool:
        """Tell whether this is far above what is usual."""
        return self.seconds is not None and seconds > self.seconds + FAR * self._spread()

    def is_met_by(self, seconds: float) -> bool:
        """Tell whether this is no more than what is usual."""
        return self.seconds is None or seconds <= self.seconds + self._spread()

    def _spread(self) -> float:
        return max(self.spread, LEAST_SPREAD * (self.seconds or 0.0))


@attrs.define(eq=False)
class Gradient:
    """Netflix' Gradient2: a limit that follows the long-term time to an answer over the present.

    It is kept with its fraction, and room for a queue is added only while there is no sign of one:
    otherwise it would drift upward for ever.
    """

    exact: float
    long: float = 0.0
    """Seconds to an answer, in the long term; 0 as long as nothing is known."""

    def limit(self, present: int, seconds: float, inside: int) -> float:
        """Return the next limit, after a window in which at most so many were inside."""
        if int(self.exact) != present:  # it was set by another rule meanwhile
            self.exact = float(present)
        long = self._long(seconds)
        if inside >= present / 2:
            ratio = TOLERANCE * long / seconds if seconds else 1.0
            gradient = min(1.0, max(0.5, ratio))
            queue = QUEUE if gradient == 1.0 else 0.0
            self.exact += SMOOTHING * (gradient * self.exact + queue - self.exact)
        return self.exact

    def _long(self, seconds: float) -> float:
        long = self.long or seconds
        long += LONG_WEIGHT * (seconds - long)
        self.long = long * RECOVERY if long > 2 * seconds else long
        return self.long
