"""Definitions that are written: fields of one's own, allowed values, prefixes, portfolio levels."""

from __future__ import annotations

import json
from typing import Any

import pytest
from emulators.rally.desk import ROOT, Desk, Request

STORY = "/hierarchicalrequirement"


@pytest.fixture
def desk() -> Desk:
    return Desk(tickets=70)


def definition(desk: Desk, path: str) -> dict[str, Any]:
    """Return a type's definition by its path."""
    (row,) = desk.rows("/typedefinition", f'(TypePath = "{path}")', fetch="true")
    return row


def field(desk: Desk, path: str, name: str) -> dict[str, Any]:
    oid = definition(desk, path)["_ref"].rpartition("/")[2]
    rows = desk.result("GET", f"/typedefinition/{oid}/Attributes", pagesize=2000)["Results"]
    (row,) = (each for each in rows if each["ElementName"] == name)
    found: dict[str, Any] = row
    return found


def add_field(desk: Desk, path: str, name: str, kind: str, **fields: Any) -> Any:
    body = {"Name": name, "AttributeType": kind, "TypeDefinition": definition(desk, path)["_ref"]}
    return desk.create("AttributeDefinition", body | fields, fetch="true")


def allow(desk: Desk, attribute: dict[str, Any], word: str) -> Any:
    fields = {"StringValue": word, "AttributeDefinition": attribute["_ref"]}
    return desk.create("AllowedAttributeValue", fields, fetch="true")


@pytest.mark.parametrize(
    ("kind", "empty", "value"),
    [
        ("STRING", "", "x"),
        ("TEXT", "", "<p>x</p>"),
        ("INTEGER", None, 7),
        ("DECIMAL", None, 1.5),
        ("BOOLEAN", False, True),
        ("DATE", None, "2026-01-02T00:00:00.000Z"),
        ("WEB_LINK", "", "http://x"),
    ],
)
def test_a_field_of_ones_own_is_there_for_all(
    desk: Desk, kind: str, empty: object, value: object
) -> None:
    """The reference: "AttributeDefinition | C R U"; "Custom fields are `c_Name`"."""
    made = add_field(desk, "Defect", "Own thing", kind)
    assert made["Errors"] == []
    shown = made["Object"]
    assert (shown["ElementName"], shown["Custom"]) == ("c_Ownthing", True)
    assert shown["AttributeType"] == kind
    before = desk.ticket("/defect", "DE1")
    assert before["c_Ownthing"] == empty
    changed = desk.update("defect", before["ObjectID"], {"c_Ownthing": value})
    assert (changed["Errors"], changed["Warnings"]) == ([], [])
    assert desk.ids("/defect", "(c_Ownthing != null)", fetch="FormattedID")[:1] == ["DE1"]
    assert desk.ticket("/defect", "DE1")["c_Ownthing"] == value
    assert desk.create("Defect", {"Name": "x"}, fetch="true")["Object"]["c_Ownthing"] == empty


def test_a_field_is_its_emulators_own(desk: Desk) -> None:
    add_field(desk, "Defect", "Own", "STRING")
    assert "c_Own" not in Desk(tickets=70).ticket("/defect", "DE1")
    assert "c_Own" not in desk.ticket("/task", "TA1")


def test_the_schema_has_a_new_hash_and_the_field(desk: Desk) -> None:
    """The reference: "the hash changes when the schema does"."""

    def schema() -> tuple[str, bytes]:
        oid = desk.rows("/workspace")[0]["ObjectID"]
        address = f"/slm/schema/v2.0/workspace/{oid}"
        moved = desk.emulator.answer(Request("GET", address, desk.headers), 0.0)
        target = dict(moved.headers)["Location"].removeprefix("http://rally.test")
        return target, desk.emulator.answer(Request("GET", target, desk.headers), 0.0).body

    first, _ = schema()
    desk.update("defect", desk.oid("/defect", "DE1"), {"Name": "no change of the schema"})
    assert schema()[0] == first
    add_field(desk, "Defect", "Own", "STRING")
    second, body = schema()
    assert second != first
    types = {each["TypePath"]: each for each in json.loads(body)["QueryResult"]["Results"]}
    assert "c_Own" in [each["ElementName"] for each in types["Defect"]["Attributes"]]


def test_a_field_may_be_required_and_hidden_later(desk: Desk) -> None:
    made = add_field(desk, "Defect", "Own", "STRING")["Object"]
    oid = made["ObjectID"]
    assert desk.update("AttributeDefinition", oid, {"Required": True})["Errors"] == []
    (error,) = desk.create("Defect", {"Name": "x"})["Errors"]
    assert error == "Validation error: Defect.c_Own should not be null"
    assert desk.create("Defect", {"Name": "x", "c_Own": "y"})["Errors"] == []
    assert desk.result("DELETE", f"/attributedefinition/{oid}")["Errors"] == [
        "Not authorized to delete AttributeDefinition"
    ]


def test_words_are_listed_renamed_and_taken_away(desk: Desk) -> None:
    """The reference: "AllowedAttributeValue: C R U D"."""
    own = add_field(desk, "Defect", "Own", "STRING")["Object"]
    for word in ("red", "green"):
        assert allow(desk, own, word)["Errors"] == []
    oid = desk.oid("/defect", "DE1")
    (error,) = desk.update("defect", oid, {"c_Own": "blue"})["Errors"]
    assert error.startswith("Validation error: Defect.c_Own")
    assert desk.update("defect", oid, {"c_Own": "green"})["Errors"] == []
    assert desk.ids("/defect", "(c_Own > red)") == ["DE1"]
    path = f"/attributedefinition/{own['ObjectID']}/AllowedValues"
    values = desk.result("GET", path)["Results"]
    assert [each["StringValue"] for each in values] == ["red", "green"]
    green = values[1]["ObjectID"]
    desk.update("AllowedAttributeValue", green, {"StringValue": "lime"})
    assert desk.ticket("/defect", "DE1")["c_Own"] == "lime"
    assert desk.result("DELETE", f"/allowedattributevalue/{green}")["Errors"] == []
    assert desk.update("defect", oid, {"c_Own": "lime"})["Errors"] != []


def test_a_built_in_list_takes_more_words(desk: Desk) -> None:
    """The reference: "workspaces add e.g. Closed Declined"."""
    state = field(desk, "Defect", "State")
    assert allow(desk, state, "Closed Declined")["Errors"] == []
    oid = desk.oid("/defect", "DE1")
    assert desk.update("defect", oid, {"State": "Closed Declined"})["Errors"] == []
    assert desk.ids("/defect", "(State > Closed)") == ["DE1"]
    assert "Closed Declined" not in str(
        Desk(tickets=7).send("POST", "/defect/1", {"Defect": {"State": "Closed Declined"}}).body
    )


@pytest.mark.parametrize(("path", "name"), [("Defect", "ScheduleState"), ("Task", "State")])
def test_words_that_rules_rest_on_stay(desk: Desk, path: str, name: str) -> None:
    """The reference: a task has "**only** Defined, In-Progress, Completed"."""
    (error,) = allow(desk, field(desk, path, name), "Other")["Errors"]
    assert error == "Not authorized to change AllowedAttributeValue"


def test_several_values_of_a_list_of_ones_own(desk: Desk) -> None:
    """The reference: "multi-value custom fields also carry `_tagsNameArray`"."""
    own = add_field(desk, "Task", "Sites", "COLLECTION")["Object"]
    refs = [allow(desk, own, word)["Object"]["_ref"] for word in ("Kiel", "Ulm")]
    oid = desk.oid("/task", "TA1")
    result = desk.update("task", oid, {"c_Sites": [{"_ref": each} for each in refs]})
    assert result["Errors"] == []
    shell = desk.ticket("/task", "TA1")["c_Sites"]
    assert [each["Name"] for each in shell["_tagsNameArray"]] == ["Kiel", "Ulm"]


def test_a_prefix_is_what_its_definition_says(desk: Desk) -> None:
    """The reference: "all configurable per workspace; unknown prefixes must not crash"."""
    oid = definition(desk, "HierarchicalRequirement")["ObjectID"]
    assert desk.update("TypeDefinition", oid, {"IDPrefix": "REQ"})["Errors"] == []
    assert desk.ticket(STORY, "REQ1")["FormattedID"] == "REQ1"
    made = desk.create("HierarchicalRequirement", {"Name": "x"}, fetch="FormattedID")
    assert made["Object"]["FormattedID"] == "REQ41"
    assert desk.result("DELETE", made["Object"]["_ref"].partition(ROOT)[2])["Errors"] == []
    assert Desk(tickets=70).ticket(STORY, "US1")["FormattedID"] == "US1"


def test_a_level_is_added_on_top_of_the_portfolio(desk: Desk) -> None:
    """The reference: "level names are configurable"; "TypeDefinition | C R U D Q"."""
    above = definition(desk, "PortfolioItem")["_ref"]
    fields = {"Name": "Vision", "IDPrefix": "VI", "Parent": above}
    made = desk.create("TypeDefinition", fields, fetch="true")
    assert made["Errors"] == []
    assert (made["Object"]["TypePath"], made["Object"]["Ordinal"]) == ("PortfolioItem/Vision", 4)
    vision = desk.create("Vision", {"Name": "x"})
    assert vision["Errors"] == ['Requested type name "Vision" is unknown.']
    body = {"Vision": {"Name": "x"}}
    row = desk.result("POST", "/portfolioitem/vision/create", body, fetch="true")["Object"]
    assert (row["FormattedID"], row["_type"]) == ("VI1", "PortfolioItem/Vision")
    theme = desk.rows("/portfolioitem/theme")[0]["ObjectID"]
    path = f"/portfolioitem/theme/{theme}"
    assert desk.result("POST", path, {"Theme": {"Parent": row["_ref"]}})["Errors"] == []
    children = desk.result("GET", f"/portfolioitem/vision/{row['ObjectID']}/Children")["Results"]
    assert [each["_type"] for each in children] == ["PortfolioItem/Theme"]
    assert field(desk, "PortfolioItem/Vision", "Children")["SchemaType"] == "PortfolioItem/Theme"
    assert field(desk, "PortfolioItem/Theme", "Parent")["SchemaType"] == "PortfolioItem/Vision"
    assert "VI1" in desk.ids("/portfolioitem")
    assert "VI1" in desk.ids("/artifact", '(Name = "x")')


def test_a_level_goes_once_nothing_is_on_it(desk: Desk) -> None:
    above = definition(desk, "PortfolioItem")["_ref"]
    made = desk.create("TypeDefinition", {"Name": "Vision", "Parent": above}, fetch="ObjectID")
    path = f"/typedefinition/{made['Object']['ObjectID']}"
    row = desk.result("POST", "/portfolioitem/vision/create", {"Vision": {"Name": "x"}})["Object"]
    refused = ["Not authorized to delete TypeDefinition"]
    assert desk.result("DELETE", path)["Errors"] == refused
    desk.result("DELETE", row["_ref"].partition(ROOT)[2])
    assert desk.result("DELETE", path)["Errors"] == []
    (error,) = desk.result("GET", "/portfolioitem/vision")["Errors"]
    assert error == 'Requested type name "portfolioitem/vision" is unknown.'
    theme = definition(desk, "PortfolioItem/Theme")["ObjectID"]
    fields = desk.result("GET", f"/typedefinition/{theme}/Attributes", pagesize=2000)["Results"]
    assert "Parent" not in [each["ElementName"] for each in fields]
    built_in = definition(desk, "Defect")["ObjectID"]
    assert desk.result("DELETE", f"/typedefinition/{built_in}")["Errors"] == refused


@pytest.mark.parametrize(
    ("kind", "fields", "start"),
    [
        ("TypeDefinition", {"Name": "x"}, "Not authorized to create TypeDefinition"),
        ("AttributeDefinition", {"Name": "x"}, "Validation error: AttributeDefinition."),
        ("AllowedAttributeValue", {"StringValue": "x"}, "Validation error: AllowedAttributeV"),
    ],
)
def test_a_definition_that_says_too_little_is_refused(
    desk: Desk, kind: str, fields: dict[str, Any], start: str
) -> None:
    (error,) = desk.create(kind, fields)["Errors"]
    assert error.startswith(start)


def test_what_a_definition_says_once_stays(desk: Desk) -> None:
    own = add_field(desk, "Defect", "Own", "STRING")["Object"]
    result = desk.update("AttributeDefinition", own["ObjectID"], {"AttributeType": "DATE"})
    assert result["Warnings"] == [
        "Ignored JSON element attributedefinition.AttributeType during processing of this request."
    ]
    assert desk.update("defect", desk.oid("/defect", "DE1"), {"c_Own": "text"})["Errors"] == []
    user = definition(desk, "User")["ObjectID"]
    assert desk.update("TypeDefinition", user, {"IDPrefix": "U"})["Warnings"] != []
    story = definition(desk, "HierarchicalRequirement")["ObjectID"]
    (error,) = desk.update("TypeDefinition", story, {"IDPrefix": "1"})["Errors"]
    assert error == "Validation error: TypeDefinition.IDPrefix should be one to eight letters"


def test_a_field_that_takes_no_list_gets_none(desk: Desk) -> None:
    for name in ("PlanEstimate", "Owner", "FormattedID"):
        (error,) = allow(desk, field(desk, "Defect", name), "x")["Errors"]
        assert error == "Not authorized to change AllowedAttributeValue"


def test_a_field_of_an_unknown_kind_or_name_is_refused(desk: Desk) -> None:
    (error,) = add_field(desk, "Defect", "Own", "PICTURE")["Errors"]
    assert error == 'Could not convert: AttributeType cannot be "PICTURE"'
    add_field(desk, "Defect", "Own", "STRING")
    assert add_field(desk, "Defect", "Own", "STRING")["Errors"] == [
        "Validation error: AttributeDefinition.Name should be unique"
    ]
