"""Three servers: one that is only read, one whose tickets change, one where they come and go."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest
from cli.commands import Inside, Rally

from twofold.cli.emulated import emulator

FAULTS = [
    {
        "match": {"object": "US3", "method": "POST"},
        "fault": "errors",
        "errors": ["Validation error: US3\nis \x1b[31mlocked"],
    },
    {"match": {"method": "POST", "body": "answer is lost"}, "fault": "cut_after"},
    {"match": {"method": "POST", "body": "answer is slow"}, "fault": "delay", "seconds": 30},
    {"match": {"method": "GET", "path": "slowly"}, "fault": "delay", "seconds": 30},
    {"match": {"object": "US4", "method": "POST", "body": "PlanEstimate"}, "fault": "html"},
]


@pytest.fixture
def rally(rally_server: Mapping[str, str]) -> Rally:
    """The command on the server of all tests: for what changes nothing."""
    return Rally(rally_server)


@pytest.fixture(scope="session")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    faults = tmp_path_factory.mktemp("cli") / "faults.json"
    faults.write_text(json.dumps(FAULTS), encoding="utf-8")
    with emulator("rally", ["--tickets=140", "--seed=5", f"--faults={faults}"]) as ready:
        yield ready


@pytest.fixture
def own(own_server: Mapping[str, str]) -> Rally:
    """The command on a server of our own: for what changes something."""
    return Rally(own_server)


# The first time it is written to, the answer does not come.
SLOW = {
    "match": {"object": "US12", "method": "POST"}, "nth": [1], "fault": "delay", "seconds": 30
}  # fmt: skip


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    faults = tmp_path_factory.mktemp("cli") / "faults.json"
    faults.write_text(json.dumps([*FAULTS, SLOW]), encoding="utf-8")
    with emulator("rally", ["--tickets=140", "--seed=5", f"--faults={faults}"]) as ready:
        yield ready


@pytest.fixture
def shared(
    shared_server: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Inside:
    """The command in this process, on a server where tickets come and go."""
    return Inside(shared_server, monkeypatch, capfdbinary)
