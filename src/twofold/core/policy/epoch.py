"""How much a server still allows until a reset: a figure that only falls."""

from __future__ import annotations

import math

import attrs

from .rate import OVER

# Up to this share of the most that was heard of, what is left is spread until the reset.
RESERVE = 0.1

# Seconds by which one reset may seem to move: servers round, and answers overtake each other.
WAVERING = 2.0


@attrs.define(eq=False)
class Epoch:
    """What is left until a reset; infinity: nobody said yet when that is."""

    began: float
    limit: int
    remaining: int
    reset: float
    named: float = attrs.field(init=False)
    """The reset as it was first heard of, by which this epoch is told from others."""
    wavering: float = attrs.field(init=False)
    due: float = attrs.field(default=-math.inf, init=False)
    """Before then nothing goes, so that what is left lasts until the reset."""
    before: float = attrs.field(default=-math.inf, init=False)
    """What was due before the last one went."""

    def __attrs_post_init__(self) -> None:
        self._name(self.began, self.reset)

    @property
    def is_dated(self) -> bool:
        return self.reset < math.inf

    def wait(self, now: float) -> float:
        if self.remaining < 1:
            return self.reset - now + OVER
        if self.remaining > RESERVE * self.limit or self.due <= now:
            return 0.0
        return self.due - now + OVER

    def take(self, now: float) -> None:
        self.before = self.due
        if self.remaining <= RESERVE * self.limit and self.is_dated:
            self.due = now + (self.reset - now) / max(self.remaining, 1)
        self.remaining -= 1

    def give_back(self) -> None:
        """Undo a `take`: nothing went after all."""
        self.remaining += 1
        self.due = self.before

    def covers(self, limit: int, reset: float, took: float) -> bool:
        """Tell whether an answer is of this epoch, or of an earlier one.

        Its reset may be counted from any moment since its request was sent, `took` seconds ago.
        """
        if not self.is_dated:
            return limit <= self.limit
        return reset - took <= self.named + self.wavering

    def hear(self, remaining: int, now: float, reset: float) -> None:
        """Absorb a figure of this epoch; it only falls, in whatever order the answers come."""
        if not self.is_dated:
            self.reset = reset
            self._name(now, reset)
        if reset >= self.named - self.wavering:
            self.remaining = min(self.remaining, remaining)
            if reset <= self.named + self.wavering:
                self.reset = max(self.reset, reset)

    def following(self, inside: int, now: float) -> Epoch:
        """Return what is known of the next one: that there will be as much to share."""
        return Epoch(now, self.limit, self.limit - inside, math.inf)

    def shift(self, seconds: float) -> None:
        self.began += seconds
        self.reset += seconds
        self.named += seconds
        self.due += seconds
        self.before += seconds

    def _name(self, now: float, reset: float) -> None:
        self.named = reset
        self.wavering = min(WAVERING, 0.5 * (reset - now))
