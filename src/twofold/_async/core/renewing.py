# SPDX-License-Identifier: MIT
"""Make credentials ready: one renewal at a time for an account, through the same line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..._runtime.waiting.tasks import Call
from ...core.credentials import Credentials, step
from ...core.policy.gate import Member, Ticket
from ...core.request import Operation
from ...errors import TwofoldError
from .admission import enter


async def renew(
    credentials: Credentials,
    operation: Operation[Any],
    send: Call[[Operation[Any]], Any],
    turn: Member,
    clock: Callable[[], float],
) -> None:
    """Renew, unless somebody else did while we waited for our turn.

    The first to come leads in its own scope; if it is cancelled or fails, the next one leads.
    """
    ticket = await enter(Ticket(turn), clock)
    try:
        if not credentials.ready(operation, clock()):
            await drive(credentials, send)
    finally:
        turn.gate.leave(ticket, clock())


async def drive(credentials: Credentials, send: Call[[Operation[Any]], Any]) -> None:
    """Carry out the operations of a renewal, each answer or error handed back to it."""
    renewal = credentials.renewal()
    following = step(renewal, None, None)
    while following is not None:
        said: object = None
        failure: TwofoldError | None = None
        try:
            said = await send(following)
        except TwofoldError as error:
            failure = error
        following = step(renewal, said, failure)
