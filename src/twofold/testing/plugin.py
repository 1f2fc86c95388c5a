"""The pytest plugin: Rally's stand-in, served anew for each test, and a client of it.

Nothing of twofold is imported until a test asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .._sync.rally.client import RallyClient
    from ..emulators.stage import Stage
    from .served import RallyServer

MARK = (
    "rally(**options): options of the RallyEmulator that rally_server serves, "
    "such as tickets=50, latency=0.1, faults=[...]"
)
TICKETS = 100


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARK)


@pytest.fixture(scope="session")
def rally_stage() -> Iterator[tuple[str, Stage]]:
    """The address at which each test finds an emulator of its own."""
    try:
        from ..emulators.aside import served_aside
        from ..emulators.stage import Stage
    except ImportError as lacking:
        raise pytest.UsageError(f"rally_server needs twofold[emulators]: {lacking}") from lacking
    stage = Stage()
    with served_aside(stage) as url:
        yield url, stage


@pytest.fixture
def rally_server(
    request: pytest.FixtureRequest, rally_stage: tuple[str, Stage]
) -> Iterator[RallyServer]:
    """A fresh Rally emulator on loopback: the same data for each test, whatever others wrote."""
    from ..emulators.rally.emulator import RallyEmulator
    from .served import on_stage

    url, stage = rally_stage
    emulator = RallyEmulator(**_options(request))
    stage.playing = emulator
    yield on_stage(url, emulator)
    stage.playing = None


@pytest.fixture
def rally_client(rally_server: RallyServer) -> Iterator[RallyClient]:
    """A blocking client of `rally_server`, logged in with its key."""
    from .._sync.rally.client import RallyClient

    with RallyClient(**rally_server.login) as client:
        yield client


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Collect the options of all marks; the one nearest to the test counts."""
    options: dict[str, Any] = {"tickets": TICKETS}
    for mark in reversed(list(request.node.iter_markers("rally"))):
        options |= mark.kwargs
    return options
