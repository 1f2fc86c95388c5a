"""The record of one call: its attempts, what it tells listeners, and its last error."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NoReturn, TypeVar

import attrs

from ..errors import (
    DeadlineError,
    Effect,
    OutcomeUnknownError,
    Try,
    TwofoldError,
)
from ..events import (
    AttemptAbandoned,
    AttemptEnded,
    AttemptStarted,
    CallEnded,
    CallStarted,
    CircuitChanged,
    Event,
    FlightJoined,
    HedgeSent,
    LimitChanged,
    Redirected,
    Refusal,
    RetryRefused,
    RetryScheduled,
    Throttled,
    Warned,
)
from .listeners import Listeners
from .policy.changes import BucketClosed, Change, CircuitChange, LimitChange
from .remarks import cleaned
from .request import Endpoint, Origin, Request, Safety
from .text.headers import secrets_in
from .text.secrets import scrubbed
from .uploads import Upload

E = TypeVar("E", bound=TwofoldError)
V = TypeVar("V")

numbers = itertools.count(1)

# Seconds by which a loop may be early.
IN_TIME = 0.001


class Overdue(BaseException):
    """Raised where a call waits, once its time is over.

    Like a cancellation it is no failure of an attempt, and nothing on its way takes it for one.
    """


@attrs.define(eq=False)
class CallRecord:
    """What is known of a call while it runs; one task or thread changes it at a time."""

    operation: str
    safety: Safety
    clock: Callable[[], float]
    listeners: Listeners
    secrets: tuple[str, ...]
    began: float = 0.0
    ends: float = math.inf
    """When the time that it was allowed is over."""
    due: float = math.inf
    """The same for a call that no scope ends: each of its waits ends by itself then."""
    attempt: int = 0
    attempt_began: float = 0.0
    pause: float = 0.0
    tries: tuple[Try, ...] = ()
    """Every attempt that failed, oldest first."""
    sent: bool = False
    """Whether a request of the current attempt is, or was, on its way."""
    sent_at: float | None = None
    """When the first request of the current attempt passed the gate; None: no attempt is so far."""
    unknown: bool = False
    """Whether an attempt may have had an effect that nobody told us of."""
    read_on: bool = False
    """Whether a write was answered with where to read on: it is not sent again."""
    repaired: bool = False
    """Whether refused credentials were renewed once; twice would be a loop."""
    upload: Upload | None = None
    """A body that is sent piece by piece, if it has one."""
    asked: Request | None = None
    """What was sent last to the client's own origin: no text shows its secret fields."""
    _number: int = 0
    _attempts: Iterator[int] = attrs.field(factory=lambda: itertools.count(1), repr=False)

    @property
    def number(self) -> int:
        """Which call this is, counted from 1 among those that somebody heard of."""
        if not self._number:
            self._number = next(numbers)
        return self._number

    @property
    def is_spent(self) -> bool:
        """Whether its body was drawn from an iterator, and cannot be sent again."""
        return self.upload is not None and self.upload.is_spent and not self.read_on

    @property
    def repeats(self) -> Safety:
        """How often what is left of it may be sent."""
        return Safety.SAFE if self.read_on else self.safety

    def wall(self) -> float:
        """Return the time in seconds since 1970, for what people and servers are told."""
        return time.time()

    def start(self, endpoint: Endpoint[Any] | None = None, origin: Origin | None = None) -> None:
        """Take note that the call begins; what it asks of whom is for the listeners."""
        self.began = self.clock()
        if self.listeners.active:
            self.tell(
                CallStarted,
                method="" if endpoint is None else endpoint.method,
                template="" if endpoint is None else endpoint.template,
                origin="" if origin is None else str(origin),
            )

    def start_attempt(self) -> None:
        self.attempt = next(self._attempts)
        self.attempt_began = self.clock()
        self.sent = False
        self.sent_at = None

    def hide(self, secrets: tuple[str, ...]) -> None:
        """Take note of what must not be shown from here on: credentials may have been renewed."""
        if secrets != self.secrets:
            self.secrets = tuple({*self.secrets, *secrets})

    def hidden(self) -> tuple[str, ...]:
        """Return what must not be shown: of the credentials, and of any field that holds some."""
        asked = self.asked
        return self.secrets if asked is None else (*self.secrets, *secrets_in(asked.headers))

    def passed_gate(self, queued: float, now: float) -> None:
        """Take note that a request is about to be sent, after so many seconds in the queue."""
        self.sent = True
        if self.sent_at is None:
            self.sent_at = now
        if self.listeners.active:
            self.tell(AttemptStarted, queued=queued)

    def changed(self, changes: Sequence[Change], origin: Origin) -> None:
        """Tell what this call changed at the gate of an origin."""
        if not changes or not self.listeners.active:
            return
        for change in changes:
            match change:
                case CircuitChange(state):
                    self.tell(CircuitChanged, origin=str(origin), state=state.value)
                case BucketClosed(bucket, seconds):
                    self.tell(Throttled, origin=str(origin), bucket=bucket, seconds=seconds)
                case LimitChange(limit):
                    self.tell(LimitChanged, origin=str(origin), limit=limit)

    def is_late(self) -> bool:
        """Tell whether the call's own time is over."""
        return self.clock() >= self.ends - IN_TIME

    def ends_in(self, seconds: float | None) -> None:
        """Take note of how long it may take from its beginning; None: as long as it likes."""
        self.ends = math.inf if seconds is None else self.began + seconds

    def seconds_left(self) -> float:
        """Return how long a wait of the call may be; infinity if a scope ends it."""
        return self.due - self.clock()

    def check_time(self) -> None:
        """Raise Overdue if nothing of the call may be waited for any more."""
        if self.seconds_left() <= 0:
            raise Overdue

    def redirected(self, status: int, origin: Origin, *, signed: bool) -> None:
        self.tell(Redirected, status=status, origin=str(origin), signed=signed)

    def carried_out(self) -> None:
        """Take note that the server has processed a write, and said where to read what came of it.

        Whether it did what was asked is known once that was read.
        """
        self.read_on = self.unknown = True

    def heard(self) -> None:
        """Take note that the answer is complete: what it did is known from here on."""
        self.sent = False

    def answered(self, status: int, value: V) -> V:
        """Take note of success; return the value, and what is remarked in it without secrets."""
        if self.listeners.active:
            self.tell(AttemptEnded, status=status, error=None, seconds=self._attempt_seconds())
        warnings: tuple[str, ...] = getattr(value, "warnings", ())
        if not warnings:
            return value
        clean = partial(scrubbed, secrets=self.hidden())
        self.tell(Warned, texts=tuple(map(clean, warnings)))
        return cleaned(value, clean)

    def failed(self, error: TwofoldError) -> None:
        """Take note of a failed attempt."""
        self._clean(error)
        self.sent = False
        self.sent_at = None
        self.unknown = self.unknown or error.effect is Effect.UNKNOWN
        seconds = self._attempt_seconds()
        shown = f"{type(error).__name__}: {error.message}"
        self.tries += (Try(self.attempt, error.status, seconds, shown, self.pause),)
        self.tell(AttemptEnded, status=error.status, error=error, seconds=seconds)

    def pausing(self, seconds: float, error: TwofoldError) -> None:
        self.pause = seconds
        self.tell(RetryScheduled, pause=seconds, error=error)

    def refused_retry(self, reason: Refusal) -> None:
        """Take note that another attempt was worth it, and why there is none."""
        self.tell(RetryRefused, reason=reason)

    def joined(self, waited: float) -> None:
        """Take note that another call's answer was waited for, for so many seconds."""
        self.tell(FlightJoined, waited=waited)

    def due_in(self, delay: float) -> float:
        """Return how long it takes until a request has been under way for so many seconds."""
        sent_at = self.sent_at  # another task or thread may ask
        return delay if sent_at is None else sent_at + delay - self.clock()

    def since_sent(self) -> float:
        """Return for how long the attempt has been under way, the queue left out."""
        return 0.0 if self.sent_at is None else self.clock() - self.sent_at

    def copy(self) -> CallRecord:
        """Return a record for a hedge: one of the same call, whose attempts are numbered along."""
        return attrs.evolve(self, number=self.number, sent=False, sent_at=None, tries=(), pause=0.0)

    def hedged(self, after: float) -> None:
        """Take note that a copy of a request is sent, which has been under way for so long."""
        self.tell(HedgeSent, after=after)

    def raced(self, copy: CallRecord, *, won: bool) -> None:
        """Take note of how a race with a copy ended; its failure belongs to the call's history."""
        self.tries = tuple(sorted(self.tries + copy.tries, key=lambda each: each.number))
        loser = self if won else copy
        if loser.sent_at is not None:
            loser.tell(AttemptAbandoned)

    def fail(self, error: TwofoldError) -> NoReturn:
        """End the call with its last error, which is being handled: raise what its caller gets."""
        final = self.final(error)
        self.ended(final)
        if final is error:
            raise  # as it was
        raise final from error

    def ended(self, error: BaseException | None = None) -> None:
        if self.listeners.active:
            self.tell(CallEnded, error=error, seconds=self.clock() - self.began)

    def tell(self, kind: type[Event], **fields: Any) -> None:
        """Make an event of this call and hand it to the listeners; without any, do nothing."""
        if self.listeners.active:
            made = kind(
                call=self.number,
                attempt=self.attempt,
                operation=self.operation,
                at=self.clock(),
                **fields,
            )
            self.listeners.tell(made)

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
        lost = error.effect is Effect.UNKNOWN or self.read_on
        says_so = isinstance(error, DeadlineError | OutcomeUnknownError)
        if lost and self.safety is Safety.ONCE and not says_so:
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
        error.attempts = self.tries or error.attempts  # a follower's are its leader's
        if self.safety is Safety.SAFE:
            error.effect = Effect.NONE
        elif self.unknown and error.effect is Effect.NONE:
            error.effect = Effect.UNKNOWN
        return error

    def _clean(self, error: TwofoldError) -> None:
        secrets = self.hidden()
        error.message = scrubbed(error.message, secrets)
        error.texts = tuple(scrubbed(text, secrets) for text in error.texts)
        error.args = (error.message,)

    def _attempt_seconds(self) -> float:
        return self.clock() - self.attempt_began
