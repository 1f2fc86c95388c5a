"""What a run of churn is, and what became of it."""

from __future__ import annotations

import attrs

SLOTS = 10
CALLERS = 60
PLAIN = 10
STEPS = 25
"""Crowds are given up after so many steps of the loop at most: by then all are under way."""
TIMES = 4


@attrs.define
class Tally:
    """What became of the calls, and of the slots."""

    completed: int = 0
    cancelled: int = 0
    crowds: int = 0
    """How many times all callers were given up at once, just after they had begun."""
    failed: int = 0
    plain: int = 0
    """How many of the ten plain requests afterwards succeeded."""
    inside: int = 0
    """Slots still taken at the end."""
    queued: int = 0
    tasks: int = 0
    """Tasks that still ran when the client was closed, where the runtime can tell."""
    complaints: set[str] = attrs.field(factory=lambda: set[str]())
