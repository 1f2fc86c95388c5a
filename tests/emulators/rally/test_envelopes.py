"""Every wrapper of an answer, as section 4 of the reference lists them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from emulators.rally.desk import Desk

VERSION = {"_rallyAPIMajor": "2", "_rallyAPIMinor": "0"}
REPORTS: dict[str, Any] = {"Errors": [], "Warnings": []}


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(tickets=70)


def wrapped(desk: Desk, method: str, path: str, body: object = b"") -> tuple[str, dict[str, Any]]:
    answer = desk.send(method, path, body)
    assert dict(answer.headers)["Content-Type"].startswith("application/json")
    ((name, result),) = json.loads(answer.body).items()
    return name, result


def test_a_query_counts_and_lists(desk: Desk) -> None:
    """`QueryResult: TotalResultCount, StartIndex, PageSize: 20, Results`."""
    name, result = wrapped(desk, "GET", "/defect")
    assert name == "QueryResult"
    rows = result.pop("Results")
    counts = {"TotalResultCount": 20, "StartIndex": 1, "PageSize": 20}
    assert result == VERSION | REPORTS | counts
    assert len(rows) == 20


def test_an_object_read_alone_has_its_reports_inside(desk: Desk) -> None:
    """The reference: "wrapper key = bare element name; a feature's key is `Feature`"."""
    for path, formatted_id, element, kind in (
        ("/defect", "DE1", "Defect", "Defect"),
        ("/portfolioitem/feature", "F1", "Feature", "PortfolioItem/Feature"),
    ):
        name, result = wrapped(desk, "GET", f"{path}/{desk.oid(path, formatted_id)}")
        assert (name, result["_type"]) == (element, kind)
        assert (result["Errors"], result["Warnings"]) == ([], [])


def test_create_update_and_delete_have_an_object_or_none(desk: Desk) -> None:
    name, made = wrapped(desk, "POST", "/tag/create", {"Tag": {"Name": "brief"}})
    assert (name, set(made)) == ("CreateResult", {*VERSION, *REPORTS, "Object"})
    path = made["Object"]["_ref"].partition("/v2.0")[2]
    name, changed = wrapped(desk, "POST", path, {"Tag": {"Name": "briefer"}})
    assert (name, set(changed)) == ("OperationResult", {*VERSION, *REPORTS, "Object"})
    name, gone = wrapped(desk, "DELETE", path)
    assert (name, gone) == ("OperationResult", VERSION | REPORTS)


def test_a_change_of_a_collection_has_results(desk: Desk) -> None:
    oid = desk.oid("/defect", "DE1")
    body = {"CollectionItems": [{"Name": "new"}]}
    name, result = wrapped(desk, "POST", f"/defect/{oid}/Tags/add", body)
    assert (name, set(result)) == ("OperationResult", {*VERSION, *REPORTS, "Results"})


def test_a_read_of_nothing_is_an_error_and_no_object(desk: Desk) -> None:
    """The reference: "an `OperationResult` with one error and no object"."""
    name, result = wrapped(desk, "GET", "/defect/1")
    assert name == "OperationResult"
    assert result == VERSION | {"Errors": ["Cannot find object to read"], "Warnings": []}


@pytest.mark.parametrize(
    ("method", "path", "text"),
    [
        ("POST", "/portfolioitem/create", "Not authorized to create portfolioitem"),
        ("POST", "/artifact/create", "Not authorized to create artifact"),
        ("POST", "/revision/create", "Not authorized to create revision"),
        ("GET", "/attachmentcontent", "Not authorized to query AttachmentContent"),
        ("GET", "/revisionhistory", "Not authorized to query RevisionHistory"),
    ],
)
def test_a_type_allows_what_the_table_says(desk: Desk, method: str, path: str, text: str) -> None:
    """The reference: "plain `/portfolioitem` has no create", "not queryable"."""
    body = {"HierarchicalRequirement": {"Name": "x"}}
    assert wrapped(desk, method, path, body)[1]["Errors"] == [text]
