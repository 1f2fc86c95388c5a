"""What a client tells its listener: one stream of frozen values.

A listener is called inline, so it must be quick; one that raises is logged and never felt.
Nothing here is made unless somebody listens.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TypeAlias

import attrs

from .errors import Fault, TwofoldError


@attrs.frozen(kw_only=True)
class Event:
    """Something that happened in a call."""

    call: int
    """Which call, counted from 1 within the process; 0: of none."""
    attempt: int
    """Which attempt of the call; 0 before the first."""
    operation: str
    at: float
    """Seconds on the client's monotonic clock."""


@attrs.frozen(kw_only=True)
class EngineChosen(Event):
    """A client was made, and it is settled what sends for it; not where that was handed in."""

    engine: str
    """`direct` or `httpx`."""
    reason: str
    """What decided it, such as a proxy."""


@attrs.frozen(kw_only=True)
class CallStarted(Event):
    """A call was made."""

    method: str = ""
    """Such as `GET`; empty where the call is none of HTTP."""
    template: str = ""
    """The path with {names} in place of what differs from call to call: few, and no secrets."""
    origin: str = ""
    """Scheme and host, and the port if it is not the usual one."""


class CacheOutcome(enum.Enum):
    """What a cache answered a call with."""

    FRESH = "fresh"
    """What it had, as it is."""
    STALE = "stale"
    """What it had, while it asks whether that has changed."""
    REVALIDATED = "revalidated"
    """What it had, and the server says that it has not changed."""
    RESCUED = "rescued"
    """What it had, since the server could not be asked."""
    MISS = "miss"
    """Nothing: the server was asked."""


@attrs.frozen(kw_only=True)
class CacheAnswered(Event):
    """The cache was asked, and answered or not."""

    outcome: CacheOutcome
    age: float | None
    """Seconds since the server wrote the answer, about; None for a miss."""


@attrs.frozen(kw_only=True)
class StoreFailed(Event):
    """A store failed: for a while the cache, or the rate that it counts, goes on without it."""

    error: Exception


@attrs.frozen(kw_only=True)
class FlightJoined(Event):
    """Another call asked the same at once, and this one waited for what it brought."""

    waited: float
    """Seconds."""


@attrs.frozen(kw_only=True)
class HedgeSent(Event):
    """A copy of the attempt was sent, since the answer is late; the first answer will count."""

    after: float
    """Seconds that the attempt had been under way, at least."""


@attrs.frozen(kw_only=True)
class HedgeUnavailable(Event):
    """No copies can be sent: this engine cannot give a request up.  Told once."""


@attrs.frozen(kw_only=True)
class AttemptStarted(Event):
    """A request passed the gate and is about to be sent."""

    queued: float
    """Seconds it stood at the gate."""


@attrs.frozen(kw_only=True)
class CircuitChanged(Event):
    """The circuit of an origin opened, closed, or is being tried."""

    origin: str
    state: str
    """`closed`, `open`, `half_open`, `forced_open` or `disabled`."""


@attrs.frozen(kw_only=True)
class Throttled(Event):
    """The server asked for a pause, and the gate keeps it for the whole bucket."""

    origin: str
    bucket: str
    """Which of the server's limits it is; empty where there is one for all."""
    seconds: float


@attrs.frozen(kw_only=True)
class LimitChanged(Event):
    """An adaptive limit of requests at once changed."""

    origin: str
    limit: int


@attrs.frozen(kw_only=True)
class AttemptEnded(Event):
    """An attempt was answered, or failed."""

    status: int | None
    error: TwofoldError | None
    seconds: float


@attrs.frozen(kw_only=True)
class AttemptAbandoned(Event):
    """The attempt was given up: its copy, or what it is a copy of, was answered first."""


class Refusal(enum.Enum):
    """Why there is no further attempt, though it would be worth it."""

    BUDGET = "budget"
    """There are too many retries for so few calls."""
    DEADLINE = "deadline"
    """The pause before it would outlast the call."""
    BODY = "body"
    """The body of the request came from an iterator, and cannot be sent again."""


@attrs.frozen(kw_only=True)
class RetryRefused(Event):
    """No further attempt is made; the last error stands."""

    reason: Refusal


@attrs.frozen(kw_only=True)
class RetryScheduled(Event):
    """A further attempt will follow after a pause."""

    pause: float
    error: TwofoldError


@attrs.frozen(kw_only=True)
class Redirected(Event):
    """The server sent the attempt elsewhere."""

    status: int
    origin: str
    signed: bool
    """Whether credentials go along: only to their own origin."""


@attrs.frozen(kw_only=True)
class Warned(Event):
    """The server did what was asked and added a warning."""

    texts: tuple[str, ...]


@attrs.frozen(kw_only=True)
class DriftSeen(Event):
    """An answer is not as a model knows it.  Told once for each drift that a client comes upon."""

    fault: Fault


@attrs.frozen(kw_only=True)
class CallEnded(Event):
    """The call returned, or raised."""

    error: BaseException | None
    seconds: float


Listener: TypeAlias = Callable[[Event], object]


def tell(listener: Listener, event: Event) -> None:
    """Hand an event to a listener; its own failure is logged and goes no further."""
    try:
        listener(event)
    except Exception:
        import logging  # slow to import, and only needed for this

        logger = logging.getLogger("twofold")
        logger.exception("a listener failed on %s", type(event).__name__)
