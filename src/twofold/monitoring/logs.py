"""Events as records of the standard library's logging.

The message is a line that can be read; the facts are in the record's `extra`, each under the name
of the event's field, so that formatters for JSON, and structlog's `ExtraAdder`, find them.
"""

from __future__ import annotations

import enum
import logging
import re
from collections.abc import Mapping

import attrs

from ..errors import Fault, TwofoldError
from ..events import (
    CallEnded,
    CircuitChanged,
    DriftSeen,
    Event,
    RetryRefused,
    RetryScheduled,
    StoreFailed,
    Throttled,
    Warned,
)

# All others are details.  A call that failed is its caller's to report, so it is no error here.
LEVELS: Mapping[type[Event], int] = {
    CallEnded: logging.INFO,
    RetryScheduled: logging.INFO,
    RetryRefused: logging.WARNING,
    Throttled: logging.WARNING,
    CircuitChanged: logging.WARNING,
    StoreFailed: logging.WARNING,
    Warned: logging.WARNING,
    DriftSeen: logging.WARNING,
}

WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


class LoggingListener:
    """Logs every event of a client: outcomes and retries as INFO, trouble as WARNING, all else
    as DEBUG.

    ::

        client = RallyClient(listener=LoggingListener())

    `logger` is by default the one named `twofold.events`; `levels` puts other levels in place of
    the usual ones, for kinds of events.
    """

    def __init__(
        self,
        logger: logging.Logger | None = None,
        *,
        levels: Mapping[type[Event], int] | None = None,
    ) -> None:
        self._logger = logging.getLogger("twofold.events") if logger is None else logger
        self._levels = LEVELS if levels is None else {**LEVELS, **levels}

    def __call__(self, event: Event) -> None:
        level = self._levels.get(type(event), logging.DEBUG)
        if self._logger.isEnabledFor(level):
            facts = facts_of(event)
            self._logger.log(level, "%s", Line(event, facts), extra=facts)


@attrs.frozen
class Line:
    """An event as one line of text, written only if somebody wants to read it."""

    event: Event
    facts: Mapping[str, object]

    def __str__(self) -> str:
        shown = [f"{name}={fact}" for name, fact in self.facts.items() if name not in IN_FRONT]
        return " ".join([str(self.facts["event"]), self.event.operation, *shown])


IN_FRONT = ("event", "operation", "at")


def facts_of(event: Event) -> dict[str, object]:
    """Return what an event says, as text and numbers; what it does not say is left out."""
    facts: dict[str, object] = {"event": kind_of(event)}
    for field in attrs.fields(type(event)):
        said = getattr(event, field.name)
        if isinstance(said, BaseException):
            facts["error_type"] = type(said).__name__
            if isinstance(said, TwofoldError):  # no secret is in ours; in others there might be
                facts["error"] = str(said)
        elif isinstance(said, enum.Enum):
            facts[field.name] = said.value
        elif isinstance(said, Fault):
            facts[field.name] = str(said)
        elif said is not None:
            facts[field.name] = said
    return facts


def kind_of(event: Event) -> str:
    """Return the name of an event's kind in words: `call ended`."""
    return WORD.sub(" ", type(event).__name__).lower()
