"""What a server remarks with a value: people and files are shown it, so it holds no secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

Clean: TypeAlias = Callable[[str], str]
"""Returns a text without what must not be shown."""

V = TypeVar("V")


def cleaned(value: V, clean: Clean) -> V:
    """Return a value with its remarks cleaned, if it has a method of this name that does so."""
    method: Callable[[Clean], V] | None = getattr(value, "cleaned", None)
    return value if method is None else method(clean)
