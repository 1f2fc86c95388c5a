# SPDX-License-Identifier: MIT
"""The Rally client with a cache: nobody reads what was there before his own write."""

from __future__ import annotations

from decimal import Decimal

from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time
from twofold.core.cache.settings import Cache
from twofold.core.policy.limits import Limits
from twofold.emulators.rally.emulator import RallyEmulator

KEY = "_emulated-key-0123456789"
MINUTE = Cache(ttl={"rally.read": 60, "rally.query": 60, "rally.find": 60})


def client(server: RallyEmulator) -> AsyncRallyClient:
    return AsyncRallyClient(
        server="http://rally.example",
        api_key=KEY,
        transport=InProcessTransport(server),
        limits=Limits(clock=current_time),
        cache=MINUTE,
    )


async def test_a_second_read_asks_nobody() -> None:
    async with client(RallyEmulator(tickets=42, seed=3, api_key=KEY, latency=1)) as rally:
        first = await rally.get_ticket("US1")
        began = current_time()
        assert await rally.get_ticket("US1") == first
        assert current_time() == began
        assert (await rally.cache.statistics()).overrides > 0


async def test_a_write_is_seen_by_the_next_read_of_the_ticket_and_of_every_list() -> None:
    """Invariant 9.4"""
    async with client(RallyEmulator(tickets=42, seed=3, api_key=KEY)) as rally:
        for points in (Decimal(8), Decimal(13)):
            await rally.get_ticket("US1")
            await rally.get_tickets("story")
            await rally.update_points("US1", points)
            assert (await rally.get_ticket("US1")).points == points
            stories = await rally.get_tickets("story")
            assert {one.points for one in stories if one.formatted_id == "US1"} == {points}
