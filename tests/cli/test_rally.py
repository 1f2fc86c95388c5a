"""`twofold rally` as a user runs it, against a server in another process."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from cli.commands import COMMAND, LONG, ROOT, Rally, changed, environment, one_line, run

from twofold.cli.formats import cell

pytestmark = pytest.mark.real_time

STATISTICS = "/-/emulator/statistics"
AWKWARD = r'say "hi" (50%) & more\ — ünï 日本 = #1) AND (Name != "x" <b>+</b>'
NOWHERE = {"RALLY_SERVER": "http://127.0.0.1:9", "RALLY_APIKEY": "_key-that-opens-nothing"}


def counted(server: Rally) -> int:
    """Return how many requests arrived since this was last asked."""
    with httpx.Client(trust_env=False) as caller:
        counters: dict[str, int] = caller.post(server.url + STATISTICS).json()
    return counters["requests"]


def written(server: Rally, ticket: str, values: Mapping[str, Any]) -> None:
    """Write to a story beside the command."""
    (row,) = server.rows("show", ticket)
    changed(server, row["ref"], {"HierarchicalRequirement": dict(values)})


def comments(server: Rally) -> int:
    headers = {"ZSESSIONID": server.variables["RALLY_APIKEY"]}
    with httpx.Client(base_url=server.url + ROOT, headers=headers, trust_env=False) as caller:
        return int(caller.get("/conversationpost").json()["QueryResult"]["TotalResultCount"])


# Reading


def test_every_ticket_is_listed_once(own: Rally) -> None:
    rows = own.rows("tickets")
    assert Counter(row["type"] for row in rows) == {"story": 80, "defect": 40, "task": 20}
    assert len({row["formatted_id"] for row in rows}) == 140
    assert list(rows[0]) == [
        *("formatted_id", "type", "name", "state", "points", "owner", "iteration"),
    ]


def test_all_formats_hold_the_same_rows(own: Rally) -> None:
    columns = ("formatted_id", "Name", "points", "updated", "blocked", "tags", "Severity", "c_None")
    command = ["tickets", "--type=defect", *(f"--field={name}" for name in columns), "--format"]
    said = {name: own(*command, name).stdout for name in READERS}
    rows = json.loads(said["json"], parse_float=Decimal)
    assert len(rows) == 40
    assert all(tuple(row) == columns for row in rows)
    assert any(isinstance(row["points"], Decimal) for row in rows)
    assert all(row["updated"].endswith("+00:00") and row["c_None"] is None for row in rows)
    assert READERS["jsonl"](said["jsonl"]) == rows
    assert READERS["csv"](said["csv"]) == [{name: cell(row[name]) for name in row} for row in rows]
    assert READERS["yaml"](said["yaml"]) == json.loads(said["json"])
    lines = own(*command, "table").stdout.splitlines()
    assert [line.split()[0] for line in lines[2:]] == [row["formatted_id"] for row in rows]


READERS: Mapping[str, Callable[[str], Any]] = {
    "json": json.loads,
    "jsonl": lambda text: [json.loads(line, parse_float=Decimal) for line in text.splitlines()],
    "csv": lambda text: [*csv.DictReader(io.StringIO(text, newline=""))],
    "yaml": yaml.safe_load,
}


def test_a_limit_reads_no_more_than_it_says(own: Rally) -> None:
    counted(own)
    rows = own.rows("tickets", "--limit=5", "--order=FormattedID DESC")
    assert counted(own) == 1
    assert [row["formatted_id"] for row in rows] == ["US80", "US79", "US78", "US77", "US76"]
    assert len(own.rows("tickets", "--limit=100")) == 100


def test_filters_find_what_they_name_and_nothing_else(own: Rally) -> None:
    every = own.rows("tickets")
    some = next(row["iteration"] for row in every if row["iteration"])
    filters: Mapping[tuple[str, ...], Callable[[dict[str, Any]], bool]] = {
        ("--state=Defined",): lambda row: row["state"] == "Defined",
        ("--type=defect", "--type=task", "--state=Open"): lambda row: row["state"] == "Open",
        ("--owner=robin.hale@meridian.example",): lambda row: row["owner"] == "Robin Hale",
        (f"--iteration={some}",): lambda row: row["iteration"] == some,
        ("--type=story", "--where=Iteration="): lambda row: (
            row["type"] == "story" and row["iteration"] is None
        ),
        ("--type=defect", "--query=PlanEstimate > 2", "--state=Fixed"): lambda row: (
            row["type"] == "defect" and (row["points"] or 0) > 2 and row["state"] == "Fixed"
        ),
    }
    for options, holds in filters.items():
        found = own.rows("tickets", *options)
        assert found == [row for row in every if holds(row)], options
        assert found, options


def test_a_value_of_any_text_is_only_a_value(own: Rally) -> None:
    written(own, "US10", {"Name": AWKWARD})
    found = own.rows("tickets", f"--where=Name={AWKWARD}", "--where=FormattedID=US10")
    assert [row["formatted_id"] for row in found] == ["US10"]
    assert found[0]["name"] == AWKWARD
    assert own.rows("tickets", f"--where=Name={AWKWARD}x") == []
    told = own("tickets", f"--where=Name={AWKWARD}x", "--format=csv", "--field=name")
    assert told.stdout == "name\n"


def test_a_ticket_is_shown_whole_and_one_that_is_missing_is_said(own: Rally) -> None:
    counted(own)
    told = own("show", "DE1", "us2", "US99999", "--format", "json")
    rows = json.loads(told.stdout)
    assert [row["formatted_id"] for row in rows] == ["DE1", "US2"]
    assert {"severity", "defect_state", "description", "ref", "created"} <= set(rows[0])
    assert (told.returncode, told.stderr.count("\n")) == (3, 1)
    assert told.stderr.startswith("twofold: US99999: ")
    fields = [line.split(maxsplit=1)[0] for line in own("show", "DE1").stdout.splitlines()]
    assert fields == list(rows[0])
    (same,) = own.rows("show", rows[0]["ref"])
    assert same == rows[0]


def test_output_is_utf_8_whatever_the_locale(own: Rally) -> None:
    written(own, "US11", {"Name": AWKWARD})
    for name in ("table", "csv", "yaml"):
        options = ["rally", "show", "US11", f"--format={name}"]
        told = run(*options, PYTHONIOENCODING="ascii", **own.variables)
        assert (told.returncode, "ünï 日本" in told.stdout) == (0, True)


def test_server_and_key_come_from_the_settings_file(own: Rally, tmp_path: Path) -> None:
    settings = tmp_path / "twofold.toml"
    server, key = own.variables.values()
    settings.write_text(f'[rally]\nserver = "{server}"\napi_key = "{key}"\n', encoding="utf-8")
    settings.chmod(0o600)
    told = run("rally", "tickets", "--limit=1", TWOFOLD_CONFIG=str(settings))
    assert (told.returncode, told.stderr) == (0, "")
    settings.chmod(0o644)
    told = run("rally", "tickets", "--limit=1", TWOFOLD_CONFIG=str(settings))
    assert "chmod 600" in one_line(told, 2)


# Writing


def test_an_update_writes_state_and_points_and_says_so_in_the_order_given(own: Rally) -> None:
    listed = "# which\nTA2\n\n  ta3  # and why\nUS21\n"
    options = ["update", "US21", "TA1", "--file=-", "--state=Completed", "--points=2.50"]
    rows = own.rows(*options, stdin=listed)
    assert [row["id"] for row in rows] == ["US21", "TA1", "TA2", "ta3"]
    assert {row["outcome"] for row in rows} == {"updated"}
    shown = own.rows("show", *(row["id"] for row in rows))
    for row, ticket in zip(rows, shown, strict=True):
        assert (ticket["state"], ticket["points"]) == ("Completed", 2.5)
        assert (row["formatted_id"], row["version"]) == (ticket["formatted_id"], ticket["version"])
    assert own.rows("update", "TA1", "--points=none")[0]["points"] is None


def test_an_update_that_failed_for_some_ends_with_3_and_a_row_for_each(own: Rally) -> None:
    told = own("update", "US22", "US3", "US99999", "--state=Accepted", "--format=jsonl")
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert (told.returncode, told.stderr) == (3, "")
    assert [row["outcome"] for row in rows] == ["updated", "failed", "failed"]
    assert [list(row) for row in rows] == [list(rows[0])] * 3
    assert "locked" in rows[1]["error"]
    assert "NotFoundError" in rows[2]["error"]
    assert "locked" in own("update", "US3", "US99999", "--points=1").stdout
    assert own("update", "US3", "US99999", "--points=1").returncode == 1


def test_what_is_given_together_is_one_write_that_is_made_or_not(own: Rally) -> None:
    before = own.rows("show", "US4", "US25")
    counted(own)
    rows = own.rows("update", "US4", "US25", "--state=Accepted", "--points=8", code=3)
    assert counted(own) == 3  # one look-up, two writes
    assert [row["outcome"] for row in rows] == ["failed", "updated"]
    after = own.rows("show", "US4", "US25")
    assert after[0] == before[0]
    assert [after[1][name] for name in ("state", "points")] == ["Accepted", 8.0]
    assert after[1]["version"] == before[1]["version"] + 1


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(own: Rally) -> None:
    ids = ("US23", "DE5", "TA5")
    before = own.rows("show", *ids)
    options = ["update", *ids, "US99999", "--state=Completed", "--points=0.5", "--dry-run"]
    rows = own.rows(*options, code=3)
    fields = ["ScheduleState", "PlanEstimate", "State", "PlanEstimate", "State", "Estimate", None]
    assert [row["field"] for row in rows] == fields
    assert [row["from"] for row in rows[:2]] == [before[0]["state"], before[0]["points"]]
    assert [row["to"] for row in rows] == [*("Completed", 0.5) * 3, None]
    assert own.rows("show", *ids) == before


def test_a_comment_is_added_as_plain_text(own: Rally) -> None:
    count = comments(own)
    (row,) = own.rows("comment", "US24", "-", stdin="a < b\n& ünï\n")
    assert row["outcome"] == "commented"
    assert row["text"] == "a &lt; b<br />&amp; ünï"
    assert comments(own) == count + 1


def test_a_dry_run_of_a_comment_writes_nothing(own: Rally) -> None:
    count = comments(own)
    (row,) = own.rows("comment", "US24", "to be", "--dry-run")
    assert (row["outcome"], row["text"]) == ("would comment", "to be")
    assert "US99999" in one_line(own("comment", "US99999", "to be", "--dry-run"), 1)
    assert comments(own) == count


def test_a_comment_whose_answer_is_lost_is_sent_once_and_said_in_one_line(own: Rally) -> None:
    count = comments(own)
    one_line(own("comment", "US24", "the answer is lost"), 1)
    assert comments(own) == count + 1


def test_an_empty_list_of_tickets_is_no_failure(own: Rally) -> None:
    assert own.rows("update", "--file=-", "--state=Accepted", stdin="# none today\n") == []


# What goes wrong


def test_no_key_is_one_line(rally: Rally) -> None:
    told = run("rally", "tickets", RALLY_SERVER=rally.url)
    assert "RALLY_APIKEY" in one_line(told, 1)


@pytest.mark.parametrize(
    "command",
    [
        *(["tickets"], ["show", *(f"US{number}" for number in range(1, 30))]),
        *(["update", "US1", "TA1", "--points=1"], ["comment", "US1", "x"]),
        ["update", "US1", "TA1", "--points=1", "--dry-run"],
    ],
    ids=" ".join,
)
def test_a_wrong_key_is_one_line_that_does_not_hold_it(rally: Rally, command: list[str]) -> None:
    told = run("rally", *command, RALLY_SERVER=rally.url, RALLY_APIKEY="_wrong-key")
    assert "401" in one_line(told, 1)
    assert "_wrong-key" not in told.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        *(["show"], ["show", "US0"], ["show", "US1", "EPIC3"]),
        *(
            ["tickets", "--type=payjammas"],
            ["tickets", "--where=State"],
            ["tickets", "--where=a b=c"],
        ),
        *(["tickets", "--limit=0"], ["tickets", "--format=xml"], ["tickets", "--field=a b"]),
        *(["tickets", "--query= "], ["tickets", "--api-key=x"], ["tickets", "--server=http://x/y"]),
        *(["update", "--state=x"], ["update", "US1"], ["update", "US1", "--points=many"]),
        *(["update", "US1", "US 2", "--state=x"], ["update", "--file=/none/x", "--state=x"]),
        *(["update", "US1", "--state= ", "--dry-run"], ["comment", "US1", " "]),
    ],
    ids=" ".join,
)
def test_misuse_is_refused_before_anything_is_sent(arguments: list[str]) -> None:
    # Nobody listens there: whatever was sent would be a failure, not misuse.
    told = run("rally", *arguments, **NOWHERE)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr


def test_a_file_that_is_no_text_is_misuse(tmp_path: Path) -> None:
    file = tmp_path / "ids"
    file.write_bytes(b"US1\n\xff")
    told = run("rally", "update", f"--file={file}", "--state=x", **NOWHERE)
    assert "UTF-8" in one_line(told, 2)


# Terminals, pipes and signals


def started(server: Rally, *arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, "rally", *arguments], env=environment(**server.variables), **streams
    )


def test_a_reader_who_has_seen_enough_ends_it_quietly(own: Rally) -> None:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    for name in ("table", "jsonl"):
        with started(own, "tickets", f"--format={name}", **pipes) as process:
            assert process.stdout is not None
            process.stdout.close()
            assert process.stderr is not None
            assert process.stderr.read() == b""
        assert process.returncode == 0


def test_data_that_could_not_be_written_is_a_failure_in_one_line(own: Rally) -> None:
    with Path("/dev/full").open("wb") as full:
        with started(own, "tickets", stdout=full, stderr=subprocess.PIPE) as process:
            _, said = process.communicate(timeout=LONG)
    assert process.returncode == 1
    assert said.startswith(b"twofold: ")
    assert said.count(b"\n") == 1


def test_progress_is_shown_on_a_terminal_and_keeps_out_of_the_data(own: Rally) -> None:
    ours, theirs = pty.openpty()
    with started(
        own, "tickets", "--format=jsonl", stdout=subprocess.PIPE, stderr=theirs
    ) as process:
        os.close(theirs)
        assert process.stdout is not None
        data = process.stdout.read().decode()
    seen = b"".join(iter(partial(read_some, ours), b""))
    os.close(ours)
    assert process.returncode == 0
    assert len(data.splitlines()) == 140
    assert "\x1b" not in data
    assert b"reading story, defect, task" in seen


def read_some(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how a terminal ends whose other side is closed
        return b""


def wait_until_asked(server: Rally) -> None:
    end = time.monotonic() + LONG / 2
    with httpx.Client(trust_env=False) as caller:
        while not caller.get(server.url + STATISTICS).json()["in_flight"]:
            assert time.monotonic() < end
            time.sleep(0.05)


def test_an_interrupt_ends_a_command_that_waits_for_the_server(own: Rally) -> None:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with started(own, "tickets", "--query=Name contains slowly", **pipes) as process:
        wait_until_asked(own)
        process.send_signal(signal.SIGINT)
        # The answer would come after 30 s.
        assert process.communicate(timeout=LONG / 4) == (b"", b"")
    assert process.returncode == 130


@pytest.mark.parametrize(
    "command",
    [["comment", "US9", "The answer is slow"], ["create", "story", "The answer is slow"]],
)
def test_an_interrupt_says_that_a_write_may_have_been_made(own: Rally, command: list[str]) -> None:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with started(own, *command, "--format=jsonl", **pipes) as process:
        wait_until_asked(own)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=LONG / 4)
    assert process.returncode == 130
    assert json.loads(out)["outcome"] == "unknown"


def test_a_shell_completes_types_and_formats() -> None:
    for words, expected in {
        "twofold rally tickets --type de": {"defect", "defectsuite"},
        "twofold rally tickets --type task --state ": {"Defined", "In-Progress", "Completed"},
        "twofold rally bulk d": {"delete"},
        "twofold rally bulk owner ": {"me", "none"},
        "twofold rally show US1 --format ": {"table", "json", "jsonl", "csv", "yaml"},
    }.items():
        told = run(
            _TWOFOLD_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(words.count(" "))
        )
        assert set(told.stdout.split()) == expected
