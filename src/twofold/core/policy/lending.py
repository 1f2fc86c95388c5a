"""The count of a rate that several processes share, as a store keeps it: one step, atomic there.

It knows no store: it is given what was written down, and the time, and returns what to write.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias

import attrs

from .lease import Claim, Tokens
from .rate import OVER, SET_BACK, Count

Entries: TypeAlias = Sequence[tuple[float, float]]
"""Moments and how much went then: of a bucket its level, of a log each entry."""

# Single tokens of one lease: a store is busy with no claim for long.
MOST = 256


@attrs.frozen
class Written:
    """What a store keeps of one rate."""

    went: Entries = ()
    closed: tuple[float, float] | None = None
    """Since when, and until when, the server wants nothing."""


def lend(written: Written | None, claim: Claim, now: float) -> tuple[Written, Tokens]:
    """Grant what is claimed, as far as it comes soon enough; return what to write down.

    The weight is granted whenever it comes within the claim's `lead`, so that processes are served
    in the order in which they ask; single tokens after it within its `hold`.
    """
    known = missing(claim, now) if written is None else of_now(written, claim, now)
    closed = closing(known, claim, now)
    if closed is not None:
        return attrs.evolve(known, closed=closed), Tokens((), closed=closed[1] - now)
    count = claim.count()
    count.restore(known.went)
    tokens = taken(count, claim, now)
    return Written(count.entries()), tokens


def missing(claim: Claim, now: float) -> Written:
    """Return what to begin with: nothing went, unless somebody knows that something did."""
    return Written(((now, claim.most if claim.again else 0.0),))


def of_now(written: Written, claim: Claim, now: float) -> Written:
    """Return what was written; what no clock of ours can have seen, as if it went just now.

    So it is after the machine was started anew, and no promise lives on.  Nobody waits for hours
    that come twice.
    """
    went, closed = written.went, written.closed
    latest = now + claim.lead + claim.hold + SET_BACK
    if any(moment > latest for moment, _ in went):
        went = [(min(moment, now), amount) for moment, amount in went]
    if closed is not None and closed[0] > now + SET_BACK:
        closed = (now, now + closed[1] - closed[0])
    return Written(went, closed)


def closing(written: Written, claim: Claim, now: float) -> tuple[float, float] | None:
    """Return since when and until when the server wants nothing; None: it does not say so."""
    until = -math.inf if written.closed is None else written.closed[1]
    if claim.closed and now + claim.closed > until:
        return now, now + claim.closed
    return written.closed if until > now else None


def taken(count: Count, claim: Claim, now: float) -> Tokens:
    first = count.wait(claim.weight, now)
    if first > claim.lead:
        return Tokens((), first - claim.lead + OVER)
    count.take(claim.weight, now + first)
    singles = [(delay, 1) for delay in more(count, claim, first, now)]
    return Tokens(tuple(in_order([(first, claim.weight), *singles])))


def more(count: Count, claim: Claim, first: float, now: float) -> Iterator[float]:
    """Take single tokens; yield in how many seconds each is ripe."""
    for _ in range(min(claim.more, MOST)):
        wait = count.wait(1, now)
        if wait > first + claim.hold:
            return
        count.take(1, now + wait)
        yield wait


def in_order(parts: Sequence[tuple[float, int]]) -> Iterator[tuple[float, int]]:
    """Yield parts with those of one moment together."""
    for moment, same in groupby(sorted(parts), itemgetter(0)):
        yield moment, sum(tokens for _, tokens in same)
