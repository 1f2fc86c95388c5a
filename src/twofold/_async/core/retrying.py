# SPDX-License-Identifier: MIT
"""Try, and try again: the loop around an attempt.  It knows no HTTP."""

from __future__ import annotations

from typing import TypeVar

from ..._runtime.waiting.scopes import checkpoint, sleep, time_left
from ..._runtime.waiting.tasks import Call
from ...core.call import CallRecord
from ...core.policy.decision import Stop
from ...core.policy.retry import Retry
from ...core.text.retry_after import moment
from ...errors import TwofoldError

T = TypeVar("T")


async def retrying(attempt: Call[[], T], call: CallRecord, retry: Retry | None) -> T:
    """Return what the attempt returns; after a failure, pause and repeat as the policy says.

    Nothing is held during a pause.  A pause that cannot end before the deadline is not begun: the
    last error is raised at once, and its `retry_at` says when it would have been worth trying.
    """
    while True:
        call.start_attempt()
        try:
            return await attempt()
        except TwofoldError as error:
            call.failed(error)
            pause = pause_after(error, call, retry)
            if pause is None:
                if time_left() <= 0:
                    await checkpoint()  # who is cancelled is told so, whatever else went wrong
                raise
            call.pausing(pause, error)
        await sleep(pause)


def pause_after(error: TwofoldError, call: CallRecord, retry: Retry | None) -> float | None:
    """Return the seconds until the next attempt, or None if there is to be none."""
    if retry is None:
        return None
    now = call.clock()
    decision = retry.after(error, call.safety, call.tries, now)
    if isinstance(decision, Stop):
        return None
    pause = decision.until - now
    if pause < time_left():
        return pause
    error.retry_at = error.retry_at or moment(call.wall(), pause)
    error.add_note(f"a pause of {pause:.1f} s before another attempt would outlast the deadline")
    return None
