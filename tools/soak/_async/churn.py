# SPDX-License-Identifier: MIT
"""More callers than slots, each cancelled at a random time: what is left afterwards?"""

from __future__ import annotations

import random
import statistics
from typing import Any

from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time, move_on_after
from twofold._runtime.waiting.tasks import create_task_group
from twofold.errors import TwofoldError
from twofold.rally.models import Ticket

from ..tally import CALLERS, PLAIN, Tally


async def churn(seconds: float, seed: int, options: dict[str, Any]) -> Tally:
    """Let callers come, be cancelled and come again; then ask ten times in peace."""
    chance = random.Random(seed)
    tally = Tally()
    async with AsyncRallyClient(**options) as rally:
        ticket = await rally.get_ticket("US1")
        typical = await median_latency(rally, ticket)
        end = current_time() + seconds

        async def come_and_go() -> None:
            while current_time() < end:
                await one_call(rally, ticket, tally, chance.uniform(0, 2 * typical))

        async with create_task_group() as tasks:
            for _ in range(CALLERS):
                tasks.start_soon(come_and_go)
        for _ in range(PLAIN):
            await plain_call(rally, ticket, tally)
        left = rally.statistics()
        tally.inside, tally.queued = left.inside, left.queued
    return tally


async def median_latency(rally: AsyncRallyClient, ticket: Ticket) -> float:
    """Measure as the callers will see it: all of them at once, the queue included."""
    taken: list[float] = []

    async def measure() -> None:
        for _ in range(5):
            began = current_time()
            await rally.get_ticket(ticket)
            taken.append(current_time() - began)

    async with create_task_group() as tasks:
        for _ in range(CALLERS):
            tasks.start_soon(measure)
    return statistics.median(taken)


async def one_call(rally: AsyncRallyClient, ticket: Ticket, tally: Tally, patience: float) -> None:
    with move_on_after(patience) as scope:
        try:
            await rally.get_ticket(ticket)
        except TwofoldError as error:
            tally.failed += 1
            tally.complaints.add(error.message)
        else:
            tally.completed += 1
    if scope.cancelled_caught:
        tally.cancelled += 1


async def plain_call(rally: AsyncRallyClient, ticket: Ticket, tally: Tally) -> None:
    try:
        await rally.get_ticket(ticket, timeout=5)
    except TwofoldError as error:
        tally.complaints.add(error.message)
    else:
        tally.plain += 1
