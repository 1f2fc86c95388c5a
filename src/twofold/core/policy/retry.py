"""Whether to try again, and when: a question of the error, of what may be repeated, of the hint.

It knows no HTTP: commands are judged by the same rules.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

import attrs

from ...errors import Effect, RetryLaterError, Try, TwofoldError
from ..request import Safety
from .budget import USUAL, Budget
from .checks import at_least, optional, positive
from .decision import STOP, Stop, Wait


def distinct(statuses: Iterable[int]) -> frozenset[int]:
    return frozenset(statuses)


@attrs.frozen(kw_only=True)
class Retry:
    """Try again what may be repeated, after a pause with full jitter.

    The pause before retry n (from 0) is uniform between 0 and ``min(cap, base * 2**n)`` seconds;
    the cap comes before the jitter, so that capped pauses are spread too.  When the server
    throttles, `throttle_base` takes the place of `base`, and no pause is shorter than it asked.
    Source: "Exponential Backoff and Jitter", AWS Architecture Blog.
    """

    attempts: int = attrs.field(default=3, validator=at_least(1))
    """How often to send in all, the first time included."""
    base: float = attrs.field(default=0.1, validator=positive)
    throttle_base: float = attrs.field(default=1.0, validator=positive)
    cap: float = attrs.field(default=20.0, validator=positive)
    longest_hint: float = attrs.field(default=60.0, validator=positive)
    """Seconds: if the server asks for more, the call fails at once and says when to come back."""
    statuses: frozenset[int] = attrs.field(default=frozenset(), converter=distinct)
    """Further statuses that are worth another try, such as 500."""
    budget: Budget | None = attrs.field(default=USUAL, validator=optional(Budget))
    """How many retries there may be beside the first attempts of all calls; None: any number."""
    uniform: Callable[[float, float], float] = attrs.field(
        default=random.uniform, repr=False, eq=False
    )

    def after(
        self, error: TwofoldError, safety: Safety, tries: Sequence[Try], now: float
    ) -> Wait | Stop:
        """Decide after a failed attempt; `tries` holds it and all before it."""
        if len(tries) >= self.attempts or not self.may_repeat(error, safety):
            return STOP
        pause = self.pause(error, len(tries) - 1)
        if pause > max(self.longest_hint, self.cap):
            return STOP
        return Wait(now + pause)

    def may_repeat(self, error: TwofoldError, safety: Safety) -> bool:
        """Tell whether sending again can help and cannot do the same thing twice."""
        if not (error.transient or error.status in self.statuses):
            return False
        return safety is not Safety.ONCE or error.effect is Effect.NONE

    def pause(self, error: TwofoldError, retry: int) -> float:
        base = self.throttle_base if isinstance(error, RetryLaterError) else self.base
        # 2**64 is beyond any cap, and further doubling would overflow a float in the end.
        pause = self.uniform(0, min(self.cap, base * 2 ** min(retry, 64)))
        if error.after is None:
            return pause
        # Those who were told the same moment must not all come back at it.
        return max(error.after, pause) + self.uniform(0, min(1.0, 0.1 * error.after))
