# SPDX-License-Identifier: MIT
"""Very many requests through one client: does it grow?"""

from __future__ import annotations

from itertools import count

from twofold._async.core.client import AsyncClient
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.policy.limits import Limits

from ...bench.contenders import LOOK
from ...bench.origin import Served
from ..growth import CALLERS, Growth


async def million(requests: int, served: Served) -> Growth:
    """Send so many requests, and look now and then at what the process holds."""
    growth = Growth()
    numbers = count(1)

    async def ask_on() -> None:
        while (number := next(numbers)) <= requests:
            thing = await client.send(LOOK.operation(number=str(number)))
            growth.asked(number, thing.number)

    verify = True if served.authority is None else served.authority
    async with AsyncClient(
        str(served.origin), transport="direct", concurrency=CALLERS, limits=Limits(), verify=verify
    ) as client:
        async with create_task_group() as tasks:
            for _ in range(CALLERS):
                tasks.start_soon(ask_on)
    return growth
