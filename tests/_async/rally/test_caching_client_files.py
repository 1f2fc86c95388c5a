# SPDX-License-Identifier: MIT
"""The client that keeps results in a file: shared by processes, private, and never trusted."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from switched import Switched

from twofold._async.core.store.sqlite import AsyncSQLiteStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.caching.client import AsyncCachingRallyClient
from twofold._runtime.waiting.processes import run_process
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.policy.limits import Limits
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.errors import OfflineError
from twofold.events import Event, StoreFailed

pytestmark = pytest.mark.real_time

KEY = "_emulated-key-0123456789"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "kept.db"


def server() -> Switched:
    return Switched(RallyEmulator(tickets=70, seed=3, api_key=KEY))


def client(rally: Switched, path: Path | None, **options: Any) -> AsyncCachingRallyClient:
    given: dict[str, Any] = {
        "server": "http://rally.example",
        "api_key": KEY,
        "transport": InProcessTransport(rally),
        "limits": Limits(),
        "fresh": 3600.0,
        "cache_file": path,
    }
    return AsyncCachingRallyClient(**{**given, **options})


async def state_of(rally: AsyncCachingRallyClient, ticket: str) -> str | None:
    stories = await rally.get_tickets("story")
    (found,) = (one for one in stories if one.formatted_id == ticket)
    return found.state


async def test_what_one_client_read_the_next_one_need_not_ask_for(path: Path) -> None:
    rally = server()
    async with client(rally, path) as first:
        stories = await first.get_tickets("story")
    async with client(rally, path) as second:
        assert await second.get_tickets("story") == stories
    assert len(rally.asked) == 1


async def test_several_who_begin_at_once_believe_each_other(path: Path) -> None:
    rally = server()
    async with client(rally, path) as kept:
        for _ in range(2):
            async with create_task_group() as tasks:
                for kind in ("story", "defect", "task"):
                    tasks.start_soon(kept.get_tickets, kind)
    assert len(rally.asked) == 3


async def test_the_file_is_its_owner_s_and_holds_no_secret(path: Path) -> None:
    async with client(server(), path, project="Meridian Platform") as kept:
        await kept.get_tickets("story")
        await kept.add_comment("US1", "hello")
        await kept.get_tickets("story")
        files = list(path.parent.iterdir())
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        assert not any(KEY.encode() in file.read_bytes() for file in files)
        assert not any(b"query=" in file.read_bytes() for file in files)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_without_a_name_the_file_is_in_the_cache_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path / "twofold")
    async with client(server(), None) as kept:
        await kept.get_tickets("story")
    assert [file.name for file in (tmp_path / "twofold").iterdir()] == ["rally-1.db"]


async def test_a_store_that_was_given_stays_open_and_one_that_was_not_is_closed(path: Path) -> None:
    rally, store = server(), AsyncSQLiteStore(path)
    for _ in range(2):
        async with client(rally, None, store=store) as kept:
            await kept.get_tickets("story")
    assert len(rally.asked) == 1
    await store.aclose()
    assert [file.name for file in path.parent.iterdir()] == ["kept.db"]


async def test_a_damaged_file_is_set_aside_and_begun_anew(path: Path) -> None:
    rally, told = server(), list[Event]()
    async with client(rally, path) as kept:
        await kept.get_tickets("story")
    with path.open("r+b") as file:
        file.truncate(5000)
    rally.asked.clear()
    async with client(rally, path, listener=told.append) as kept:
        stories = await kept.get_tickets("story")
        assert await kept.get_tickets("story") == stories
        assert await kept.get_tickets("story") == stories
    assert any(isinstance(event, StoreFailed) for event in told)
    assert len(rally.asked) <= 2
    assert path.with_name("kept.db.corrupt").exists()


NOT_OURS = {
    "newer": "PRAGMA application_id = 0x74776F66; PRAGMA user_version = 99",
    "another program's": "CREATE TABLE mine (x); PRAGMA application_id = 7",
}


@pytest.mark.parametrize("whose", NOT_OURS)
async def test_a_file_that_is_not_ours_is_left_as_it_is_and_reads_go_on(
    path: Path, whose: str
) -> None:
    rally, told = server(), list[Event]()
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.executescript(NOT_OURS[whose])
    before = path.read_bytes()
    async with client(rally, path, listener=told.append) as kept:
        stories = await kept.get_tickets("story")
        assert await kept.get_tickets("story") == stories
        await kept.update_state("US1", "Accepted")
        assert await state_of(kept, "US1") == "Accepted"
    assert any(isinstance(event, StoreFailed) for event in told)
    assert path.read_bytes() == before


async def test_an_entry_that_cannot_be_read_is_asked_for_again(path: Path) -> None:
    rally = server()
    async with client(rally, path) as kept:
        stories = await kept.get_tickets("story")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE entries SET body = x'00' WHERE length(body) > 100")
    async with client(rally, path) as kept:
        assert await kept.get_tickets("story") == stories
    assert len(rally.asked) == 2


async def test_a_folder_that_cannot_be_made_costs_hits_only(path: Path) -> None:
    rally = server()
    path.parent.touch()
    async with client(rally, path) as kept:
        assert len(await kept.get_tickets("story")) == 40
        assert len(await kept.get_tickets("story")) == 40
        kept.offline = True
        with pytest.raises(OfflineError):
            await kept.get_tickets("story")
    assert len(rally.asked) == 2


WRITER = """
import sys
from twofold import CachingRallyClient

with CachingRallyClient(cache_file=sys.argv[1], fresh=3600, offline=True) as rally:
    print(rally.get_ticket("US60").state)
    rally.offline = False
    rally.update_state("US60", "Accepted")
    print(rally.get_ticket("US60").state)
"""


async def test_two_processes_share_what_they_read_and_see_what_they_write(
    rally_server: Mapping[str, str], path: Path
) -> None:
    told = {"RALLY_SERVER": rally_server["url"], "RALLY_APIKEY": rally_server["api_key"]}
    async with AsyncCachingRallyClient(
        server=rally_server["url"],
        api_key=rally_server["api_key"],
        cache_file=path,
        fresh=3600.0,
        limits=Limits(),
    ) as kept:
        await kept.update_state("US60", "Defined")
        assert (await kept.get_ticket("US60")).state == "Defined"
        done = await run_process(
            [sys.executable, "-c", WRITER, str(path)], env={**os.environ, **told}
        )
        assert done.stdout.split() == [b"Defined", b"Accepted"]
        kept.offline = True
        assert (await kept.get_ticket("US60")).state == "Accepted"
