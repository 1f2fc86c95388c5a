"""`twofold rally bulk`: what matches is counted, asked about, changed, and gone on with."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import typer
from cli.commands import COMMAND, LONG, Inside, environment, one_line

from twofold.cli.formats import Format, Row
from twofold.cli.rally.outcomes import recorded, shown_when_interrupted
from twofold.rally import ItemState, RecordedItem

pytestmark = pytest.mark.real_time

DEFECTS = ("--type=defect", "--state=Open")


def states(server: Inside) -> dict[str, Any]:
    rows = server.rows("tickets", "--type=defect")
    return {row["formatted_id"]: row["state"] for row in rows}


def test_what_matches_is_changed_once_somebody_says_so(shared: Inside) -> None:
    before = states(shared)
    matching = [name for name, state in before.items() if state == "Open"]
    command = ["bulk", "state", "Fixed", *DEFECTS, "--format=json"]
    told = shared(*command, "--dry-run")
    assert told.stderr == f"{len(matching)} tickets match\n"
    would = json.loads(told.stdout)
    assert [(row["id"], row["from"], row["to"]) for row in would] == [
        (name, "Open", "Fixed") for name in matching
    ]
    told = shared(*command)
    assert (told.returncode, told.stdout) == (2, "")
    assert "--yes" in told.stderr
    told = shared(*command, stdin="\n", is_terminal=True)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.splitlines() == [
        f"{len(matching)} tickets match",
        f"Set state to Fixed of {len(matching)}? [y/N] nothing was done",
    ]
    assert states(shared) == before
    told = shared(*command, stdin="yes\n", is_terminal=True)
    assert told.returncode == 0
    assert [row["id"] for row in json.loads(told.stdout)] == matching
    assert states(shared) == before | dict.fromkeys(matching, "Fixed")


def test_nothing_that_matches_is_no_failure(shared: Inside) -> None:
    told = shared("bulk", "delete", "--where=Name=nobody has this name", "--format=json", "--yes")
    assert (told.returncode, told.stdout, told.stderr) == (0, "[]\n", "0 tickets match\n")


@pytest.mark.parametrize(
    ("action", "value", "column", "expected"),
    [
        ("points", "8", "points", 8.0),
        ("points", "none", "points", None),
        ("owner", "me", "owner", "Robin Hale"),
        ("owner", "none", "owner", None),
        ("parent", "US30", "parent", "US30"),
        ("iteration", "none", "iteration", None),
        ("release", "none", "release", None),
    ],
)
def test_each_action_writes_its_field(
    shared: Inside, action: str, value: str, column: str, expected: object
) -> None:
    which = ["--type=story", "--where=FormattedID=US40"]
    rows = shared.rows("bulk", action, value, *which, "--yes")
    assert [row["outcome"] for row in rows] == ["updated"]
    (ticket,) = shared.rows("show", "US40")
    if action == "parent":
        (parent,) = shared.rows("show", "US30")
        expected = parent["name"]
    assert ticket[column] == expected


def test_what_matches_is_deleted(shared: Inside) -> None:
    for _ in range(3):
        shared.rows("create", "story", "To be deleted")
    which = ["--type=story", "--where=Name=To be deleted"]
    rows = shared.rows("bulk", "delete", *which, "--dry-run")
    assert [row["outcome"] for row in rows] == ["would delete"] * 3
    told = shared("bulk", "delete", *which, stdin="n\n", is_terminal=True)
    assert "Delete 3? [y/N]" in told.stderr
    rows = shared.rows("bulk", "delete", *which, "--yes")
    assert [row["outcome"] for row in rows] == ["deleted"] * 3
    assert shared.rows("tickets", *which) == []


def test_one_that_is_refused_spoils_no_other_and_a_record_goes_on(
    shared: Inside, tmp_path: Path
) -> None:
    record = tmp_path / "record"
    which = ["--type=story", "--query=FormattedID = US3 OR FormattedID = US44"]
    command = ["bulk", "state", "Completed", *which, f"--record={record}", "--yes"]
    rows = shared.rows(*command, code=3)
    assert [(row["id"], row["outcome"]) for row in rows] == [("US3", "failed"), ("US44", "updated")]
    # What matches by now would be another list.
    command[3:5] = ["--type=story", "--state=Nobody is in this state"]
    told = shared(*command, "--format=json")
    assert told.returncode == 3
    assert told.stderr == "going on: 1 of 2 tickets are done\n"
    again = json.loads(told.stdout)
    assert [row["outcome"] for row in again] == ["failed", "updated"]
    assert again[1]["version"] == rows[1]["version"]
    command[2] = "Accepted"
    assert "another bulk" in shared(*command).stderr


def test_an_interrupt_prints_what_is_known_and_the_record_goes_on(
    shared: Inside, tmp_path: Path
) -> None:
    record = tmp_path / "record"
    command = ["update", "US45", "US12", "US46", "--points=13", f"--record={record}"]
    process = subprocess.Popen(
        [*COMMAND, "rally", *command, "--format=json"],
        env=environment(**shared.variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        end = time.monotonic() + LONG / 2
        while not record.exists() or record.read_text(encoding="utf-8").count('"done"') < 2:
            assert time.monotonic() < end
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        # The answer would come after 30 s.
        out, err = process.communicate(timeout=LONG / 4)
    assert (process.returncode, err) == (130, b"")
    rows = json.loads(out)
    assert [(row["id"], row["outcome"]) for row in rows] == [
        ("US45", "updated"),
        ("US12", "unknown"),
        ("US46", "updated"),
    ]
    rows = shared.rows(*command)
    assert [(row["outcome"], row["points"]) for row in rows] == [("updated", 13.0)] * 3


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (ItemState.NOT_STARTED, "not started"),
        (ItemState.SENT, "unknown"),
        (ItemState.UNKNOWN, "unknown"),
        (ItemState.FAILED, "failed"),
        (ItemState.DONE, "updated"),
    ],
)
def test_every_state_of_a_record_has_its_word(state: ItemState, outcome: str) -> None:
    item = RecordedItem(index=0, name="/defect/7", state=state, error="why")
    row = recorded(item, "updated", ["DE7"])
    assert (row["id"], row["outcome"], row["error"]) == ("DE7", outcome, "why")


@pytest.mark.parametrize(
    "arguments",
    [
        ["state", "Fixed"],
        ["state", *DEFECTS],
        ["state", " ", *DEFECTS],
        ["points", "many", *DEFECTS],
        ["owner", " ", *DEFECTS],
        ["parent", "nonsense", *DEFECTS],
        ["delete", "US1", *DEFECTS],
        ["delete"],
        ["state", "Fixed", "--type=payjammas"],
        ["state", "Fixed", "--query=("],
        ["state", "Fixed", "--where=x"],
    ],
    ids=" ".join,
)
def test_misuse_is_said_before_anything_is_sent(shared: Inside, arguments: list[str]) -> None:
    shared.variables["RALLY_SERVER"] = "http://127.0.0.1:9"
    one_line(shared("bulk", *arguments, "--yes"), 2)


def test_an_action_that_there_is_not_is_misuse(shared: Inside) -> None:
    assert shared("bulk", "paint", "green", *DEFECTS, "--yes").returncode == 2


def test_what_the_server_refuses_is_said(shared: Inside) -> None:
    one_line(shared("bulk", "points", "1", "--where=NoSuchField=1", "--yes"), 1)
    rows = shared.rows("bulk", "owner", "Nobody", "--type=task", "--yes", code=1)
    assert all("'Nobody'" in row["error"] for row in rows)


@pytest.mark.parametrize(("rows", "shown"), [([{"id": "a"}], '{"id":"a"}\n'), ([], "")])
def test_what_is_cut_off_shows_what_is_known(
    capsys: pytest.CaptureFixture[str], rows: list[Row], shown: str
) -> None:
    with pytest.raises(typer.Exit) as ended:
        with shown_when_interrupted(lambda: rows, Format.JSONL, ["id"]):
            raise KeyboardInterrupt
    assert (ended.value.exit_code, capsys.readouterr().out) == (130, shown)
