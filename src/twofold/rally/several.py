"""Arguments that stand for several things: a text or a mapping would be taken to pieces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from ..errors import ArgumentError

T = TypeVar("T")


def several(name: str, given: Iterable[T]) -> list[T]:
    """Return what was given for an argument, one by one; what is one thing alone is refused."""
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
        raise ArgumentError(f"{name} takes several, not {given!r:.80}: put one alone into a list")
    return list(given)
