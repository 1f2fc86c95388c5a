"""How many requests may go in any stretch of time: a limit of ours, not heard from the server.

GCRA, the leaky bucket as a meter (ITU-T I.371): two numbers of state, whatever the limit.  Where
all of a limit may go at once, what went is written down instead, since no two numbers know it.
The gate's lock guards a meter, so it has none.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol

import attrs

from ...errors import ArgumentError
from ..request import Request
from .checks import at_least, not_negative, positive, whole

# From here on a tenth of the limit goes at once; of a smaller one too little would be left.
LARGE = 10

# A clock that went back by more than this was set back; less is two threads at one lock.
SET_BACK = 1.0

# Added to every wait: now + wait, as floats, may fall short of the moment that was meant.
OVER = 1e-6


def function(instance: Any, field: attrs.Attribute[Any], value: Any) -> None:  # noqa: ARG001 - attrs calls it so
    if value is not None and not callable(value):
        raise ArgumentError(f"{field.name} must be a function of a request or None, not {value!r}")


def share(instance: Any, field: attrs.Attribute[Any], value: Any) -> None:
    not_negative(instance, field, value)
    if value > 1:
        raise ArgumentError(f"{field.name} must be a number from 0 to 1, not {value!r}")


@attrs.frozen
class Rate:
    """Send at most `limit` requests in any `per` seconds, evenly but for a burst.

    No window of `per` seconds sees more, wherever it begins.  So many as `burst` may go at once,
    and the others follow at intervals of ``per / (limit - burst)`` seconds: at most
    ``burst + per / interval`` go in a window, and that is the limit.  A small burst gives a steady
    stream near the limit, a large one a slower stream.  If `burst` is the limit itself, each
    request is remembered for `per` seconds, and one may go whenever fewer than `limit` are.

    An operation of weight n counts as n requests; one that is heavier than the burst is refused.
    Requests are counted when they leave: one that is held up on its way may meet a later one at the
    server, so leave a little of a limit that the server keeps strictly.
    """

    limit: int = attrs.field(validator=at_least(1))
    per: float = attrs.field(default=1.0, validator=positive)
    """Seconds."""
    burst: int | None = attrs.field(default=None, kw_only=True, eq=False)
    """From 1 to `limit`; None: a tenth of it, or all of it if it is less than 10."""
    alone: float = attrs.field(default=0.25, validator=share, kw_only=True, eq=False)
    """The share of the limit to keep to while the `store` that counts it cannot be asked, such as
    one by the number of processes; 0: send nothing then, raise a RetryLaterError."""
    key: Callable[[Request], Hashable] | None = attrs.field(
        default=None, kw_only=True, eq=False, repr=False, validator=function
    )
    """For whom a request is, such as a tenant: those of different keys take turns under the one
    limit, so that the many of one do not hold up the few of another.  None: first come, first
    served."""
    at_once: int = attrs.field(init=False, repr=False)
    """The burst, or what stands for it if None was given."""

    def __attrs_post_init__(self) -> None:
        usual = self.limit // 10 if self.limit >= LARGE else self.limit
        burst = usual if self.burst is None else whole("burst", self.burst, 1, self.limit)
        object.__setattr__(self, "at_once", burst)

    @property
    def interval(self) -> float:
        """Seconds between two requests once the burst went; 0 if all may go at once."""
        return self.per / (self.limit - self.at_once) if self.at_once < self.limit else 0.0

    def check(self, weight: int) -> None:
        """Refuse a weight that could never pass."""
        if not 0 <= weight <= self.at_once:
            raise ArgumentError(
                f"an operation of weight {weight!r} cannot pass a rate whose burst is "
                f"{self.at_once}: give Rate a burst of at least its weight"
            )


class Count(Protocol):
    """What went, as far as it still matters."""

    def wait(self, weight: int, now: float) -> float: ...
    def take(self, weight: int, now: float) -> None: ...
    def give_back(self, weight: int, taken: float) -> None: ...
    def shift(self, seconds: float) -> None: ...
    def entries(self) -> Sequence[tuple[float, float]]: ...
    def restore(self, entries: Sequence[tuple[float, float]]) -> None: ...


@attrs.define(eq=False)
class Meter:
    """A rate at work: ask `wait`, and `take` what goes."""

    settings: Rate
    _heaviest: int = attrs.field(init=False)
    _tolerance: float = attrs.field(init=False)
    _latest: float = attrs.field(default=-math.inf, init=False)
    _count: Count = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        rate = self.settings
        self._heaviest = rate.at_once
        self._tolerance = min(SET_BACK, rate.per)
        if rate.interval:
            self._count = Spaced(rate.interval, rate.at_once)
        else:
            self._count = Logged(rate.limit, rate.per)

    def wait(self, weight: int, now: float) -> float:
        """Return the seconds until so much may go: 0 if it may go now."""
        if not 0 <= weight <= self._heaviest:
            self.settings.check(weight)
        if now > self._latest:
            self._latest = now
        elif now < self._latest - self._tolerance:
            # What went moves with the clock: or nothing would go for as long as it was set back.
            self._count.shift(now - self._latest)
            self._latest = now
        return self._count.wait(weight, now)

    def take(self, weight: int, now: float) -> float:
        """Note that so much goes now, for which `wait` has just returned 0; return when that is."""
        self._count.take(weight, now)
        return now

    def give_back(self, weight: int, taken: float) -> None:
        """Undo a `take` of that moment: nothing went after all."""
        self._count.give_back(weight, taken)


@attrs.define(eq=False)
class Spaced:
    """The bucket that leaks: every request adds its weight, and one drains in every interval.

    The level and the moment it was taken at say the same as GCRA's one moment, and are exact where
    that would be rounded: among requests of one moment.  What is heavier than the burst goes once
    the bucket has been empty for as long as the surplus would take to drain.
    """

    interval: float
    burst: float
    _level: float = attrs.field(default=0.0, init=False)
    _at: float = attrs.field(default=0.0, init=False)

    def wait(self, weight: int, now: float) -> float:
        short = self._level - (now - self._at) / self.interval + weight - self.burst
        return short * self.interval + OVER if short > 0.0 else 0.0

    def take(self, weight: int, now: float) -> None:
        level = self._level - (now - self._at) / self.interval
        self._level = (level if level > 0.0 else 0.0) + weight
        self._at = now

    def give_back(self, weight: int, taken: float) -> None:
        # Had it not been taken, those that went since might have met an empty bucket: what has
        # drained between is not given back, or a window could see more than its limit.
        drained = (self._at - taken) / self.interval
        if 0.0 <= drained < weight:
            self._level = max(0.0, self._level - weight + drained)

    def shift(self, seconds: float) -> None:
        self._at += seconds

    def entries(self) -> Sequence[tuple[float, float]]:
        return ((self._at, self._level),)

    def restore(self, entries: Sequence[tuple[float, float]]) -> None:
        if entries:
            self._at, self._level = entries[-1]


@attrs.define(eq=False)
class Logged:
    """The exact count: every grant of the last `per` seconds, oldest first."""

    limit: int
    per: float
    _grants: deque[tuple[float, float]] = attrs.field(
        factory=lambda: deque[tuple[float, float]](), init=False
    )
    _sum: float = attrs.field(default=0, init=False)

    def wait(self, weight: int, now: float) -> float:
        grants = self._grants
        while grants and grants[0][0] + self.per <= now:
            self._sum -= grants.popleft()[1]
        excess = self._sum + weight - self.limit
        if excess <= 0:
            return 0.0
        for moment, gone in grants:
            excess -= gone
            if excess <= 0:
                return moment + self.per - now + OVER
        raise AssertionError("no weight is above the limit")

    def take(self, weight: int, now: float) -> None:
        # A thread that was late at the lock: the newest stays last.
        moment = max(now, self._grants[-1][0]) if self._grants else now
        self._grants.append((moment, weight))
        self._sum += weight

    def give_back(self, weight: int, taken: float) -> None:
        # Of several that are alike the oldest cannot be older than what was taken.
        for grant in self._grants:
            if grant[0] >= taken and grant[1] == weight:
                self._grants.remove(grant)
                self._sum -= weight
                return

    def shift(self, seconds: float) -> None:
        self._grants = deque((moment + seconds, weight) for moment, weight in self._grants)

    def entries(self) -> Sequence[tuple[float, float]]:
        return tuple(self._grants)

    def restore(self, entries: Sequence[tuple[float, float]]) -> None:
        self._grants = deque(sorted(entry for entry in entries if entry[1]))
        self._sum = sum(weight for _, weight in entries)
