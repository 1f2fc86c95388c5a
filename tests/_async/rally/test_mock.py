# SPDX-License-Identifier: MIT
"""The client without a server."""

from __future__ import annotations

import pytest

from twofold._async.rally.mock import AsyncMockRallyClient
from twofold._runtime.waiting.scopes import current_time
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.errors import NotFoundError, ServerError


async def test_it_has_tickets_and_keeps_what_is_written() -> None:
    async with AsyncMockRallyClient(tickets=50) as rally:
        assert len(await rally.get_tickets()) == 50
        await rally.update_state("US1", "Completed")
        assert (await rally.get_ticket("US1")).state == "Completed"
        with pytest.raises(NotFoundError):
            await rally.get_ticket("US999")


async def test_the_same_seed_makes_the_same_tickets_and_another_makes_others() -> None:
    async with (
        AsyncMockRallyClient(seed=1) as one,
        AsyncMockRallyClient(seed=1) as same,
        AsyncMockRallyClient(seed=2) as other,
    ):
        await one.update_points("US1", 5)
        await same.update_points("US1", 5)
        tickets = (await one.get_tickets()).tickets
        assert tickets == (await same.get_tickets()).tickets
        assert tickets != (await other.get_tickets()).tickets


async def test_clients_of_one_emulator_share_what_is_in_it_and_suffer_its_faults() -> None:
    lost = {"match": {"path": "/conversationpost?"}, "nth": 1, "fault": "status", "status": 500}
    emulator = RallyEmulator(tickets=10, latency=1.0, faults=[lost])
    began = current_time()
    one = AsyncMockRallyClient(emulator=emulator, retry=None)
    other = AsyncMockRallyClient(emulator=emulator, retry=None)
    comment = await one.add_comment("US1", "hello")
    assert current_time() - began >= 2.0
    assert one.emulator is other.emulator
    with pytest.raises(ServerError):
        await other.get_discussions("US1")
    assert [post.ref for post in await other.get_discussions("US1")][-1] == comment.ref


async def test_it_needs_neither_server_nor_key_and_takes_none_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RALLY_SERVER", "https://rally.example")
    monkeypatch.setenv("RALLY_APIKEY", "_real")
    async with AsyncMockRallyClient() as rally:
        assert (await rally.get_current_user()).user_name == rally.emulator.ready.username
