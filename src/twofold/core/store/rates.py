"""The rates that processes share, in a store's file: what went of each.

Moments are those of the monotonic clock, which is one for all processes of a machine, and which
nobody sets: were it the time of day, whoever put that forward would free a burst for everybody.
"""

from __future__ import annotations

import json
import math
import sqlite3
from typing import Any

from ..policy.lease import Claim, Tokens
from ..policy.lending import Written, lend
from . import schema


def lease(connection: sqlite3.Connection, claim: Claim, now: float) -> Tokens:
    """Grant what is claimed, within a transaction that began before `now` was asked."""
    found = connection.execute(schema.COUNTED_RATE, (claim.name,)).fetchone()
    if found is None:
        connection.execute(schema.FORGET_RATES, (now,))
    written, tokens = lend(None if found is None else read(found[0], claim, now), claim, now)
    counted = json.dumps([written.went, written.closed])
    connection.execute(schema.COUNT_RATE, (claim.name, counted, told_until(written, claim, now)))
    return tokens


def told_until(written: Written, claim: Claim, now: float) -> float:
    """Return from when on what is written tells nothing: so long ago went what went."""
    latest = max((moment for moment, _ in written.went), default=now)
    return max(now, latest, 0.0 if written.closed is None else written.closed[1]) + 2 * claim.lead


def read(text: object, claim: Claim, now: float) -> Written:
    """Return what was written; what cannot be read is taken to be all of the limit, used up now."""
    try:
        went, closed = json.loads(str(text))
        found = Written(pairs(went), None if closed is None else pairs([closed])[0])
    except (ValueError, TypeError):
        return Written(((now, claim.most),))
    return found


def pairs(found: Any) -> list[tuple[float, float]]:
    """Return pairs of numbers of JSON; ValueError or TypeError: it is something else."""
    read = [(float(moment), float(amount)) for moment, amount in found]
    if not all(math.isfinite(moment) and 0 <= amount < math.inf for moment, amount in read):
        raise ValueError("it is no moment, or no amount")
    return read
