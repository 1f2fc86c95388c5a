# SPDX-License-Identifier: MIT
"""One scenario of every method, played by every client, on every runtime: the same comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from _async.rally.scenario import play
from minutes import Minutes
from scenario_page import PAGE, WRITE, emulator

from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.caching.client import AsyncCachingRallyClient
from twofold._async.rally.client import AsyncRallyClient
from twofold._async.rally.mock import AsyncMockRallyClient
from twofold._async.rally.protocol import AsyncRallyClientProtocol
from twofold._runtime.waiting.scopes import current_time
from twofold.core.policy.limits import Limits
from twofold.emulators.aside import served_aside
from twofold.emulators.rally.emulator import RallyEmulator

CLIENTS = ("key", "password", "caching", "mock")


def client(name: str, emulated: RallyEmulator, folder: Path, **given: Any) -> AsyncRallyClient:
    ready = emulated.ready
    place: dict[str, Any] = {"workspace": ready.workspace, "project": ready.project}
    by_key: dict[str, Any] = {"api_key": ready.api_key, **place}
    by_password: dict[str, Any] = {"username": ready.username, "password": ready.password, **place}
    # In virtual time a file takes for ever.
    options: dict[str, Any] = {"timeout": None, **given}
    match name:
        case "key":
            return AsyncRallyClient(**by_key, **options)
        case "password":
            return AsyncRallyClient(**by_password, **options)
        case "caching":
            file = folder / "cache.db"
            return AsyncCachingRallyClient(**by_key, **options, cache_file=file, fresh=1e9)
        case _:
            return AsyncMockRallyClient(emulator=emulated, timeout=None)


def wired(server: RallyEmulator) -> dict[str, Any]:
    return {
        "server": "http://rally.example",
        "transport": InProcessTransport(server),
        "limits": Limits(clock=current_time),
    }


async def played(rally: AsyncRallyClientProtocol, folder: Path) -> Minutes:
    minutes = Minutes()
    await play(rally, minutes, folder)
    return minutes


def expected() -> list[str]:
    return PAGE.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", CLIENTS)
async def test_what_comes_of_it_is_what_is_written_down(name: str, tmp_path: Path) -> None:
    server = emulator()
    minutes = await played(client(name, server, tmp_path, **wired(server)), tmp_path)
    assert minutes.lines == expected(), WRITE


@pytest.mark.real_time
@pytest.mark.parametrize("name", ["key", "password", "caching"])
async def test_a_socket_makes_no_difference(name: str, tmp_path: Path) -> None:
    with served_aside(emulator()) as url:
        given = {"server": url, "limits": Limits()}
        minutes = await played(client(name, emulator(), tmp_path, **given), tmp_path)
    assert minutes.lines == expected()


async def test_every_method_is_called_and_what_each_gives_is_written_down(tmp_path: Path) -> None:
    minutes = await played(AsyncMockRallyClient(emulator=emulator(), timeout=None), tmp_path)
    offered = {name for name in dir(AsyncRallyClientProtocol) if not name.startswith("_")}
    assert set(minutes.called) == offered
    assert sum(minutes.called.values()) >= 60
    said = {line.split('"')[1] for line in minutes.lines}
    assert said == offered - {"aclose"}
