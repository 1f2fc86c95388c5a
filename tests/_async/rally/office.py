# SPDX-License-Identifier: MIT
"""An emulator and a client of it, in virtual time and without a wire, for tests of what is written.

In the emulator that is made here, whose seed is fixed, the project of US1 is not the one of US2.
"""

from __future__ import annotations

import json
from typing import Any

from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time
from twofold.core.policy.limits import Limits
from twofold.core.request import Origin, Request
from twofold.emulators.exchange import Emulator
from twofold.emulators.rally.emulator import RallyEmulator

KEY = "_emulated-key-0123456789"
ALWAYS_LOST = {"match": {"method": "POST"}, "fault": "cut_after"}
LOST_ONCE = {**ALWAYS_LOST, "nth": 1}


def emulator(*faults: dict[str, Any], **options: Any) -> RallyEmulator:
    given: dict[str, Any] = {"tickets": 210, "seed": 3, "api_key": KEY, "faults": faults}
    return RallyEmulator(**{**given, **options})


def client(server: Emulator, **options: Any) -> AsyncRallyClient:
    given: dict[str, Any] = {
        "server": "http://rally.example",
        "api_key": KEY,
        "transport": InProcessTransport(server),
        "limits": Limits(clock=current_time),
    }
    return AsyncRallyClient(**{**given, **options})


def requests(server: Emulator) -> int:
    """How many requests arrived."""
    asked = Request("GET", Origin("http", "rally.example", 80), "/-/emulator/statistics")
    said: int = json.loads(server.answer(asked, current_time()).body)["requests"]
    return said


def refused(*texts: str, **match: str) -> dict[str, Any]:
    """A fault: what the server refuses in an answer of 200."""
    return {"match": {"method": "POST", **match}, "fault": "errors", "errors": list(texts)}
