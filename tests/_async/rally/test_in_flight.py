# SPDX-License-Identifier: MIT
"""Everything at once, on one client: never more requests than it may have, and it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.caching.client import AsyncCachingRallyClient
from twofold._runtime.waiting.scopes import current_time, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.policy.limits import Limits
from twofold.core.request import Origin, Request
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.events import Event
from twofold.rally.freshness import ResultRefreshed

KEY = "_emulated-key-0123456789"
STORIES = [f"US{number}" for number in range(1, 41)]
DEFECTS = [f"DE{number}" for number in range(1, 21)]
PERIOD = 1000.0
"""Seconds, of virtual time, that are longer than all of it takes."""


class Crowd:
    """One client, and all who use it at the same time."""

    def __init__(self, folder: Path, **options: Any) -> None:
        # More places than any client takes, so that the peak is the client's doing.
        self.server = RallyEmulator(
            tickets=350, seed=3, api_key=KEY, latency=0.15, per_object=0.001, concurrency=1000
        )
        self.folder = folder
        self.done: list[str] = []
        self.told: list[Event] = []
        given: dict[str, Any] = {
            "server": "http://rally.example",
            "api_key": KEY,
            "transport": InProcessTransport(self.server),
            "limits": Limits(clock=current_time),
            "store": AsyncMemoryStore(),
            "fresh": 5.0,
            "stale": 10 * PERIOD,
            "wall": lambda: 1_700_000_000.0 + current_time(),
            "listener": self.told.append,
            "timeout": None,
        }
        self.rally = AsyncCachingRallyClient(**{**given, **options})

    @property
    def peak(self) -> int:
        asked = Request("GET", Origin("http", "rally.example", 80), "/-/emulator/statistics")
        said: int = json.loads(self.server.answer(asked, current_time()).body)["peak_in_flight"]
        return said

    async def gather(self) -> None:
        """Read what is to be kept, wait until it is stale, then do everything at once."""
        async with self.rally:
            before = await self.rally.get_features()
            await self.rally.get_users()
            await sleep(10.0)
            async with create_task_group() as tasks:
                tasks.start_soon(self.refreshed, len(before))
                for part in (self.complete, self.listed, self.ahead, self.single):
                    tasks.start_soon(part)
                for part in (self.states, self.batches, self.created, self.attached):
                    tasks.start_soon(part)
            await sleep(10.0)

    async def refreshed(self, features: int) -> None:
        assert len(await self.rally.get_features()) == features
        assert len(await self.rally.get_users()) == 24
        self.done.append("refreshed")

    async def complete(self) -> None:
        assert len(await self.rally.get_tickets(page_size=10)) >= 350
        self.done.append("complete")

    async def listed(self) -> None:
        found = [one async for one in self.rally.iter_tickets("defect", page_size=20)]
        assert len(found) == 100
        self.done.append("listed")

    async def ahead(self) -> None:
        async with self.rally.iter_tickets("task", page_size=5).ahead(4) as tasks:
            found = [one async for one in tasks]
        assert len(found) == 50
        self.done.append("ahead")

    async def single(self) -> None:
        for number in range(60, 66):
            await self.rally.get_ticket(f"US{number}")
        self.done.append("single")

    async def states(self) -> None:
        result = await self.rally.bulk_update_state(STORIES, "Accepted")
        assert result.success_count == len(STORIES)
        self.done.append("states")

    async def batches(self) -> None:
        result = await self.rally.bulk_update_points(DEFECTS, 3, batch=4)
        assert result.success_count == len(DEFECTS)
        self.done.append("batches")

    async def created(self) -> None:
        result = await self.rally.bulk_create("test case", [{"name": f"new {n}"} for n in range(9)])
        assert result.success_count == 9
        self.done.append("created")

    async def attached(self) -> None:
        for number in range(3):
            made = await self.rally.upload_attachment("DE50", b"bytes", name=f"{number}.txt")
            await self.rally.download_attachment(made, self.folder)
        self.done.append("attached")


PARTS = 9


def refreshes(crowd: Crowd) -> int:
    return sum(isinstance(event, ResultRefreshed) for event in crowd.told)


async def test_twelve_requests_are_under_way_and_never_more(tmp_path: Path) -> None:
    crowd = Crowd(tmp_path)
    await crowd.gather()
    assert crowd.peak == 12
    assert len(crowd.done) == PARTS
    assert refreshes(crowd) == 2


@pytest.mark.parametrize("most", [1, 2])
async def test_the_least_number_of_slots_is_enough_for_all_of_it(most: int, tmp_path: Path) -> None:
    crowd = Crowd(tmp_path, concurrency=most)
    began = current_time()
    await crowd.gather()
    assert crowd.peak == most
    assert len(crowd.done) == PARTS
    assert refreshes(crowd) == 2
    assert current_time() - began < PERIOD
    standing = crowd.rally.statistics()
    assert (standing.inside, standing.queued) == (0, 0)
