# SPDX-License-Identifier: MIT
"""One at a time, first come first served, whatever event loop or thread they are in."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import attrs

from ...core.policy.gate import Gate, Member, Ticket
from .admission import enter


@attrs.frozen(eq=False)
class Turn:
    """A lock that belongs to no event loop: a gate with one place."""

    member: Member = attrs.field(factory=lambda: Gate().join("", 1))

    @asynccontextmanager
    async def taken(self) -> AsyncGenerator[None]:
        """Hold the turn for the block."""
        ticket = await enter(Ticket(self.member), time.monotonic)
        try:
            yield
        finally:
            self.member.gate.leave(ticket, time.monotonic())
