from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.errors import ServerError
from twofold.rally.models import Comment, Defect, Reference, Story, Task
from twofold.rally.structure import structure, structure_ticket

BASE = "https://rally.example/slm/webservice/v2.0"

RAW: dict[str, Any] = {
    "_rallyAPIMajor": "2",
    "_ref": f"{BASE}/hierarchicalrequirement/12",
    "_refObjectUUID": "00000000-0000-4000-8000-000000000000",
    "_refObjectName": "Sign in",
    "_type": "HierarchicalRequirement",
    "ObjectID": 12,
    "FormattedID": "US1",
    "Name": "Sign in",
    "Owner": {
        "_ref": f"{BASE}/user/7",
        "_refObjectName": "Ada",
        "_type": "User",
        "UserName": "ada",
    },
    "Iteration": None,
    "Tags": {"_ref": "x", "Count": 2, "_tagsNameArray": [{"Name": "a"}, {"Name": "b"}]},
    "Blocked": False,
    "CreationDate": "2026-05-01T12:34:56.789Z",
    "VersionId": "3",
    "ScheduleState": "Defined",
    "PlanEstimate": Decimal("0.5"),
    "c_Team": "Blue",
}


def test_a_story_is_built_field_by_field() -> None:
    ticket = structure_ticket(RAW)
    assert isinstance(ticket, Story)
    assert (ticket.ref, ticket.object_id, ticket.formatted_id) == (
        "/hierarchicalrequirement/12",
        12,
        "US1",
    )
    assert ticket.owner == Reference(
        ref="/user/7", name="Ada", type="User", extra={"UserName": "ada"}
    )
    assert ticket.owner.object_id == 7
    assert ticket.iteration is None
    assert ticket.tags == ("a", "b")
    assert ticket.created == datetime(2026, 5, 1, 12, 34, 56, 789000, tzinfo=UTC)
    assert ticket.version == 3
    assert (ticket.state, ticket.points) == ("Defined", Decimal("0.5"))
    assert ticket.extra == {"c_Team": "Blue"}


@pytest.mark.parametrize(
    ("kind", "model", "fields", "state", "points"),
    [
        ("Defect", Defect, {"State": "Open", "PlanEstimate": 3}, "Open", Decimal(3)),
        ("Task", Task, {"State": "Completed", "Estimate": 8}, "Completed", Decimal(8)),
    ],
)
def test_state_and_points_are_read_where_the_type_keeps_them(
    kind: str, model: type, fields: dict[str, Any], state: str, points: Decimal
) -> None:
    ticket = structure_ticket({**RAW, "_type": kind, **fields})
    assert type(ticket) is model
    assert (ticket.state, ticket.points) == (state, points)


def test_a_missing_field_is_empty_not_an_error() -> None:
    bare = {name: RAW[name] for name in ("_ref", "_type", "ObjectID", "FormattedID", "Name")}
    ticket = structure_ticket(bare)
    assert (ticket.owner, ticket.tags, ticket.created, ticket.points) == (None, (), None, None)


@pytest.mark.parametrize("name", ["Name", "FormattedID"])
def test_a_name_or_an_id_that_is_null_or_was_not_sent_is_empty(name: str) -> None:
    others = {each: value for each, value in RAW.items() if each != name}
    for sent in ({**RAW, name: None}, others):
        ticket = structure_ticket(sent)
        assert (ticket.formatted_id, ticket.name) == (
            ("US1", "") if name == "Name" else ("", "Sign in")
        )


def test_a_comment_without_a_text_is_empty() -> None:
    post = {"_ref": f"{BASE}/conversationpost/5", "ObjectID": 5}
    assert structure(Comment, {**post, "Text": None}).text == structure(Comment, post).text == ""


plain = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers())
inner = st.sampled_from(["_ref", "_refObjectName", "_type", "_tagsNameArray", "Name"])
junk = st.recursive(plain, lambda deep: st.lists(deep) | st.dictionaries(inner, deep))


@given(name=st.sampled_from(sorted(RAW.keys() - {"_ref", "_type", "ObjectID"})), value=junk)
def test_a_value_of_an_unexpected_shape_spoils_only_its_field(name: str, value: object) -> None:
    ticket = structure_ticket({**RAW, name: value})
    assert ticket.object_id == 12


def test_a_count_of_five_thousand_digits_is_none() -> None:
    assert structure_ticket({**RAW, "VersionId": "9" * 5_000}).version is None


def test_what_is_no_ticket_is_the_servers_failure() -> None:
    with pytest.raises(ServerError, match="Milestone"):
        structure_ticket({**RAW, "_type": "Milestone"})
