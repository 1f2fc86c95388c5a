"""Portfolio items: levels, states of their own, and what they know of the stories below."""

from __future__ import annotations

from typing import Any

import pytest
from emulators.rally.desk import ROOT, Desk

FEATURE = "/portfolioitem/feature"


@pytest.fixture
def desk() -> Desk:
    return Desk(tickets=350)


def feature(desk: Desk, formatted_id: str = "F1") -> dict[str, Any]:
    return desk.ticket(FEATURE, formatted_id)


def test_a_level_has_a_path_of_two_parts_in_any_case(desk: Desk) -> None:
    """The reference: "`_ref`: lower-case type path ... `{base}/portfolioitem/feature/77`"."""
    row = feature(desk)
    assert row["_type"] == "PortfolioItem/Feature"
    assert row["_ref"] == f"http://rally.test{ROOT}{FEATURE}/{row['ObjectID']}"
    for path in ("/PortfolioItem/Features.js", "/PORTFOLIOITEM/FEATURE"):
        assert desk.ids(path) == desk.ids(FEATURE)
    assert desk.result("GET", f"/portfolioitem/{row['ObjectID']}")["FormattedID"] == "F1"
    everything = desk.ids("/portfolioitem")
    assert {each.rstrip("0123456789") for each in everything} == {"F", "E", "I", "T"}


def test_stories_are_listed_at_the_lowest_level_and_children_above(desk: Desk) -> None:
    """The reference: "`UserStories`[] at the lowest level / `Children`[] above"."""
    row = feature(desk)
    path = f"{FEATURE}/{row['ObjectID']}/UserStories"
    stories = desk.result("GET", path, fetch="PortfolioItem,Feature", pagesize=200)["Results"]
    assert len(stories) == row["UserStories"]["Count"] == row["DirectChildrenCount"] > 0
    assert {each["PortfolioItem"]["_ref"] for each in stories} == {row["_ref"]}
    assert {each["Feature"]["_ref"] for each in stories} == {row["_ref"]}
    epic = row["Parent"]["_ref"].partition(ROOT)[2]
    children = desk.result("GET", f"{epic}/Children", fetch="FormattedID")["Results"]
    assert "F1" in [each["FormattedID"] for each in children]


def test_leaves_are_counted_through_all_levels(desk: Desk) -> None:
    top = desk.rows("/portfolioitem/theme", fetch="true")[0]
    below = desk.rows(FEATURE, fetch="LeafStoryCount,LeafStoryPlanEstimateTotal")
    assert top["LeafStoryCount"] == sum(each["LeafStoryCount"] for each in below)
    points = sum(each["LeafStoryPlanEstimateTotal"] for each in below)
    assert top["LeafStoryPlanEstimateTotal"] == points
    done = top["AcceptedLeafStoryCount"] / top["LeafStoryCount"]
    assert top["PercentDoneByStoryCount"] == done


def test_states_are_objects_of_the_type(desk: Desk) -> None:
    """The reference: "`State`-> **a State object** (per type...)"; "order=OrderIndex"."""
    query = '(TypeDef.Name = "Feature")'
    states = desk.rows("/state", query, order="OrderIndex", fetch="Name,OrderIndex")
    assert [each["Name"] for each in states] == ["Discovering", "Developing", "Measuring", "Done"]
    oid = feature(desk)["ObjectID"]
    for state in (states[0], states[3]):
        fields = {"State": state["_ref"]}
        assert desk.update("PortfolioItem/Feature", oid, fields)["Errors"] == []
    row = feature(desk)
    assert row["State"]["_refObjectName"] == "Done"
    assert row["StateChangedDate"] is not None
    epic = desk.rows("/state", '(TypeDef.Name = "Epic")')[0]["_ref"]
    assert desk.update("PortfolioItem/Feature", oid, {"State": epic})["Errors"] == [
        "Validation error: Feature.State should be a state of Feature"
    ]
    for word in ("Done", "Nope"):
        (error,) = desk.update("PortfolioItem/Feature", oid, {"State": word})["Errors"]
        assert error.startswith("Could not convert: ")


def test_a_level_is_created_with_its_bare_name(desk: Desk) -> None:
    """The reference: "element name ... for portfolio items the bare name"."""
    fields = {"Name": "New", "Parent": desk.ticket("/portfolioitem/epic", "E1")["_ref"]}
    body = {"Feature": fields | {"c_Nope": 1}}
    result = desk.result("POST", f"{FEATURE}/create", body, fetch="true")
    assert result["Errors"] == []
    assert result["Warnings"] == [
        "Ignored JSON element feature.c_Nope during processing of this request."
    ]
    assert result["Object"]["PortfolioItemTypeName"] == "Feature"
    assert result["Object"]["PortfolioItemType"]["_refObjectName"] == "Feature"
    missing = desk.result("POST", f"{FEATURE}/create", {"feature": {}})
    assert missing["Errors"] == ["Validation error: Feature.Name should not be null"]


def test_a_parent_is_of_the_next_level(desk: Desk) -> None:
    oid, theme = feature(desk)["ObjectID"], desk.rows("/portfolioitem/theme")[0]["_ref"]
    (error,) = desk.update("PortfolioItem/Feature", oid, {"Parent": theme})["Errors"]
    assert error.startswith("Could not convert: ")


def test_a_story_goes_under_a_feature_by_either_name(desk: Desk) -> None:
    """The reference: "an alias named after that level, e.g. `Feature`, exists"."""
    oid, target = desk.oid("/hierarchicalrequirement", "US2"), feature(desk, "F2")["_ref"]
    for name in ("PortfolioItem", "Feature"):
        for value in (None, target):
            assert desk.update("hierarchicalrequirement", oid, {name: value})["Errors"] == []
            row = desk.ticket("/hierarchicalrequirement", "US2")
            assert (row["PortfolioItem"] and row["PortfolioItem"]["_ref"]) == value
            assert row["Feature"] == row["PortfolioItem"]


def test_a_story_is_found_by_its_feature(desk: Desk) -> None:
    rows = desk.rows("/hierarchicalrequirement", '(PortfolioItem.FormattedID = "F1")')
    assert len(rows) == feature(desk)["UserStories"]["Count"]


def test_a_preliminary_estimate_is_an_object(desk: Desk) -> None:
    sizes = desk.rows("/preliminaryestimate", fetch="Name,Value")
    assert [each["Name"] for each in sizes] == ["XS", "S", "M", "L", "XL"]
    oid = feature(desk)["ObjectID"]
    fields = {"PreliminaryEstimate": sizes[4]["_ref"], "RefinedEstimate": 13}
    assert desk.update("PortfolioItem/Feature", oid, fields)["Errors"] == []
    assert feature(desk)["PreliminaryEstimate"]["_refObjectName"] == "XL"
