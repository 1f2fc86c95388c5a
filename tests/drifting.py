"""A server whose answers are not as the models know them: those of the emulator, changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs

from twofold.emulators.exchange import Answer, Incoming
from twofold.emulators.rally.emulator import RallyEmulator

KEY = "_emulated-key-0123456789"

Change = Callable[[dict[str, Any]], object]
"""Changes an object as it is sent."""


def emulator(tickets: int = 60) -> RallyEmulator:
    return RallyEmulator(tickets=tickets, seed=3, api_key=KEY)


@attrs.frozen(eq=False)
class Drifting:
    """The emulator, with a change of every object of one type that is the answer, or in it."""

    type: str
    change: Change
    server: RallyEmulator = attrs.field(factory=emulator)

    def answer(self, request: Incoming, now: float) -> Answer:
        answer = self.server.answer(request, now)
        if not answer.body.startswith(b"{"):
            return answer
        body = json.loads(answer.body, object_hook=self._changed)
        return attrs.evolve(answer, body=json.dumps(body).encode())

    def left(self, answer: Answer, now: float) -> None:
        """Nobody hangs up here."""

    def _changed(self, found: dict[str, Any]) -> dict[str, Any]:
        if found.get("_type") == self.type and "ObjectID" in found:
            self.change(found)
        return found


def put(**fields: Any) -> Change:
    return lambda found: found.update(fields)


def without(key: str) -> Change:
    return lambda found: found.pop(key, None)
