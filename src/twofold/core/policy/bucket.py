"""What a server lets one account send, as far as its answers tell: a limit of its own.

Where it tells how much is left until when, that is kept count of (`Epoch`).  Where it throttles,
nothing goes until it says, and then one request goes first (`Closure`).  How it spells this on the
wire is not known here.  The gate's lock guards a bucket, so it has none.
"""

from __future__ import annotations

import math

import attrs

from .epoch import Epoch
from .rate import OVER, SET_BACK

# Reopening is over when so many may be under way: more than a gate lets in.
WIDE = 256

# Seconds: how long a throttle without a hint closes, the first time and at most.
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


@attrs.define(kw_only=True)
class Heard:
    """What an answer says about the limit that counted it; None: it does not say.

    A value, not frozen all the same: most answers make one, and that takes a quarter of the time.
    """

    bucket: str | None = None
    """What the server calls the limit."""
    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None
    """Seconds from now until `remaining` is renewed."""
    closed: float | None = None
    """Seconds from now for which it asks to send nothing."""
    throttled: bool = False
    """Whether the request was refused for want of allowance."""


@attrs.define(eq=False)
class Closure:
    """A time in which nothing goes; then one request, and after each success twice as many."""

    since: int
    """How many had entered: those who come after them are its probes, and have a say."""
    until: float
    width: int = attrs.field(default=1, init=False)
    probing: int = attrs.field(default=0, init=False)

    def wait(self, now: float) -> float:
        if now < self.until:
            return self.until - now + OVER
        return 0.0 if self.probing < self.width else math.inf

    def has_let_in(self, ordinal: int) -> bool:
        return ordinal > self.since


@attrs.define(eq=False)
class Bucket:
    """A server's limit as it is known: ask `wait`, then `enter`; tell `leave` what was answered.

    While nothing was heard, everything goes.
    """

    inside: int = attrs.field(default=0, init=False)
    """Requests under way: the answer to another one may not have counted them yet."""
    _entered: int = attrs.field(default=0, init=False)
    """Requests that ever were."""
    _epoch: Epoch | None = attrs.field(default=None, init=False)
    _closure: Closure | None = attrs.field(default=None, init=False)
    _in_a_row: int = attrs.field(default=0, init=False)
    """How often it was throttled since it was last wholly open."""
    _latest: float = attrs.field(default=-math.inf, init=False)

    @property
    def is_closed(self) -> bool:
        """Whether the server throttled and not all may go again."""
        return self._closure is not None

    def wait(self, now: float) -> float:
        """Return the seconds until a request may go: 0 if it may go now.

        Infinity: not before one that is under way has ended.
        """
        if self._epoch is None and self._closure is None:
            return 0.0
        self._turn(now)
        if self._closure is not None and (closed := self._closure.wait(now)):
            return closed
        return 0.0 if self._epoch is None else self._epoch.wait(now)

    def enter(self, now: float) -> int:
        """Let a request go for which `wait` has just returned 0; return its number, from 1."""
        self.inside += 1
        self._entered += 1
        if self._epoch is not None:
            self._epoch.take(now)
        if self._closure is not None:
            self._closure.probing += 1
        return self._entered

    def leave(
        self,
        ordinal: int,
        heard: Heard | None,
        now: float,
        *,
        answered: bool = True,
        took: float = 0.0,
    ) -> None:
        """Hear that a request ended, and what the answer said, `took` seconds after it was sent.

        `ordinal` is its number; 0 for one that entered before this bucket was there.  `answered` is
        False if there was no answer: it was cancelled, or the connection failed.
        """
        self.inside -= 1
        if heard is None and self._closure is None:
            return
        self._turn(now)
        closure = self._closure
        is_probe = closure is not None and closure.has_let_in(ordinal)
        if closure is not None and is_probe:
            closure.probing -= 1
        if heard is not None and heard.throttled:
            self._close(heard.closed, now, again=is_probe)
        elif is_probe or closure is None:
            # What was sent before a throttle tells nothing that the throttle did not.
            self._hear(heard, now, ordinal, took)
            if answered and closure is not None:
                self._widen(closure)

    def forget(self, ordinal: int) -> None:
        """Undo an `enter`: nothing went after all."""
        self.inside -= 1
        if self._epoch is not None:
            self._epoch.give_back()
        if self._closure is not None and self._closure.has_let_in(ordinal):
            self._closure.probing -= 1

    def hear(self, heard: Heard, now: float, *, took: float = 0.0) -> None:
        """Hear what an answer said of this limit that was counted under another one."""
        self._turn(now)
        if heard.throttled:
            self._close(heard.closed, now, again=False)
        elif self._closure is None:
            self._hear(heard, now, 0, took)

    def throttle(self, seconds: float | None, now: float) -> None:
        """Send nothing for so many seconds, then one request; None: nobody said for how long."""
        self._turn(now)
        self._close(seconds, now, again=False)

    def renew(self) -> None:
        """Begin anew in a forked child: nobody is inside."""
        self.inside = 0
        if self._closure is not None:
            self._closure.probing = 0

    def _turn(self, now: float) -> None:
        """Come to a moment: an epoch may have ended, or the clock was set back."""
        if now < self._latest - SET_BACK:
            self._shift(now - self._latest)
            self._latest = now
        elif now > self._latest:
            self._latest = now
        epoch = self._epoch
        if epoch is not None and (now >= epoch.reset or epoch.remaining < 1):
            self._epoch = self._continued(epoch, now)

    def _continued(self, epoch: Epoch, now: float) -> Epoch | None:
        """Return what is known of what is left, an epoch having perhaps come to its end."""
        if not epoch.is_dated and epoch.remaining < 1 and not self.inside:
            return None  # it was never named, and there is nobody left who could tell
        if now < epoch.reset:
            return epoch
        if epoch.remaining >= 1:
            return epoch.following(self.inside, now)
        # The reset was rounded: one request looks whether it has come.
        if self._closure is None:
            self._reopen(now)
        else:
            self._closure.width = 1
        return None

    def _shift(self, seconds: float) -> None:
        """What was heard moves with the clock: or all would wait as long as it was set back."""
        if self._epoch is not None:
            self._epoch.shift(seconds)
        if self._closure is not None:
            self._closure.until += seconds

    def _hear(self, heard: Heard | None, now: float, ordinal: int, took: float) -> None:
        """Absorb the figures of an answer to the request of that number."""
        if heard is None or heard.remaining is None or not heard.reset:
            return
        reset, limit = now + heard.reset, max(heard.limit or 0, heard.remaining)
        epoch = self._epoch
        if epoch is None or not epoch.covers(limit, reset, took):
            self._epoch = Epoch(now, limit, heard.remaining - self.inside, reset)
        else:
            # What entered before it was counted before it; what came later may not be.
            later = min(self.inside, self._entered - ordinal)
            epoch.hear(heard.remaining - later, now, reset)

    def _close(self, seconds: float | None, now: float, *, again: bool) -> None:
        """Close for so long; again: the throttled one was a probe."""
        closure, self._epoch = self._closure, None
        if closure is None or again:
            self._reopen(now + self._pause(seconds))
            self._in_a_row += 1
        elif seconds is not None and now + seconds > closure.until:
            self._reopen(now + seconds)

    def _pause(self, seconds: float | None) -> float:
        if seconds is None:
            return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._in_a_row, 64))
        # A hint that was too short already is not followed at full speed.
        return max(seconds, FIRST_PAUSE if self._in_a_row else 0.0)

    def _reopen(self, until: float) -> None:
        self._closure = Closure(self._entered, until)

    def _widen(self, closure: Closure) -> None:
        closure.width *= 2
        if closure.width >= WIDE:
            self._closure = None
            self._in_a_row = 0
