"""How things stand: which calls are under way and what they do, which circuits are open."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import attrs

from ..events import (
    AttemptAbandoned,
    AttemptEnded,
    AttemptStarted,
    CallEnded,
    CallStarted,
    CircuitChanged,
    Event,
    LimitChanged,
    RetryScheduled,
)


@attrs.frozen
class Resources:
    """What is in use at one moment."""

    calls: int
    """Calls that have not ended: the three below."""
    in_flight: int
    """Requests that were sent and not answered; a call that is hedged has two."""
    queued: int
    """Calls that wait for their turn at the gate, for credentials, or for another's answer."""
    pausing: int
    """Calls that pause before another attempt."""


@attrs.define(eq=False)
class Going:
    """A call under way."""

    flying: set[int] = attrs.field(factory=lambda: set[int]())
    """The attempts whose request is on its way."""
    pauses_until: float = -math.inf


class Traffic:
    """The calls that have begun and not ended, by their numbers; circuits and limits by origin."""

    def __init__(self) -> None:
        self.circuits: dict[str, str] = {}
        self.limits: dict[str, int] = {}
        self._calls: dict[int, Going] = {}

    def note(self, event: Event) -> None:
        """Take an event in.  A call that began before anybody listened is not counted."""
        entry = ENTRIES.get(type(event))
        if entry is not None:
            entry(self, event)

    def forget_calls(self) -> None:
        """Take note that nothing is under way, as in a forked child."""
        self._calls.clear()

    def resources(self, now: float) -> Resources:
        calls = self._calls.values()
        idle = [going for going in calls if not going.flying]
        pausing = sum(going.pauses_until > now for going in idle)
        return Resources(
            calls=len(calls),
            in_flight=sum(len(going.flying) for going in calls),
            queued=len(idle) - pausing,
            pausing=pausing,
        )

    def start(self, event: CallStarted) -> None:
        self._calls[event.call] = Going()

    def send(self, event: AttemptStarted) -> None:
        going = self._calls.get(event.call)
        if going is not None:
            going.flying.add(event.attempt)
            going.pauses_until = -math.inf

    def answer(self, event: AttemptEnded | AttemptAbandoned) -> None:
        going = self._calls.get(event.call)
        if going is not None:
            going.flying.discard(event.attempt)

    def pause(self, event: RetryScheduled) -> None:
        going = self._calls.get(event.call)
        if going is not None:
            going.pauses_until = event.at + event.pause

    def end(self, event: CallEnded) -> None:
        self._calls.pop(event.call, None)

    def change(self, event: CircuitChanged) -> None:
        self.circuits[event.origin] = event.state

    def limit(self, event: LimitChanged) -> None:
        self.limits[event.origin] = event.limit


ENTRIES: dict[type[Event], Callable[[Traffic, Any], None]] = {
    CallStarted: Traffic.start,
    AttemptStarted: Traffic.send,
    CircuitChanged: Traffic.change,
    LimitChanged: Traffic.limit,
    AttemptEnded: Traffic.answer,
    AttemptAbandoned: Traffic.answer,
    RetryScheduled: Traffic.pause,
    CallEnded: Traffic.end,
}
