"""Questions about decoded JSON, for readers and type checkers alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Tell whether a decoded value was a JSON object."""
    return isinstance(value, dict)  # four times as fast as asking for a Mapping


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Tell whether a decoded value was a JSON array."""
    return isinstance(value, list)
