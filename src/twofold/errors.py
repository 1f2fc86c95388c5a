"""Errors, named by what the caller can do about them.

::

    TwofoldError
    ├── RetryLaterError       try again, not before `retry_at`
    │   └── OfflineError      take the client online: nothing was sent
    ├── RequestError          change the request; it would fail again as it is
    │   └── ArgumentError     refused before anything was sent (also a ValueError)
    ├── CredentialsError      give other credentials, or more rights
    ├── NotFoundError         the thing is not there, or not visible to these credentials
    ├── ConflictError         something changed meanwhile: read again, then decide
    ├── OutcomeUnknownError   a write may or may not have happened: look before repeating it
    ├── ServerError           the server, or the way to it, failed (`status` None: no answer)
    ├── DriftError            the answer is not as our models know it, and `strict` was asked for
    ├── DeadlineError         the time that was allowed is over (also a TimeoutError)
    ├── StoreError            look after the cache's store; calls go on without it
    └── NotEnteredError       use the client in a `with` block for this
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime

import attrs


class Effect(enum.Enum):
    """What a failed call did on the server, as far as can be known."""

    NONE = "none"
    DONE = "done"
    UNKNOWN = "unknown"


@attrs.frozen
class Try:
    """One attempt of a call: what it was answered, and for how long it ran."""

    number: int
    """1 for the first attempt."""
    status: int | None
    """The HTTP status; None when nothing was answered."""
    seconds: float
    error: str
    """The name and message of what went wrong, without secrets."""
    waited: float = 0.0
    """Seconds of pause before this attempt."""


class DriftKind(enum.Enum):
    """In what way an answer is not as a model knows it."""

    UNKNOWN_KEY = "unknown key"
    """Nobody asked for it, and the model has no field for it."""
    MISSING_KEY = "missing key"
    """It was asked for, every object should have it, and it is not there."""
    UNKNOWN_WORD = "unknown word"
    """A word that a closed vocabulary, such as a state, does not have."""
    OTHER_SHAPE = "other shape"
    """A value of another type than the field has, or one that cannot be read."""


@attrs.frozen(cache_hash=True)
class Drift:
    """A difference between what a server sends and what a model knows; never the value itself."""

    model: str
    """The name of the model, such as `Story`."""
    key: str
    """The name on the wire."""
    kind: DriftKind

    def __str__(self) -> str:
        return f"{self.kind.value} {self.key} of {self.model}"


@attrs.frozen
class Fault:
    """Where a drift stands in an answer."""

    drift: Drift
    path: str
    """Below the envelope of the answer, such as `Results[3].Owner.Nickname`."""
    times: int = 1
    """In how many of the objects side by side; `path` is that of the first."""

    def __str__(self) -> str:
        found = f"{self.drift} at {self.path}"
        return found if self.times == 1 else f"{found} ({self.times} times)"


class TwofoldError(Exception):
    """The root of everything twofold raises."""

    effect = Effect.NONE
    withheld = False
    """Whether the request was not sent at all: its circuit is open, or its turn would come after
    the caller's deadline."""
    hurried = False
    """Whether only the caller's own deadline kept the call from going on: with more time it might
    have succeeded.  Who shares a call with others does not hand such an error to them."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        effect: Effect | None = None,
        texts: Sequence[str] = (),
        retry_at: datetime | None = None,
        after: float | None = None,
        transient: bool = False,
        pauses_bucket: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation: str | None = None
        """The name of the operation, such as `rally.update`; set by the pipeline."""
        self.status = status
        """The HTTP status of the last answer; None when nothing was answered."""
        if effect is not None:
            self.effect = effect
        self.attempts: tuple[Try, ...] = ()
        """Every attempt of the call that failed, oldest first; set by the pipeline."""
        self.texts = tuple(texts)
        """What the server said, word for word, one text a fault."""
        self.retry_at = retry_at
        """When the server, or a refused wait, says to come back (aware); None: not said."""
        self.after = after
        """Seconds from the answer that the server asked to wait; None: not said."""
        self.transient = transient
        """Whether the same request may succeed if it is sent again."""
        self.pauses_bucket = pauses_bucket
        """Whether the whole bucket of this call must pause, not only this request."""

    def __str__(self) -> str:
        facts = [self.operation] if self.operation else []
        if len(self.attempts) > 1:
            facts.append(f"{len(self.attempts)} attempts")
        return f"{self.message} ({', '.join(facts)})" if facts else self.message


class RetryLaterError(TwofoldError):
    """The server asks to come back later; `retry_at` says when, if it told."""


class OfflineError(RetryLaterError):
    """The client is offline by its user's word, and what is asked of it needs the server.

    Nothing was sent.  The same call may succeed once the client is online.
    """

    withheld = True


class RequestError(TwofoldError):
    """The request is wrong: it would fail again as it is."""


class ArgumentError(RequestError, ValueError):
    """An argument was refused before anything was sent."""


class CredentialsError(TwofoldError):
    """The credentials are missing, wrong, expired, or lack a right."""

    stale = False
    """Whether the server said, other than by 401, that it would take renewed ones."""


class NotFoundError(TwofoldError):
    """What was asked for is not there, or not visible to these credentials."""


class ConflictError(TwofoldError):
    """Something changed meanwhile: read again, then decide."""


class OutcomeUnknownError(TwofoldError):
    """A write was sent and its answer is lost: it may or may not have happened."""

    effect = Effect.UNKNOWN


class ServerError(TwofoldError):
    """The server, or the way to it, failed."""


class DriftError(TwofoldError):
    """The answer is not as our models know it: raised only where `strict` was asked for.

    A write that was answered so was carried out.  Without `strict` the same answer is read, and
    `client.drift` counts what was found.
    """

    effect = Effect.DONE

    def __init__(
        self, message: str, *, faults: Sequence[Fault] = (), status: int | None = None
    ) -> None:
        super().__init__(message, status=status, texts=[str(fault) for fault in faults])
        self.faults = tuple(faults)
        """Every fault of the answer, alike ones of objects side by side as one."""


class DeadlineError(TwofoldError, TimeoutError):
    """The time allowed for the call is over."""

    hurried = True


class StoreError(TwofoldError):
    """A store failed; `transient` if it passes by itself, as a lock does.

    A call never fails with it: to the cache it is a miss, a rate that was shared is kept to in
    part, and an event says so.
    """


class NotEnteredError(TwofoldError, RuntimeError):
    """What outlives its call needs the client to be entered with `with`."""
