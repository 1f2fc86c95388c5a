# SPDX-License-Identifier: MIT
"""Many writes against the emulator, in virtual time: what is sent, and what comes of it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest

from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time, fail_after
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.request import Origin, Request
from twofold.emulators.exchange import Answer, Incoming
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.errors import (
    ArgumentError,
    ConflictError,
    Effect,
    NotFoundError,
    OutcomeUnknownError,
    RequestError,
)
from twofold.progress import Progress
from twofold.rally.bulk import BulkResult
from twofold.rally.bulk_file import ItemState
from twofold.rally.bulk_record import BulkRecord
from twofold.rally.models import Task, Ticket

KEY = "_emulated-key-0123456789"
STORIES = [f"US{number}" for number in range(1, 41)]


class Server:
    """An emulator, and what was asked of it."""

    def __init__(self, **options: Any) -> None:
        given: dict[str, Any] = {"tickets": 140, "seed": 3, "api_key": KEY, "latency": 0.15}
        self.emulator = RallyEmulator(**{**given, **options})
        self.asked: list[tuple[str, str]] = []

    def answer(self, request: Incoming, now: float) -> Answer:
        target = unquote(request.target.removeprefix("/slm/webservice/v2.0"))
        self.asked.append((request.method, target))
        return self.emulator.answer(request, now)

    def left(self, answer: Answer, now: float) -> None:
        self.emulator.left(answer, now)

    def look_ups(self) -> list[str]:
        """The types that were asked for."""
        return [target.split("?")[0] for method, target in self.asked if method == "GET"]

    def writes(self) -> list[str]:
        return [target.split("?")[0] for method, target in self.asked if method != "GET"]

    def peak(self) -> int:
        """How many requests were unanswered at once since this was asked before, at most."""
        asked = Request("POST", Origin("http", "rally.example", 80), "/-/emulator/statistics")
        peak: int = json.loads(self.emulator.answer(asked, current_time()).body)["peak_in_flight"]
        self.asked.clear()
        return peak


def client(server: Server, **options: Any) -> AsyncRallyClient:
    given: dict[str, Any] = {
        "server": "http://rally.example",
        "api_key": KEY,
        "transport": InProcessTransport(server),
        "limits": Limits(clock=current_time),
    }
    return AsyncRallyClient(**{**given, **options})


def refusing(*names: str, method: str = "POST") -> list[dict[str, Any]]:
    return [
        {"match": {"object": name, "method": method}, "fault": "errors",
         "errors": ["Validation error: locked"]}
        for name in names
    ]  # fmt: skip


async def tasks_under(rally: AsyncRallyClient, *stories: str) -> list[Ticket]:
    """Create five tasks under each of these."""
    items = [{"name": f"{story} {n}", "parent": story} for story in stories for n in range(5)]
    return (await rally.bulk_create("task", items, batch=True)).updated_tickets


async def test_each_has_an_outcome_in_the_order_given() -> None:
    server = Server(faults=refusing("US3", "US5"))
    names = [*STORIES, "DE1", "US99999", "TA2", "TC1"]
    async with client(server) as rally:
        result = await rally.bulk_update_points(names, 5)
        assert [outcome.item for outcome in result] == names
        assert [outcome.index for outcome in result] == list(range(len(names)))
        assert [outcome.index for outcome in result.failed] == [2, 4, 41, 43]
        assert (result.success_count, result.failed_count) == (40, 4)
        kinds = [type(error) for error in result.errors]
        assert kinds == [RequestError, RequestError, NotFoundError, ArgumentError]
        assert {ticket.points for ticket in result.updated_tickets} == {Decimal(5)}
        assert [ticket.formatted_id for ticket in result.updated_tickets] == [
            name for index, name in enumerate(names) if index not in (2, 4, 41, 43)
        ]
        assert (await rally.get_ticket("US3")).points != Decimal(5)
    assert repr(result).startswith("<BulkResult 40 succeeded, 4 failed, 2: RequestError(")


async def test_every_type_is_looked_up_once_and_what_is_known_not_at_all() -> None:
    server = Server()
    async with client(server) as rally:
        features = list(await rally.get_features())[:2]
        stories = (await rally.get_tickets("story"))[:3]
        server.asked.clear()
        given: list[Ticket | str | int] = [
            *STORIES[:9],
            "DE1",
            "DE2",
            "TA1",
            *features,
            *stories,
            stories[0].object_id,
        ]
        result = await rally.bulk_update(given, {"name": "x"})
    assert not result.failed
    assert sorted(server.look_ups()) == [
        "/artifact",
        "/defect",
        "/hierarchicalrequirement",
        "/task",
    ]
    assert len(server.writes()) == len(given)


async def test_a_ref_costs_one_look_up_of_its_type_wherever_it_is() -> None:
    server = Server()
    async with client(server) as rally:
        refs = [story.ref for story in (await rally.get_tickets("story"))[:20]]
        server.asked.clear()
        assert not (await rally.bulk_update_points(refs, 3)).failed
        assert server.look_ups() == ["/hierarchicalrequirement"]
        missing = await rally.bulk_update_points([*refs[:2], "/defect/99999999"], 3)
    assert [type(error) for error in missing.errors] == [NotFoundError]


async def test_names_are_looked_up_once_for_all() -> None:
    server = Server()
    async with client(server) as rally:
        sprint = (await rally.get_iterations())[0]
        assert sprint.name
        server.asked.clear()
        for call in (
            rally.bulk_assign_owner(STORIES, "me"),
            rally.bulk_set_iteration(STORIES, sprint.name),
            rally.bulk_update_state(STORIES, "Completed", field="FlowState"),
            rally.bulk_set_parent(STORIES[1:], "US1", batch=40),
        ):
            await call
    counts = {path: server.look_ups().count(path) for path in server.look_ups()}
    assert counts == {"/hierarchicalrequirement": 5, "/user": 1, "/iteration": 1, "/flowstate": 1}


async def test_what_shares_a_parent_never_overlaps() -> None:
    server = Server(conflicts=True, per_object=0.01)
    async with client(server, retry=None) as rally:
        some = await tasks_under(rally, "US1", "US2", "US3")
        server.peak()
        mixed = [some[number] for number in (0, 5, 10, 1, 6, 11, 2, 7, 12, 3, 8, 13, 4, 9, 14)]
        result = await rally.bulk_update(mixed, {"to_do": 3})
        assert not result.failed
        assert len(server.asked) == 15
        assert server.peak() == 3
        # Put under another, they share that one too.
        moved = await rally.bulk_set_parent(mixed, "US4")
        assert not moved.failed
        tasks = [task for task in moved.updated_tickets if isinstance(task, Task)]
        assert {task.work_product and task.work_product.ref for task in tasks} == {
            (await rally.get_ticket("US4")).ref
        }
        assert not (await rally.bulk_update_points([*tasks, "US4", "US1", "US2"], 2)).failed
        assert not (await rally.bulk_delete(tasks)).failed


async def test_a_long_row_does_not_hold_up_those_that_are_free() -> None:
    server = Server(conflicts=True)
    async with client(server) as rally:
        row = await tasks_under(rally, "US1")
        new = [{"name": f"free {number}"} for number in range(10)]
        free = (await rally.bulk_create("story", new)).updated_tickets
        began = current_time()
        result = await rally.bulk_update([*free, *row], {"name": "x"}, concurrency=3)
        assert not result.failed
        assert current_time() - began == pytest.approx(0.15 * math.ceil((10 + 5) / 3))


@pytest.mark.parametrize("batch", [False, True])
async def test_at_most_so_many_at_once_as_are_allowed(batch: bool) -> None:
    for concurrency, peak in ((1, 1), (2, 2), (None, 12), (100, 12)):
        server = Server()
        async with client(server) as rally:
            tickets = await rally.get_tickets()
            server.peak()
            size = 3 if batch else False
            result = await rally.bulk_update(
                tickets, {"name": "x"}, concurrency=concurrency, batch=size
            )
        assert not result.failed
        assert server.peak() == peak


async def test_one_slot_is_enough_for_everything() -> None:
    server = Server(conflicts=True)
    async with client(server, concurrency=1) as rally:
        assert not (await rally.bulk_update_points(STORIES, 3)).failed
        assert not (await rally.bulk_set_parent(STORIES[1:], "US1", batch=True)).failed
    assert server.peak() == 1


async def test_a_ticket_that_is_given_twice_is_written_twice_in_turn() -> None:
    server = Server(conflicts=True)
    async with client(server, retry=None) as rally:
        given: list[Ticket | str] = ["US1", "us1", (await rally.get_ticket("US1")), "US2"]
        result = await rally.bulk_update_points(given, 3)
        assert not result.failed
        first, second, third, _ = (ticket.version for ticket in result.updated_tickets)
        assert (second, third) == ((first or 0) + 1, (first or 0) + 2)
        gone = await rally.bulk_delete(["US1", "US1"])
        assert [outcome.is_success for outcome in gone] == [True, False]
        assert isinstance(gone[1].error, NotFoundError)


async def test_conflicts_with_others_are_repeated_after_a_pause() -> None:
    fault = {"match": {"object": "US1", "method": "POST"}, "nth": [1, 2], "fault": "conflict"}
    server = Server(faults=[fault])
    async with client(server) as rally:
        began = current_time()
        assert not (await rally.bulk_update_points(STORIES[:3], 8)).failed
        assert len(server.writes()) == 3 + 2
        assert current_time() - began > 4 * 0.15
    always = {"match": {"object": "US1", "method": "POST"}, "fault": "conflict"}
    async with client(Server(faults=[always])) as rally:
        result = await rally.bulk_update_points(STORIES[:3], 8)
    assert [type(error) for error in result.errors] == [ConflictError]
    assert result.errors[0].effect is Effect.NONE  # type: ignore[attr-defined]  # of ours


@pytest.mark.parametrize("batch", [False, 4])
async def test_tickets_whose_parents_have_changed_since_they_were_read_are_all_written(
    batch: bool | int,
) -> None:
    server = Server(conflicts=True)
    record, told = BulkRecord(), list[Progress]()
    async with client(server) as rally:
        stories = (await rally.get_tickets("story"))[:41]
        assert not (await rally.bulk_set_parent(stories[1:], stories[0], batch=True)).failed
        versions = [await version(rally, story) for story in stories[1:]]
        result = await rally.bulk_update_points(
            stories[1:], 5, batch=batch, record=record, progress=told.append
        )
        assert not result.failed
        assert [outcome.index for outcome in result] == list(range(40))
        assert {ticket.points for ticket in result.updated_tickets} == {Decimal(5)}
        # A conflict says that nothing was done: so each was written once.
        after = [await version(rally, story) for story in stories[1:]]
    assert after == [each + 1 for each in versions]
    assert (len(record.done), record.failed) == (40, ())
    assert (told[-1].succeeded, told[-1].failed, told[-1].total) == (40, 0, 40)


async def version(rally: AsyncRallyClient, ticket: Ticket) -> int:
    return (await rally.get_ticket(ticket.ref)).version or 0


async def test_what_met_a_conflict_is_not_sent_again_if_nothing_is_to_be_repeated() -> None:
    always = {"match": {"object": "US1", "method": "POST"}, "fault": "conflict"}
    server = Server(faults=[always])
    async with client(server, retry=None) as rally:
        result = await rally.bulk_update_points(STORIES[:3], 8)
    assert [type(error) for error in result.errors] == [ConflictError]
    assert len(server.writes()) == 3


async def test_a_bulk_cut_off_before_it_comes_back_to_a_conflict_leaves_it_as_not_done() -> None:
    always = {"match": {"object": "US1", "method": "POST"}, "fault": "conflict"}
    record = BulkRecord()
    async with client(Server(faults=[always], latency=1.0)) as rally:
        with pytest.raises(TimeoutError), fail_after(2.5):
            await rally.bulk_update_points(
                STORIES[:3], 8, record=record, concurrency=1, retry=Retry(attempts=1)
            )
    states = [item.state for item in record.items]
    assert states == [ItemState.FAILED, ItemState.SENT, ItemState.NOT_STARTED]


async def test_progress_is_told_first_and_last() -> None:
    told: list[Progress] = []
    async with client(Server(faults=refusing("US3"))) as rally:
        await rally.bulk_update_points([*STORIES, "US99999"], 8, progress=told.append)
    assert (told[0].done, told[0].total) == (0, 41)
    assert (told[-1].succeeded, told[-1].failed, told[-1].total) == (39, 2, 41)
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)


Bulk = Callable[[AsyncRallyClient], Any]


@pytest.mark.parametrize(
    "call",
    [
        lambda rally: rally.bulk_update_points(["US1", "nonsense"], 5),
        lambda rally: rally.bulk_update_points(["US1"], -1),
        lambda rally: rally.bulk_update_state(["US1", None], "Open"),
        lambda rally: rally.bulk_update(["US1"], {}),
        lambda rally: rally.bulk_update(["US1"], {"ObjectID": 5}),
        lambda rally: rally.bulk_set_parent(["US1"], "nonsense"),
        lambda rally: rally.bulk_delete(["US1", True]),
        lambda rally: rally.bulk_create("story", [{"name": "x"}, {"points": 3}]),
        lambda rally: rally.bulk_create("story", [{"name": "x"}, "y"]),
        lambda rally: rally.bulk_create("nonsense", [{"name": "x"}]),
        lambda rally: rally.bulk_create("task", [{"name": "without a parent"}]),
        lambda rally: rally.bulk_update_points(None, 5),
        lambda rally: rally.bulk_update_points(12345, 5),
        lambda rally: rally.bulk_delete("12345"),
        lambda rally: rally.bulk_delete(b"12345"),
        lambda rally: rally.bulk_delete({"US1": 5}),
        lambda rally: rally.bulk_create("story", {"name": "x"}),
        lambda rally: rally.bulk_create("story", None),
        lambda rally: rally.bulk_update_points(["US1"], 5, concurrency=0),
        lambda rally: rally.bulk_update_points(["US1"], 5, batch=0),
        lambda rally: rally.bulk_update_points(["US1"], 5, batch="all"),
        lambda rally: rally.bulk_update_points(["US1"], 5, progress="told"),
        lambda rally: rally.bulk_update_points(["US1"], 5, record="done.jsonl"),
        lambda rally: rally.bulk_update_points(["US1"], 5, threads=3),
    ],
)
async def test_what_is_wrong_with_all_is_refused_before_anything_is_sent(call: Bulk) -> None:
    server = Server()
    async with client(server) as rally:
        with pytest.raises(ArgumentError):
            await call(rally)
    assert server.asked == []


async def test_an_error_of_a_new_ticket_says_which_one() -> None:
    async with client(Server()) as rally:
        with pytest.raises(ArgumentError, match="item 1: "):
            await rally.bulk_create("story", [{"name": "x"}, {"name": ""}])


async def test_nothing_to_do_is_done_without_a_request() -> None:
    server = Server()
    async with client(server, workspace="nobody looks for this") as rally:
        results: list[BulkResult[Any, Any]] = [
            await rally.bulk_update_points([], 5),
            await rally.bulk_set_parent(iter(()), "US1"),
            await rally.bulk_create("story", []),
            await rally.bulk_delete([], batch=True),
        ]
    assert [len(result) for result in results] == [0] * 4
    assert server.asked == []


async def test_many_are_created_each_once() -> None:
    server = Server(conflicts=True)
    items: list[Mapping[str, object]] = [
        {"name": f"new {number}", "parent": f"US{number % 4 + 1}", "estimate": number}
        for number in range(20)
    ]
    async with client(server, retry=None) as rally:
        result = await rally.bulk_create("task", items)
        assert [outcome.item for outcome in result] == items
        assert [ticket.name for ticket in result.updated_tickets] == [
            item["name"] for item in items
        ]
        assert [ticket.points for ticket in result.updated_tickets] == [
            Decimal(number) for number in range(20)
        ]
        assert server.look_ups() == ["/hierarchicalrequirement"]
        assert server.peak() == 4
        assert len(await rally.get_tickets("task", where={"Name": "new 7"})) == 1


async def test_a_create_whose_answer_is_lost_is_sent_once() -> None:
    lost = {"match": {"method": "POST", "body": "new 3"}, "fault": "cut_after"}
    server = Server(faults=[lost])
    async with client(server) as rally:
        result = await rally.bulk_create("story", [{"name": f"new {n}"} for n in range(6)])
        assert [outcome.index for outcome in result.failed] == [3]
        assert isinstance(result[3].error, OutcomeUnknownError)
        assert len(await rally.get_tickets("story", where={"Name": "new 3"})) == 1


async def test_what_is_deleted_is_gone_though_the_answer_be_lost() -> None:
    lost = {"match": {"object": "US2", "method": "DELETE"}, "nth": 1, "fault": "cut_after"}
    server = Server(faults=[lost])
    async with client(server) as rally:
        result = await rally.bulk_delete([*STORIES[:4], "US99999"])
        assert [outcome.is_success for outcome in result] == [True] * 4 + [False]
        assert result.updated_tickets == []
        left = {ticket.formatted_id for ticket in await rally.get_tickets("story")}
    assert not left & {*STORIES[:4]}
    assert server.writes().count(server.writes()[1]) == 2


async def test_a_remark_is_kept_with_the_ticket_and_with_strict_is_its_error() -> None:
    async with client(Server()) as rally:
        result = await rally.bulk_update(["TA1", "TA2"], {"ScheduleState": "Completed"})
        assert all("Ignored" in each.warnings[0] for each in result.updated_tickets)
    async with client(Server(), strict=True) as rally:
        record = BulkRecord()
        result = await rally.bulk_update(
            ["TA1", "TA2"], {"ScheduleState": "Completed"}, record=record
        )
        assert [type(error) for error in result.errors] == [RequestError] * 2
        assert len(record.failed) == 2
        created = BulkRecord()
        new = [{"name": "x", "c_Nope": 1}]
        for _ in range(2):
            again = await rally.bulk_create("story", new, record=created)
            assert [str(error).count("Ignored") for error in again.errors] == [1]
        assert len(created.done) == 1
        assert len(await rally.get_tickets("story", where={"Name": "x"})) == 1
