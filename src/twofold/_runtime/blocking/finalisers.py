"""What becomes of a client that nobody closed."""

from __future__ import annotations

import logging

from .tasks import Call

__all__ = ["abandon"]

LOG = logging.getLogger("twofold")


def abandon(close: Call[[], None]) -> None:
    """Close now: closing connections does not wait.

    Called by the garbage collector, or at the exit of the interpreter, so it does not raise.
    """
    try:
        close()
    except Exception:
        LOG.exception("a client that nobody closed could not be closed")
