"""Commands that write to tickets by their ids: what arrives, and what a dry run leaves alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cli.commands import Inside, one_line

pytestmark = pytest.mark.real_time


def everything(server: Inside) -> list[dict[str, Any]]:
    """Return what no dry run may change."""
    shown = [f"--field={name}" for name in ("formatted_id", "version", "DragAndDropRank")]
    return [
        *server.rows("tickets", *shown),
        *server.rows("tags", "list"),
        *server.rows("attachments", "list", "US31"),
    ]


# Create


def test_a_ticket_is_created_with_all_that_is_said_of_it(shared: Inside, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("a < b\nand more", encoding="utf-8")
    (current,) = shared.rows("iterations", "--when=current")
    command = [
        *("create", "story", "A new one", "--state=Defined", "--points=2.50", "--owner=me"),
        *("--parent=US30", f"--iteration={current['name']}", f"--description={text}"),
        *("--field=tags=one", "--field=tags=two, too", "--field=Blocked=yes", "--field=Notes==1"),
    ]
    (row,) = shared.rows(*command)
    assert row["outcome"] == "created"
    (ticket,) = shared.rows("show", row["formatted_id"])
    expected = {
        "name": "A new one",
        "state": "Defined",
        "points": 2.5,
        "owner": "Robin Hale",
        "iteration": current["name"],
        "description": "a &lt; b<br />and more",
        "tags": ["one", "two, too"],
        "blocked": True,
        "notes": "=1",
        "ref": row["ref"],
    }
    assert {name: ticket[name] for name in expected} == expected
    assert ticket["parent"] == shared.rows("show", "US30")[0]["name"]


def test_a_description_from_stdin_may_be_html(shared: Inside) -> None:
    command = ["create", "task", "A task", "--parent=US30", "--description=-", "--html"]
    (row,) = shared.rows(*command, stdin="<b>bold</b>")
    assert shared.rows("show", row["formatted_id"])[0]["description"] == "<b>bold</b>"


def test_what_the_server_ignored_is_not_said_to_be_done(shared: Inside) -> None:
    ignored = "Ignored JSON element"
    (row,) = shared.rows("create", "story", "With a slip", "--field=c_Nope=1", code=3)
    assert row["outcome"] == "created"
    assert row["error"].startswith(ignored)
    assert "c_Nope" in row["error"]
    rows = shared.rows("update", "US51", "DE12", "--field=c_Nope=1", code=1)
    assert [row["outcome"] for row in rows] == ["ignored"] * 2
    assert all(row["error"].startswith(ignored) for row in rows)


def test_a_dry_run_of_a_create_shows_its_fields(shared: Inside) -> None:
    before = everything(shared)
    rows = shared.rows("create", "task", "x", "--parent=US30", "--points=none", "--dry-run")
    assert {row["outcome"] for row in rows} == {"would create"}
    fields = {row["field"]: row["to"] for row in rows}
    assert fields == {"Name": "x", "Estimate": None, "parent": "US30"}
    one_line(shared("create", "task", "x", "--parent=US99999", "--dry-run"), 1)
    assert everything(shared) == before


def test_a_create_that_is_refused_is_one_line(shared: Inside) -> None:
    assert "Nobody" in one_line(shared("create", "story", "x", "--owner=Nobody"), 1)
    one_line(shared("create", "defect", "x", "--state=Done and dusted"), 1)
    told = one_line(shared("create", "story", "the answer is lost"), 1)
    assert "once" in told or "unknown" in told.lower()
    assert len(shared.rows("tickets", "--where=Name=the answer is lost")) == 1


# Update


def test_an_update_writes_every_kind_of_field(shared: Inside) -> None:
    release = shared.rows("releases", "--when=current")[0]["name"]
    command = [
        *("update", "US31", "--owner=me", "--parent=US30", f"--release={release}"),
        *("--field=name==SUM(1)", "--field=tags=", "--field=Ready=true", "--field=Notes="),
    ]
    (row,) = shared.rows(*command)
    assert row["outcome"] == "updated"
    (ticket,) = shared.rows("show", "US31")
    assert ticket["version"] == row["version"]
    assert ticket["name"] == "=SUM(1)"
    assert "'=SUM(1)" in shared("show", "US31", "--format=csv").stdout
    assert (ticket["owner"], ticket["release"], ticket["ready"]) == ("Robin Hale", release, True)
    assert (ticket["tags"], ticket["parent"] is None) == ([], False)
    cleared = [f"--{name}=none" for name in ("owner", "parent", "release", "points")]
    shared.rows("update", "US31", *cleared)
    (ticket,) = shared.rows("show", "US31")
    assert [ticket[name] for name in ("owner", "parent", "release", "points")] == [None] * 4


def test_what_one_kind_of_ticket_has_not_fails_for_that_one(shared: Inside) -> None:
    (current,) = shared.rows("iterations", "--when=current")
    command = ["update", "US32", "TA2", f"--iteration={current['name']}"]
    for rows in (shared.rows(*command, "--dry-run", code=3), shared.rows(*command, code=3)):
        assert [row["error"] is None for row in rows] == [True, False]
        assert "ArgumentError" in rows[1]["error"]


def test_a_dry_run_names_what_is_called_by_a_name(shared: Inside) -> None:
    before = everything(shared)
    command = ["update", "US31", "--owner=me", "--parent=F1", "--field=tags=a", "--dry-run"]
    rows = shared.rows(*command)
    assert {row["field"]: row["to"] for row in rows} == {
        "Owner": "me",
        "Tags": ["a"],
        "parent": "F1",
    }
    assert everything(shared) == before


def test_a_record_lets_an_update_go_on(shared: Inside, tmp_path: Path) -> None:
    record = f"--record={tmp_path / 'record'}"
    first = shared.rows("update", "US33", "US3", "--points=1", record, code=3)
    again = shared.rows("update", "US33", "US3", "--points=1", record, code=3)
    assert [row["version"] for row in again] == [row["version"] for row in first]
    assert "another bulk" in one_line(shared("update", "US33", "--points=1", record), 2)
    (tmp_path / "other").write_text("no record", encoding="utf-8")
    told = shared("update", "US33", "--points=1", f"--record={tmp_path / 'other'}")
    assert "no record" in one_line(told, 2)


# Delete


def test_tickets_are_deleted_when_somebody_says_so(shared: Inside) -> None:
    (row,) = shared.rows("create", "story", "Short-lived")
    name = row["formatted_id"]
    told = shared("delete", name, stdin="n\n", is_terminal=True)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == f"Delete {name}? [y/N] nothing was done\n"
    assert "--yes" in shared("delete", name).stderr
    assert shared("delete", name).returncode == 2
    (would,) = shared.rows("delete", name, "--dry-run")
    assert (would["outcome"], would["name"]) == ("would delete", "Short-lived")
    assert shared("delete", name, stdin="y\n", is_terminal=True).returncode == 0
    one_line(shared("open", name, "--print"), 1)
    (row,) = shared.rows("delete", name, "--yes", code=1)
    assert "NotFoundError" in row["error"]


def test_tickets_to_be_deleted_may_stand_in_a_file(shared: Inside) -> None:
    (row,) = shared.rows("create", "story", "Short-lived")
    told = f"{row['formatted_id']}\nUS99999\n"
    rows = shared.rows("delete", "--file=-", "--yes", stdin=told, code=3)
    assert [each["outcome"] for each in rows] == ["deleted", "failed"]
    assert shared.rows("delete", "--file=-", "--yes", stdin="# none\n") == []


def test_a_record_lets_a_deletion_go_on(shared: Inside, tmp_path: Path) -> None:
    (row,) = shared.rows("create", "story", "Short-lived")
    command = ["delete", row["formatted_id"], "US99999", "--yes", f"--record={tmp_path / 'record'}"]
    for _ in range(2):
        rows = shared.rows(*command, code=3)
        assert [each["outcome"] for each in rows] == ["deleted", "failed"]


# Tags


def test_a_tag_is_created_once_for_all_tickets_and_taken_off_again(shared: Inside) -> None:
    ids = ["US41", "US42", "DE11", "TA7"]
    before = everything(shared)
    rows = shared.rows("tags", "add", "Brand new", *ids, "US99999", "--dry-run", code=3)
    assert rows[0]["to"] == [*rows[0]["from"], "Brand new"]
    assert everything(shared) == before
    rows = shared.rows("tags", "add", "Brand new", *ids, "US99999", code=3)
    assert [row["outcome"] for row in rows] == ["tagged"] * 4 + ["failed"]
    assert all("Brand new" in row["tags"] for row in rows[:4])
    names = [row["name"] for row in shared.rows("tags", "list")]
    assert names.count("Brand new") == 1
    (would,) = shared.rows("tags", "remove", "Brand new", "US41", "--dry-run")
    assert "Brand new" not in would["to"]
    rows = shared.rows("tags", "remove", "Brand new", *ids)
    assert not any("Brand new" in row["tags"] for row in rows)
    assert "Never heard" in one_line(shared("tags", "remove", "Never heard of", "US41"), 1)
    assert shared.rows("tags", "add", "Not at all", "--file=-", stdin="") == []
    assert "Not at all" not in [row["name"] for row in shared.rows("tags", "list")]


# Rank


def test_a_ticket_is_ranked_beside_another_or_at_an_end(shared: Inside) -> None:
    def order() -> list[str]:
        rows = shared.rows("tickets", "--type=story", "--order=DragAndDropRank")
        return [row["formatted_id"] for row in rows]

    shared.rows("rank", "US51", "--top")
    assert order()[0] == "US51"
    shared.rows("rank", "US52", "--bottom")
    assert order()[-1] == "US52"
    (row,) = shared.rows("rank", "US53", "--above=US52")
    assert (row["outcome"], row["rank"]) == ("ranked", "above US52")
    shared.rows("rank", "US54", "--below=US51")
    assert (order()[:2], order()[-2:]) == (["US51", "US54"], ["US53", "US52"])
    before = order()
    for place in ("--top", "--below=US52"):
        assert shared.rows("rank", "US54", place, "--dry-run")[0]["outcome"] == "would rank"
    assert order() == before
    for place in ("--above=US99999", "--below=US99999"):
        one_line(shared("rank", "US54", place), 1)
        one_line(shared("rank", "US54", place, "--dry-run"), 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "payjammas", "x"],
        ["create", "story", " "],
        ["create", "task", "without a parent"],
        ["create", "story", "x", "--points=many"],
        ["create", "story", "x", "--owner= "],
        ["create", "story", "x", "--parent=nonsense"],
        ["create", "story", "x", "--field=FormattedID=US1"],
        ["create", "story", "x", "--field=Blocked"],
        ["create", "story", "x", "--field=Blocked=perhaps"],
        ["create", "story", "x", "--field=Name=y", "--field=Name=z"],
        ["create", "story", "x", "--field=no_such_field=1"],
        ["create", "story", "x", "--points=1", "--field=points=1"],
        ["create", "story", "x", "--description=/none/x"],
        ["create", "story", "x", "--description=-", "--field=description=y"],
        ["update", "US1"],
        ["update", "US1", "--owner= "],
        ["update", "US1", "--iteration="],
        ["update", "US1", "--field=PlanEstimate=many"],
        ["update", "--points=1"],
        ["delete", "--yes"],
        ["delete", "nonsense", "--yes"],
        ["tags", "add", " ", "US1"],
        ["tags", "add", "x"],
        ["tags", "remove", "x", "nonsense"],
        ["rank", "US1"],
        ["rank", "US1", "--top", "--bottom"],
        ["rank", "US1", "--above=nonsense"],
        ["rank", "US1", "--above=US1"],
    ],
    ids=" ".join,
)
def test_misuse_is_said_before_anything_is_sent(shared: Inside, arguments: list[str]) -> None:
    shared.variables["RALLY_SERVER"] = "http://127.0.0.1:9"
    one_line(shared(*arguments), 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "story", "x"],
        ["update", "US1", "--points=1"],
        ["delete", "US1", "--yes"],
        ["tags", "add", "x", "US1", "US2"],
        ["tags", "remove", "x", "US1"],
        ["rank", "US1", "--top"],
        ["bulk", "points", "1", "--type=story", "--yes"],
        ["attachments", "upload", "US1", __file__],
        ["attachments", "download", "US1"],
        ["export", "-"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_a_wrong_key_is_said_in_one_line(shared: Inside, arguments: list[str]) -> None:
    shared.variables["RALLY_APIKEY"] = "_wrong-key"
    assert "401" in one_line(shared(*arguments), 1)
