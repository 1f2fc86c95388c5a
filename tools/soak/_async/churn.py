# SPDX-License-Identifier: MIT
"""More callers than slots, each cancelled at a random time: what is left afterwards?"""

from __future__ import annotations

import random
import statistics
from typing import Any

from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import checkpoint, current_time, move_on_after
from twofold._runtime.waiting.tasks import create_task_group
from twofold.errors import TwofoldError
from twofold.rally.models import Ticket

from ..tally import CALLERS, PLAIN, STEPS, TIMES, Tally

PATIENCE = 60.0
"""Seconds that one of a crowd would wait, if it were let."""


async def churn(seconds: float, seed: int, options: dict[str, Any]) -> Tally:
    """Let callers come, be cancelled and come again, alone and in crowds; then ask in peace."""
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
        await crowds(rally, ticket, tally)
        for _ in range(PLAIN):
            tally.plain += await is_answered(rally, ticket, tally)
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


async def crowds(rally: AsyncRallyClient, ticket: Ticket, tally: Tally) -> None:
    """Give up crowds after no step, one, two and more, some times each; then again, in calm.

    After calm a crowd finds connections that rest; else it must open its own.
    """
    for calm in (False, True):
        for steps in (steps for steps in range(STEPS) for _ in range(TIMES)):
            if calm and not await is_answered(rally, ticket, tally):
                return  # there is no slot left
            await crowd(rally, ticket, tally, steps)
            tally.crowds += 1


async def crowd(rally: AsyncRallyClient, ticket: Ticket, tally: Tally, steps: int) -> None:
    """Let all callers begin at once, and give all of them up so many steps later.

    That is the worst that can happen to a queue: whoever gives back a slot hands it to one who is
    being cancelled as well.
    """
    async with create_task_group() as tasks:
        for _ in range(CALLERS):
            tasks.start_soon(one_call, rally, ticket, tally, PATIENCE)
        for _ in range(steps):
            await checkpoint()
        tasks.cancel_scope.cancel()


async def is_answered(rally: AsyncRallyClient, ticket: Ticket, tally: Tally) -> bool:
    """Ask in peace; tell whether that is answered in time."""
    try:
        await rally.get_ticket(ticket, timeout=5)
    except TwofoldError as error:
        tally.complaints.add(error.message)
        return False
    return True
