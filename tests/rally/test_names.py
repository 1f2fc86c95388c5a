"""Every model knows where its fields stand, and every field has one name everywhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from twofold.rally.kinds import KINDS, Kind, find_kind, kind_named, portfolio
from twofold.rally.models import (
    DefectSuite,
    PortfolioItem,
    Reference,
    TestCase,
    TestSet,
    Ticket,
)
from twofold.rally.names import NAMES, OWN, RECORDS, fields_of, model_of
from twofold.rally.query.fields import wire_name
from twofold.rally.records import AllowedValue, Iteration, Record, Release, Revision
from twofold.rally.straight import straight
from twofold.rally.structure import structure, structure_ticket

BASE = "https://rally.example/slm/webservice/v2.0"
NOT_SENT = {"extra", "warnings"}


@pytest.mark.parametrize("model", NAMES)
def test_every_field_of_a_model_has_a_name_and_every_name_a_field(model: type[Any]) -> None:
    assert set(NAMES[model]) == {field.name for field in attrs.fields(model)} - NOT_SENT


@pytest.mark.parametrize("model", OWN)
def test_a_query_knows_the_fields_of_tickets_by_the_names_of_the_model(model: type[Any]) -> None:
    assert {field: wire_name(field) for field in NAMES[model] if field != "ref"} == {
        field: name for field, name in NAMES[model].items() if field != "ref"
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_found_by_all_its_names(kind: Kind) -> None:
    for name in (kind.name, kind.name.upper(), kind.path, kind.element, f"{kind.name}s"):
        assert kind_named(name) == kind
    assert kind_named(kind.name.replace(" ", "_")) == kind
    assert find_kind(model_of(kind).__name__) is not None


def test_a_level_that_only_this_workspace_has_is_a_kind() -> None:
    assert kind_named("PortfolioItem/MMF") == portfolio("MMF")
    assert (portfolio("MMF").path, portfolio("MMF").body) == ("portfolioitem/mmf", "MMF")
    assert kind_named("portfolioitem/feature") == kind_named("Feature")


def row(kind: Kind, **fields: Any) -> dict[str, Any]:
    head = {"_ref": f"{BASE}/{kind.path}/7", "_type": kind.element, "_rallyAPIMajor": "2"}
    return head | {"ObjectID": 7, "FormattedID": f"{kind.prefix}7", "Name": "n"} | fields


def both_ways(kind: Kind, sent: dict[str, Any]) -> Ticket:
    """Decode a row in both ways, which must agree."""
    page = {"QueryResult": {"Errors": [], "TotalResultCount": 1, "Results": [sent]}}
    found = straight(model_of(kind), kind.element, json.dumps(page).encode())
    assert found is not None
    assert found.items == [structure_ticket(sent)]
    return found.items[0]


def test_a_portfolio_item_is_in_the_state_that_its_state_object_is_called() -> None:
    feature = both_ways(
        kind_named("feature"),
        row(
            kind_named("feature"),
            State={"_ref": f"{BASE}/state/3", "_refObjectName": "Developing", "_type": "State"},
            RefinedEstimate=13,
            PlannedStartDate="2026-05-01T00:00:00.000Z",
            LeafStoryCount=4,
        ),
    )
    assert isinstance(feature, PortfolioItem)
    assert (feature.state, feature.points, feature.level) == ("Developing", Decimal(13), "feature")
    assert feature.planned_start_date == datetime(2026, 5, 1, tzinfo=UTC)
    assert feature.leaf_story_count == 4
    assert feature.portfolio_state == Reference(ref="/state/3", name="Developing", type="State")


def test_items_of_an_unknown_level_are_portfolio_items() -> None:
    sent = row(portfolio("MMF"), c_Own=3)
    item = structure_ticket(sent)
    assert isinstance(item, PortfolioItem)
    assert (item.level, item.extra) == ("mmf", {"c_Own": 3})


@pytest.mark.parametrize(
    ("name", "model", "state", "points"),
    [
        ("test case", TestCase, None, None),
        ("test set", TestSet, "Defined", Decimal(3)),
        ("defect suite", DefectSuite, "Defined", Decimal(3)),
    ],
)
def test_state_and_points_are_read_where_a_type_keeps_them(
    name: str, model: type[Ticket], state: str | None, points: Decimal | None
) -> None:
    kind = kind_named(name)
    fields = {} if state is None else {"ScheduleState": state, "PlanEstimate": 3}
    ticket = both_ways(kind, row(kind, **fields))
    assert type(ticket) is model
    assert (ticket.state, ticket.points) == (state, points)


def test_only_named_fields_are_asked_for() -> None:
    assert "_ref" not in fields_of(kind_named("task"))
    assert "Estimate" in fields_of(kind_named("task")).split(",")


@pytest.mark.parametrize("model", RECORDS)
def test_any_other_noun_keeps_what_it_does_not_know_and_misses_nothing(model: type[Any]) -> None:
    sent = {"_ref": f"{BASE}/x/7", "_type": "X", "_refObjectName": "n", "ObjectID": 7}
    sent |= {"Text": "t"} | {"c_Own": [1]}
    record = structure(model, sent)
    assert record.ref == "/x/7"
    assert record.extra["c_Own"] == [1]


def test_timeboxes_have_a_start_and_an_end_whatever_they_are_called() -> None:
    begin, end = "2026-05-01T00:00:00.000Z", "2026-05-14T23:59:59.999Z"
    sent = {"_ref": "/x/7", "ObjectID": 7}
    iteration = structure(Iteration, sent | {"StartDate": begin, "EndDate": end})
    release = structure(Release, sent | {"ReleaseStartDate": begin, "ReleaseDate": end})
    assert iteration.start_date == release.start_date == datetime(2026, 5, 1, tzinfo=UTC)
    assert iteration.end_date == release.end_date != None  # noqa: E711 - of both


def test_counts_are_counts_however_they_are_sent() -> None:
    for sent in (3, "3", Decimal("3.0")):
        assert (
            structure(Revision, {"_ref": "/r/1", "ObjectID": 1, "RevisionNumber": sent}).number == 3
        )
    assert structure(AllowedValue, {"StringValue": "x", "ValueIndex": None}).index is None


def test_a_record_gives_its_fields_by_their_own_names() -> None:
    record = structure(Record, {"_ref": f"{BASE}/milestone/7", "_type": "Milestone", "Notes": "n"})
    assert (record["Notes"], record.object_id, record.type) == ("n", 7, "Milestone")
    with pytest.raises(KeyError):
        _ = record["Nope"]
