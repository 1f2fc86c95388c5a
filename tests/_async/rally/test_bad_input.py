# SPDX-License-Identifier: MIT
"""Wrong ids, wrong keys, pages for people, lists that move: what every method makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from _async.rally.every_method import BULKS, BY_ID, EVERY, WRITES, Method, offered
from _async.rally.office import KEY, client, emulator, requests
from switched import Switched

from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time
from twofold.core.request import Origin, Request
from twofold.emulators.exchange import Answer, Emulator, Incoming
from twofold.errors import (
    ArgumentError,
    ConflictError,
    CredentialsError,
    Effect,
    NotFoundError,
    OutcomeUnknownError,
    ServerError,
    TwofoldError,
)
from twofold.rally.bulk import BulkResult
from twofold.rally.query.fields import Q

READ_ONLY = "_readonly00000000000000000000000000000000"
AWKWARD = 'a/b/../c.d%2F 100% "x" (y) and größe 日本 🎉 \\ ?&#;='


def test_every_method_is_tried() -> None:
    assert set(EVERY) == offered()


# Pages for people, and other answers that are none

HTML = (("Content-Type", "text/html"),)
JSON = (("Content-Type", "application/json"),)
PAGE = b"<html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>"
FAILED = (ServerError, OutcomeUnknownError)

PAGES: dict[str, tuple[Answer, type[TwofoldError] | tuple[type[TwofoldError], ...]]] = {
    "a page instead of an answer": (Answer(200, HTML, PAGE), FAILED),
    "a page that calls itself JSON": (Answer(200, JSON, PAGE), FAILED),
    "nothing": (Answer(200, JSON, b""), FAILED),
    "a list": (Answer(200, JSON, b"[]"), FAILED),
    "another object": (Answer(200, JSON, b'{"a": 1}'), FAILED),
    "half an object": (Answer(200, JSON, b'{"QueryResult": {"Results": ['), FAILED),
    "not a text": (Answer(200, JSON, b"\xff\xfe\x00"), FAILED),
    "a bad gateway": (Answer(502, HTML, PAGE), FAILED),
    "an expired key": (Answer(401, HTML, PAGE), CredentialsError),
}


async def errors_of(rally: AsyncRallyClient, method: Method) -> list[Exception]:
    """Carry out a call that must fail, or each item of it."""
    try:
        result = await method(rally)
    except TwofoldError as error:
        return [error]
    assert isinstance(result, BulkResult), result
    assert result.failed_count == len(result)
    return result.errors


@pytest.mark.parametrize("page", PAGES)
async def test_what_is_no_answer_is_a_typed_error_of_every_method(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer, wanted = PAGES[page]
    server = Switched(emulator(tickets=28), change=lambda *_: answer)
    given: dict[str, Any] = {"transport": InProcessTransport(server), "timeout": None}
    async with client(server.emulator, **given) as rally:
        for name, method in EVERY.items():
            for error in await errors_of(rally, method):
                assert isinstance(error, wanted), (name, error)
                assert "<" not in str(error), (name, error)
                assert len(str(error)) < 400, (name, error)
    assert list(tmp_path.iterdir()) == []


# Keys


@pytest.mark.parametrize("name", [*WRITES, *BULKS])
async def test_a_key_that_only_reads_writes_nothing_and_is_told_so(name: str) -> None:
    server = Switched(emulator(tickets=28))
    transport = InProcessTransport(server)
    async with client(server.emulator, api_key=READ_ONLY, transport=transport) as rally:
        errors = await errors_of(rally, EVERY[name])
    for error in errors:
        assert isinstance(error, CredentialsError)
        assert error.effect is Effect.NONE
    assert 1 <= len(server.writes) <= len(errors)


@pytest.mark.parametrize("name", EVERY)
async def test_a_key_that_is_refused_is_all_there_is_to_say(name: str) -> None:
    """No note speaks of items of a batch that nobody made, or of bytes that nobody took."""
    async with client(emulator(tickets=28), api_key="_nobodys-key-0123456789") as rally:
        for error in await errors_of(rally, EVERY[name]):
            assert isinstance(error, CredentialsError)
            assert getattr(error, "__notes__", []) == []


async def test_a_key_that_expires_amid_a_read_gives_no_partial_list() -> None:
    server = Switched(emulator())
    server.change = after(4, server, Answer(401, HTML, PAGE))
    async with client(server.emulator, transport=InProcessTransport(server)) as rally:
        with pytest.raises(CredentialsError):
            await rally.get_tickets(page_size=10)


async def test_a_key_that_expires_amid_a_bulk_leaves_what_was_done_and_what_was_not() -> None:
    server = Switched(emulator())
    ids = [f"US{number}" for number in range(1, 21)]
    async with client(
        server.emulator, transport=InProcessTransport(server), concurrency=2
    ) as rally:
        points = [each.points for each in (await rally.get_tickets("story"))[:20]]
        server.change = after(len(server.asked) + 12, server, Answer(401, HTML, PAGE))
        result = await rally.bulk_update_state(ids, "Accepted")
        server.change = lambda _, answer: answer
        states = {one.formatted_id: one.state for one in await rally.get_tickets("story")}
    assert 0 < result.success_count < 20
    for outcome in result:
        assert outcome.error is None or isinstance(outcome.error, CredentialsError)
        if outcome.error is None:
            assert states[str(outcome.item)] == "Accepted"
    assert len(points) == 20


def after(number: int, server: Switched, page: Answer) -> Callable[[Any, Answer], Answer]:
    """Refuse all requests but the first ones."""
    return lambda _, answer: answer if len(server.asked) <= number else page


# Ids

NO_IDS = [
    "",
    " ",
    "US",
    "12US",
    "US-1",
    "US 1",
    "US1x",
    "US0",
    "US01",
    "ÜS1",
    "US\u0661",
    "XX1",
    "\0",
]
NO_IDS += ["US1; DROP", "/story", "https://elsewhere.example/slm/x", "-1", "1.0", "US" + "9" * 30]


@pytest.mark.parametrize("name", BY_ID)
async def test_what_is_no_id_is_refused_before_anything_is_sent(name: str) -> None:
    server = emulator(tickets=28)
    async with client(server) as rally:
        for each in NO_IDS:
            with pytest.raises(ArgumentError) as caught:
                await BY_ID[name](rally, each)
            assert len(str(caught.value)) < 200
    assert requests(server) == 0


@pytest.mark.parametrize("name", BY_ID)
async def test_an_id_may_be_in_lower_case_and_stand_among_blanks(name: str) -> None:
    async with client(emulator(tickets=28)) as rally:
        result = await BY_ID[name](rally, " us1\t")
    assert not isinstance(result, BulkResult) or result.failed_count == 0


ALONE = [name for name in BY_ID if not (name.startswith("bulk") or name == "get_tickets_by_id")]


@pytest.mark.parametrize("name", ALONE)
async def test_an_id_that_nobody_has_is_not_found_and_named(name: str) -> None:
    server = Switched(emulator(tickets=28))
    async with client(server.emulator, transport=InProcessTransport(server)) as rally:
        with pytest.raises(NotFoundError, match="US4711"):
            await BY_ID[name](rally, "US4711")
    assert not [one for one in server.writes if "/tag/" not in one]


# Lists that change while they are read

MOVED = [
    {"match": {"path": "/defect?"}, "nth": nth, "fault": fault, "type": "defect", "count": count}
    for fault in ("rows_added", "rows_removed")
    for nth in (1, 2, 3, 5)
    for count in (1, 7)
]


@pytest.mark.parametrize("fault", MOVED, ids="{0[fault]} {0[count]} at {0[nth]}".format)
@pytest.mark.parametrize("order", [None, "Name", "LastUpdateDate DESC"])
async def test_a_list_that_moved_is_complete_or_an_error(fault: Any, order: str | None) -> None:
    server = Switched(emulator(fault, tickets=700, latency=0.1))
    types = ["story", "defect"]
    async with client(server.emulator, transport=InProcessTransport(server)) as rally:
        try:
            found = await rally.get_tickets(types, order=order, page_size=10, pages=12)
        except ConflictError:
            return
        finally:
            assert sum("/defect?" in one for one in server.asked) >= fault["nth"]
        now = await rally.get_tickets(types, order=order)
    ids = [one.object_id for one in found]
    assert len(set(ids)) == len(ids)
    assert set(ids) == {one.object_id for one in now}


class Moving(Switched):
    """While a list is read its first row goes and another comes: there are as many as before."""

    def answer(self, request: Incoming, now: float) -> Answer:
        answer = super().answer(request, now)
        if sum("/defect?" in one for one in self.asked) == 1 and "/defect?" in request.target:
            self.move()
        return answer

    def move(self) -> None:
        rows = asked(self.emulator, "GET", "/defect?order=ObjectID&pagesize=1")
        first = rows["QueryResult"]["Results"][0]["_ref"].partition("v2.0")[2]
        asked(self.emulator, "DELETE", first)
        created(self.emulator, "Defect", {"Name": "one more"})


async def test_a_list_as_long_as_before_is_not_taken_for_the_same() -> None:
    server = Moving(emulator(tickets=350))
    async with client(emulator(), transport=InProcessTransport(server)) as rally:
        with pytest.raises(ConflictError, match="moved"):
            await rally.get_tickets("defect", page_size=10)
        assert len(await rally.get_tickets("defect", page_size=10)) == 100


# Names that hold anything


def asked(server: Emulator, method: str, path: str, body: bytes = b"") -> Any:
    """What the server says when it is asked past all clients."""
    origin = Origin("http", "rally.example", 80)
    place = f"/slm/webservice/v2.0{path}"
    request = Request(method, origin, place, (("ZSESSIONID", KEY),), body)
    return json.loads(server.answer(request, current_time()).body)


def created(server: Emulator, type: str, fields: dict[str, Any]) -> str:
    """Create an object past all clients, and return its ref."""
    body = json.dumps({type: fields}).encode()
    said = asked(server, "POST", f"/{type.lower()}/create", body)["CreateResult"]
    assert said["Errors"] == []
    return str(said["Object"]["_ref"])


async def test_a_project_may_be_called_anything() -> None:
    server = emulator(tickets=28)
    project = created(server, "Project", {"Name": AWKWARD, "State": "Open"})
    days = {"StartDate": "2026-05-01", "EndDate": "2026-05-14", "State": "Planning"}
    planned = {"ReleaseStartDate": "2026-05-01", "ReleaseDate": "2026-05-14", "State": "Planning"}
    created(server, "Iteration", {"Name": AWKWARD, "Project": project, **days})
    created(server, "Release", {"Name": AWKWARD, "Project": project, **planned})
    async with client(server, project=AWKWARD) as rally:
        made = await rally.create_ticket("story", AWKWARD, {"tags": [AWKWARD]})
        await rally.set_iteration(made, AWKWARD)
        story = await rally.set_release(made, AWKWARD)
        (found,) = await rally.get_tickets(where={"Name": AWKWARD})
        searched = await rally.search_tickets(AWKWARD)
        summary = await rally.get_sprint_summary(AWKWARD)
        (tag,) = await rally.get_tags(query=Q.name == AWKWARD)
        bulk = await rally.bulk_update([made], {"iteration": AWKWARD, "tags": [AWKWARD]})
    assert story.name == found.name == AWKWARD
    assert [each.object_id for each in searched] == [found.object_id] == [made.object_id]
    for named in (found.project, found.iteration, found.release, tag):
        assert named is not None
        assert named.name == AWKWARD
    assert found.tags == (AWKWARD,)
    assert summary.tickets == {"story": 1}
    assert bulk.success_count == 1


async def test_a_sprint_without_tickets_is_empty_and_one_that_is_not_there_is_an_error() -> None:
    server = emulator(tickets=28)
    async with client(server) as rally:
        last = (await rally.get_iterations("future", below=True))[-1]
        assert last.name is not None
        stories = await rally.get_tickets(query=Q.iteration.name == last.name)
        await rally.bulk_set_iteration(stories.tickets, None)
        assert (await rally.get_sprint_summary(last.name)).tickets == {}
        with pytest.raises(NotFoundError, match="Sprint 1999"):
            await rally.get_sprint_summary("Sprint 1999")
