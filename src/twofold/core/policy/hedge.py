"""When a request that is slow to be answered is sent once more, and which answer counts.

It knows no request and reads no clock: it is told how long answers took.
Source: Dean and Barroso, "The Tail at Scale".
"""

from __future__ import annotations

import math
from collections import deque
from threading import Lock
from typing import Generic, TypeVar

import attrs

from ...errors import TwofoldError
from ..forks import renewed_in_child
from .checks import fraction, not_negative, of_kind, whole

A = TypeVar("A")

KEPT = 1000  # answers, for each kind of call
REFRESHED = 3.0  # seconds


def countable(instance: object, field: attrs.Attribute[int], value: object) -> None:  # noqa: ARG001 - attrs calls it so
    whole(field.name, value, 1, KEPT)


@attrs.frozen(kw_only=True)
class Hedge:
    """Send a copy of a read that is slow to be answered, and take the first good answer.

    The copy is sent once a request has been under way for longer than `quantile` of the last
    answers to calls of its kind took, and no earlier than `least` seconds; only if the retry budget
    has been earned by first attempts, and a slot is free at once.  There is one at most for a call.
    """

    least: float = attrs.field(default=0.05, validator=not_negative)
    quantile: float = attrs.field(default=0.95, validator=fraction)
    samples: int = attrs.field(default=100, validator=countable)
    """No copy is sent before so many answers were seen; at most 1000, which is how many count."""


@attrs.define(eq=False)
class Latencies:
    """How long the last answers to one kind of call took."""

    settings: Hedge
    _seconds: deque[float] = attrs.field(factory=lambda: deque[float](maxlen=KEPT), init=False)
    _delay: float | None = attrs.field(default=None, init=False)
    _refreshed: float = attrs.field(default=-math.inf, init=False)

    def note(self, seconds: float) -> None:
        self._seconds.append(seconds)

    def delay(self, now: float) -> float | None:
        """Return how long to wait before a copy is sent; None: too little is known."""
        if len(self._seconds) < self.settings.samples:
            return None
        if not self._refreshed <= now < self._refreshed + REFRESHED:
            self._refreshed = now
            self._delay = max(self.settings.least, self._at_quantile())
        return self._delay

    def _at_quantile(self) -> float:
        ordered = sorted(self._seconds)
        return ordered[math.ceil(self.settings.quantile * len(ordered)) - 1]


@attrs.define(eq=False)
class Hedging:
    """What a line knows for its hedges; safe to share between threads and event loops."""

    settings: Hedge
    _kinds: dict[str, Latencies] = attrs.field(factory=lambda: dict[str, Latencies](), init=False)
    _impossible: bool = attrs.field(default=False, init=False)
    _lock: Lock = attrs.field(factory=Lock, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        renewed_in_child(self)

    def renew(self) -> None:
        """Go on in a forked child with a lock that nobody holds."""
        self._lock = Lock()

    def note(self, kind: str, seconds: float) -> None:
        """Take note of how long the winner's answer took; who was cut off says nothing."""
        with self._lock:
            self._latencies(kind).note(seconds)

    def delay(self, kind: str, now: float) -> float | None:
        """Return how long a call of a kind may be under way alone; None: as long as it likes."""
        with self._lock:
            return self._latencies(kind).delay(now)

    def is_news(self) -> bool:
        """Take note that no hedge is possible; True: nobody did before."""
        with self._lock:
            was, self._impossible = self._impossible, True
            return not was

    def _latencies(self, kind: str) -> Latencies:
        found = self._kinds.get(kind)
        if found is None:
            found = self._kinds[kind] = Latencies(self.settings)
        return found


def as_hedging(given: Hedging | Hedge | None) -> Hedging | None:
    """Return the state for the option `hedge`; None: no hedges."""
    if isinstance(given, Hedging):
        return given
    settings = of_kind("hedge", given, Hedge)
    return None if settings is None else Hedging(settings)


@attrs.frozen(eq=False)
class Won(Generic[A]):
    """The answer that came first."""

    who: object
    answer: A
    seconds: float
    """How long it took from when it was asked for."""


@attrs.define(eq=False)
class Race(Generic[A]):
    """A request and its copy: the first answer wins, an error of one does not end the other."""

    won: Won[A] | None = attrs.field(default=None, init=False)
    _running: int = attrs.field(default=1, init=False)
    _errors: list[TwofoldError] = attrs.field(factory=lambda: list[TwofoldError](), init=False)
    _lock: Lock = attrs.field(factory=Lock, init=False, repr=False)

    @property
    def is_over(self) -> bool:
        return self.won is not None or not self._running

    def join(self) -> bool:
        """Let the copy run too; False: it is too late."""
        with self._lock:
            if self.is_over:
                return False
            self._running += 1
            return True

    def answer(self, who: object, answer: A, seconds: float) -> None:
        """Hand in an answer; the second one is dropped."""
        with self._lock:
            self.won = self.won or Won(who, answer, seconds)

    def give_up(self, *errors: TwofoldError) -> None:
        """Take note of one who has no answer."""
        with self._lock:
            self._running -= 1
            self._errors += errors

    def error(self) -> TwofoldError:
        """Hand over the request's own error, which is the first, for its caller to raise."""
        errors, self._errors = self._errors, []
        return errors[0]
