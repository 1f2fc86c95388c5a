"""What becomes of a client that nobody closed."""

from __future__ import annotations

from .tasks import Call

__all__ = ["abandon"]


def abandon(close: Call[[], None]) -> None:
    """Close now: closing connections does not wait.

    Called by the garbage collector, or at the exit of the interpreter.
    """
    close()
