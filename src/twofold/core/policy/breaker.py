"""The circuit breaker of one origin: after many failures nothing is sent for a while.

Sources: M. Nygard, "Release It!"; resilience4j.  What counts as a failure is not known here: the
gate says.  The gate's lock guards a circuit, so it has none.
"""

from __future__ import annotations

import enum
import math
import random
from collections.abc import Callable

import attrs

from ...errors import ArgumentError
from .checks import at_least, fraction, positive
from .recent import Recent

JITTER = 0.2


@attrs.frozen(kw_only=True)
class Breaker:
    """Stop sending to an origin that fails, and try it again with single requests.

    The circuit opens when at least `calls` ended within `window` seconds and the share of those
    that failed is `failures` or more, or the share of those that were slow is `slow_calls` or more.
    A failure is an origin that cannot be reached, is silent for too long, or answers 500, 502, 503
    or 504; no other answer is one, nor is a call that was given up.  A request that its call's own
    deadline cut short says nothing, unless the origin was silent to all for `silence` seconds.

    While it is open, every call fails at once with a RetryLaterError that says when to come back.
    It stays open for about ``open * 2**n`` seconds, n being how often in a row it opened again: a
    fifth more or less, so that many clients do not come back at one moment, and never more than
    `longest_open`.  Then `probes` requests go; if all of them succeed it closes, and if one fails
    it opens again.
    """

    calls: int = attrs.field(default=10, validator=at_least(1))
    """Of fewer calls nothing is concluded."""
    window: float = attrs.field(default=10.0, validator=positive)
    """Seconds; the oldest tenth is forgotten at once."""
    failures: float = attrs.field(default=0.5, validator=fraction)
    """Above 0, at most 1."""
    slow: float | None = attrs.field(default=None, validator=attrs.validators.optional(positive))
    """Seconds to the answer from which a call is slow; None: no call is."""
    slow_calls: float = attrs.field(default=1.0, validator=fraction)
    """Above 0, at most 1."""
    silence: float = attrs.field(default=5.0, validator=positive)
    """Seconds that requests were under way, one after another, and not one of them succeeded."""
    open: float = attrs.field(default=5.0, validator=positive)
    longest_open: float = attrs.field(default=60.0, validator=positive)
    probes: int = attrs.field(default=1, validator=at_least(1))
    uniform: Callable[[float, float], float] = attrs.field(
        default=random.uniform, repr=False, eq=False
    )

    def __attrs_post_init__(self) -> None:
        if self.longest_open < self.open:
            raise ArgumentError(
                f"longest_open must be at least open ({self.open:g}), not {self.longest_open:g}"
            )

    def pause(self, again: int) -> float:
        """Return the seconds for which the circuit opens, the n-th time in a row (from 0)."""
        # 2**64 is beyond any bound, and further doubling would overflow a float in the end.
        doubled = self.open * 2.0 ** min(again, 64)
        # The bound comes before the jitter, so that the longest pauses are spread too.
        return self.uniform(1 - JITTER, 1 + JITTER) * min(doubled, self.longest_open / (1 + JITTER))


class State(enum.Enum):
    """Whether an origin may be asked."""

    CLOSED = "closed"
    """Requests go, and their outcomes are counted."""
    OPEN = "open"
    """None goes before it is time to try."""
    HALF_OPEN = "half_open"
    """A few are on their way, to see; no other goes."""
    FORCED_OPEN = "forced_open"
    """None goes until `reset`."""
    DISABLED = "disabled"
    """All go, and nothing is counted until `reset`."""


class Verdict(enum.Enum):
    """What a request says about its origin."""

    SUCCESS = "success"
    FAILURE = "failure"
    CUT = "cut"
    """Not answered when its call's time was over, which may have been too soon to tell."""
    NONE = "none"
    """Nothing: it was cancelled, or never sent."""


# A clock that went back by more than this was set back; less is two threads at one lock.
SET_BACK = 1.0


@attrs.define(eq=False)
class Circuit:
    """The breaker at work: ask `blocked_until`, then `admit`; tell `leave` how it went.

    Every change of state begins a generation; what was admitted in an older one has no say.
    """

    settings: Breaker
    state: State = attrs.field(default=State.CLOSED, init=False)
    generation: int = attrs.field(default=0, init=False)
    _recent: Recent = attrs.field(init=False)
    _again: int = attrs.field(default=0, init=False)
    _opened: float = attrs.field(default=0.0, init=False)
    _pause: float = attrs.field(default=0.0, init=False)
    _under_way: int = attrs.field(default=0, init=False)
    _silent_since: float = attrs.field(default=0.0, init=False)
    """The last success, or when the first came of those under way."""
    _probing: int = attrs.field(default=0, init=False)
    _proven: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._recent = Recent(self.settings.window)

    def blocked_until(self, now: float) -> float | None:
        """Return None if a request may be admitted now, or else when to come back.

        While probes are out that is a guess: the verdict may come at any time.  Infinity: nobody
        knows, the circuit is forced open.
        """
        if self.state is State.CLOSED or self.state is State.DISABLED:
            return None
        if self.state is State.FORCED_OPEN:
            return math.inf
        if self.state is State.OPEN:
            return self._open_until(now)
        if self._probing + self._proven < self.settings.probes:
            return None
        return now + self.settings.open

    def admit(self, now: float) -> int:
        """Let a request go that is not blocked; return the generation it belongs to."""
        if self.state is State.OPEN:
            self._turn(State.HALF_OPEN)
        if self.state is State.HALF_OPEN:
            self._probing += 1
        if not self._under_way:
            self._silent_since = now
        self._under_way += 1
        return self.generation

    def leave(self, generation: int, verdict: Verdict, seconds: float, now: float) -> None:
        """Hear how a request ended that was admitted: `seconds` after it was sent, now.

        It must be told of every one, once: a probe that nothing is heard of holds its place.
        """
        if generation != self.generation:
            return
        self._under_way -= 1
        if verdict is Verdict.SUCCESS:
            self._silent_since = now
        elif verdict is Verdict.CUT:
            verdict = Verdict.FAILURE if self._is_silent(now) else Verdict.NONE
        if self.state is State.CLOSED:
            if verdict is not Verdict.NONE:
                self._count(verdict, seconds, now)
        elif self.state is State.HALF_OPEN:
            self._judge(verdict, seconds, now)

    def force_open(self) -> None:
        """Let nothing go until `reset`."""
        self._turn(State.FORCED_OPEN)

    def disable(self) -> None:
        """Let everything go, whatever happens, until `reset`."""
        self._turn(State.DISABLED)

    def reset(self, now: float) -> None:  # noqa: ARG002 - every policy is told
        """Close, and forget all that was."""
        self._close()

    def _open_until(self, now: float) -> float | None:
        if now < self._opened - SET_BACK:
            self._opened = now  # or it would stay open for as long as the clock was set back
        until = self._opened + self._pause
        return None if now >= until else until

    def _count(self, verdict: Verdict, seconds: float, now: float) -> None:
        recent, settings = self._recent, self.settings
        recent.count(failed=verdict is Verdict.FAILURE, slow=self._is_slow(seconds), now=now)
        if (recent.failed or recent.slow) and recent.calls >= settings.calls:
            failing = recent.failed / recent.calls >= settings.failures
            if failing or recent.slow / recent.calls >= settings.slow_calls:
                self._open(0, now)

    def _judge(self, verdict: Verdict, seconds: float, now: float) -> None:
        self._probing -= 1
        if verdict is Verdict.FAILURE or (verdict is Verdict.SUCCESS and self._is_slow(seconds)):
            self._open(self._again + 1, now)
        elif verdict is Verdict.SUCCESS:
            self._proven += 1
            if self._proven == self.settings.probes:
                self._close()

    def _is_silent(self, now: float) -> bool:
        if now < self._silent_since - SET_BACK:
            self._silent_since = now
        return now - self._silent_since >= self.settings.silence

    def _is_slow(self, seconds: float) -> bool:
        return self.settings.slow is not None and seconds >= self.settings.slow

    def _open(self, again: int, now: float) -> None:
        self._again, self._opened, self._pause = again, now, self.settings.pause(again)
        self._turn(State.OPEN)

    def _close(self) -> None:
        self._recent.clear()
        self._turn(State.CLOSED)

    def _turn(self, state: State) -> None:
        self.state = state
        self.generation += 1
        self._under_way = self._probing = self._proven = 0
