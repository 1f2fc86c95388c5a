"""The official Python toolkit, unmodified, against a served emulator."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from emulators.rally.desk import Desk

from twofold.emulators.aside import served_aside

pytestmark = pytest.mark.real_time

PROGRAM = Path(__file__).with_name("client_of_others.py")
LONG = 120.0


@pytest.mark.parametrize("how", ["--key", "--user"])
def test_the_official_toolkit_reads_and_writes(how: str) -> None:
    desk = Desk(tickets=140)
    ready = desk.emulator.ready
    secrets = [ready.api_key] if how == "--key" else [ready.username, ready.password]
    with served_aside(desk.emulator) as url:
        place = [url.partition("//")[2], ready.workspace, ready.project]
        ended = subprocess.run(
            [sys.executable, str(PROGRAM), *place, how, *secrets],
            capture_output=True,
            text=True,
            timeout=LONG,
            check=False,
            env={"no_proxy": "*"},
        )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout.splitlines()[-1]) == expected(desk)


def expected(desk: Desk) -> dict[str, Any]:
    return {
        "subscription": "Meridian Instruments",
        "projects": 9,
        "users": 24,
        "defects": 40,
        "story": desk.ticket("/hierarchicalrequirement", "US1")["Name"],
        "features": ["F1", "F2"],
        "iterations": ["Sprint 2026-010"],
        "allowed": ["Submitted", "Open", "Fixed", "Closed"],
        "states": ["Discovering", "Developing", "Measuring", "Done"],
        "errors": ['Could not parse: Unknown attribute "Nope" of type Defect'],
        "state": "Open",
        "tasks": ["A task"],
        "posts": ["A comment"],
        "added": ["others"],
        "content": "hello",
        "revisions": [3, 2, 1, 0],
        "deleted": True,
        "binned": ["Made by others"],
    }
