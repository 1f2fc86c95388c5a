"""How many retries and hedges an origin may be sent beside first attempts.

In an outage every call fails; if each were then sent three times, the server that tries to come
back would meet three times the load.  So further attempts are paid for by first ones.
Source: Finagle's RetryBudget; gRPC A6.
"""

from __future__ import annotations

from collections import deque
from threading import Lock

import attrs

from ..forks import renewed_in_child
from .checks import not_negative, positive

STEPS = 50  # the window slides in so many


@attrs.frozen(kw_only=True)
class Budget:
    """Allow `ratio` retries for each first attempt of the last `window` seconds, and a few more.

    Every first attempt of a call deposits 1, every retry withdraws 1, and a retry is allowed while
    ``ratio * deposits + floor * window - withdrawals >= 1``.  Hedges draw on the same account, but
    get no `floor`.  So at a steady rate of calls an outage makes the server see at most
    ``1 + ratio + floor / rate`` requests a call.
    """

    ratio: float = attrs.field(default=0.1, validator=not_negative)
    """Retries for each first attempt."""
    floor: float = attrs.field(default=1.0, validator=not_negative)
    """Retries a second that are allowed to those who call seldom."""
    window: float = attrs.field(default=10.0, validator=positive)
    """Seconds after which deposits and withdrawals are forgotten."""


@attrs.define(eq=False)
class Sliding:
    """Counts what happened in the last so many steps, this one included."""

    lasting: int
    total: int = 0
    newest: int = 0
    """How many of them in this step."""
    _older: deque[tuple[int, int]] = attrs.field(
        factory=lambda: deque[tuple[int, int]](), init=False
    )
    """Steps and their counts, oldest first."""

    def slide(self, step: int, following: int) -> None:
        """Go on from a step to a later one, and forget what is too old there."""
        if self.newest:
            self._older.append((step, self.newest))
            self.newest = 0
        while self._older and self._older[0][0] <= following - self.lasting:
            self.total -= self._older.popleft()[1]


@attrs.define(eq=False)
class Purse:
    """What is left of a budget.

    It is kept in steps of a fiftieth of the window.  A deposit is forgotten up to one step early,
    a withdrawal up to one step late, never the other way: the bound holds exactly.
    """

    settings: Budget = attrs.field(factory=Budget)
    _frequency: float = attrs.field(init=False)
    _step: int = attrs.field(default=0, init=False)
    _deposits: Sliding = attrs.field(init=False)
    _withdrawals: Sliding = attrs.field(init=False)
    _lock: Lock = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._frequency = STEPS / self.settings.window
        self.renew()
        renewed_in_child(self)

    def renew(self) -> None:
        """Begin anew, as a forked child does."""
        self._lock = Lock()
        self._empty()

    def first(self, now: float) -> None:
        """Take note of a first attempt."""
        with self._lock:
            if now * self._frequency // 1 != self._step:
                self._slide(now)
            self._deposits.total += 1
            self._deposits.newest += 1

    def retry(self, now: float) -> bool:
        """Pay for a retry, if there is enough; to be asked when it is scheduled.

        Whoever asked only after the pause would find that all who slept beside him were let
        through.
        """
        return self._pay(self.settings.floor * self.settings.window, now)

    def hedge(self, now: float) -> bool:
        """Pay for a hedge, if first attempts alone have earned it."""
        return self._pay(0.0, now)

    def _pay(self, credit: float, now: float) -> bool:
        with self._lock:
            self._slide(now)
            earned = self.settings.ratio * self._deposits.total
            if earned + credit - self._withdrawals.total < 1:
                return False
            self._withdrawals.total += 1
            self._withdrawals.newest += 1
            return True

    def _slide(self, now: float) -> None:
        """Go on to a moment; a clock that goes back stands still, until it is a window behind."""
        step = int(now * self._frequency // 1)
        if self._step - STEPS <= step <= self._step:
            return
        if step < self._step:
            self._empty()
        self._deposits.slide(self._step, step)
        self._withdrawals.slide(self._step, step)
        self._step = step

    def _empty(self) -> None:
        self._deposits = Sliding(STEPS)
        self._withdrawals = Sliding(STEPS + 1)


USUAL = Budget()


@attrs.define(eq=False)
class Purses:
    """The purses of one client's line: calls under equal budgets share one.

    Whoever the calls are made for shares it too: a server is not helped by a second account.
    """

    _purses: dict[Budget, Purse] = attrs.field(
        factory=lambda: dict[Budget, Purse](), init=False, repr=False
    )
    _last: Purse | None = attrs.field(default=None, init=False, repr=False)

    def of(self, budget: Budget | None) -> Purse:
        """Return the purse of a budget; None: the one that hedges draw on without a budget."""
        budget = budget or USUAL
        last = self._last  # almost always it is the client's own, as before
        if last is None or last.settings is not budget:
            found = self._purses.get(budget)
            last = self._purses.setdefault(budget, Purse(budget)) if found is None else found
            self._last = last
        return last
