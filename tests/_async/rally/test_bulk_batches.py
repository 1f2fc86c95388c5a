# SPDX-License-Identifier: MIT
"""Several writes in one request, against the emulator: each has an outcome of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time
from twofold.core.policy.limits import Limits
from twofold.emulators.exchange import Answer, Incoming
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.errors import (
    ConflictError,
    CredentialsError,
    Effect,
    NotFoundError,
    OutcomeUnknownError,
    RequestError,
    ServerError,
    TwofoldError,
)
from twofold.rally.bulk_record import BulkRecord

KEY = "_emulated-key-0123456789"
STORIES = [f"US{number}" for number in range(1, 41)]
BATCH: Mapping[str, Any] = {"path": "/batch"}


class Server:
    """An emulator, and how many entries each batch had; a write alone counts as 1."""

    def __init__(self, *faults: Any, **options: Any) -> None:
        given: dict[str, Any] = {"tickets": 140, "seed": 3, "api_key": KEY, "latency": 0.15}
        self.emulator = RallyEmulator(**{**given, "faults": faults, **options})
        self.sizes: list[int] = []

    def answer(self, request: Incoming, now: float) -> Answer:
        if "/batch" in request.target:
            self.sizes.append(len(json.loads(request.body)["Batch"]))
        elif request.method != "GET":
            self.sizes.append(1)
        return self.emulator.answer(request, now)

    def left(self, answer: Answer, now: float) -> None:
        self.emulator.left(answer, now)


def client(server: Server, **options: Any) -> AsyncRallyClient:
    given: dict[str, Any] = {
        "server": "http://rally.example",
        "api_key": KEY,
        "transport": InProcessTransport(server),
        "limits": Limits(clock=current_time),
    }
    return AsyncRallyClient(**{**given, **options})


async def test_what_comes_of_an_entry_is_what_comes_of_it_alone() -> None:
    names = [*STORIES, "DE1", "US99999", "TA2", "TC1", "DE2"]
    alone, together = Server(conflicts=True), Server(conflicts=True)
    async with client(alone) as one, client(together) as other:
        first = await one.bulk_update(names, {"points": "2.5", "owner": "me"}, concurrency=1)
        second = await other.bulk_update(
            names, {"points": "2.5", "owner": "me"}, batch=True, concurrency=1
        )
        assert together.sizes == [25, 18]
        for mine, theirs in zip(first, second, strict=True):
            assert (mine.index, mine.item, repr(mine.error)) == (
                theirs.index, theirs.item, repr(theirs.error)
            )  # fmt: skip
        for ours, same in zip(first.updated_tickets, second.updated_tickets, strict=True):
            assert (ours.owner, ours.points, ours.tags) == (same.owner, same.points, same.tags)
            assert (ours.ref, ours.name, ours.project) == (same.ref, same.name, same.project)
            assert ours.extra == same.extra
        assert {ticket.points for ticket in second.updated_tickets} == {Decimal("2.5")}


async def test_an_error_of_one_entry_is_that_items_failure() -> None:
    server = Server()
    record = BulkRecord()
    async with client(server) as rally:
        gone = (await rally.get_ticket("US2")).ref
        await rally.delete_ticket(gone)
        server.sizes.clear()
        names = ["US1", gone, "US3", "US4"]
        result = await rally.bulk_update_state(names, "Completed", batch=True, record=record)
        assert [outcome.is_success for outcome in result] == [True, False, True, True]
        assert isinstance(result[1].error, NotFoundError)
        assert result[1].error.operation == "rally.update"
        assert result[1].error.effect is Effect.NONE
        assert "US1" in str(await rally.get_ticket("US1"))
        states = {(await rally.get_ticket(name)).state for name in ("US1", "US3", "US4")}
    assert states == {"Completed"}
    assert server.sizes == [4]
    assert [len(record.done), len(record.failed)] == [3, 1]


async def test_so_many_entries_as_are_asked_for_in_a_request() -> None:
    server = Server()
    async with client(server) as rally:
        assert not (await rally.bulk_update_points(STORIES, 3, batch=15)).failed
        assert (len(server.sizes), sum(server.sizes)) == (3, 40)
        assert max(server.sizes) <= 15
        server.sizes.clear()
        assert not (await rally.bulk_update_points(STORIES[:3], 3, batch=1)).failed
        assert server.sizes == [1, 1, 1]


async def test_what_shares_a_parent_goes_in_one_request_or_one_after_another() -> None:
    server = Server(conflicts=True)
    async with client(server, retry=None) as rally:
        items = [{"name": f"{n}", "parent": f"US{n % 3 + 1}"} for n in range(60)]
        tasks = (await rally.bulk_create("task", items, batch=7)).updated_tickets
        assert len(tasks) == 60
        assert not (await rally.bulk_update(tasks, {"to_do": 1}, batch=7)).failed
        assert not (await rally.bulk_set_parent(tasks, "US9", batch=7)).failed


async def test_a_lost_answer_is_repeated_for_updates() -> None:
    server = Server({"match": BATCH, "nth": 1, "fault": "cut_after"})
    async with client(server) as rally:
        assert not (await rally.bulk_update_points(STORIES[:10], 3, batch=True)).failed
    assert server.sizes == [10, 10]


async def test_a_lost_answer_leaves_all_creates_of_that_request_unknown() -> None:
    server = Server({"match": {**BATCH, "body": "new 7"}, "fault": "cut_after"})
    items = [{"name": f"new {number}"} for number in range(20)]
    record = BulkRecord()
    async with client(server) as rally:
        result = await rally.bulk_create("story", items, batch=5, record=record)
        assert [outcome.index for outcome in result.failed] == [5, 6, 7, 8, 9]
        assert {type(error) for error in result.errors} == {OutcomeUnknownError}
        assert len({id(error) for error in result.errors}) == 5
        assert [item.index for item in record.unknown] == [5, 6, 7, 8, 9]
        found = await rally.get_tickets("story", query="Name contains new")
        assert len([ticket for ticket in found if ticket.name.startswith("new ")]) == 20
    assert server.sizes == [5, 5, 5, 5]


async def test_a_lost_answer_to_removals_is_looked_into_one_by_one() -> None:
    server = Server({"match": BATCH, "nth": 1, "fault": "cut_after"})
    async with client(server) as rally:
        result = await rally.bulk_delete([*STORIES[:5], "US99999"], batch=True)
        assert [outcome.is_success for outcome in result] == [True] * 5 + [False]
        assert server.sizes == [5, 1, 1, 1, 1, 1]
        lost = Server({"match": BATCH, "nth": 1, "fault": "cut_before"})
    async with client(lost) as rally:
        assert not (await rally.bulk_delete(STORIES[:5], batch=True)).failed
        left = {ticket.formatted_id for ticket in await rally.get_tickets("story")}
    assert not left & {*STORIES[:5]}
    async with client(Server({"match": BATCH, "fault": "cut_after"}), retry=None) as rally:
        result = await rally.bulk_delete(STORIES[:5], batch=True)
    assert {type(error) for error in result.errors} == {OutcomeUnknownError}


async def test_an_entry_that_met_a_conflict_is_sent_again_by_itself() -> None:
    """Somebody else works at the same story: one batch meets what is still under way."""
    conflict = {"Errors": ["Concurrency conflict: [Object has been modified]"], "Warnings": []}
    for retry in (True, False):
        server = Conflicting(conflict)
        options: dict[str, Any] = {} if retry else {"retry": None}
        record = BulkRecord()
        async with client(server, **options) as rally:
            result = await rally.bulk_update_points(
                STORIES[:6], 3, batch=True, concurrency=1, record=record
            )
        assert server.sizes == ([6, 1] if retry else [6])
        assert [outcome.is_success for outcome in result] == [True, True, retry, True, True, True]
        assert retry or isinstance(result[2].error, ConflictError)
        assert len(record.failed) == (0 if retry else 1)


class Conflicting(Server):
    """Answers the third entry of each batch with a conflict, without having carried it out."""

    def __init__(self, conflict: Mapping[str, Any]) -> None:
        super().__init__()
        self.conflict = conflict

    def answer(self, request: Incoming, now: float) -> Answer:
        answer = super().answer(request, now)
        if "/batch" not in request.target:
            return answer
        said = json.loads(answer.body)
        said["BatchResult"]["Results"][2] = self.conflict
        body = json.dumps(said).encode()
        return Answer(answer.status, answer.headers, body, answer.after)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"fault": "errors", "errors": ["Not authorized to do this"]}, CredentialsError),
        ({"fault": "errors", "errors": ["Could not parse: the body"]}, RequestError),
        ({"fault": "html"}, ServerError),
        ({"fault": "garbage"}, ServerError),
        ({"fault": "truncated"}, ServerError),
        ({"fault": "status", "status": 502}, ServerError),
        (
            {"fault": "status", "status": 200, "body": '{"BatchResult": {"Results": []}}'},
            ServerError,
        ),
        ({"fault": "status", "status": 200, "body": '{"BatchResult": {}}'}, ServerError),
        (
            {"fault": "status", "status": 200, "body": '{"BatchResult": {"Results": [1, 2]}}'},
            ServerError,
        ),
    ],
)
async def test_a_batch_that_fails_as_a_whole_fails_each_item_with_a_typed_error(
    fault: Mapping[str, Any], error: type[TwofoldError]
) -> None:
    async with client(Server({"match": BATCH, **fault})) as rally:
        result = await rally.bulk_update_points(["US1", "US2"], 3, batch=True)
    assert [type(each) for each in result.errors] == [error, error]
    for failure in result.failed:
        assert "rally." in str(failure.error)


async def test_an_answer_that_nobody_understands_leaves_creates_unknown() -> None:
    fault = {"match": BATCH, "fault": "status", "status": 200,
             "body": '{"BatchResult": {"Results": [{"Object": 5, "Errors": []}, 7]}}'}  # fmt: skip
    record = BulkRecord()
    async with client(Server(fault)) as rally:
        result = await rally.bulk_create(
            "story", [{"name": "a"}, {"name": "b"}], batch=True, record=record
        )
    assert [type(each) for each in result.errors] == [OutcomeUnknownError] * 2
    assert len(record.unknown) == 2


async def test_with_a_password_a_batch_has_its_token() -> None:
    server = Server()
    ready = server.emulator.ready
    login = {"api_key": None, "username": ready.username, "password": ready.password}
    async with client(server, **login) as rally:
        assert not (await rally.bulk_update_points(STORIES, 3, batch=True)).failed
    assert sorted(server.sizes) == [15, 25]
