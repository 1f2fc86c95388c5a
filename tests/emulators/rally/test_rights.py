"""What users see and may do who are no administrators."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from emulators.rally.desk import ROOT, Desk, Request

from twofold.emulators.exchange import Answer

STORY = "/hierarchicalrequirement"
MEI = "mei.tanaka@meridian.example"
KEY = "_mei"


@pytest.fixture
def desk() -> Desk:
    return desk_with()


def desk_with(**options: Any) -> Desk:
    """Mei may edit in one project and look at another, and knows of no more."""
    desk = Desk(tickets=350, accounts={KEY: MEI}, **options)
    for each in desk.rows("/projectpermission", fetch="User"):
        if each["User"]["_refObjectName"] == "Mei Tanaka":
            desk.result("DELETE", each["_ref"].partition(ROOT)[2])
    for project, role in zip(projects(desk)[1:3], ("Editor", "Viewer"), strict=True):
        allow(desk, project, role)
    return desk


def projects(desk: Desk) -> list[str]:
    return [row["_ref"] for row in desk.rows("/project", order="Name")]


def allow(desk: Desk, project: str, role: str) -> None:
    (mei,) = desk.rows("/user", f'(UserName = "{MEI}")')
    fields = {"User": mei["_ref"], "Project": project, "Role": role}
    assert desk.create("ProjectPermission", fields)["Errors"] == []


def as_mei(desk: Desk, method: str, path: str, body: object = b"", **parameters: Any) -> Answer:
    headers = (("Host", "rally.test"), ("ZSESSIONID", KEY))
    return desk.send(method, path, body, headers=headers, **parameters)


def result(answer: Answer) -> Any:
    assert answer.status == 200
    (inner,) = json.loads(answer.body).values()
    return inner


def in_project(desk: Desk, project: str) -> dict[str, Any]:
    return desk.rows(STORY, project=project, projectScopeDown="false", fetch="true")[0]


def write(desk: Desk, row: dict[str, Any], **fields: Any) -> list[str]:
    body = {"HierarchicalRequirement": fields or {"Name": "by Mei"}}
    path = row["_ref"].partition(ROOT)[2]
    errors: list[str] = result(as_mei(desk, "POST", path, body))["Errors"]
    return errors


def test_who_calls_is_the_current_user(desk: Desk) -> None:
    assert result(as_mei(desk, "GET", "/user"))["UserName"] == MEI
    assert desk.result("GET", "/user")["DisplayName"] == "Robin Hale"


def test_an_editor_changes_and_a_viewer_looks(desk: Desk) -> None:
    """The reference: texts that start with "Not authorized to" mean "rights"."""
    hidden, edited, viewed, *_ = (in_project(desk, each) for each in projects(desk))
    assert write(desk, edited) == []
    assert write(desk, viewed) == ["Not authorized to update HierarchicalRequirement"]
    oid = hidden["ObjectID"]
    gone = f"Could not read: Could not read HierarchicalRequirement {oid} to update."
    assert write(desk, hidden) == [gone]
    assert desk.result("GET", f"{STORY}/{viewed['ObjectID']}")["Name"] == viewed["Name"]


def test_only_what_is_in_visible_projects_is_found(desk: Desk) -> None:
    _, edited, viewed, *_ = projects(desk)
    found = result(as_mei(desk, "GET", STORY, fetch="Project", pagesize=2000, project="null"))
    assert {row["Project"]["_ref"] for row in found["Results"]} == {edited, viewed}
    seen = result(as_mei(desk, "GET", "/project", project="null"))["Results"]
    assert {row["_ref"] for row in seen} == {edited, viewed}
    hidden = in_project(desk, projects(desk)[0])
    path = hidden["_ref"].partition(ROOT)[2]
    assert result(as_mei(desk, "GET", path))["Errors"] == ["Cannot find object to read"]


def test_a_project_out_of_sight_cannot_be_asked(desk: Desk) -> None:
    (error,) = result(as_mei(desk, "GET", STORY, project=projects(desk)[0]))["Errors"]
    assert error.startswith("Not authorized to read Project")


def test_creating_needs_the_right_where_it_is_to_be(desk: Desk) -> None:
    """The reference: "No rights: `Not authorized to create AttachmentContent`"."""
    _, edited, viewed, *_ = projects(desk)
    outcomes = [
        result(as_mei(desk, "POST", "/defect/create", {"Defect": {"Name": "x", "Project": each}}))
        for each in (edited, viewed)
    ]
    assert [each["Errors"] for each in outcomes] == [[], ["Not authorized to create Defect"]]
    story = in_project(desk, edited)
    assert write(desk, story, Project=viewed) == [
        "Not authorized to update HierarchicalRequirement"
    ]
    post = {"Artifact": in_project(desk, viewed)["_ref"], "Text": "x"}
    answer = as_mei(desk, "POST", "/conversationpost/create", {"ConversationPost": post})
    assert result(answer)["Errors"] == ["Not authorized to create ConversationPost"]


def test_a_mere_viewer_uploads_nothing() -> None:
    desk = Desk(tickets=70, accounts={KEY: MEI})
    for each in desk.rows("/projectpermission", fetch="User"):
        if each["User"]["_refObjectName"] == "Mei Tanaka":
            desk.result("DELETE", each["_ref"].partition(ROOT)[2])
    allow(desk, projects(desk)[0], "Viewer")
    body = {"AttachmentContent": {"Content": base64.b64encode(b"x").decode()}}
    (error,) = result(as_mei(desk, "POST", "/attachmentcontent/create", body))["Errors"]
    assert error == "Not authorized to create AttachmentContent"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/user/create", {"User": {"UserName": "x@y.example"}}),
        ("/workspace/create", {"Workspace": {"Name": "x"}}),
        ("/project/create", {"Project": {"Name": "x"}}),
    ],
)
def test_setting_up_is_for_administrators(desk: Desk, path: str, body: dict[str, Any]) -> None:
    (error,) = result(as_mei(desk, "POST", path, body))["Errors"]
    assert error.startswith("Not authorized to create ")
    assert desk.result("POST", path, body)["Errors"] == []


def test_permissions_stand_in_the_projects_collections(desk: Desk) -> None:
    _, edited, viewed, *_ = (each.partition(ROOT)[2] for each in projects(desk))
    editors = desk.result("GET", f"{edited}/Editors")["Results"]
    viewers = desk.result("GET", f"{viewed}/Viewers")["Results"]
    assert "Mei Tanaka" in [each["_refObjectName"] for each in editors]
    assert [each["_refObjectName"] for each in viewers] == ["Mei Tanaka"]
    (mei,) = desk.rows("/user", f'(UserName = "{MEI}")')
    fields = {"User": mei["_ref"], "Project": projects(desk)[1], "Role": "Viewer"}
    (error,) = desk.create("ProjectPermission", fields)["Errors"]
    assert error == "Validation error: ProjectPermission exists already"


def test_rights_and_closed_projects_may_answer_403() -> None:
    """The reference: "Closed projects and missing rights: an error in a 200 body, or 403"."""
    desk = desk_with(forbidden_as_403=True)
    _, edited, viewed, *_ = projects(desk)
    path = in_project(desk, viewed)["_ref"].partition(ROOT)[2]
    refused = as_mei(desk, "POST", path, {"HierarchicalRequirement": {"Name": "x"}})
    assert (refused.status, refused.headers[0][1]) == (403, "text/html;charset=utf-8")
    assert as_mei(desk, "GET", STORY, project=projects(desk)[0]).status == 403
    path = in_project(desk, edited)["_ref"].partition(ROOT)[2]
    desk.update("Project", edited.rpartition("/")[2], {"State": "Closed"})
    assert desk.send("POST", path, {"HierarchicalRequirement": {"Name": "x"}}).status == 403


def test_every_user_has_a_password_and_a_line_of_their_own() -> None:
    """The reference: "At most **12 requests at once per user**"."""
    desk = Desk(tickets=7, latency=1.0, concurrency=1, accounts={KEY: MEI})
    assert [desk.send("GET", "/tag").after, as_mei(desk, "GET", "/tag").after] == [1.0, 1.0]
    assert [desk.send("GET", "/tag").after, as_mei(desk, "GET", "/tag").after] == [2.0, 2.0]
    assert desk.statistics() == {"requests": 4, "peak_in_flight": 2, "in_flight": 4}
    secret = base64.b64encode(f"{MEI}:{desk.emulator.ready.password}".encode()).decode()
    headers = (("Host", "x"), ("Authorization", f"Basic {secret}"))
    answer = desk.emulator.answer(Request("GET", f"{ROOT}/user", headers), 500.0)
    assert json.loads(answer.body)["User"]["UserName"] == MEI


def test_a_disabled_user_is_not_let_in(desk: Desk) -> None:
    (mei,) = desk.rows("/user", f'(UserName = "{MEI}")', fetch="ObjectID")
    desk.update("User", mei["ObjectID"], {"Disabled": True})
    secret = base64.b64encode(f"{MEI}:{desk.emulator.ready.password}".encode()).decode()
    headers = (("Host", "x"), ("Authorization", f"Basic {secret}"))
    assert desk.emulator.answer(Request("GET", f"{ROOT}/user", headers), 0.0).status == 401
    assert as_mei(desk, "GET", "/user").status == 401


def test_an_account_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody@example"):
        Desk(tickets=7, accounts={"_k": "nobody@example"})
