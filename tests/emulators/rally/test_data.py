"""What an emulator starts with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from emulators.rally.desk import Desk

STORY = "/hierarchicalrequirement"
KINDS = (STORY, "/defect", "/task")


def bytes_of(desk: Desk) -> list[bytes]:
    """Make the same calls, a change among them, and return all bodies."""
    oid = desk.oid("/task", "TA2")
    bodies = [
        desk.send("POST", f"/task/{oid}", {"Task": {"State": "Completed"}}, fetch="true").body
    ]
    bodies.append(desk.send("POST", "/tag/create", {"Tag": {"Name": "x"}}, fetch="true").body)
    paths = (*KINDS, "/user", "/project", "/iteration", "/release", "/tag", "/conversationpost")
    return bodies + [desk.send("GET", each, fetch="true", pagesize=2000).body for each in paths]


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert bytes_of(Desk(seed=3)) == bytes_of(Desk(seed=3))
    assert bytes_of(Desk(seed=3)) != bytes_of(Desk(seed=4))


@pytest.mark.parametrize(
    ("tickets", "counts"),
    [(14_000, [8000, 4000, 2000]), (1000, [572, 285, 143]), (1, [1, 0, 0]), (0, [0, 0, 0])],
)
def test_stories_defects_and_tasks_share_the_tickets(tickets: int, counts: list[int]) -> None:
    desk = Desk(tickets=tickets)
    assert [desk.query(kind, pagesize=1)["TotalResultCount"] for kind in KINDS] == counts
    all_three: dict[str, Any] = {"types": "hierarchicalrequirement,defect,task", "pagesize": 1}
    assert desk.query("/artifact", **all_three)["TotalResultCount"] == tickets


def test_ids_are_numbered_unique_and_in_the_order_of_creation() -> None:
    desk = Desk()
    for kind, prefix in zip(KINDS, ("US", "DE", "TA"), strict=True):
        rows = desk.rows(kind, fetch="true", order="ObjectID")
        assert [row["FormattedID"] for row in rows] == [
            f"{prefix}{n + 1}" for n in range(len(rows))
        ]
        created = [row["CreationDate"] for row in rows]
        assert created == sorted(created)
        assert all(row["CreationDate"] <= row["LastUpdateDate"] for row in rows)
    everything = desk.rows("/artifact", fetch="ObjectID,ObjectUUID,DragAndDropRank")
    for name in ("ObjectID", "ObjectUUID", "DragAndDropRank"):
        assert len({row[name] for row in everything}) == len(everything) > 140


def test_tickets_stand_in_the_projects_and_timeboxes_of_their_own() -> None:
    desk = Desk()
    for row in desk.rows(STORY, "(Iteration != null)", fetch="Project,Iteration"):
        assert row["Iteration"]["Project"]["_ref"] == row["Project"]["_ref"]
    for row in desk.rows("/task", fetch="Project,WorkProduct"):
        assert row["WorkProduct"]["Project"]["_ref"] == row["Project"]["_ref"]
    sprints = desk.rows("/iteration", '(Project.Name = "Firmware")', fetch="StartDate,EndDate")
    assert all(a["EndDate"] < b["StartDate"] for a, b in pairwise(sprints))


def test_some_names_are_hard() -> None:
    names = " ".join(row["Name"] for row in Desk(tickets=350).rows("/artifact"))
    assert all(each in names for each in ('"', "(", "&", "%", "\\", " and ", "ö", "日"))


def test_the_facts_of_the_ready_line_are_true() -> None:
    desk = Desk(username="kim@example.com")
    ready = desk.emulator.ready
    assert desk.result("GET", "/user")["UserName"] == "kim@example.com"
    (workspace,) = desk.rows("/workspace", f'(Name = "{ready.workspace}")')
    (project,) = desk.rows("/project", f'(Name = "{ready.project}")', fetch="Parent")
    assert project["Parent"] is None
    assert desk.query(STORY, project=project["_ref"], workspace=workspace["_ref"])["Errors"] == []


def test_a_fixed_clock_moves_with_changes_only() -> None:
    clock = datetime(2030, 5, 1, 12, tzinfo=UTC)
    desk = Desk(tickets=7, clock=clock)
    oid = desk.oid(STORY, "US1")
    dates = [
        desk.update("hierarchicalrequirement", oid, {"Ready": True}, fetch="LastUpdateDate")
        for _ in range(2)
    ]
    first, second = (datetime.fromisoformat(each["Object"]["LastUpdateDate"]) for each in dates)
    assert clock < first < clock + timedelta(seconds=60)
    assert second - first == timedelta(milliseconds=1)


def test_a_true_clock_is_asked_at_every_change() -> None:
    moment = [datetime(2030, 5, 1, tzinfo=UTC)]
    desk = Desk(tickets=7, clock=lambda: moment[0])
    moment[0] = datetime(2030, 6, 7, 8, tzinfo=UTC)
    oid = desk.oid(STORY, "US1")
    row = desk.update("hierarchicalrequirement", oid, {"Ready": True}, fetch="LastUpdateDate")
    assert row["Object"]["LastUpdateDate"] == "2030-06-07T08:00:00.000Z"
    assert desk.ids(STORY, "(LastUpdateDate >= today)") == ["US1"]


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Desk(clock=datetime(2030, 5, 1))  # noqa: DTZ001 - that is the mistake
