"""What an answer, or its absence, says to the policies of a gate.

To the breaker a failure is an origin that cannot be reached, is silent, or answers 500, 502, 503 or
504; any other answer is a success, a refusal and a throttle too: the origin works.  Who was
cancelled, or sent nothing, says nothing.
"""

from __future__ import annotations

from ...errors import Effect, ServerError, TwofoldError
from ..policy.adaptive import Load
from ..policy.breaker import Verdict
from ..policy.seen import Seen
from ..policy.timeout import Timeout
from ..request import Reply
from .allowances import heard

FAILED = frozenset({500, 502, 503, 504})

# The origin, or what stands before it, has more to do than it can; a time-out looks the same.
OVERLOADED = frozenset({408, 429, 502, 503, 504})

FAIR = 0.5
"""Of the time that an attempt is allowed."""


def seen_in(reply: Reply, seconds: float) -> Seen:
    """Return what an answer says that took so many seconds."""
    said, status = heard(reply), reply.status
    if said is not None and said.reset is None and not said.throttled:
        said = None  # what is left until nobody knows when cannot be kept count of
    if status < 400:
        return Seen(status, Verdict.SUCCESS, Load.FINE, seconds, said)
    verdict = Verdict.FAILURE if status in FAILED else Verdict.SUCCESS
    if status in OVERLOADED or (said is not None and said.throttled):
        return Seen(status, verdict, Load.OVERLOADED, seconds, said)
    return Seen(status, verdict, Load.LATENCY_ONLY, seconds, said)


def seen_of(error: TwofoldError, seconds: float) -> Seen | None:
    """Return what the failure of an engine says; None: nothing of the origin.

    It may fail with an answer that it could not take, too large or not decodable: that is one.
    """
    if not isinstance(error, ServerError):
        return None
    if error.status is not None:
        verdict = Verdict.FAILURE if error.status in FAILED else Verdict.SUCCESS
        return Seen(error.status, verdict, Load.NONE, seconds)
    if error.transient or error.effect is Effect.NONE:
        return silence(seconds)
    return None


def unanswered(seconds: float, allowed: Timeout | None) -> Seen:
    """Return what it says that a call's own time was over before an answer came.

    A request that had a fair part of its time was met with silence; one that was sent when little
    was left says something only together with others.
    """
    if allowed is not None and seconds >= FAIR * allowed.attempt:
        return silence(seconds)
    return Seen(None, Verdict.CUT, Load.NONE, seconds)


def silence(seconds: float) -> Seen:
    """Return what it says that nothing was answered in so many seconds."""
    return Seen(None, Verdict.FAILURE, Load.OVERLOADED, seconds)
