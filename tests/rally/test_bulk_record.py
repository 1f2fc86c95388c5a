"""The record of a bulk: told, written, read again."""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.errors import ArgumentError
from twofold.rally.bulk import job
from twofold.rally.bulk_file import ItemState, Job
from twofold.rally.bulk_record import BulkRecord
from twofold.rally.models import Reference

NAMES = ("US1", "DE2", "/task/3", "4")
JOB = Job("bulk_update_state", "digest", NAMES)
REF = "/hierarchicalrequirement/1"


def told(record: BulkRecord) -> BulkRecord:
    """Tell a record of a run that ended in its midst."""
    with record.kept(JOB):
        for index in (0, 1, 2):
            record.started(index)
        record.succeeded(0, REF)
        record.missed(1, "ConflictError: no", is_unknown=False)
    return record


def states(record: BulkRecord) -> list[str]:
    return [item.state.value for item in record.items]


def test_it_knows_what_was_done_what_failed_and_what_nobody_knows() -> None:
    record = told(BulkRecord())
    assert states(record) == ["done", "failed", "sent", "not started"]
    assert [item.name for item in record.items] == list(NAMES)
    assert (record.done[0].ref, record.failed[0].error) == (REF, "ConflictError: no")
    assert [item.index for item in record.unknown] == [2]
    assert [item.index for item in record.not_started] == [3]
    assert repr(record) == "<BulkRecord of bulk_update_state: 1 of 4 done>"


def test_what_is_read_from_a_file_is_what_was_told(tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    record = told(BulkRecord(path))
    assert BulkRecord(path).items == record.items
    assert all(json.loads(line) for line in path.read_text("utf-8").splitlines())


def test_a_line_is_there_as_soon_as_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    record = BulkRecord(path)
    assert not path.exists()
    with record.kept(JOB):
        record.started(0)
        assert states(BulkRecord(path))[0] == "sent"
        record.succeeded(0, REF)
        assert states(BulkRecord(path))[0] == "done"


@given(data=st.data())
def test_a_line_that_was_cut_off_was_not_said(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("record") / "done.jsonl"
    told(BulkRecord(path))
    whole = path.read_bytes()
    keep = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:keep])
    lines = whole[:keep].count(b"\n")
    record = BulkRecord(path)
    assert len(record.items) == (4 if lines else 0)
    with record.kept(JOB):
        record.started(3)
    assert path.read_bytes().startswith(b"\n".join(whole.split(b"\n")[:lines]))
    assert states(BulkRecord(path)) == states(record)
    assert states(record)[3] == "sent"


@pytest.mark.parametrize(
    "content",
    [
        "hello",
        "hello\n",
        "[1, 2]\n",
        '{"bulk": "bulk_delete"}\n',
        '{"item": 0, "state": "done"}\n',
        '{"bulk": "x", "digest": "y", "items": ["US1"]}\n{"item": 1, "state": "done"}\n',
        '{"bulk": "x", "digest": "y", "items": ["US1"]}\n{"item": -1, "state": "done"}\n',
        '{"bulk": "x", "digest": "y", "items": ["US1"]}\n{"item": 0, "state": "well"}\n',
        '{"bulk": "x", "digest": "y", "items": ["US1"]}\n\n{"item": 0, "state": "done"}\n',
        '{"bulk": "x", "digest": "y", "items": ["US1"]}\nrest of something else',
    ],
)
def test_a_file_that_is_no_record_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(content, "utf-8")
    with pytest.raises(ArgumentError, match=r"notes\.txt' is no record of a bulk: line [12]"):
        BulkRecord(path)
    assert path.read_text("utf-8") == content


def test_a_file_that_the_system_refuses_is_its_own_error(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        BulkRecord(tmp_path)
    record = BulkRecord(tmp_path / "none" / "done.jsonl")
    with pytest.raises(FileNotFoundError), record.kept(JOB):
        pass
    (tmp_path / "none").mkdir()
    with record.kept(JOB):
        record.started(0)


def test_of_a_line_that_finds_no_room_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "done.jsonl"
    record = BulkRecord(path)
    with record.kept(JOB):
        record.started(0)
        before = path.read_bytes()
        with monkeypatch.context() as full:
            full.setattr(os, "write", FullDisk(room=7))
            with pytest.raises(OSError, match="No space left"):
                record.succeeded(0, REF)
        assert path.read_bytes() == before
        assert states(record)[0] == "sent"
        record.succeeded(0, REF)
    assert BulkRecord(path).items == record.items
    assert states(record)[0] == "done"


class FullDisk:
    """Writes a few bytes more, and then none."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.write = os.write

    def __call__(self, handle: int, data: bytes) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = self.write(handle, data[: self.room])
        self.room -= written
        return written


def test_the_record_of_another_bulk_is_refused() -> None:
    record = told(BulkRecord())
    for other in (Job(JOB.bulk, "other", NAMES), Job("bulk_delete", JOB.digest, NAMES)):
        with (
            pytest.raises(ArgumentError, match="another bulk, a bulk_update_state"),
            record.kept(other),
        ):
            pass
    with record.kept(JOB):
        pass


def test_one_bulk_uses_it_at_a_time() -> None:
    record = BulkRecord()
    with record.kept(JOB):
        with pytest.raises(ArgumentError, match="in use"), record.kept(JOB):
            pass
        with pytest.raises(ArgumentError, match="in use"):
            record.clear()
    with record.kept(JOB):
        pass


def test_of_two_records_in_one_file_the_second_waits_for_its_turn_and_knows_all(
    tmp_path: Path,
) -> None:
    path = tmp_path / "done.jsonl"
    early = BulkRecord(path)
    with BulkRecord(path).kept(JOB):
        with pytest.raises(ArgumentError, match=r"done\.jsonl.*in use"), early.kept(JOB):
            pass
    record = told(BulkRecord(path))
    with early.kept(JOB):
        assert early.items == record.items
        early.succeeded(3, REF)
    assert states(BulkRecord(path)) == ["done", "failed", "sent", "done"]


def test_a_file_in_use_by_another_process_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    record = told(BulkRecord(path))
    before = path.read_bytes()
    holding = (
        "import sys; from twofold.rally.bulk_file import BulkFile;"
        "BulkFile(sys.argv[1]).open(); print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", holding, str(path)]
    with Popen(command, stdin=PIPE, stdout=PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(ArgumentError, match="in use"):
            record.clear()
        other.kill()
    assert path.read_bytes() == before
    record.clear()
    assert not record.unknown


def test_a_record_whose_file_was_taken_away_is_not_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    record = told(BulkRecord(path))
    path.unlink()
    with pytest.raises(ArgumentError, match="is gone"), record.kept(JOB):
        pass


def test_what_nobody_knows_is_decided_by_who_has_looked(tmp_path: Path) -> None:
    path = tmp_path / "done.jsonl"
    record = BulkRecord(path)
    with record.kept(JOB):
        record.started(0)
        record.missed(1, "OutcomeUnknownError: lost", is_unknown=True)
        record.started(2)
        record.missed(3, "NotFoundError: none", is_unknown=False)
    record.settle(0, Reference(ref=REF))
    record.clear(1)
    assert states(record) == ["done", "not started", "sent", "failed"]
    assert record.done[0].ref == REF
    record.clear()
    assert states(record) == ["done", "not started", "not started", "failed"]
    assert BulkRecord(path).items == record.items


def test_what_is_known_is_not_decided_again() -> None:
    record = told(BulkRecord())
    for index in (0, 1, 3, 4, -1):
        with pytest.raises(ArgumentError, match=f"item {index} is none of those"):
            record.clear(index)
        with pytest.raises(ArgumentError, match=f"item {index} is none of those"):
            record.settle(index, REF)
    wrong: list[Any] = ["12", "US12", "BUG12", None]
    for ticket in wrong:
        with pytest.raises(ArgumentError, match="neither a ticket nor the ref of one"):
            record.settle(2, ticket)
    assert states(record) == ["done", "failed", "sent", "not started"]


def test_a_job_is_known_again_however_its_arguments_are_spelled() -> None:
    server = ["https://rally.example/slm", None, "/project/1"]
    first = job("bulk_update", server, {"owner": Reference(ref=REF), "points": 3}, NAMES)
    assert first == job("bulk_update", server, {"points": 3, "owner": REF}, list(NAMES))
    others = [
        job("bulk_update", server, {"owner": REF, "points": 4}, NAMES),
        job("bulk_update", server, {"owner": REF, "points": 3}, NAMES[:3]),
        job("bulk_update", server, {"owner": REF, "points": 3}, NAMES[::-1]),
        job("bulk_update", ["https://other.example"], {"owner": REF, "points": 3}, NAMES),
        job("bulk_create", server, {"owner": REF, "points": 3}, NAMES),
    ]
    assert len({each.digest for each in (first, *others)}) == 6


def test_states_are_what_the_file_says() -> None:
    assert {state.value for state in ItemState} == {
        "not started", "sent", "done", "failed", "unknown",
    }  # fmt: skip
