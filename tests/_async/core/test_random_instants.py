# SPDX-License-Identifier: MIT
"""Over real sockets, cut off at any instant: nothing is held, and the next request is answered."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import attrs
import pytest
from tools.soak.terminator import terminated

from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import CancelScope, current_time, sleep
from twofold._runtime.waiting.tasks import Call, create_task_group
from twofold.core.policy.allowance import THREADS
from twofold.core.policy.limits import Limits

TASKS = [f"TA{number}" for number in range(1, 9)]
INSTANTS = 100  # of each of the two kinds of work


async def cut_off(work: Call[[], object], seconds: float) -> bool:
    """Cancel work after so many seconds; tell whether it was still under way."""

    async def cut() -> None:
        await sleep(seconds)
        scope.cancel()

    async with create_task_group() as tasks:
        with CancelScope() as scope:
            tasks.start_soon(cut)
            await work()
        tasks.cancel_scope.cancel()
    return scope.cancelled_caught


async def measured(work: Call[[], object]) -> float:
    await work()
    began = current_time()
    await work()
    return current_time() - began


@pytest.fixture(scope="session")
def over_tls(rally_server: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    with terminated(int(rally_server["url"].rpartition(":")[2])) as (url, authority):
        yield {"server": url, "verify": authority}


@pytest.mark.real_time
@pytest.mark.parametrize(("engine", "tls"), [("direct", False), ("direct", True), ("httpx", False)])
async def test_work_that_is_cut_off_at_random_leaves_nothing(
    rally_server: Mapping[str, str],
    over_tls: Mapping[str, str],
    engine: Literal["direct", "httpx"],
    tls: bool,
) -> None:
    chance = random.Random(8)
    limits = Limits()
    where: Any = over_tls if tls else {"server": rally_server["url"]}
    async with AsyncRallyClient(
        **where, api_key=rally_server["api_key"], limits=limits, transport=engine
    ) as rally:

        async def read() -> None:
            assert len(await rally.get_tickets("task", page_size=40, pages=3)) == 100

        async def write() -> None:
            result = await rally.bulk_update_points(TASKS, chance.randrange(9), concurrency=4)
            assert not result.failed

        at_gate, account = rally._line.member.gate, rally._line.credentials.account
        for work in (read, write):
            # Who was cut off has to shake hands again, which takes longer than to ask.
            longest = (8 if tls else 2) * await measured(work)
            cut = 0
            for number in range(INSTANTS):
                cut += await cut_off(work, chance.uniform(0, longest))
                if cut > number:  # so far each: the machine may have become slower
                    longest *= 1.05
                assert attrs.astuple(at_gate.statistics(account))[:2] == (0, 0)
                assert limits.threads.left == THREADS
                assert (await rally.get_ticket("US1")).formatted_id == "US1"
            assert 0 < cut < INSTANTS
