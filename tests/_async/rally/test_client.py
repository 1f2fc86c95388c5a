# SPDX-License-Identifier: MIT
"""The Rally client against the emulator, in virtual time and without a wire."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.policy.limits import Limits
from twofold.core.request import Origin, Request
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.errors import (
    ArgumentError,
    ConflictError,
    CredentialsError,
    DeadlineError,
    Effect,
    NotFoundError,
    OutcomeUnknownError,
    RequestError,
    ServerError,
)
from twofold.events import Event, Warned
from twofold.progress import Progress
from twofold.rally import operations
from twofold.rally.ids import Located
from twofold.rally.kinds import STORY
from twofold.rally.models import Defect, Story, Task
from twofold.rally.query.expression import condition

KEY = "_emulated-key-0123456789"


def emulator(**options: Any) -> RallyEmulator:
    given: dict[str, Any] = {"tickets": 700, "seed": 3, "api_key": KEY}
    return RallyEmulator(**{**given, **options})


def client(server: RallyEmulator, **options: Any) -> AsyncRallyClient:
    given: dict[str, Any] = {
        "server": "http://rally.example",
        "api_key": KEY,
        "transport": InProcessTransport(server),
        "limits": Limits(clock=current_time),
    }
    return AsyncRallyClient(**{**given, **options})


def counted(server: RallyEmulator) -> tuple[int, int]:
    """How many requests arrived, and how many were unanswered at once at most."""
    asked = Request("GET", Origin("http", "rally.example", 80), "/-/emulator/statistics")
    said = json.loads(server.answer(asked, current_time()).body)
    return said["requests"], said["peak_in_flight"]


async def test_every_ticket_is_read_once_in_the_order_of_types_and_rows() -> None:
    async with client(emulator()) as rally:
        tickets = await rally.get_tickets(page_size=20)
    assert len(tickets) == 700
    assert [type(ticket) for ticket in tickets] == [Story] * 400 + [Defect] * 200 + [Task] * 100
    for kind in (Story, Defect, Task):
        numbers = [ticket.object_id for ticket in tickets if isinstance(ticket, kind)]
        assert numbers == sorted(set(numbers))


async def test_a_complete_read_takes_two_rounds_and_twelve_slots() -> None:
    server = emulator(latency=0.15, per_object=0.0005)
    async with client(server) as rally:
        began = current_time()
        await rally.get_tickets(page_size=50)
        seconds = current_time() - began
    requests, peak = counted(server)
    assert peak <= 12
    assert requests <= 3 + 12
    assert seconds == pytest.approx(2 * 0.15 + (50 + 59) * 0.0005, abs=0.005)


async def test_one_slot_is_enough() -> None:
    server = emulator(latency=1.0)
    async with client(server, concurrency=1) as rally:
        assert len(await rally.get_tickets(page_size=100)) == 700
    assert counted(server)[1] == 1


async def test_progress_is_told_in_tickets_first_and_last() -> None:
    told: list[Progress] = []
    async with client(emulator(latency=0.5)) as rally:
        await rally.get_tickets(page_size=20, progress=told.append)
    assert (told[0].done, told[-1].done, told[-1].total) == (0, 700, 700)


VALUES = [
    'say "no"',
    "a (b) c",
    "x and y",
    "100%",
    "a&b=c",
    "Grüße 日本 🎉",
    "back\\slash",
    "#1 + ~|",
]


@pytest.mark.parametrize("value", VALUES)
async def test_a_value_is_found_and_never_becomes_a_part_of_the_query(value: str) -> None:
    server = emulator(tickets=70)
    async with client(server) as rally:
        some = (await rally.get_tickets("story"))[5]
        await rally.send(operations.update(Located(STORY, some.object_id), {"Name": value}, {}))
        found = await rally.get_tickets("story", where={"Name": value})
        assert [ticket.object_id for ticket in found] == [some.object_id]
        assert len(await rally.get_tickets("story", where={"Name": value + "x"})) == 0


async def test_filters_orders_and_further_fields() -> None:
    async with client(emulator()) as rally:
        opened = await rally.get_tickets(
            ["defect"],
            where={"State": "Open"},
            query="Severity != null",
            order="LastUpdateDate DESC",
            fetch=["Environment"],
        )
        whole = await rally.get_tickets("defect")
    assert 0 < len(opened) < len(whole)
    assert {ticket.state for ticket in opened} == {"Open"}
    updated = [ticket.updated for ticket in opened]
    assert updated == sorted(updated, key=lambda moment: moment or 0, reverse=True)
    assert all("Environment" in ticket.extra for ticket in opened)


async def test_a_listing_fetches_only_what_is_asked_for() -> None:
    server = emulator()
    seen: list[str] = []
    async with client(server) as rally:
        async for ticket in rally.iter_tickets(page_size=50):
            seen.append(ticket.formatted_id)
            if len(seen) == 120:
                break
        assert counted(server)[0] == 3
        everything = await rally.iter_tickets(page_size=200).all()
    assert len({ticket.object_id for ticket in everything}) == 700
    assert seen == [ticket.formatted_id for ticket in everything[:120]]


async def test_a_ticket_is_found_by_every_name_it_has() -> None:
    async with client(emulator()) as rally:
        story = await rally.get_ticket("us7")
        assert story.formatted_id == "US7"
        for name in (story, story.ref, story.object_id, str(story.object_id), "US7 "):
            assert await rally.get_ticket(name) == story
        assert isinstance(await rally.get_ticket("DE7"), Defect)
        assert isinstance(await rally.get_ticket("TA7"), Task)


@pytest.mark.parametrize("name", ["US99999", 99999999999, "/task/99999999999"])
async def test_a_ticket_that_is_not_there_is_not_found(name: str | int) -> None:
    async with client(emulator()) as rally:
        with pytest.raises(NotFoundError) as caught:
            await rally.get_ticket(name)
        assert caught.value.effect is Effect.NONE


async def test_state_is_written_where_the_type_keeps_it() -> None:
    async with client(emulator()) as rally:
        assert (await rally.update_state("US1", "Accepted")).state == "Accepted"
        assert (await rally.update_state("DE1", "Fixed")).state == "Fixed"
        assert (await rally.update_state("TA1", "Completed")).state == "Completed"
        defect = await rally.update_state("DE1", "Accepted", field="ScheduleState")
        assert isinstance(defect, Defect)
        assert (defect.state, defect.schedule_state) == ("Fixed", "Accepted")
        assert await rally.get_ticket("DE1") == defect


async def test_points_are_exact_and_can_be_cleared() -> None:
    async with client(emulator()) as rally:
        assert (await rally.update_points("US1", 0.1)).points == Decimal("0.1")
        assert (await rally.update_points("DE1", "13")).points == Decimal(13)
        assert (await rally.update_points("TA1", 4)).points == Decimal(4)
        assert (await rally.update_points("US1", None)).points is None


async def test_a_comment_is_plain_text() -> None:
    async with client(emulator()) as rally:
        comment = await rally.add_comment("US1", "a < b & c\nsecond line")
    assert comment.text == "a &lt; b &amp; c<br />second line"
    assert comment.artifact is not None
    assert comment.artifact.ref.startswith("/hierarchicalrequirement/")


async def test_what_the_server_ignored_is_a_warning_an_event_and_with_strict_an_error() -> None:
    told: list[Event] = []
    server = emulator()
    async with client(server, listener=told.append) as rally:
        task = await rally.update_state("TA1", "Completed", field="ScheduleState")
    assert any("Ignored JSON element" in text for text in task.warnings)
    assert [event.texts for event in told if isinstance(event, Warned)] == [task.warnings]
    async with client(server, strict=True) as rally:
        with pytest.raises(RequestError, match="Ignored JSON element") as caught:
            await rally.update_state("TA1", "Completed", field="ScheduleState")
    assert caught.value.effect is Effect.DONE


async def test_errors_inside_an_answer_of_200_are_raised() -> None:
    async with client(emulator()) as rally:
        with pytest.raises(RequestError, match=r"rally\.update") as caught:
            await rally.update_state("US1", "Nonsense")
    assert caught.value.status == 200
    assert caught.value.texts


async def test_a_bulk_has_one_outcome_for_each_ticket_in_order() -> None:
    server = emulator(
        latency=0.15,
        faults=[
            {"match": {"object": f"US{number}", "method": "POST"}, "fault": "errors",
             "errors": ["Validation error: locked"]}
            for number in (3, 5)
        ],
    )  # fmt: skip
    names = [f"US{number}" for number in range(1, 31)] + ["DE1", "US99999", "TA2"]
    async with client(server) as rally:
        began = current_time()
        result = await rally.bulk_update_points(names, 5)
    assert [outcome.item for outcome in result] == names
    assert [outcome.index for outcome in result.failed] == [2, 4, 31]
    assert isinstance(result[31].error, NotFoundError)
    assert {success.value.points for success in result.succeeded} == {Decimal(5)}
    assert counted(server) == (3 + 32, 12)
    assert current_time() - began == pytest.approx(0.15 * (1 + math.ceil(32 / 12)))


async def test_a_lost_answer_of_an_update_is_repeated_and_of_a_comment_is_unknown() -> None:
    lost = {"match": {"method": "POST"}, "nth": 1, "fault": "cut_after"}
    server = emulator(faults=[lost])
    async with client(server) as rally:
        assert (await rally.update_state("US1", "Accepted")).state == "Accepted"
    server = emulator(faults=[lost])
    async with client(server) as rally:
        with pytest.raises(OutcomeUnknownError, match=r"rally\.comment"):
            await rally.add_comment("US1", "once")
        posts = await rally.raw(discussion())
    assert posts.json()["QueryResult"]["TotalResultCount"] == 1


def discussion() -> Any:
    query = condition("Text", "once")
    return operations.find("conversationpost", query, fetch="Text", scope={})


async def test_a_conflict_of_simultaneous_writes_is_repeated() -> None:
    fault = {"match": {"method": "POST"}, "nth": [1, 2], "fault": "conflict"}
    async with client(emulator(faults=[fault])) as rally:
        assert (await rally.update_state("US1", "Accepted")).state == "Accepted"
    always = {"match": {"method": "POST"}, "fault": "conflict"}
    async with client(emulator(faults=[always])) as rally:
        with pytest.raises(ConflictError) as caught:
            await rally.update_state("US1", "Accepted")
    assert len(caught.value.attempts) == 3
    assert caught.value.effect is Effect.NONE


@pytest.mark.parametrize(
    ("fault", "error", "attempts"),
    [
        ({"fault": "html"}, ServerError, 1),
        ({"fault": "errors", "errors": ["Could not parse: x"]}, RequestError, 1),
        ({"fault": "status", "status": 502}, ServerError, 3),
        ({"fault": "status", "status": 500}, ServerError, 1),
        ({"fault": "empty"}, ServerError, 1),
        ({"fault": "truncated"}, ServerError, 1),
        ({"fault": "cut_before"}, ServerError, 3),
        ({"fault": "status", "status": 403}, CredentialsError, 1),
        ({"fault": "errors", "errors": ["Not authorized to perform action"]}, CredentialsError, 1),
    ],
)
async def test_a_broken_server_gives_a_typed_error_that_names_the_operation(
    fault: dict[str, Any], error: type[Exception], attempts: int
) -> None:
    async with client(emulator(faults=[{"match": {}, **fault}])) as rally:
        with pytest.raises(error, match=r"rally\.query") as caught:
            await rally.get_tickets("story")
    assert type(caught.value) is error
    assert len(getattr(caught.value, "attempts", ())) == attempts


async def test_two_bad_gateways_are_overcome() -> None:
    fault = {"match": {}, "nth": [1, 2], "fault": "status", "status": 502}
    async with client(emulator(faults=[fault])) as rally:
        assert len(await rally.get_tickets("task")) == 100


async def test_one_bad_page_fails_the_whole_read() -> None:
    fault = {"match": {}, "nth": 5, "fault": "errors", "errors": ["Could not convert: x"]}
    server = emulator(faults=[fault], latency=0.1)
    async with client(server) as rally:
        with pytest.raises(RequestError, match="Could not convert"):
            await rally.get_tickets(page_size=20)


async def test_a_wrong_key_is_refused_and_never_shown() -> None:
    wrong = "_wrong-key-9876543210"
    async with client(emulator(), api_key=wrong) as rally:
        with pytest.raises(CredentialsError) as caught:
            await rally.get_ticket("US1")
    assert wrong not in f"{caught.value!r}{caught.value}{rally!r}"


Refused = Callable[[AsyncRallyClient], Any]


@pytest.mark.parametrize(
    "call",
    [
        lambda rally: rally.get_tickets(page_size=0),
        lambda rally: rally.get_tickets(page_size=5000),
        lambda rally: rally.get_tickets("payjammas"),
        lambda rally: rally.get_tickets(pages=0),
        lambda rally: rally.get_tickets(query=""),
        lambda rally: rally.get_tickets(where={"a b": 1}),
        lambda rally: rally.get_ticket("nonsense"),
        lambda rally: rally.get_ticket(None),
        lambda rally: rally.get_ticket("US1", timeout=-1),
        lambda rally: rally.update_state("US1", ""),
        lambda rally: rally.update_state("US1", "Open", field="a b"),
        lambda rally: rally.update_points("US1", -1),
        lambda rally: rally.update_points("US1", "many"),
        lambda rally: rally.update_points("US1", float("nan")),
        lambda rally: rally.add_comment("US1", " "),
        lambda rally: rally.bulk_update_state(["US1", 3.5], "Open"),
        lambda rally: rally.bulk_update_state(["US1"], "Open", concurrency=-1),
    ],
)
async def test_a_wrong_argument_is_refused_before_anything_is_sent(call: Refused) -> None:
    server = emulator()
    async with client(server) as rally:
        with pytest.raises(ArgumentError):
            await call(rally)
    assert counted(server) == (0, 0)


@pytest.mark.parametrize(
    "options",
    [
        {"concurrency": -1},
        {"concurrency": True},
        {"timeout": 0},
        {"retry": 3},
        {"transport": "carrier pigeon"},
        {"limits": 12},
        {"prefixes": {"BUG": "bug"}},
        {"server": "https://u:p@rally.example"},
        {"server": "https://rally.example/elsewhere"},
        {"api_key": "a\nb"},
        {"retries": 3},
    ],
)
def test_a_wrong_option_is_refused_by_its_name(options: dict[str, Any]) -> None:
    with pytest.raises((ArgumentError, TypeError)):
        client(emulator(), **options)


async def test_a_time_out_bounds_the_method_as_a_whole() -> None:
    async with client(emulator(latency=1.0)) as rally:
        began = current_time()
        with pytest.raises(DeadlineError, match=r"1\.5 s"):
            await rally.get_ticket("US1", timeout=1.5)
        assert current_time() - began == pytest.approx(1.5)
        result = await rally.bulk_update_state(
            [f"US{n}" for n in range(1, 37)], "Accepted", timeout=3.5
        )
    assert len(result.failed) == 12
    assert all(isinstance(failure.error, DeadlineError) for failure in result.failed)


async def test_a_project_is_looked_up_by_its_name_once() -> None:
    server = emulator(latency=0.1)
    facts = server.ready
    async with client(server, workspace=facts.workspace, project=facts.project) as rally:
        async with create_task_group() as tasks:
            for number in range(1, 6):
                tasks.start_soon(rally.get_ticket, f"US{number}")
        assert counted(server)[0] == 2 + 2 * 5
    async with client(server, project="No Such Project") as rally:
        with pytest.raises(NotFoundError, match="No Such Project"):
            await rally.get_ticket("US1")


async def test_no_credentials_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RALLY_APIKEY", raising=False)
    monkeypatch.setenv("TWOFOLD_CONFIG", "/nonexistent/twofold.toml")
    with pytest.raises(CredentialsError, match="RALLY_APIKEY"):
        AsyncRallyClient(server="http://rally.example")
