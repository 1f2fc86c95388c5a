"""What a process asks a store for, whose rate it shares with others, and what it is given.

A token that was leased is used within its `hold`, or not at all.  So the requests of any stretch of
time were leased in a stretch that is longer by one hold, and the count in the store allows for
that: of a burst it leaves out what the rate grants in a hold; where all of a limit may go at once,
it counts for a hold longer.  The promise of `Rate` is then kept to the request, for any number of
processes, and by those that die with tokens in hand.
"""

from __future__ import annotations

from collections.abc import Hashable

import attrs

from .rate import Count, Logged, Spaced

# A lease is held for half of what a burst takes to come back, and at most for this part of `per`.
SHARE_OF_BURST = 0.5
SHARE_OF_PER = 0.05

# Of a burst of one there is no half to hold: the rate falls by this share of itself instead.
LEAST = 0.25


@attrs.frozen
class Share:
    """With whom a rate is shared."""

    scope: Hashable
    """Where it is counted: equal for stores that count together."""
    owner: str
    """Whose it is: origin and account.  No secret: it is written down."""


@attrs.frozen
class Claim:
    """What is asked for: `weight` tokens of one moment, and up to `more` single ones after them."""

    name: str
    """Whose tokens: a count of its own for each name."""
    limit: int
    per: float
    burst: int
    weight: int = 1
    more: int = 0
    again: bool = False
    """Whether this process leased under this name before: a count that is gone was used up."""
    closed: float = 0.0
    """Not 0: nothing is asked for.  The server throttled, and wants nothing for so many seconds."""

    @property
    def interval(self) -> float:
        """Seconds between two tokens; 0 if all of the limit may go at once."""
        return self.per / (self.limit - self.burst) if self.burst < self.limit else 0.0

    @property
    def hold(self) -> float:
        """Seconds for which a token may be used once it is ripe."""
        longest = SHARE_OF_PER * self.per
        if self.burst == self.limit:
            return longest
        return min(longest, max(SHARE_OF_BURST * (self.burst - 1), LEAST) * self.interval)

    @property
    def lead(self) -> float:
        """Seconds ahead that tokens may be promised: one who dies with them costs no more."""
        return self.per + 2 * self.hold

    @property
    def most(self) -> float:
        """Tokens that may be out at one moment."""
        return self.burst - self.hold / self.interval if self.interval else self.limit

    def count(self) -> Count:
        """Return a count in which nothing has gone."""
        if self.interval:
            return Spaced(self.interval, self.most)
        return Logged(self.limit, self.per + self.hold)


@attrs.frozen
class Tokens:
    """What a store gave."""

    parts: tuple[tuple[float, int], ...]
    """In how many seconds how many of them are ripe, in order: the claim's weight first."""
    after: float = 0.0
    """If there are none, in how many seconds it is worth asking again."""
    closed: float = 0.0
    """For how many seconds the server wants nothing, as another process was told; none are given
    meanwhile."""
