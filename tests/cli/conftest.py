"""Two servers: one for all tests, which is only read, and one whose tickets may be changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest
from cli.commands import Rally

from twofold.cli.emulated import emulator

FAULTS = [
    {
        "match": {"object": "US3", "method": "POST"},
        "fault": "errors",
        "errors": ["Validation error: US3\nis \x1b[31mlocked"],
    },
    {"match": {"method": "POST", "body": "answer is lost"}, "fault": "cut_after"},
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
