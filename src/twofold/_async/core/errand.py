# SPDX-License-Identifier: MIT
"""What a call carries along its line, attempt after attempt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

import attrs

from ...core.policy.timeout import Timeout
from ...core.request import Operation, Reply, Request
from .opening import Opening

T = TypeVar("T")

Absorb: TypeAlias = Callable[[Reply], Reply]


@attrs.define(eq=False)
class Errand(Generic[T]):
    """One operation, and how each attempt at it is made."""

    operation: Operation[T]
    request: Request
    """What is left to be asked, unsigned: where a write was answered with where to read on, that
    alone."""
    allowed: Timeout | None
    absorb: Absorb | None = None
    """Is given each answer before it is read."""
    opening: Opening | None = None
    """Holds a success open, to be read by the caller; None: answers are read whole."""
