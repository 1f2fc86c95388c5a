"""A rate that is shared with other processes, as one of them sees it: the tokens it has in hand.

They were leased from the store that counts for all, and each is used within its time or not at all.
Nobody waits here, and nobody asks the store here: whoever is appointed does, for all of a queue.
The gate's lock guards a meter, so it has none.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

import attrs

from .lease import Claim, Share, Tokens
from .rate import OVER, SET_BACK, Rate, Spaced

# Seconds for which a store that failed is left alone, and if it says that this passes by itself.
REST = 3.0
SHORT_REST = 0.25

# Single tokens that one claim asks for.
MOST = 256


@attrs.define(eq=False)
class Portion:
    """Tokens that may be used from one moment to another."""

    ripe: float
    until: float
    tokens: int


@attrs.define(eq=False)
class SharedMeter:
    """A rate at work, like `Meter`; it asks for tokens when it has too few."""

    settings: Rate
    share: Share
    bucket: str = ""
    asker: object = attrs.field(default=None, init=False)
    """Who asks the store, or is about to; None: nobody."""
    is_asked: bool = attrs.field(default=False, init=False)
    _basis: Claim = attrs.field(init=False)
    _hand: deque[Portion] = attrs.field(factory=lambda: deque[Portion](), init=False)
    _alone: Spaced | None = attrs.field(init=False)
    _rests_until: float = attrs.field(default=-math.inf, init=False)
    _worth_asking: float = attrs.field(default=-math.inf, init=False)
    """Before then the store has nothing to give."""
    _asked_at: float = attrs.field(default=-math.inf, init=False)
    _used: int = attrs.field(default=0, init=False)
    """Tokens of the last lease."""
    _wasted: bool = attrs.field(default=False, init=False)
    _latest: float = attrs.field(default=-math.inf, init=False)

    def __attrs_post_init__(self) -> None:
        rate = self.settings
        terms = f"{rate.limit}/{rate.per!r}/{rate.at_once}"
        name = f"{self.share.owner} {terms} {self.bucket}"
        self._basis = Claim(name, rate.limit, rate.per, rate.at_once)
        self._alone = by_itself(rate)

    def wait(self, weight: int, now: float) -> float:
        """Return the seconds until so much may go; infinity: not with what is in hand."""
        hand = self._hand
        if hand:
            portion = hand[0]
            if portion.ripe <= now < portion.until and 0 < weight <= portion.tokens:
                self._latest = max(now, self._latest)
                return 0.0
        if not 0 <= weight <= self.settings.at_once:
            self.settings.check(weight)
        if not weight:
            return 0.0
        self._turn(now)
        ripe = self._ripe(weight)
        if ripe == math.inf:
            return self._without(weight, now)
        return ripe - now + OVER if ripe > now else 0.0

    def take(self, weight: int, now: float) -> float:
        """Use so much, for which `wait` has just returned 0; return until when it was good."""
        if self._ripe(weight) > now:
            if self._alone is not None:
                self._alone.take(weight, now)
            return -math.inf
        self._used += weight
        until = math.inf
        while weight:
            portion = self._hand[0]
            until = min(until, portion.until)
            used = min(weight, portion.tokens)
            weight -= used
            portion.tokens -= used
            if not portion.tokens:
                self._hand.popleft()
        return until

    def give_back(self, weight: int, taken: float) -> None:
        """Undo a `take`: nothing went after all, and another may use it as long as it is good."""
        if weight and taken > self._latest:
            self._used -= weight
            self._put([Portion(-math.inf, taken, weight)])

    def lacks(self, now: float) -> bool:
        """Tell whether somebody is to ask the store, for one whose `wait` is infinite."""
        return self.asker is None and now >= max(self._rests_until, self._worth_asking)

    def refused_until(self, weight: int, now: float) -> float | None:
        """Return until when nobody goes for want of a store; None: somebody may."""
        if self._alone is not None or now >= self._rests_until or not weight:
            return None
        return self._rests_until if self._ripe(weight) == math.inf else None

    def claim(self, weight: int, waiting: int, room: float, now: float) -> Claim:
        """Return what to ask for: `weight` tokens for the first, and some for who comes next.

        `waiting` are the tokens that others wait for, and `room` is how many more may be inside.
        What is not used in time is lost to everybody, so no more is asked for than can be used by
        what was used before.
        """
        self.is_asked = True
        since = now - self._asked_at
        expected = self._used * self._basis.hold / since if since > 0 else 0.0
        able = min(room, MOST) + self._used * (1 if self._wasted else 2)
        wanted = int(min(max(waiting, expected), able, MOST))
        again = since < 2 * self._basis.lead
        return attrs.evolve(self._basis, weight=weight, more=wanted, again=again)

    def closing(self, seconds: float) -> Claim:
        """Return what tells a store that the server wants nothing for so long."""
        return attrs.evolve(self._basis, weight=0, closed=seconds)

    def receive(self, tokens: Tokens, asked: float, now: float) -> bool:
        """Take what a store gave in answer to a claim of `asked`; False: it came too late.

        The store counted at some moment between asking and now: nothing is used before it is ripe
        by the latest, nor after its time by the earliest.
        """
        self._end_asking()
        self._asked_at, self._used, self._wasted = asked, 0, False
        self._rests_until = -math.inf
        self._worth_asking = now + tokens.after
        hold = self._basis.hold
        portions = [
            Portion(now + delay, asked + delay + hold, number)
            for delay, number in tokens.parts
            if now < asked + hold
        ]
        self._put(portions)
        return len(portions) == len(tokens.parts)

    def fail(self, now: float, *, passes: bool) -> None:
        """Take note that the store could not be asked; `passes`: that will pass by itself."""
        self._end_asking()
        self._rests_until = now + (SHORT_REST if passes else REST)

    def dismiss(self, asker: object) -> None:
        """Let another one ask, if this one was to and will not."""
        if self.asker is asker:
            self._end_asking()

    def renew(self) -> None:
        """Begin anew in a forked child: what is in hand is its parent's."""
        self._hand.clear()
        self._end_asking()

    def _put(self, portions: Sequence[Portion]) -> None:
        """Put tokens in hand: what is good for longest is used last."""
        self._hand = deque(sorted((*self._hand, *portions), key=lambda one: one.until))

    def _end_asking(self) -> None:
        self.asker, self.is_asked = None, False

    def _turn(self, now: float) -> None:
        """Come to a moment: what is too old goes, and all of it if the clock was set back."""
        if now < self._latest - min(SET_BACK, self._basis.hold):
            self._hand.clear()
            self._asked_at = min(self._asked_at, now)
            self._rests_until = self._worth_asking = -math.inf
            if self._alone is not None:
                self._alone.shift(now - self._latest)
            self._latest = now
        self._latest = max(now, self._latest)
        while self._hand and self._hand[0].until <= now:
            self._hand.popleft()
            self._wasted = True

    def _ripe(self, weight: int) -> float:
        """Return when so many tokens are in hand at one moment; infinity: never."""
        held, ripe, first, hand = 0, -math.inf, 0, self._hand
        for last, portion in enumerate(hand):
            held += portion.tokens
            ripe = max(ripe, portion.ripe)
            while first <= last and hand[first].until <= ripe:
                held -= hand[first].tokens
                first += 1
            if held >= weight:
                return ripe
        return math.inf

    def _without(self, weight: int, now: float) -> float:
        """Return the seconds until so much may go, or the store may be asked, with too few."""
        due = max(self._rests_until, self._worth_asking)
        if due <= now:
            return math.inf
        due += OVER - now
        if self._alone is None or now >= self._rests_until:
            return due
        return min(due, self._alone.wait(weight, now))


def by_itself(rate: Rate) -> Spaced | None:
    """Return what is kept to without a store; None: nothing goes."""
    if not rate.alone:
        return None
    if not rate.interval:
        return Spaced(rate.per / (rate.limit * rate.alone), 1.0)
    return Spaced(rate.interval / rate.alone, max(1.0, rate.at_once * rate.alone))
