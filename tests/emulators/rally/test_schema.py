"""The schema, its address, and the values that fields may have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from emulators.rally.desk import Desk, Request

from twofold.emulators.exchange import Answer


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(tickets=70)


def get(desk: Desk, address: str) -> Answer:
    return desk.emulator.answer(Request("GET", address, desk.headers), desk.now)


def schema(desk: Desk) -> dict[str, dict[str, Any]]:
    oid = desk.rows("/workspace")[0]["ObjectID"]
    moved = get(desk, f"/slm/schema/v2.0/workspace/{oid}")
    address = dict(moved.headers)["Location"].removeprefix("http://rally.test")
    result = json.loads(get(desk, address).body)["QueryResult"]
    assert result["TotalResultCount"] == len(result["Results"])
    return {each["TypePath"]: each for each in result["Results"]}


def test_the_schema_moves_to_an_address_with_its_hash(desk: Desk) -> None:
    """The reference: "-> 302 to the same address plus `/{hash}`"."""
    places = (desk.rows("/workspace")[0], desk.rows("/project")[0])
    for kind, place in zip(("workspace", "project"), places, strict=True):
        address = f"/slm/schema/v2.0/{kind}/{place['ObjectID']}"
        moved = get(desk, address)
        target = dict(moved.headers)["Location"]
        assert moved.status == 302
        assert target.startswith(f"http://rally.test{address}/")
        assert get(desk, address + "/old").status == 302
        assert get(desk, target.removeprefix("http://rally.test")).status == 200
    assert get(desk, "/slm/schema/v2.0/workspace/1").status == 404
    assert desk.emulator.answer(Request("GET", address, ()), 0.0).status == 401


def test_attributes_stand_inside_their_types(desk: Desk) -> None:
    """The reference: "TypeDefinitions with their `Attributes` inline as a list"."""
    types = schema(desk)
    defect = types["Defect"]
    expected = {
        "ElementName": "Defect",
        "IDPrefix": "DE",
        "Abstract": False,
        "Creatable": True,
        "Restorable": True,
        "Ordinal": -1,
    }
    assert {name: defect[name] for name in expected} == expected
    attributes = {each["ElementName"]: each for each in defect["Attributes"]}
    state = attributes["State"]
    assert (state["AttributeType"], state["Required"], state["Custom"]) == ("STATE", True, False)
    assert [each["StringValue"] for each in state["AllowedValues"]][:2] == ["Submitted", "Open"]
    assert attributes["Name"]["MaxLength"] == 256
    assert attributes["FormattedID"]["ReadOnly"] is True
    assert attributes["c_RootCause"]["Custom"] is True
    assert defect["Parent"]["_refObjectName"] == "Schedulable Artifact"


def test_portfolio_levels_are_told_by_their_ordinal(desk: Desk) -> None:
    """The reference: "`Ordinal` (level of portfolio types, 0 lowest; -1 otherwise)"."""
    types = schema(desk)
    levels = {name: each["Ordinal"] for name, each in types.items() if each["Ordinal"] >= 0}
    assert levels == {
        "PortfolioItem/Feature": 0,
        "PortfolioItem/Epic": 1,
        "PortfolioItem/Initiative": 2,
        "PortfolioItem/Theme": 3,
    }
    assert types["PortfolioItem"]["Abstract"] is True


def test_what_the_schema_says_is_what_writes_heed(desk: Desk) -> None:
    """The reference: "schema generated from the same attribute tables that validate writes"."""
    attributes = schema(desk)["Task"]["Attributes"]
    oid = desk.oid("/task", "TA1")
    for each in attributes:
        if not each["ReadOnly"]:
            continue
        result = desk.update("task", oid, {each["ElementName"]: None})
        assert result["Warnings"] == [
            f"Ignored JSON element task.{each['ElementName']} during processing of this request."
        ]


def test_allowed_values_have_an_address_and_an_order(desk: Desk) -> None:
    """The reference: "with `StringValue`, `LocalizedStringValue`, `ValueIndex`"."""
    attributes = schema(desk)["Defect"]["Attributes"]
    ref = next(each["_ref"] for each in attributes if each["ElementName"] == "Severity")
    definition = int(ref.rpartition("/")[2])
    assert definition < 0
    values = desk.result("GET", f"/attributedefinition/{definition}/AllowedValues")["Results"]
    assert [each["StringValue"] for each in values] == [
        *("None", "Crash/Data Loss", "Major Problem", "Minor Problem", "Cosmetic")
    ]
    assert [each["ValueIndex"] for each in values] == [0, 1, 2, 3, 4]
    assert values[1]["_refObjectName"] == values[1]["LocalizedStringValue"] == "Crash/Data Loss"


def test_a_type_definition_is_found_by_query_and_lists_its_attributes(desk: Desk) -> None:
    (row,) = desk.rows("/typedefinition", '(TypePath = "PortfolioItem/Feature")', fetch="true")
    assert row["ObjectID"] < 0
    path = row["Attributes"]["_ref"].partition("/v2.0")[2]
    names = desk.result("GET", path, fetch="ElementName", pagesize=200)["Results"]
    assert "PreliminaryEstimate" in [each["ElementName"] for each in names]


def test_a_definition_takes_no_number_from_chance() -> None:
    one, other = Desk(tickets=7), Desk(tickets=7)
    one.result("GET", "/attributedefinition/-1")
    made = [each.create("Tag", {"Name": "x"}, fetch="true")["Object"] for each in (one, other)]
    assert made[0] == made[1]


def test_values_of_a_custom_field_are_named_beside_their_number(desk: Desk) -> None:
    """The reference: "`Tags`, `Milestones` and multi-value custom fields"."""
    row = desk.ticket("/defect", "DE1", "c_Platforms,Milestones,Tags,Tasks")
    assert row["c_Platforms"]["_tagsNameArray"] == []
    assert "_tagsNameArray" in row["Milestones"]
    assert "_tagsNameArray" not in row["Tasks"]
