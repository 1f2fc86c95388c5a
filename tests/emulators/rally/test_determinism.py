"""The same seed, the same clock and the same requests give the same bytes, wherever they run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from emulators.rally import every_kind
from emulators.rally.desk import Desk

STORY = "/hierarchicalrequirement"
LONG = 120.0
CLOCK = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.mark.real_time
def test_two_processes_that_hash_differently_answer_alike() -> None:
    """Neither the order of a set nor the time of arrival may show in an answer."""
    program = Path(every_kind.__file__)
    outputs = [
        subprocess.run(
            [sys.executable, str(program), now],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path_of(program)},
            capture_output=True,
            text=True,
            timeout=LONG,
            check=True,
        ).stdout.splitlines()
        for seed, now in (("1", "0"), ("2", "987654321.5"))
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) > 30


def path_of(program: Path) -> str:
    return os.pathsep.join([str(program.parents[2]), *sys.path])


@pytest.mark.parametrize("option", [{"seed": 6}, {"clock": CLOCK}, {"tickets": 351}])
def test_another_seed_or_clock_gives_other_bytes(option: dict[str, Any]) -> None:
    assert every_kind.digests(0.0) != every_kind.digests(0.0, **option)


def test_a_clock_that_stands_still_stands_still_for_all() -> None:
    """So times are equal however many changes were made, and in whatever order."""
    desk = Desk(clock=lambda: CLOCK)
    first = desk.create("Defect", {"Name": "a"}, fetch="true")["Object"]
    desk.create("ConversationPost", {"Artifact": first["_ref"], "Text": "x"})
    second = desk.create("Defect", {"Name": "b"}, fetch="true")["Object"]
    desk.update("defect", second["ObjectID"], {"State": "Open"})
    again = desk.result("GET", f"/defect/{second['ObjectID']}")
    moments = {first["CreationDate"], second["CreationDate"], again["LastUpdateDate"]}
    assert moments == {again["OpenedDate"]} == {"2031-02-03T04:05:06.000Z"}


def made(desk: Desk, name: str) -> dict[str, Any]:
    created: dict[str, Any] = desk.create("Defect", {"Name": name}, fetch="true")["Object"]
    return created


def test_reads_logins_and_refusals_leave_what_is_made_later_alone() -> None:
    """So a client that reads more, or from a cache, creates the same objects."""
    quiet, busy = Desk(), Desk(latency=0.5, per_object=0.01)
    list(every_kind.reads(busy))
    list(every_kind.sessions(busy))
    assert busy.create("Defect", {})["Errors"]
    assert busy.update("defect", 1, {"Name": "x"})["Errors"]
    assert made(quiet, "a") == made(busy, "a")


def test_objects_are_numbered_in_the_order_in_which_their_requests_arrive() -> None:
    """Also those that are carried out at the same time, or wait for a place."""
    alone, together = Desk(), Desk(latency=1.0, concurrency=2)
    names = [f"n{place}" for place in range(5)]
    one: list[dict[str, Any]] = []
    for name in names:
        one.append(made(alone, name))
        alone.now += 10
    both = [made(together, name) for name in names]
    assert one == both
    for key in ("ObjectID", "FormattedID", "CreationDate"):
        assert len({each[key] for each in both}) == len(names)
    oids = [each["ObjectID"] for each in both]
    assert oids == sorted(oids)


def test_what_is_refused_takes_no_number() -> None:
    desk, other = Desk(), Desk()
    desk.send("POST", "/defect/create", {"Defect": {"Name": "x", "State": "Nope"}})
    desk.send("POST", "/batch", {"Batch": [{"Entry": {"Path": "/defect/create"}}]})
    answer = desk.send("POST", "/nope/create", {"Nope": {}})
    assert json.loads(answer.body)["CreateResult"]["Errors"]
    assert made(desk, "a") == made(other, "a")
