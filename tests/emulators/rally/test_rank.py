"""Ranks: above, below, top and bottom."""

from __future__ import annotations

from typing import Any

import pytest
from emulators.rally.desk import Desk
from hypothesis import given
from hypothesis import strategies as st

from twofold.emulators.rally.ranks import between

STORY = "/hierarchicalrequirement"


@pytest.fixture
def desk() -> Desk:
    return Desk(tickets=70)


def order(desk: Desk) -> list[str]:
    return desk.ids("/artifact", order="Rank")


def move(desk: Desk, formatted_id: str, **parameters: Any) -> Any:
    """The reference: "body `{"Defect": {"_ref": "..."}}` is enough"."""
    row = desk.ticket(STORY, formatted_id)
    fields = {"_ref": row["_ref"]}
    return desk.update("HierarchicalRequirement", row["ObjectID"], fields, **parameters)


def test_an_item_moves_to_both_ends(desk: Desk) -> None:
    for formatted_id, end, place in (("US3", "TOP", 0), ("US4", "bottom", -1), ("US5", "top", 0)):
        assert move(desk, formatted_id, rankTo=end)["Errors"] == []
        assert order(desk)[place] == formatted_id


def test_an_item_stands_right_beside_another(desk: Desk) -> None:
    """The reference: "smaller = higher"."""
    defect = desk.ticket("/defect", "DE7")["_ref"]
    move(desk, "US3", rankAbove=defect)
    move(desk, "US4", rankBelow=defect)
    move(desk, "US5", rankAbove=defect)
    now = order(desk)
    place = now.index("DE7")
    assert now[place - 2 : place + 2] == ["US3", "US5", "DE7", "US4"]


def test_nothing_else_moves(desk: Desk) -> None:
    before = order(desk)
    move(desk, "US9", rankTo="TOP")
    assert [each for each in order(desk) if each != "US9"] == [
        each for each in before if each != "US9"
    ]


def test_a_new_item_takes_a_rank_at_once(desk: Desk) -> None:
    fields = {"Name": "first"}
    made = desk.create("Defect", fields, rankTo="TOP", fetch="FormattedID")["Object"]
    assert order(desk)[0] == made["FormattedID"]


@pytest.mark.parametrize("bad", [{"rankTo": "MIDDLE"}, {"rankAbove": "/tag/1"}, {"rankBelow": "x"}])
def test_a_place_that_is_none_changes_nothing(desk: Desk, bad: dict[str, str]) -> None:
    before = order(desk)
    assert move(desk, "US3", **bad)["Errors"][0].startswith("Could not convert: ")
    own = desk.ticket(STORY, "US3")
    assert move(desk, "US3", rankAbove=own["_ref"])["Errors"] != []
    assert order(desk) == before
    assert desk.ticket(STORY, "US3") == own


def test_a_rank_itself_cannot_be_written(desk: Desk) -> None:
    oid = desk.oid(STORY, "US3")
    result = desk.update("hierarchicalrequirement", oid, {"DragAndDropRank": "A"})
    assert result["Warnings"] != []


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=120))
def test_there_is_always_room_between_two(places: list[int]) -> None:
    ranks: list[str] = []
    for place in places:
        at = place % (len(ranks) + 1)
        above = ranks[at - 1] if at else ""
        ranks.insert(at, between(above, ranks[at] if at < len(ranks) else None))
    assert ranks == sorted(set(ranks))
    assert all(each.isascii() and each.isprintable() for each in ranks)
