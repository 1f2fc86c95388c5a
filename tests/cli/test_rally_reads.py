"""Commands that read: what they find, in which columns, and how they refuse."""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path

import pytest
from cli.commands import Inside, changed, one_line

pytestmark = pytest.mark.real_time


@pytest.mark.parametrize(
    ("command", "columns"),
    [
        (["iterations"], "name state start_date end_date planned_velocity project ref"),
        (["releases"], "name state start_date end_date version project ref"),
        (["users"], "user_name display_name email_address disabled ref"),
        (["tags", "list"], "name archived usage_count ref"),
        (["features", "list"], "formatted_id type name state points owner parent"),
        (["features", "children", "F1"], "formatted_id type name state points owner iteration"),
        (["discussions", "US1"], "number user created text"),
        (
            ["attachments", "list", "US1"],
            "object_id name size content_type description user created",
        ),
        (["search", "invoice"], "formatted_id type name state points owner iteration"),
    ],
    ids=" ".join,
)
def test_a_list_has_its_columns_even_where_it_is_empty(
    shared: Inside, command: list[str], columns: str
) -> None:
    told = shared(*command, "--format=csv")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines()[0] == columns.replace(" ", ",")


def test_timeboxes_are_told_apart_by_the_day(shared: Inside) -> None:
    (current,) = shared.rows("iterations", "--when=current")
    parts = [shared.rows("iterations", f"--when={when}") for when in ("past", "current", "future")]
    assert [row for part in parts for row in part] == shared.rows("iterations")
    assert shared.rows("iterations", f'--query=Name = "{current["name"]}"') == [current]
    assert len(shared.rows("iterations", "--below")) > len(shared.rows("iterations"))
    assert len(shared.rows("releases", "--when=current")) == 1


def test_a_sprint_is_summed_up(shared: Inside) -> None:
    (current,) = shared.rows("iterations", "--when=current")
    (row,) = shared.rows("summary")
    assert row["name"] == current["name"]
    assert shared.rows("summary", current["name"]) == [row]
    tickets = shared.rows("tickets", f"--iteration={current['name']}")
    assert sum(row["tickets"].values()) == len(tickets)
    assert "Sprint None" in one_line(shared("summary", "Sprint None"), 1)


def test_features_are_listed_by_level_and_filter(shared: Inside) -> None:
    rows = shared.rows("features", "list", "--order=Name")
    assert {row["type"] for row in rows} == {"feature"}
    assert [row["name"] for row in rows] == sorted(row["name"] for row in rows)
    assert shared.rows("features", "list", "--where=FormattedID=F2")[0]["formatted_id"] == "F2"
    assert {row["type"] for row in shared.rows("features", "list", "--level=epic")} == {"epic"}
    for parent in ("F1", "E1"):
        assert shared.rows("features", "children", parent)
    one_line(shared("features", "children", "F9999"), 1)
    one_line(shared("features", "list", "--level=castle in the air"), 2)


def test_who_is_disabled_is_listed_with_all(shared: Inside) -> None:
    (user,) = shared.rows("users", "--query=UserName contains amara")
    changed(shared, user["ref"], {"User": {"Disabled": True}})
    assert user["user_name"] not in [row["user_name"] for row in shared.rows("users")]
    assert {**user, "disabled": True} in shared.rows("users", "--all")


def test_what_is_archived_is_listed_with_all(shared: Inside) -> None:
    tag, *_ = shared.rows("tags", "list")
    changed(shared, tag["ref"], {"Tag": {"Archived": True}})
    assert tag["name"] not in [row["name"] for row in shared.rows("tags", "list")]
    assert {**tag, "archived": True} in shared.rows("tags", "list", "--all")


def test_a_search_finds_words_and_ids(shared: Inside) -> None:
    (row, *_) = shared.rows("search", "us2")
    assert row["formatted_id"] == "US2"
    word = row["name"].split()[-1]
    found = shared.rows("search", word.upper(), "--type=story", "--field=name")
    assert row["name"] in [each["name"] for each in found]
    assert shared.rows("search", "no such thing anywhere") == []
    one_line(shared("search", "x", "--type=payjammas"), 2)


def test_mine_are_those_of_who_calls(shared: Inside) -> None:
    mine = shared.rows("tickets", "--owner=me")
    assert mine
    assert mine == shared.rows("tickets", "--owner=robin.hale@meridian.example")
    newest = shared.rows("tickets", "--type=defect", "--sort=CreationDate DESC", "--field=created")
    assert newest == sorted(newest, key=lambda row: row["created"], reverse=True)


# Export


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "OUT.CSV", "out"])
def test_everything_that_matches_is_exported(shared: Inside, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("what was there", encoding="utf-8")
    told = shared("export", str(file), "--type=defect", "--field=formatted_id", "--field=points")
    rows = shared.rows("tickets", "--type=defect", "--field=formatted_id", "--field=points")
    assert (told.returncode, told.stdout) == (0, "")
    assert told.stderr == f"{len(rows)} tickets in {file}\n"
    text = file.read_text(encoding="utf-8")
    if name.lower().endswith("csv"):
        assert [row["formatted_id"] for row in csv.DictReader(text.splitlines())] == [
            row["formatted_id"] for row in rows
        ]
    else:
        assert [json.loads(line) for line in text.splitlines()] == rows
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_an_export_goes_to_stdout_line_by_line(shared: Inside) -> None:
    told = shared("export", "-", "--type=task", "--format=jsonl")
    assert told.stderr == ""
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert {row["type"] for row in rows} == {"task"}
    assert {"release", "project", "tags", "updated", "ref"} <= set(rows[0])


def test_an_export_that_fails_leaves_what_was_there(shared: Inside, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_text("what was there", encoding="utf-8")
    one_line(shared("export", str(file), "--where=NoSuchField=1"), 1)
    one_line(shared("export", str(tmp_path / "none" / "out.csv")), 2)
    one_line(shared("export", str(tmp_path / "out.xls")), 2)
    assert file.read_text(encoding="utf-8") == "what was there"
    assert [each.name for each in tmp_path.iterdir()] == ["out.csv"]


# The page of a ticket


def test_a_page_is_printed_and_opened(
    shared: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = shared.rows("show", "US1")
    page = f"{shared.url}/#/detail/userstory/{row['object_id']}"
    told = shared("open", "US1", "--print")
    assert (told.returncode, told.stdout, told.stderr) == (0, f"{page}\n", "")
    assert "/#/detail/portfolioitem/feature/" in shared("open", "F1", "--print").stdout
    one_line(shared("open", "US99999", "--print"), 1)
    one_line(shared("open", "nonsense"), 2)
    browser, seen = tmp_path / "browser", tmp_path / "seen"
    browser.write_text(
        f"#!{sys.executable}\nimport sys\nopen({str(seen)!r}, 'w').write(sys.argv[1])"
    )
    browser.chmod(0o755)
    monkeypatch.setitem(sys.modules, "webbrowser", None)
    monkeypatch.delitem(sys.modules, "webbrowser")  # it looks for browsers once
    monkeypatch.setenv("BROWSER", str(browser))
    assert shared("open", "US1").returncode == 0
    assert seen.read_text(encoding="utf-8") == page


def test_without_a_browser_the_address_is_printed_all_the_same(
    shared: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "webbrowser", None)
    monkeypatch.delitem(sys.modules, "webbrowser")
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", os.devnull)
    told = shared("open", "US1")
    assert (told.returncode, told.stdout.count("\n")) == (1, 1)
    assert "no browser" in told.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["discussions", "US99999"],
        ["attachments", "list", "US99999"],
        ["features", "children", "F99999"],
        ["tickets", "--where=NoSuchField=1"],
        ["iterations", "--query=NoSuchField = 1"],
        ["releases", "--query=NoSuchField = 1"],
        ["users", "--query=NoSuchField = 1"],
        ["tags", "list", "--query=NoSuchField = 1"],
        ["features", "list", "--query=NoSuchField = 1"],
        ["search", "x", "--project=/project/999999999"],
    ],
    ids=" ".join,
)
def test_what_the_server_refuses_is_one_line(shared: Inside, arguments: list[str]) -> None:
    one_line(shared(*arguments), 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["discussions", "nonsense"],
        ["attachments", "list", "US 1"],
        ["features", "children", "X1"],
        ["iterations", "--query=("],
        ["releases", "--query=("],
        ["features", "list", "--where=Name"],
        ["tickets", "--query=("],
        ["export", "-", "--field=a b"],
        ["export", "-", "--type=payjammas"],
        ["show", "nonsense"],
    ],
    ids=" ".join,
)
def test_what_is_wrong_is_said_before_anything_is_sent(
    shared: Inside, arguments: list[str]
) -> None:
    shared.variables["RALLY_SERVER"] = "http://127.0.0.1:9"
    one_line(shared(*arguments), 2)
