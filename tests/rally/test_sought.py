"""What is asked for names, and which of the answers is meant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from twofold.errors import NotFoundError, RequestError
from twofold.rally.directory import Directory, untold, with_tags
from twofold.rally.sought import (
    AT_ONCE,
    FLOW_STATE,
    ITERATION,
    STATE,
    TAG,
    USER,
    Sought,
    Type,
    asked,
)

SCOPE = {
    "workspace": "/workspace/1",
    "project": "/project/9",
    "projectScopeUp": "false",
    "projectScopeDown": "true",
}


def row(ref: str, **fields: Any) -> Mapping[str, Any]:
    return {"_ref": f"https://rally.example/slm/webservice/v2.0{ref}", **fields}


def directory(type: Type, *rows: Mapping[str, Any], homes: Any = (None,)) -> Directory:
    (question,) = asked([(Sought(type, "x"), home) for home in homes])
    return Directory([(question, list(rows))])


def test_all_names_of_a_type_are_one_question() -> None:
    wanted = [(Sought(TAG, "a"), None), (Sought(TAG, "b, c"), None), (Sought(TAG, "a"), None)]
    (question,) = asked(wanted)
    assert str(question.query) == '((Name = "a") OR (Name = "b, c"))'
    said = question.operation(SCOPE).query
    assert (said["fetch"], said["workspace"]) == ("Name,Archived,Project", "/workspace/1")
    assert "project" not in said


def test_a_user_is_asked_for_by_every_name_that_users_have() -> None:
    (question,) = asked([(Sought(USER, "robin"), None), (Sought(USER, "me"), None)])
    assert str(question.query) == (
        '(((UserName = "robin") OR (EmailAddress = "robin")) OR (DisplayName = "robin"))'
    )
    assert asked([(Sought(USER, "me"), None)]) == []


def test_what_belongs_to_a_project_is_asked_of_the_projects_of_the_tickets() -> None:
    wanted = [(Sought(ITERATION, "S"), f"/project/{number}") for number in (1, 2)]
    (question,) = asked(wanted)
    assert str(question.query) == (
        '((Name = "S") AND ((Project = /project/1) OR (Project = /project/2)))'
    )
    said = question.operation(SCOPE).query
    assert said["project"] == "null"
    assert "projectScopeDown" not in said


def test_what_belongs_to_no_project_known_is_asked_of_the_clients_own() -> None:
    first, second = asked(
        [(Sought(FLOW_STATE, "x"), None), (Sought(FLOW_STATE, "x"), "/project/1")]
    )
    assert str(first.query) == '(Name = "x")'
    assert first.operation(SCOPE).query["project"] == "/project/9"
    assert first.operation(SCOPE).query["projectScopeDown"] == "false"
    assert second.homes == ("/project/1",)


def test_a_state_is_asked_of_its_level_and_many_projects_in_several_questions() -> None:
    levels = asked([(Sought(STATE, "Done"), "Feature"), (Sought(STATE, "Done"), "Epic")])
    assert [str(question.query) for question in levels] == [
        '(TypeDef.Name = "Feature")',
        '(TypeDef.Name = "Epic")',
    ]
    homes = [f"/project/{number}" for number in range(1, 2 * AT_ONCE + 2)]
    split = asked([(Sought(ITERATION, "S"), home) for home in homes])
    assert [len(question.homes) for question in split] == [AT_ONCE, AT_ONCE, 1]


def test_a_user_name_counts_before_an_address_and_this_before_what_is_displayed() -> None:
    found = directory(
        USER,
        row("/user/1", UserName="a", EmailAddress="b", DisplayName="c"),
        row("/user/2", UserName="b", EmailAddress="c", DisplayName="a"),
    )
    assert [found.ref(Sought(USER, name), None) for name in "abc"] == [
        "/user/1",
        "/user/2",
        "/user/2",
    ]


def test_users_that_are_disabled_do_not_count_beside_others() -> None:
    one = row("/user/1", UserName="a", DisplayName="Kim", Disabled=True)
    two = row("/user/2", UserName="b", DisplayName="Kim", Disabled=False)
    three = row("/user/3", UserName="c", DisplayName="Kim", Disabled=False)
    assert directory(USER, one, two).ref(Sought(USER, "Kim"), None) == "/user/2"
    assert directory(USER, one).ref(Sought(USER, "Kim"), None) == "/user/1"
    with pytest.raises(RequestError, match="more than one user called 'Kim': say which of b, c"):
        directory(USER, one, two, three).ref(Sought(USER, "Kim"), None)


def test_of_several_tags_the_oldest_in_use_is_meant() -> None:
    rows = [row("/tag/1", Name="x", Archived=True), row("/tag/2", Name="x", Archived=False)]
    assert directory(TAG, *rows).ref(Sought(TAG, "x"), None) == "/tag/2"
    assert directory(TAG, rows[0]).ref(Sought(TAG, "x"), None) == "/tag/1"
    assert directory(TAG, *rows).refs(Sought(TAG, "x")) == ["/tag/1", "/tag/2"]


def test_each_project_has_its_own_of_one_name() -> None:
    homes = ("/project/1", "/project/2", "/project/3")
    rows = [
        row(f"/iteration/{number}", Name="S", Project=row(f"/project/{number}"))
        for number in (1, 2)
    ]
    found = directory(ITERATION, *rows, homes=homes)
    assert [found.ref(Sought(ITERATION, "S"), home) for home in homes[:2]] == [
        "/iteration/1",
        "/iteration/2",
    ]
    with pytest.raises(NotFoundError, match="no iteration called 'S' of /project/3"):
        found.ref(Sought(ITERATION, "S"), homes[2])


def test_an_iteration_of_another_project_is_found_by_its_name_and_days() -> None:
    days = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 14, tzinfo=UTC))
    given = Sought(ITERATION, "S", "/iteration/1", "/project/1", days)
    assert Directory().ref(given, "/project/1") == "/iteration/1"
    assert asked([(given, "/project/1")]) == []
    last_year = row(
        "/iteration/2",
        Name="S",
        Project=row("/project/2"),
        StartDate="2025-01-01T00:00:00.000Z",
        EndDate="2025-01-14T00:00:00.000Z",
    )
    right = {
        **last_year,
        **row("/iteration/3"),
        "StartDate": "2026-01-01T00:00:00.000Z",
        "EndDate": "2026-01-14T00:00:00.000Z",
    }
    found = directory(ITERATION, last_year, right, homes=["/project/2"])
    assert found.ref(given, "/project/2") == "/iteration/3"
    with pytest.raises(NotFoundError, match="on the same days"):
        directory(ITERATION, last_year, homes=["/project/2"]).ref(given, "/project/2")


def test_several_iterations_of_one_name_in_one_project_are_one_too_many() -> None:
    rows = [row(f"/iteration/{number}", Name="S", Project=row("/project/1")) for number in (1, 2)]
    with pytest.raises(RequestError, match="more than one iteration"):
        directory(ITERATION, *rows, homes=["/project/1"]).ref(Sought(ITERATION, "S"), "/project/1")


def test_the_tags_that_there_are_not_are_told_once_and_can_be_added() -> None:
    found = directory(TAG, row("/tag/1", Name="a"))
    wanted = [Sought(TAG, name) for name in "abb"] + [Sought(USER, "c")]
    assert untold(found, wanted) == [Sought(TAG, "b")]
    both = with_tags(found, {"b": "/tag/2"})
    assert [both.ref(Sought(TAG, name), None) for name in "ab"] == ["/tag/1", "/tag/2"]
