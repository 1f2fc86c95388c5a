"""How many requests at once an origin bears: found out by trying, in place of a fixed number.

Additive increase, multiplicative decrease, as in Vector's "adaptive request concurrency" and
Netflix' "concurrency-limits".  Beyond what it bears an origin either refuses, or it queues.  A
queue that grows slowly looks like the usual time to an answer, since the average follows it; so
now and then the limit is halved for a moment, a lull, to see how quick answers are without a queue.

Nothing is known here of HTTP.  The gate's lock guards a limit, so it has none.
"""

from __future__ import annotations

import enum
import math

import attrs

from ...errors import ArgumentError
from .averages import Gradient, Usual
from .checks import at_least

FALL = 0.9
"""What a limit is multiplied by when it was too high."""

# Of fewer answers nothing is concluded: so many times the limit, within bounds.
ANSWERS_A_SLOT = 5
FEWEST, MOST = 20, 50

CROWDED = 1.2
"""A queue is suspected when answers take so many times what they take without one."""
ROOM = 1.1
"""No further growth beyond so many times: what lies between this and `CROWDED` is noise."""
QUICKER = 0.87
"""A lull that makes answers quicker by less than this has shown how quick they can be."""
LULL_EVERY = 50
"""Windows between two lulls, if no queue is suspected."""

# Of a window, in seconds: however quick or slow answers are, and before the first came.
SHORTEST, LONGEST, UNKNOWN = 0.001, 10.0, 0.1

# A clock that went back by more than this was set back; less is two threads at one lock.
SET_BACK = 1.0


@attrs.frozen(kw_only=True)
class Adaptive:
    """Find out how many requests at once an origin bears: `concurrency=Adaptive()`.

    The limit doubles until the first sign of trouble, then it rises by one a window, as long as it
    is reached at all; a window is the time to an answer, and long enough for some answers.  It
    falls to nine tenths, at most once a window, when requests are throttled, time out, find the
    origin overloaded, or when answers take far longer than usual.  Only the time to an answer
    counts, queueing here does not.
    """

    start: int = attrs.field(default=4, validator=at_least(1))
    least: int = attrs.field(default=1, validator=at_least(1))
    most: int = attrs.field(default=100, validator=at_least(1))
    gradient: bool = False
    """Follow the ratio of the long-term to the present time to an answer (Netflix' Gradient2):
    quicker to move, but with a server that queues it settles up to half above what that bears."""

    def __attrs_post_init__(self) -> None:
        if self.gradient not in (True, False):
            raise ArgumentError(f"gradient must be True or False, not {self.gradient!r}")
        if not self.least <= self.start <= self.most:
            raise ArgumentError(
                f"start must be from least ({self.least}) to most ({self.most}), not {self.start}"
            )


class Load(enum.Enum):
    """What a request says about the load that its origin is under."""

    FINE = "fine"
    OVERLOADED = "overloaded"
    """It was throttled, timed out, or the origin said that it is overloaded."""
    LATENCY_ONLY = "latency_only"
    """It was refused for reasons of its own: only how long that took counts."""
    NONE = "none"
    """Nothing: it was cancelled, or never sent."""


@attrs.define(eq=False)
class Window:
    """What was seen since the limit was looked at last."""

    began: float
    ends: float
    needed: int = 0
    """Answers without which nothing is concluded."""
    answers: int = 0
    seconds: float = 0.0
    """To all these answers together."""
    most_inside: int = 0
    fine: bool = False
    overloaded: bool = False


@attrs.frozen
class Lull:
    """What was so before the limit was halved."""

    limit: int
    seconds: float
    last: float
    """To an answer, at the limit before the present one."""


@attrs.define(eq=False)
class AdaptiveLimit:
    """The limit at work: tell it `entered` and `sample`, read `limit`.

    A limit that falls cancels nobody: it may be below the number inside for a while.
    """

    settings: Adaptive
    limit: int = attrs.field(init=False)
    _window: Window = attrs.field(init=False)
    _usual: Usual = attrs.field(factory=Usual, init=False)
    _alone: float = attrs.field(default=0.0, init=False)
    """Seconds to an answer without a queue; 0 as long as nothing is known."""
    _gradient: Gradient | None = attrs.field(init=False)
    _doubling: bool = attrs.field(default=True, init=False)
    _changed: float = attrs.field(default=-math.inf, init=False)
    _lowered: float = attrs.field(default=-math.inf, init=False)
    _lull: Lull | None = attrs.field(default=None, init=False)
    _since_lull: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self.limit = self.settings.start
        self._window = Window(-math.inf, -math.inf, FEWEST)
        self._gradient = Gradient(float(self.limit)) if self.settings.gradient else None

    def entered(self, inside: int) -> None:
        """Hear that a request was admitted, and how many are inside with it."""
        if inside > self._window.most_inside:
            self._window.most_inside = inside

    def sample(self, seconds: float, verdict: Load, now: float) -> None:
        """Hear how a request ended: `seconds` after it was sent, now."""
        if verdict is Load.NONE or not 0.0 <= seconds < math.inf:
            return
        window = self._window
        if now < window.began - SET_BACK:
            self._restart(now)
        elif verdict is Load.OVERLOADED:
            # What was sent before the limit fell says nothing of the limit as it is now.
            window.overloaded |= now - seconds >= self._lowered
        elif now - seconds >= self._changed:
            window.answers += 1
            window.seconds += seconds
            window.fine |= verdict is Load.FINE
        if now >= window.ends:
            self._look(now)

    def _look(self, now: float) -> None:
        """Conclude from a window that is over, unless it saw too little."""
        window = self._window
        if window.overloaded:
            self._lull = None
            self._fall(now)
        elif window.answers >= window.needed:
            self._judge(window.seconds / window.answers, now)
        else:
            return
        self._open(now)

    def _open(self, now: float) -> None:
        """Begin a window: at least a round trip, and in a lull with twice the answers."""
        round_trip = min(LONGEST, max(SHORTEST, self._usual.seconds or UNKNOWN))
        needed = min(MOST, max(FEWEST, ANSWERS_A_SLOT * self.limit))
        self._window = Window(now, now + round_trip, needed if self._lull is None else 2 * needed)

    def _judge(self, seconds: float, now: float) -> None:
        if self._lull is not None:
            self._end(self._lull, seconds, now)
            return
        self._since_lull += 1
        if self.limit == self.settings.least:  # there is no queue of our making
            self._know_alone(max(self._alone, self._usual.seconds or seconds))
        elif self._alone == 0.0:
            self._know_alone(seconds)
        usual = seconds if self._doubling else self._usual.seconds or seconds
        if self._may_lull(min(usual, seconds)):
            self._begin(Lull(self.limit, usual, usual), now)
        else:
            self._move(seconds, now)
        self._usual.add(seconds)

    def _move(self, seconds: float, now: float) -> None:
        """Set the limit by what an answer took in this window, beside what it takes usually."""
        if self._gradient is not None:
            limit = int(self._gradient.limit(self.limit, seconds, self._window.most_inside))
            if limit < self.limit or self._may_rise():
                self._set(limit, now)
        elif self._usual.is_exceeded_by(seconds):
            self._fall(now)
        elif self._may_rise() and self._has_room(seconds):
            self._set(self.limit * 2 if self._doubling else self.limit + 1, now)

    def _may_rise(self) -> bool:
        """Tell whether more is wanted than is allowed, and there is an answer that was good."""
        return self._is_reached() and self._window.fine

    def _is_reached(self) -> bool:
        return self._window.most_inside >= self.limit

    def _may_lull(self, seconds: float) -> bool:
        suspicious = self._gradient is None and seconds > CROWDED * self._alone
        due = self._since_lull >= LULL_EVERY or suspicious
        return due and self._is_reached() and self.limit > self.settings.least

    def _has_room(self, seconds: float) -> bool:
        usual = self._usual.seconds or seconds
        return usual <= ROOM * self._alone and self._usual.is_met_by(seconds)

    def _begin(self, lull: Lull, now: float) -> None:
        """Halve the limit for a moment."""
        self._lull, self._doubling = lull, False
        self._lowered = now
        self._set(self.limit // 2, now)

    def _end(self, lull: Lull, seconds: float, now: float) -> None:
        """Halve again if that made answers quicker; or else set the limit that needs no queue."""
        if seconds < QUICKER * lull.last and self.limit > self.settings.least:
            self._begin(attrs.evolve(lull, last=seconds), now)
            return
        self._lull, self._since_lull = None, 0
        self._know_alone(seconds)
        self._usual.seconds = seconds
        share = seconds / lull.seconds if lull.seconds else 1.0
        fitting = lull.limit if share > FALL else round(lull.limit * share)
        self._set(max(self.limit, fitting), now)

    def _know_alone(self, seconds: float) -> None:
        self._alone = seconds
        if self._gradient is not None:
            self._gradient.long = seconds

    def _fall(self, now: float) -> None:
        self._doubling = False
        self._lowered = now
        self._set(int(FALL * self.limit), now)

    def _set(self, limit: int, now: float) -> None:
        self.limit = max(self.settings.least, min(self.settings.most, limit))
        self._changed = now

    def _restart(self, now: float) -> None:
        """Begin anew with a clock that was set back."""
        self._changed = self._lowered = now
        self._open(now)
