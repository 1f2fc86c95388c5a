# SPDX-License-Identifier: MIT
"""Try, and try again: the loop around an attempt.  It knows no HTTP."""

from __future__ import annotations

from typing import NoReturn, TypeVar

from ..._runtime.failures import raise_as_it_was
from ..._runtime.waiting.scopes import checkpoint, sleep, time_left
from ..._runtime.waiting.tasks import Call
from ...core.call import CallRecord
from ...core.policy.budget import Purse
from ...core.policy.decision import Stop
from ...core.policy.retry import Retry
from ...core.text.retry_after import moment
from ...errors import TwofoldError
from ...events import Refusal

T = TypeVar("T")


async def retrying(
    attempt: Call[[], T], call: CallRecord, retry: Retry | None, purse: Purse | None = None
) -> T:
    """Return what the attempt returns; after a failure, pause and repeat as the policy says.

    Nothing is held during a pause.  Whether there is one is decided before it: one that cannot end
    before the deadline, or that the purse does not pay for, is not begun, and the last error is
    raised at once.  Its `retry_at` says when another attempt would have been worth it.
    """
    last: TwofoldError | None = None
    call.start_attempt()
    if purse is not None:
        purse.first(call.attempt_began)
    while True:
        try:
            return await attempt()
        except TwofoldError as error:
            if error.withheld and last is not None:
                break_off(last, error, call)
            call.failed(error)
            pause = pause_after(error, call, retry, purse)
            if pause is None:
                if time_left() <= 0:
                    await checkpoint()  # who is cancelled is told so, whatever else went wrong
                call.check_time()
                error.attempts = call.tries
                raise
            call.pausing(pause, error)
            last = error
        await sleep(pause)
        call.start_attempt()


def break_off(last: TwofoldError, refusal: TwofoldError, call: CallRecord) -> NoReturn:
    """Raise what the last attempt failed with, since no further one may be sent."""
    last.add_note(f"another attempt was not sent: {refusal.message}")
    last.retry_at = last.retry_at or refusal.retry_at
    last.hurried = refusal.hurried
    last.attempts = call.tries
    raise_as_it_was(last)


def pause_after(
    error: TwofoldError, call: CallRecord, retry: Retry | None, purse: Purse | None
) -> float | None:
    """Return the seconds until the next attempt, or None if there is to be none."""
    # An error that has a history comes from a call within this one, which has tried again itself.
    if retry is None or error.attempts:
        return None
    now = call.clock()
    decision = retry.after(error, call.repeats, call.tries, now)
    if isinstance(decision, Stop):
        return None
    pause = decision.until - now
    if call.is_spent:
        refuse(Refusal.BODY, pause, error, call)
    elif pause >= min(time_left(), call.seconds_left()):
        refuse(Refusal.DEADLINE, pause, error, call)
    elif purse is not None and retry.budget is not None and not purse.retry(now):
        refuse(Refusal.BUDGET, pause, error, call)
    else:
        return pause
    return None


def refuse(reason: Refusal, pause: float, error: TwofoldError, call: CallRecord) -> None:
    """Say on the error why there is no further attempt."""
    call.refused_retry(reason)
    if reason is Refusal.DEADLINE:
        error.hurried = True
        error.retry_at = error.retry_at or moment(call.wall(), pause)
        error.add_note(
            f"a pause of {pause:.1f} s before another attempt would outlast the deadline"
        )
    elif reason is Refusal.BODY:
        error.add_note("its body came from an iterator: it cannot be sent again")
    else:
        error.add_note("the budget for retries is spent: too many calls fail for another attempt")
