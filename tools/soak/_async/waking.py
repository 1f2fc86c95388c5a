# SPDX-License-Identifier: MIT
"""A call that waits for a silent server, woken: how long does that take?"""

from __future__ import annotations

import math
import time

from twofold._async.core.client import AsyncClient
from twofold._runtime.waiting.scopes import sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.policy.limits import Limits
from twofold.core.policy.timeout import Timeout
from twofold.errors import ServerError

from ..stalling import LOOK, READ, SETTLED, TIMES, Stalling


async def waking(server: Stalling, place: int, *, closes: bool) -> list[float]:
    """Return the seconds that it takes, some times; by `aclose()`, or by cancelling the group."""
    return [await woken(server, place, closes=closes) for _ in range(TIMES)]


async def woken(server: Stalling, place: int, *, closes: bool) -> float:
    began, ended = math.nan, list[float]()
    client = AsyncClient(
        server.url,
        transport="direct",
        limits=Limits(),
        verify=server.verify,
        timeout=Timeout(read=READ),
    )

    async def ask() -> None:
        try:
            await client.send(LOOK.operation(number=str(place)))
        except ServerError:
            pass  # it was closed
        finally:
            ended.append(time.perf_counter())

    async with create_task_group() as tasks:
        tasks.start_soon(ask)
        await sleep(SETTLED)
        if ended:
            raise AssertionError("it did not wait")
        began = time.perf_counter()
        if closes:
            await client.aclose()
        else:
            tasks.cancel_scope.cancel()
    await client.aclose()
    return ended[0] - began
