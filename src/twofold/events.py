"""What a client tells its listener: one stream of frozen values.

A listener is called inline, so it must be quick; one that raises is logged and never felt.
Nothing here is made unless somebody listens.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeAlias

import attrs

from .errors import TwofoldError

logger = logging.getLogger("twofold")


@attrs.frozen(kw_only=True)
class Event:
    """Something that happened in a call."""

    call: int
    """Which call, counted from 1 within the process."""
    attempt: int
    """Which attempt of the call; 0 before the first."""
    operation: str
    at: float
    """Seconds on the client's monotonic clock."""


@attrs.frozen(kw_only=True)
class CallStarted(Event):
    """A call was made."""


@attrs.frozen(kw_only=True)
class AttemptStarted(Event):
    """A request passed the gate and is about to be sent."""

    queued: float
    """Seconds it stood at the gate."""


@attrs.frozen(kw_only=True)
class AttemptEnded(Event):
    """An attempt was answered, or failed."""

    status: int | None
    error: TwofoldError | None
    seconds: float


@attrs.frozen(kw_only=True)
class RetryScheduled(Event):
    """A further attempt will follow after a pause."""

    pause: float
    error: TwofoldError


@attrs.frozen(kw_only=True)
class Redirected(Event):
    """The server sent the attempt elsewhere."""

    origin: str
    signed: bool
    """Whether credentials go along: only to their own origin."""


@attrs.frozen(kw_only=True)
class Warned(Event):
    """The server did what was asked and added a warning."""

    texts: tuple[str, ...]


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
        logger.exception("a listener failed on %s", type(event).__name__)
