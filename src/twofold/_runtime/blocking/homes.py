"""Where the caller runs: all threads are at home in one place, which never closes."""

from __future__ import annotations

from .tasks import Call

__all__ = ["at_home_end", "home"]


class Threads:
    """Where all threads of the process are at home."""


THREADS = Threads()


def home() -> object:
    """Return a token of where the caller runs: hashable, and may be referred to weakly."""
    return THREADS


def at_home_end(close: Call[[], None]) -> object:  # noqa: ARG001 - for loops, which do end
    """Do nothing: whoever keeps something open is told by its own finaliser."""
    return None
