"""An address at which each test finds an emulator of its own, for clients of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from emulators.rally.foreign import Foreign, played

from twofold.emulators.aside import served_aside
from twofold.emulators.stage import Stage

Play = Callable[..., Foreign]


@pytest.fixture(scope="session")
def rally_address() -> Iterator[tuple[str, Stage]]:
    stage = Stage()
    with served_aside(stage) as url:
        yield url, stage


@pytest.fixture
def play(rally_address: tuple[str, Stage]) -> Iterator[Play]:
    """Make an emulator with options of the test's own, and a client of it."""
    url, stage = rally_address
    clients: list[Foreign] = []

    def start(**options: object) -> Foreign:
        clients.append(played(stage, url, **options))
        return clients[-1]

    yield start
    stage.playing = None
    for each in clients:
        each.http.close()


@pytest.fixture
def rally(play: Play) -> Foreign:
    """A client of an emulator as it is unless one says otherwise."""
    return play()
