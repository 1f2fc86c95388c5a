"""Summaries of collections, free-text search, and queries by abstract types."""

from __future__ import annotations

import pytest
from emulators.rally.desk import Desk

STORY = "/hierarchicalrequirement"


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(tickets=350)


def test_a_summary_counts_the_values_of_the_elements(desk: Desk) -> None:
    """The reference: "the collection shell gains `"Summary": {"State": {"Defined": 2 ...`"."""
    row = desk.rows(STORY, "(Tasks != null)", fetch="Tasks:summary[State;Owner],Name")[0]
    tasks = row["Tasks"]
    assert set(tasks["Summary"]) == {"State", "Owner"}
    assert sum(tasks["Summary"]["State"].values()) == tasks["Count"]
    assert row["Name"]
    plain = desk.rows(STORY, "(Tasks != null)", fetch="Tasks")[0]
    assert "Summary" not in plain["Tasks"]


def test_a_summary_counts_combinations(desk: Desk) -> None:
    row = desk.rows(STORY, "(Tasks != null)", fetch="Tasks:summary[State+Blocked]")[0]
    ((name, counts),) = row["Tasks"]["Summary"].items()
    assert name == "State+Blocked"
    assert all(key.endswith(("+true", "+false")) for key in counts)


@pytest.mark.parametrize("odd", ["Tasks:summary[]", "Tasks:summary[Nope]", "Name:summary[x]", "a["])
def test_an_odd_summary_is_no_error(desk: Desk, odd: str) -> None:
    assert desk.query(STORY, fetch=odd, pagesize=2)["Errors"] == []


def test_search_finds_all_words_in_any_text(desk: Desk) -> None:
    """The reference: "`search`: free-text filter"."""
    found = desk.rows("/artifact", search="INVOICE header", fetch="Name,Description,Notes")
    assert found
    for row in found:
        text = f"{row['Name']} {row['Description']} {row['Notes']}".lower()
        assert "invoice" in text
        assert "header" in text
    assert desk.ids("/artifact", search="us12")[0] == "US12"
    assert desk.ids(STORY, search="no such words anywhere") == []


def test_a_search_of_all_has_an_address_of_its_own(desk: Desk) -> None:
    """Not in the reference: versions 1.x of the official Python toolkit ask for it."""
    result = desk.result("GET", "/search", keywords="invoice", pagesize=2, fetch="Name")
    assert len(result["Results"]) == 2
    assert result["TotalResultCount"] == len(desk.rows("/artifact", search="invoice"))
    first = result["Results"][0]
    assert first["_type"] == "SearchObject"
    assert first["FormattedID"] == desk.ids("/artifact", search="invoice", order="ObjectID")[0]
    assert isinstance(first["Project"], str)


def test_types_choose_among_all_artifacts(desk: Desk) -> None:
    """The reference: "`types`: only on `/artifact`: comma list of types"."""
    listed = "hierarchicalrequirement,PortfolioItem/Feature"
    ids = desk.ids("/artifact", types=listed)
    assert {each.rstrip("0123456789") for each in ids} == {"US", "F"}


def test_a_field_that_not_all_have_needs_types(desk: Desk) -> None:
    """The reference: "filtering on a field that the abstract type lacks"."""
    assert desk.errors("/artifact", "(PlanEstimate = 3)") == [
        "Could not read: could not read all instances of class com.f4tech.slm.domain.Artifact"
    ]
    assert desk.ids("/artifact", "(PlanEstimate = 3)", types="hierarchicalrequirement,defect")
    assert desk.ids("/artifact", '(Name contains "the")')


def test_a_query_of_workspaces_sees_the_current_one_only(desk: Desk) -> None:
    """The reference: "list all through `/subscription/{oid}/Workspaces`"."""
    names = [row["Name"] for row in desk.rows("/workspace")]
    assert names == ["Meridian Engineering"]
    path = desk.result("GET", "/subscription")["Workspaces"]["_ref"].partition("/v2.0")[2]
    every = desk.result("GET", path)["Results"]
    assert [row["Name"] for row in every] == ["Meridian Engineering", "Meridian Sandbox"]
    other = every[1]["_ref"]
    assert desk.query(STORY, workspace=other)["TotalResultCount"] == 0
    assert desk.query("/tag", workspace=other)["TotalResultCount"] == 0


def test_iterations_lie_before_around_and_after_today(desk: Desk) -> None:
    """The reference: "`((StartDate <= today) AND (EndDate >= today))`"."""
    project = {"project": desk.rows("/project")[0]["_ref"], "projectScopeDown": "false"}
    counts = [
        len(desk.rows("/iteration", query, **project))
        for query in (
            "(EndDate < today)",
            "((StartDate <= today) AND (EndDate >= today))",
            "(StartDate > today)",
        )
    ]
    assert counts == [8, 1, 3]
    assert len(desk.rows("/release", "(ReleaseDate >= today)", **project)) == 2
