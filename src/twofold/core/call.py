"""The record of one call: its attempts, what it tells its listener, and its last error."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from ..errors import (
    DeadlineError,
    Effect,
    OutcomeUnknownError,
    RetryLaterError,
    ServerError,
    Try,
    TwofoldError,
)
from ..events import (
    AttemptEnded,
    AttemptStarted,
    CallEnded,
    CallStarted,
    Event,
    Listener,
    Redirected,
    RetryScheduled,
    Warned,
    tell,
)
from .request import Origin, Safety
from .text.secrets import scrubbed

E = TypeVar("E", bound=TwofoldError)

numbers = itertools.count(1)


@attrs.define(eq=False)
class CallRecord:
    """What is known of a call while it runs; one task or thread changes it at a time."""

    operation: str
    safety: Safety
    clock: Callable[[], float]
    listener: Listener | None
    secrets: tuple[str, ...]
    number: int = attrs.field(factory=lambda: next(numbers))
    began: float = 0.0
    attempt: int = 0
    attempt_began: float = 0.0
    pause: float = 0.0
    tries: list[Try] = attrs.field(factory=lambda: list[Try]())
    sent: bool = False
    """Whether a request of the current attempt is, or was, on its way."""
    unknown: bool = False
    """Whether an attempt may have had an effect that nobody told us of."""
    repaired: bool = False
    """Whether refused credentials were renewed once; twice would be a loop."""

    def wall(self) -> float:
        """Return the time in seconds since 1970, for what people and servers are told."""
        return time.time()

    def start(self) -> None:
        self.began = self.clock()
        self._tell(CallStarted)

    def start_attempt(self) -> None:
        self.attempt += 1
        self.attempt_began = self.clock()
        self.sent = False

    def passed_gate(self, queued: float) -> None:
        """Take note that a request is about to be sent, after so many seconds in the queue."""
        self.sent = True
        self._tell(AttemptStarted, queued=queued)

    def redirected(self, origin: Origin, *, signed: bool) -> None:
        self._tell(Redirected, origin=str(origin), signed=signed)

    def heard(self) -> None:
        """Take note that the answer is complete: what it did is known from here on."""
        self.sent = False

    def answered(self, status: int, value: object) -> None:
        """Take note of success, and of what the server remarked with the value."""
        self._tell(AttemptEnded, status=status, error=None, seconds=self._attempt_seconds())
        warnings: tuple[str, ...] = getattr(value, "warnings", ())
        if warnings:
            self._tell(Warned, texts=warnings)

    def failed(self, error: TwofoldError) -> None:
        """Take note of a failed attempt."""
        self._clean(error)
        self.sent = False
        self.unknown = self.unknown or error.effect is Effect.UNKNOWN
        seconds = self._attempt_seconds()
        shown = f"{type(error).__name__}: {error.message}"
        self.tries.append(Try(self.attempt, error.status, seconds, shown, self.pause))
        self._tell(AttemptEnded, status=error.status, error=error, seconds=seconds)

    def pausing(self, seconds: float, error: TwofoldError) -> None:
        self.pause = seconds
        self._tell(RetryScheduled, pause=seconds, error=error)

    def ended(self, error: BaseException | None = None) -> None:
        self._tell(CallEnded, error=error, seconds=self.clock() - self.began)

    def overdue(self, total: float) -> DeadlineError:
        """Return the error of a call whose time is over."""
        self.unknown = self.unknown or self.sent
        error = DeadlineError(f"the call took longer than the {total:g} s it was allowed")
        if self.tries:
            error.add_note(f"the attempt before failed with {self.tries[-1].error}")
        return self._stamped(error)

    def final(self, error: TwofoldError) -> TwofoldError:
        """Return what the caller gets: the last error itself, with the history.

        Only a write that may not be repeated and whose answer is lost gets an error of its own.
        """
        lost = isinstance(error, ServerError | RetryLaterError) and error.effect is Effect.UNKNOWN
        if lost and self.safety is Safety.ONCE:
            unknown = OutcomeUnknownError(
                f"it was sent once, and whether it happened is not known: {error.message}",
                status=error.status,
                texts=error.texts,
            )
            return self._stamped(unknown)
        return self._stamped(error)

    def _stamped(self, error: E) -> E:
        self._clean(error)
        error.operation = self.operation
        error.attempts = tuple(self.tries)
        if self.safety is Safety.SAFE:
            error.effect = Effect.NONE
        elif self.unknown and error.effect is Effect.NONE:
            error.effect = Effect.UNKNOWN
        return error

    def _clean(self, error: TwofoldError) -> None:
        error.message = scrubbed(error.message, self.secrets)
        error.texts = tuple(scrubbed(text, self.secrets) for text in error.texts)
        error.args = (error.message,)

    def _attempt_seconds(self) -> float:
        return self.clock() - self.attempt_began

    def _tell(self, kind: type[Event], **fields: Any) -> None:
        if self.listener is not None:
            event = kind(
                call=self.number,
                attempt=self.attempt,
                operation=self.operation,
                at=self.clock(),
                **fields,
            )
            tell(self.listener, event)
