"""The counters of a monitor: what each event adds to them.

It has no lock, and reads no clock but the events' own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import attrs

from ..errors import DeadlineError, OutcomeUnknownError, RetryLaterError, ServerError
from ..events import (
    AttemptEnded,
    CacheAnswered,
    CallEnded,
    Event,
    FlightJoined,
    HedgeSent,
    RetryRefused,
    RetryScheduled,
    StoreFailed,
    Throttled,
)
from .histogram import Lately, Latency
from .rolling import Rolling
from .traffic import Traffic

# What says something about the server or the way to it; all else is the caller's own to change.
FAILURES = (ServerError, RetryLaterError, DeadlineError, OutcomeUnknownError)

MOST_OPERATIONS = 256
OTHERS = "(others)"


@attrs.frozen(kw_only=True)
class OperationCounts:
    """What became of the calls of one operation, since the monitor began."""

    calls: int = 0
    """Those that ended; `failed`, `refused` and `cancelled` are among them."""
    failed: int = 0
    """Through no fault of their own: the server, its limits, time."""
    refused: int = 0
    """With any other error: not found, not allowed, wrong."""
    cancelled: int = 0
    attempts: int = 0
    retries: int = 0
    latency: Latency = attrs.field(factory=Latency)
    """Of the calls of the last one to two windows, whatever they ended in but cancellation."""


@attrs.define(eq=False)
class Counts:
    """The counters of one operation."""

    latency: Lately
    numbers: Counter[str] = attrs.field(factory=lambda: Counter[str]())

    def summary(self, now: float) -> OperationCounts:
        return OperationCounts(**self.numbers, latency=self.latency.summary(now))


class Ledger:
    """All that is counted, of all clients together."""

    def __init__(self, window: float) -> None:
        self.recent = Rolling(window)
        self.totals: Counter[str] = Counter()
        self.operations: dict[str, Counts] = {}
        self.traffic = Traffic()
        self.cache: Counter[str] = Counter()

    def note(self, event: Event) -> None:
        """Take an event in; those of a kind that is not counted change nothing."""
        self.traffic.note(event)
        entry = ENTRIES.get(type(event))
        if entry is not None:
            entry(self, event)

    def _counts(self, operation: str) -> Counts:
        found = self.operations.get(operation)
        if found is None:
            name = operation if len(self.operations) < MOST_OPERATIONS else OTHERS
            found = self.operations.setdefault(name, Counts(Lately(self.recent.window)))
        return found

    def count(self, kind: str, at: float) -> None:
        self.totals[kind] += 1
        self.recent.note(kind, at)

    def attempt_ended(self, event: AttemptEnded) -> None:
        self._counts(event.operation).numbers["attempts"] += 1
        self.count("attempts", event.at)
        if isinstance(event.error, RetryLaterError) and event.error.status is not None:
            self.count("throttled", event.at)

    def retry_scheduled(self, event: RetryScheduled) -> None:
        self._counts(event.operation).numbers["retries"] += 1
        self.count("retries", event.at)

    def call_ended(self, event: CallEnded) -> None:
        counts = self._counts(event.operation)
        counts.numbers["calls"] += 1
        if event.error is not None:
            became = fault(event.error)
            counts.numbers[became] += 1
            if became == "cancelled":
                return
            self.count(became, event.at)
        counts.latency.note(event.seconds, event.at)
        self.count("calls", event.at)

    def cache_answered(self, event: CacheAnswered) -> None:
        self.cache[event.outcome.value] += 1


def fault(error: BaseException) -> str:
    """Say whose an error is, as `OperationCounts` calls it."""
    if not isinstance(error, Exception):
        return "cancelled"
    return "failed" if isinstance(error, FAILURES) else "refused"


def counted(kind: str) -> Callable[[Ledger, Event], None]:
    def entry(ledger: Ledger, event: Event) -> None:
        ledger.count(kind, event.at)

    return entry


ENTRIES: dict[type[Event], Callable[[Ledger, Any], None]] = {
    CacheAnswered: Ledger.cache_answered,
    StoreFailed: counted("store failed"),
    FlightJoined: counted("joined"),
    HedgeSent: counted("hedges"),
    Throttled: counted("buckets closed"),
    AttemptEnded: Ledger.attempt_ended,
    RetryRefused: counted("retries refused"),
    RetryScheduled: Ledger.retry_scheduled,
    CallEnded: Ledger.call_ended,
}
