# SPDX-License-Identifier: MIT
"""Make credentials ready: one renewal at a time for an account, through the same line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..._runtime.waiting.tasks import Call
from ...core.credentials import Credentials, step
from ...core.flight import fresh
from ...core.policy.gate import Ticket
from ...core.policy.renewals import Renewals
from ...core.request import Operation
from ...errors import TwofoldError
from .admission import enter


async def renew(
    credentials: Credentials,
    operation: Operation[Any],
    send: Call[[Operation[Any]], Any],
    renewals: Renewals,
    clock: Callable[[], float],
) -> None:
    """Renew, unless somebody else did while we waited for our turn, or failed to.

    The first to come leads in its own scope; if it is cancelled, the next one leads.
    """
    before, member = renewals.failures, renewals.gate.join(credentials.account, 1)
    try:
        ticket = await enter(Ticket(member), clock)
        try:
            if credentials.ready(operation, clock()):
                return
            failure = renewals.failure_since(before)
            if failure is not None:
                raise fresh(failure) from failure
            await lead(credentials, send, renewals)
        finally:
            member.gate.leave(ticket, clock())
    finally:
        member.close()


async def lead(
    credentials: Credentials, send: Call[[Operation[Any]], Any], renewals: Renewals
) -> None:
    try:
        await drive(credentials, send)
    except TwofoldError as error:
        renewals.failed(error)
        raise


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
