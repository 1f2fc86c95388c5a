"""What a gate is told of a request that passed it: what came back, and how long that took.

Who reads answers and errors makes it; nothing is known here of HTTP.
"""

from __future__ import annotations

import attrs

from .adaptive import Load
from .breaker import Verdict
from .bucket import Heard


@attrs.define(eq=False)
class Seen:
    """What an answer, or its absence, says to each policy.

    A value, not frozen all the same: every request makes one, and that takes half the time so.
    """

    status: int | None
    """None: nothing was answered."""
    verdict: Verdict
    """For the breaker."""
    load: Load
    """For an adaptive limit."""
    seconds: float
    """From when it was sent to when the answer, or the failure, was there."""
    heard: Heard | None = None
    """For the bucket; None: the answer said nothing of limits."""


UNSEEN = Seen(None, Verdict.NONE, Load.NONE, 0.0)
