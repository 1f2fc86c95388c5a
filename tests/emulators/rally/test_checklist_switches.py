"""The switches of the reference's checklist, one by one, over HTTP; see `test_checklist`."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from emulators.rally.conftest import Play
from emulators.rally.foreign import INVALID_KEY, LONG, ROOT, Foreign, inner, without_errors

pytestmark = pytest.mark.real_time

STORY, DEFECT = "/hierarchicalrequirement", "/defect"
WRITES = {"match": {"method": "POST", "type": "defect"}}
STATISTICS = "/-/emulator/statistics"


def seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def at_once(count: int, call: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(call, range(count)))


# --- Time --------------------------------------------------------------------------------------


def test_switch_delay_per_request(play: Play) -> None:
    rally = play(latency=0.2)
    assert seconds(lambda: rally.get("/tag", pagesize=1)) >= 0.2


def test_switch_delay_per_object(play: Play) -> None:
    rally = play(per_object=0.005)
    rally.get("/tag", pagesize=1)
    assert seconds(lambda: rally.get(STORY, project="null", pagesize=40)) >= 0.2


def test_switch_counter_and_queue_above_twelve(play: Play) -> None:
    """Beyond 12 the server queues; it refuses nothing."""
    rally = play(latency=0.1)
    began = time.perf_counter()
    answers = at_once(30, lambda _: rally.get("/tag"))
    assert {each.status_code for each in answers} == {200}
    assert time.perf_counter() - began >= 0.3
    counters = rally.http.get(STATISTICS).json()
    assert counters["requests"] == 30
    assert 12 < counters["peak_in_flight"] <= 30
    assert rally.http.post(STATISTICS).json()["requests"] == 30
    assert rally.http.get(STATISTICS).json()["requests"] == 0


def test_switch_clock(play: Play) -> None:
    fixed = datetime(2031, 2, 3, tzinfo=UTC)
    rally = play(clock=lambda: fixed)
    defect = rally.create(DEFECT, {"Name": "x"})
    assert rally.update(defect, State="Open")["Object"]["LastUpdateDate"].startswith("2031-02-03")
    assert defect["CreationDate"] == "2031-02-03T00:00:00.000Z"
    (row,) = rally.rows(DEFECT, "((CreationDate >= today) AND (CreationDate < today+1))")
    assert row["_ref"] == defect["_ref"]


# --- Faults ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503, 524])
def test_switch_a_status_as_html_for_the_nth_request(play: Play, status: int) -> None:
    fault = {"fault": "status", "status": status, "retry_after": 3, "nth": 2, **WRITES}
    rally = play(faults=[fault])
    body = {"Defect": {"Name": "x"}}
    answers = [rally.post(f"{DEFECT}/create", body) for _ in range(3)]
    assert [each.status_code for each in answers] == [200, status, 200]
    assert answers[1].headers["content-type"].startswith("text/html")
    assert answers[1].headers["retry-after"] == "3"
    assert len(rally.rows(DEFECT, "(Name = x)")) == 2


@pytest.mark.parametrize(("fault", "made"), [("cut_before", 0), ("cut_after", 1)])
def test_switch_a_connection_dropped_before_or_after_the_change(
    play: Play, fault: str, made: int
) -> None:
    rally = play(faults=[{"fault": fault, "times": 1, **WRITES}])
    with pytest.raises(httpx.TransportError):
        rally.post(f"{DEFECT}/create", {"Defect": {"Name": "x"}})
    assert len(rally.rows(DEFECT, "(Name = x)")) == made


@pytest.mark.parametrize("fault", ["truncated", "garbage", "empty", "html"])
def test_switch_a_body_that_is_not_json(play: Play, fault: str) -> None:
    rally = play(faults=[{"fault": fault, "times": 1}])
    broken = rally.get(DEFECT)
    assert broken.status_code == 200
    with pytest.raises(ValueError):
        broken.json()
    assert rally.get(DEFECT).json()["QueryResult"]["Errors"] == []


def test_switch_errors_in_200(play: Play) -> None:
    rally = play(faults=[{"fault": "errors", "errors": ["One.", "Two."], "times": 1}])
    assert inner(rally.get(DEFECT))["Errors"] == ["One.", "Two."]
    assert inner(rally.get(DEFECT))["Errors"] == []


@pytest.mark.parametrize(
    ("fault", "totals", "shift"), [("rows_added", [50, 53], 0), ("rows_removed", [50, 47], 3)]
)
def test_switch_rows_added_or_removed_between_pages(
    play: Play, fault: str, totals: list[int], shift: int
) -> None:
    rally = play(tickets=175, faults=[{"fault": fault, "count": 3, "nth": 2}])
    page = {"fetch": "ObjectID", "order": "ObjectID", "project": "null", "pagesize": 20}
    pages = [rally.read(DEFECT, start=start, **page) for start in (1, 21)]
    assert [each["TotalResultCount"] for each in pages] == totals
    undisturbed = play(tickets=175)
    rows = undisturbed.rows(DEFECT, order="ObjectID")[20 + shift :][:20]
    assert [each["ObjectID"] for each in pages[1]["Results"]] == [each["ObjectID"] for each in rows]


def test_switch_unstable_order_without_a_unique_key(play: Play) -> None:
    """Pages agree only if the order ends with a unique field."""

    def read(rally: Foreign, order: str) -> list[int]:
        page = {"fetch": "ObjectID", "project": "null", "pagesize": 20, "order": order}
        pages = [rally.read(DEFECT, start=start, **page) for start in range(1, 101, 20)]
        return [each["ObjectID"] for one in pages for each in one["Results"]]

    rally = play(unstable_ties=True)
    assert len(set(read(rally, "State"))) < 100
    assert len(set(read(rally, "State,ObjectID"))) == 100
    assert len(set(read(play(unstable_ties=False), "State"))) == 100


# --- Conflicts ---------------------------------------------------------------------------------


def test_switch_conflict_for_writes_that_overlap_on_one_parent(play: Play) -> None:
    rally = play(latency=0.3, conflicts=True)
    parent = rally.create(STORY, {"Name": "parent"})
    tasks = [rally.create("/task", {"Name": "x", "WorkProduct": parent["_ref"]}) for _ in "abc"]
    answers = at_once(3, lambda place: rally.update(tasks[place], Actuals=1))
    errors = [error for each in answers for error in each["Errors"]]
    assert len(errors) == 2
    for error in errors:
        assert error.startswith("Concurrency conflict: [Object has been modified since being read")
        assert error.endswith(f"com.f4tech.slm.domain.UserStory : ObjectID : {parent['ObjectID']}")
    hours = [rally.again(each)["Actuals"] for each in tasks]
    assert sorted(hours, key=str) == [1.0, None, None]


def test_switch_conflict_of_an_entry_of_a_batch(play: Play) -> None:
    """An entry that meets another request's write fails; the others are carried out."""
    rally = play(latency=0.3, conflicts=True)
    parent, free = (rally.create(STORY, {"Name": name}) for name in ("parent", "free"))
    entries = [
        {"Entry": {"Path": "/task/create", "Method": "POST", "Body": {"Task": fields}}}
        for fields in ({"Name": "x", "WorkProduct": each["_ref"]} for each in (parent, free))
    ]

    began = time.perf_counter()

    def call(place: int) -> list[list[str]]:
        if place == 0:
            return [rally.update(parent, Name="busy")["Errors"]]
        while not rally.http.get(STATISTICS).json()["in_flight"]:
            assert time.perf_counter() < began + LONG
        results = inner(rally.post("/batch", {"Batch": entries}))["Results"]
        return [each["Errors"] for each in results]

    (alone,), (met, passed) = at_once(2, call)
    assert (alone, passed) == ([], [])
    assert met[0].startswith("Concurrency conflict: ")
    assert [len(rally.below(each, "Tasks")) for each in (parent, free)] == [0, 1]


# --- Credentials and rights --------------------------------------------------------------------


def test_switch_token_expiry(play: Play) -> None:
    """An answer takes longer to come than the first server's tokens are good."""
    assert outcomes(play(token_seconds=0.1, latency=0.2)) == [[INVALID_KEY]] * 2
    assert outcomes(play(token_seconds=60, latency=0.2)) == [[]] * 2


def outcomes(rally: Foreign) -> list[list[str]]:
    """Write twice, each time with a token that was just given out; return the errors."""
    ready, body = rally.emulator.ready, {"Tag": {"Name": "x"}}
    login = (ready.username, ready.password)
    with httpx.Client(base_url=rally.url, auth=login, trust_env=False) as http:

        def token() -> str:
            granted = http.get(f"{ROOT}/security/authorize").json()
            text: str = granted["OperationResult"]["SecurityToken"]
            return text

        def write(key: str) -> list[str]:
            answer = http.post(f"{ROOT}/tag/create", params={"key": key}, json=body)
            errors: list[str] = inner(answer)["Errors"]
            return errors

        return [write(token()) for _ in range(2)]


def test_switch_rights_of_users(play: Play) -> None:
    name, key = "mei.tanaka@meridian.example", "_mei"
    for as_403 in (False, True):
        rally = play(accounts={key: name}, forbidden_as_403=as_403)
        for each in rally.rows("/projectpermission", f'(User.UserName = "{name}")'):
            without_errors(rally.http.delete(each["_ref"]))
        user, project = rally.one("/user", f'(UserName = "{name}")'), rally.one("/project")
        fields = {"User": user["_ref"], "Project": project["_ref"], "Role": "Viewer"}
        rally.create("/projectpermission", fields)
        row = rally.one(DEFECT, project=project["_ref"], projectScopeDown=False)
        answer = rally.http.post(
            row["_ref"], headers={"ZSESSIONID": key}, json={"Defect": {"Name": "x"}}
        )
        if as_403:
            assert answer.status_code == 403
        else:
            assert inner(answer)["Errors"] == ["Not authorized to update Defect"]


def test_switch_closed_projects(play: Play) -> None:
    rally = play()
    project = rally.create("/project", {"Name": "Old"})
    defect = rally.create(DEFECT, {"Name": "y", "Project": project["_ref"]})
    rally.update(project, State="Closed")
    create = {"Defect": {"Name": "x", "Project": project["_ref"]}}
    answers = [
        inner(rally.post(f"{DEFECT}/create", create)),
        rally.update(defect, Name="z"),
        rally.member(defect, "Tags", "add", {"Name": "new"}),
        inner(rally.http.delete(defect["_ref"])),
    ]
    refused = ["Not authorized to perform action: Project Old is closed"]
    assert [each["Errors"] for each in answers] == [refused] * 4
    assert rally.again(defect)["Name"] == "y"


# --- What is not known to hold everywhere ------------------------------------------------------


def test_switch_stories_take_from_their_children(play: Play) -> None:
    for roll_up, state in ((False, "Defined"), (True, "Accepted")):
        rally = play(roll_up=roll_up)
        parent = rally.create(STORY, {"Name": "parent"})
        rally.create(STORY, {"Name": "c", "Parent": parent["_ref"], "ScheduleState": "Accepted"})
        assert rally.again(parent)["ScheduleState"] == state


def test_switch_extensions_of_attachments(play: Play) -> None:
    rally = play(extensions=["txt"])
    content = rally.create("/attachmentcontent", {"Content": "QUJD"})["_ref"]
    fields = {"ContentType": "a/b", "Content": content, "Artifact": rally.one(DEFECT)["_ref"]}
    body = {"Attachment": {"Name": "a.exe", **fields}}
    (error,) = inner(rally.post("/attachment/create", body))["Errors"]
    assert error == 'Validation error: Attachment.Name should not have the extension "exe"'
    assert rally.create("/attachment", {"Name": "a.txt", **fields})["Name"] == "a.txt"


def test_switch_levels_that_a_fetch_fills(play: Play) -> None:
    for depth, has_name in ((1, False), (2, True)):
        rally = play(fetch_depth=depth)
        row = rally.one("/task", fetch="Name,WorkProduct")
        assert ("Name" in row["WorkProduct"]) is has_name
