"""The answer to a request of the cache's: whether what is stored is still so.

Several attempts may be under way at once, so nothing is concluded before one is chosen.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from ...errors import DeadlineError, RetryLaterError, ServerError, TwofoldError
from ...events import CacheOutcome
from ..request import Reply, Request
from ..store.entry import Entry
from .serving import served
from .validation import confirmed, is_same


@attrs.define(eq=False)
class Check:
    """Takes each answer before it is read, and puts what is stored in place of "no change"."""

    request: Request
    about: Entry | None
    """What the server is asked about; None: about nothing."""
    wall: Callable[[], float]
    requested: float
    """When the first request was about to be sent, in seconds since 1970."""
    unchanged: bool = attrs.field(default=False, init=False)
    """Whether any answer was "no change"."""
    _taken: list[tuple[Reply, float, Entry | None]] = attrs.field(
        factory=lambda: list[tuple[Reply, float, Entry | None]](), init=False
    )

    def __call__(self, reply: Reply) -> Reply:
        received = self.wall()
        entry = None
        if self.about is not None and reply.status == 304:
            self.unchanged = True
            # What another place says, after a redirect, is not about ours.
            if reply.request.url == self.request.url and is_same(self.about, reply.headers):
                entry = confirmed(self.about, reply.headers, self.requested, received)
                age = entry.freshness.age(received)
                reply = served(entry, self.request, age, CacheOutcome.REVALIDATED, received)
        self._taken.append((reply, received, entry))
        return reply

    def taken(self, reply: Reply) -> tuple[float, Entry | None]:
        """Return when an answer was complete, and the entry that it confirms, if it does."""
        for taken, received, entry in self._taken:
            if taken is reply:
                return received, entry
        raise AssertionError("an answer that was never absorbed")


def is_outage(error: TwofoldError) -> bool:
    """Tell whether an error means that the server cannot be asked (RFC 5861, section 4).

    It is silent, cannot be reached, says 500 and more, is not to be asked (an open circuit), or
    does not answer before the deadline.
    """
    if isinstance(error, ServerError | RetryLaterError):
        return error.status is None or error.status >= 500
    return isinstance(error, DeadlineError)
