"""What changed at a gate because of a request: for whoever that request belongs to, to tell."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from .breaker import State


@attrs.frozen
class CircuitChange:
    """The circuit of the origin opened, closed, or is being tried."""

    state: State


@attrs.frozen
class BucketClosed:
    """The server throttled: nothing more is sent in this bucket for a while."""

    bucket: str
    seconds: float
    """Until a first request may try."""


@attrs.frozen
class LimitChange:
    """The adaptive limit of the origin rose or fell."""

    limit: int


Change: TypeAlias = CircuitChange | BucketClosed | LimitChange
