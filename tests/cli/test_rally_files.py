"""Attached files from a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.commands import Inside, one_line

pytestmark = pytest.mark.real_time


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    contents = {"one.txt": b"one", "two.bin": bytes(range(256)) * 40}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return [str(tmp_path / name) for name in contents]


def test_files_go_up_and_come_down_as_they_were(
    shared: Inside, files: list[str], tmp_path: Path
) -> None:
    rows = shared.rows("attachments", "upload", "US35", *files, "--description=two of them")
    assert [row["outcome"] for row in rows] == ["uploaded"] * 2
    there = shared.rows("attachments", "list", "US35")
    assert [row["name"] for row in there] == ["one.txt", "two.bin"]
    assert [row["description"] for row in there] == ["two of them"] * 2
    folder = tmp_path / "down"
    folder.mkdir()
    command = ["attachments", "download", "US35", f"--to={folder}"]
    assert {row["outcome"] for row in shared.rows(*command, "--dry-run")} == {"would download"}
    assert list(folder.iterdir()) == []
    rows = shared.rows(*command)
    assert [Path(row["path"]).read_bytes() for row in rows] == [
        Path(file).read_bytes() for file in files
    ]
    (again,) = shared.rows(*command, "one.txt")
    assert Path(again["path"]).name == "one (1).txt"
    (by_number,) = shared.rows(*command, str(there[1]["object_id"]))
    assert by_number["name"] == "two.bin"
    assert "one.txt" in one_line(shared(*command, "three.txt"), 1)


def test_a_dry_run_of_an_upload_attaches_nothing(shared: Inside, files: list[str]) -> None:
    rows = shared.rows("attachments", "upload", "US36", *files, "--dry-run")
    assert [(row["outcome"], row["name"]) for row in rows] == [
        ("would upload", "one.txt"),
        ("would upload", "two.bin"),
    ]
    assert shared.rows("attachments", "list", "US36") == []
    one_line(shared("attachments", "upload", "US99999", files[0], "--dry-run"), 1)


def test_an_upload_whose_answer_is_lost_may_have_been_made(
    shared: Inside, files: list[str]
) -> None:
    command = ["attachments", "upload", "US37", files[0], "--name=the answer is lost"]
    (row,) = shared.rows(*command, code=1)
    assert row["outcome"] == "unknown"


def test_a_name_and_a_type_may_be_given(shared: Inside, files: list[str]) -> None:
    options = ["--name=other.dat", "--content-type=application/x-other"]
    (row,) = shared.rows("attachments", "upload", "US39", files[0], *options)
    assert (row["name"], row["content_type"]) == ("other.dat", "application/x-other")


def test_what_cannot_be_attached_is_said_before_anything_is_sent(
    shared: Inside, files: list[str], tmp_path: Path
) -> None:
    shared.variables["RALLY_SERVER"] = "http://127.0.0.1:9"
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(50 * 2**20 + 1)
    upload = ["attachments", "upload"]
    assert "50 MB" in one_line(shared(*upload, "US35", str(large)), 2)
    one_line(shared(*upload, "US35", *files, "--name=x"), 2)
    one_line(shared(*upload, "nonsense", files[0]), 2)
    one_line(shared(*upload, "US35", files[0], "--content-type=no type"), 2)
    for arguments in (
        [*upload, "US35", "/none/x"],
        ["attachments", "download", "US1", "--to=/x/y"],
    ):
        told = shared(*arguments)
        assert (told.returncode, told.stdout) == (2, "")
