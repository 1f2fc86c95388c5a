"""What happens: an origin that dies for a minute, and what became of the calls meanwhile.

It knows no client and no runtime.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from statistics import quantiles

import attrs

LATENCY = 0.05
"""Seconds to an answer of an origin that is well and has nothing else to do."""
REFUSAL = 0.001
PATIENCE = 1.0
"""Seconds that every client waits for an answer."""


class Death(enum.Enum):
    """How an origin is dead."""

    REFUSING = "refuses connections"
    SILENT = "is silent"


@attrs.frozen
class Outage:
    """So many calls a second; after `before` seconds the origin is dead for `dead` seconds."""

    death: Death = Death.REFUSING
    rate: float = 100.0
    before: float = 20.0
    dead: float = 60.0
    after: float = 40.0
    capacity: float = math.inf
    """Requests a second that the origin manages when it is well; further ones queue."""

    @property
    def over(self) -> float:
        """When the origin is well again, in seconds from the beginning."""
        return self.before + self.dead

    @property
    def calls(self) -> int:
        return round(self.rate * (self.over + self.after))


@attrs.frozen
class Fate:
    """What becomes of a request, and after how many seconds."""

    after: float
    status: int | None
    """None: no connection."""


@attrs.define
class Origin:
    """Answers by arithmetic, and takes note of what it was sent.

    It works on what nobody waits for any more, as servers do: they are not told.
    """

    outage: Outage
    requests: list[float] = attrs.field(factory=lambda: list[float]())
    """When each came, in seconds from the beginning."""
    _busy_until: float = 0.0

    def answer(self, now: float) -> Fate:
        self.requests.append(now)
        if self.outage.before <= now < self.outage.over:
            if self.outage.death is Death.REFUSING:
                return Fate(REFUSAL, None)
            return Fate(math.inf, 200)
        self._busy_until = max(now, self._busy_until) + 1 / self.outage.capacity
        return Fate(self._busy_until - now + LATENCY, 200)


@attrs.frozen
class Call:
    """A call, in seconds from the beginning."""

    began: float
    ended: float
    succeeded: bool


@attrs.frozen
class Tale:
    """All that can be told of a run."""

    outage: Outage
    calls: Sequence[Call]
    requests: Sequence[float]

    @property
    def requests_a_call(self) -> float:
        """What the origin was sent while it was dead, for each call made meanwhile."""
        sent = sum(1 for at in self.requests if self._is_dead(at))
        return sent / len(self._of_outage())

    @property
    def recovery(self) -> float:
        """Return the seconds from the end of the outage to the last call that failed after it.

        Infinite, if calls still failed in the last five seconds of the run.
        """
        failed = [call.began for call in self.calls if not call.succeeded]
        last = max(failed, default=0.0)
        end = self.outage.over + self.outage.after
        return math.inf if last > end - 5 else max(0.0, last - self.outage.over)

    @property
    def percentiles(self) -> tuple[float, float]:
        """Seconds to the end of a call that was made during the outage: p50 and p99."""
        cuts = quantiles([call.ended - call.began for call in self._of_outage()], n=100)
        return cuts[49], cuts[98]

    def _of_outage(self) -> list[Call]:
        return [call for call in self.calls if self._is_dead(call.began)]

    def _is_dead(self, at: float) -> bool:
        return self.outage.before <= at < self.outage.over
