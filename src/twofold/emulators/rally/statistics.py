"""The counters of an emulator, at an address that is not itself counted."""

from __future__ import annotations

import msgspec

from .lines import Lines
from .served import Served, html, json

ADDRESS = "/-/emulator/statistics"


def statistics(lines: Lines, method: str, now: float) -> Served:
    """GET shows the counters; POST or DELETE shows them, then begins to count anew."""
    if method not in ("GET", "POST", "DELETE"):
        return html(405, "This method is not allowed here.")
    counters = {
        "requests": lines.requests,
        "peak_in_flight": lines.peak,
        "in_flight": lines.in_flight(now),
    }
    if method != "GET":
        lines.reset(now)
    return json(msgspec.json.encode(counters))
