# SPDX-License-Identifier: MIT
"""What a server sends that the models do not know: counted, told once, and with `strict` an error.

The server is the emulator, but for one change in all objects of a type.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from _async.rally.scenario import play
from drifting import KEY, Change, Drifting, emulator, put, without
from minutes import Minutes
from scenario_page import emulator as scenario_emulator

from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.caching.client import AsyncCachingRallyClient
from twofold._async.rally.client import AsyncRallyClient
from twofold._async.rally.mock import AsyncMockRallyClient
from twofold._runtime.waiting.scopes import current_time
from twofold.core.cache.settings import Cache
from twofold.core.policy.limits import Limits
from twofold.errors import ArgumentError, Drift, DriftError, DriftKind, Effect, RequestError
from twofold.events import DriftSeen, Event
from twofold.rally.bulk_record import BulkRecord
from twofold.rally.records import Record

KINDS = ["story", "defect", "task", "test case", "test set", "feature", "epic", "initiative"]

STORIES = "HierarchicalRequirement"
NEW_KEY = Drift("Story", "Mood", DriftKind.UNKNOWN_KEY)


def given(server: Drifting, **options: Any) -> dict[str, Any]:
    return {
        "server": "http://rally.example",
        "api_key": KEY,
        "transport": InProcessTransport(server),
        "limits": Limits(clock=current_time),
        **options,
    }


def client(server: Drifting, **options: Any) -> AsyncRallyClient:
    return AsyncRallyClient(**given(server, **options))


def told(events: list[Event]) -> list[DriftSeen]:
    return [event for event in events if isinstance(event, DriftSeen)]


async def test_a_days_work_with_a_server_that_is_known_sees_no_drift(tmp_path: Path) -> None:
    rally = AsyncMockRallyClient(emulator=scenario_emulator(), timeout=None, strict="drift")
    minutes = Minutes()
    await play(rally, minutes, tmp_path)
    assert not rally.drift
    assert minutes.called
    assert "DriftError" not in "".join(minutes.lines)


async def test_no_type_of_ticket_drifts() -> None:
    async with AsyncMockRallyClient(tickets=300, strict="drift") as rally:
        found = await rally.get_tickets(KINDS)
        assert {type(ticket).__name__ for ticket in found} >= {
            "TestCase",
            "TestSet",
            "PortfolioItem",
        }
        tickets = found.tickets[:3]
        await rally.bulk_update_points(tickets, 3, batch=True)
        await rally.upload_attachment(tickets[0], b"content", name="a.txt")
        assert not rally.drift
        assert dict(rally.drift.counts) == {}


async def test_what_was_asked_for_beside_the_model_is_no_drift() -> None:
    server = Drifting(STORIES, put(c_Mood="fine"))
    async with client(server, strict="drift") as rally:
        for _ in range(2):
            found = await rally.get_tickets("story", fetch=["c_Mood", "HasParent"])
            assert found[0].extra["c_Mood"] == "fine"
        long = " ".join(["word"] * 2_000)  # so that what is asked for goes in a form
        assert not await rally.get_tickets("story", where={"Name": long}, fetch=["c_Mood"])
        listed = await rally.iter("hierarchicalrequirement").all()
        assert isinstance(listed[0], Record)
        assert listed[0]["c_Mood"] == "fine"


async def test_an_unknown_key_is_counted_in_each_object_and_told_once() -> None:
    events: list[Event] = []
    server = Drifting(STORIES, put(Mood="secret"))
    async with client(server, listener=events.append) as rally:
        before = rally.drift
        stories = await rally.get_tickets("story")
        await rally.get_ticket(stories[0])
        assert dict(rally.drift.counts) == {NEW_KEY: len(stories) + 1}
        assert {story.extra["Mood"] for story in stories} == {"secret"}
        assert not before
    (seen,) = told(events)
    assert (seen.operation, seen.fault.path) == ("rally.query", "Results[0].Mood")
    assert "secret" not in repr([seen, rally.drift])


CHANGES: list[tuple[Change, Drift]] = [
    (put(Mood=1), NEW_KEY),
    (without("Ready"), Drift("Story", "Ready", DriftKind.MISSING_KEY)),
    (without("Tags"), Drift("Story", "Tags", DriftKind.MISSING_KEY)),
    (put(PlanEstimate="many"), Drift("Story", "PlanEstimate", DriftKind.OTHER_SHAPE)),
    (put(Tags=["one"]), Drift("Story", "Tags", DriftKind.OTHER_SHAPE)),
    (put(Name=5), Drift("Story", "Name", DriftKind.OTHER_SHAPE)),
    (put(Name=None), Drift("Story", "Name", DriftKind.OTHER_SHAPE)),
    (without("Name"), Drift("Story", "Name", DriftKind.MISSING_KEY)),
    (put(VersionId="new"), Drift("Story", "VersionId", DriftKind.OTHER_SHAPE)),
    (
        put(CreationDate="2026-05-01T12:00:00"),
        Drift("Story", "CreationDate", DriftKind.OTHER_SHAPE),
    ),
    (put(Owner="Ravi"), Drift("Story", "Owner", DriftKind.OTHER_SHAPE)),
    (
        put(Owner={"_ref": "/user/1", "Nickname": "x"}),
        Drift("Reference", "Nickname", DriftKind.UNKNOWN_KEY),
    ),
]


@pytest.mark.parametrize(
    ("type", "kind", "change", "drift"),
    [
        *((STORIES, "story", change, drift) for change, drift in CHANGES),
        ("Task", "task", put(State="Doing"), Drift("Task", "State", DriftKind.UNKNOWN_WORD)),
    ],
    ids=lambda given: str(given) if isinstance(given, Drift) else "",
)
async def test_one_and_many_are_found_alike(
    type: str, kind: str, change: Change, drift: Drift
) -> None:
    async with client(Drifting(type, change)) as rally:
        found = await rally.get_tickets(kind)
        assert found
        assert dict(rally.drift.counts) == {drift: len(found)}
    async with client(Drifting(type, change), strict="drift") as rally:
        with pytest.raises(DriftError) as one:
            await rally.get_ticket(found[0].ref)
        with pytest.raises(DriftError) as many:
            await rally.get_tickets(kind)
    assert [fault.drift for fault in one.value.faults] == [drift]
    assert [fault.drift for fault in many.value.faults] == [drift]
    (fault,) = many.value.faults
    assert fault.path == f"Results[0].{one.value.faults[0].path}"
    assert fault.times == len(found)


@pytest.mark.parametrize(
    ("type", "read"),
    [("Iteration", "get_iterations"), ("Release", "get_releases"), ("User", "get_users")],
)
async def test_what_is_no_ticket_drifts_likewise(type: str, read: str) -> None:
    async with client(Drifting(type, put(Mood=1, State="Doing"))) as rally:
        found = await getattr(rally, read)()
        kinds = {"Mood": DriftKind.UNKNOWN_KEY, "State": DriftKind.UNKNOWN_WORD}
        if type == "User":
            kinds["State"] = DriftKind.UNKNOWN_KEY
        assert dict(rally.drift.counts) == {
            Drift(type, key, kind): len(found) for key, kind in kinds.items()
        }


async def test_strict_lists_every_fault_of_an_answer_with_its_path_and_none_of_the_values() -> None:
    def change(found: dict[str, Any]) -> None:
        found["Mood"] = "secret"
        found["PlanEstimate"] = "secret"
        found["Project"] = {"_ref": "/project/1", "Planet": "secret"}
        found.pop("Ready", None)

    async with client(Drifting(STORIES, change), strict="drift") as rally:
        with pytest.raises(DriftError) as caught:
            await rally.get_ticket("US1")
        counted = rally.drift
    error = caught.value
    assert [(fault.path, fault.drift.kind) for fault in error.faults] == [
        ("Mood", DriftKind.UNKNOWN_KEY),
        ("Ready", DriftKind.MISSING_KEY),
        ("PlanEstimate", DriftKind.OTHER_SHAPE),
        ("Project.Planet", DriftKind.UNKNOWN_KEY),
    ]
    assert (error.status, error.effect, error.operation) == (200, Effect.NONE, "rally.read")
    assert len(error.attempts) == 1
    assert all(fault.path in str(error) for fault in error.faults)
    assert error.texts == tuple(map(str, error.faults))
    assert "secret" not in repr((error, error.texts, error.faults))
    assert set(counted.counts) == {fault.drift for fault in error.faults}


async def test_a_write_that_was_answered_so_was_done_and_is_not_sent_again() -> None:
    server = Drifting(STORIES, put(Mood=1))
    async with client(server, strict="drift") as rally:
        with pytest.raises(DriftError) as caught:
            await rally.create_ticket("story", "said once")
        assert (caught.value.effect, len(caught.value.attempts)) == (Effect.DONE, 1)
    async with client(server) as rally:
        assert len(await rally.get_tickets("story", where={"Name": "said once"})) == 1


@pytest.mark.parametrize("batch", [False, True])
async def test_items_of_a_bulk_drift_one_by_one_and_what_was_created_stays_so(batch: bool) -> None:
    server = Drifting(STORIES, put(Mood=1))
    record = BulkRecord()
    news = [{"name": f"said once {number}"} for number in range(3)]
    async with client(server, strict="drift") as rally:
        for _ in range(2):
            result = await rally.bulk_create("story", news, record=record, batch=batch)
            assert not result.succeeded
        assert dict(rally.drift.counts) == {NEW_KEY: 3}
        assert len(record.done) == 3
    async with client(server) as rally:
        found = await rally.get_tickets("story", query='(Name contains "said once")')
        assert len(found) == 3
        changed = await rally.bulk_update_points(found.tickets, 3, batch=batch)
        assert len(changed.succeeded) == 3
        assert dict(rally.drift.counts) == {NEW_KEY: 6}


async def test_strict_may_be_about_warnings_alone_or_about_both() -> None:
    server = Drifting("Defect", put(Mood=1))
    async with client(server, strict="warnings") as rally:
        await rally.get_ticket("DE1")
        with pytest.raises(RequestError, match="Rally warned"):
            await rally.update_ticket("DE1", {"NoSuchField": "x"})
    async with client(server, strict="drift") as rally:
        with pytest.raises(DriftError):
            await rally.update_ticket("DE1", {"NoSuchField": "x"})
    async with client(server, strict=True) as rally:
        with pytest.raises(DriftError):
            await rally.get_ticket("DE1")
        with pytest.raises(RequestError, match="Rally warned"):
            await rally.update_ticket("TA1", {"NoSuchField": "x"})


async def test_another_word_for_strict_is_refused() -> None:
    with pytest.raises(ArgumentError, match="strict must be"):
        client(Drifting("", put()), strict="very")


async def test_what_a_cache_answers_is_not_counted_again_but_strict_sees_it() -> None:
    options: dict[str, Any] = {"cache": Cache(ttl={"rally.read": 60}), "store": AsyncMemoryStore()}
    server = Drifting(STORIES, put(Mood=1))
    async with client(server, **options) as rally:
        first = await rally.get_ticket("US1")
        for _ in range(3):
            assert await rally.get_ticket(first.ref) == first
        assert (await rally.cache.statistics()).fresh == 3
        assert dict(rally.drift.counts) == {NEW_KEY: 1}
    async with client(server, **options, strict="drift") as rally:
        with pytest.raises(DriftError):
            await rally.get_ticket(first.ref)


async def test_a_caching_client_counts_what_the_server_sent_only(tmp_path: Path) -> None:
    server = Drifting(STORIES, put(Mood=1))
    file = tmp_path / "kept.db"
    options = given(server, cache_file=file, wall=current_time)
    async with AsyncCachingRallyClient(**options) as rally:
        found = await rally.get_tickets("story")
        assert await rally.get_tickets("story") == found
        assert dict(rally.drift.counts) == {NEW_KEY: len(found)}
    async with AsyncCachingRallyClient(**options) as rally:
        assert await rally.get_tickets("story") == found
        assert not rally.drift
    async with AsyncCachingRallyClient(**options, strict="drift") as rally:
        with pytest.raises(DriftError):
            await rally.get_tickets("story")
        assert rally.drift


async def test_a_drift_error_is_copied_and_pickled_whole() -> None:
    async with client(Drifting(STORIES, put(Mood=1)), strict="drift") as rally:
        with pytest.raises(DriftError) as caught:
            await rally.get_ticket("US1")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.faults, again.status, str(again)) == (
        caught.value.faults,
        200,
        str(caught.value),
    )


async def test_clients_count_for_themselves() -> None:
    server = Drifting(STORIES, put(Mood=1), emulator(tickets=10))
    async with client(server) as one, client(server) as other:
        await one.get_tickets("story")
        assert one.drift
        assert not other.drift
