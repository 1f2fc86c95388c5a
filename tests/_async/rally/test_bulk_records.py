# SPDX-License-Identifier: MIT
"""Bulks that are cut off, at every step, and gone on with: nothing is lost, nothing done twice."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time, move_on_after
from twofold._runtime.waiting.tasks import Call
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.emulators.exchange import Answer, Incoming
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.errors import (
    ArgumentError,
    DeadlineError,
    Effect,
    NotFoundError,
    OutcomeUnknownError,
    TwofoldError,
)
from twofold.progress import Progress
from twofold.rally.bulk import BulkResult
from twofold.rally.bulk_record import BulkRecord, RecordedItem
from twofold.rally.models import Ticket
from twofold.testing.steps.waiting import RUNTIMES, Runtime, every_step

KEY = "_emulated-key-0123456789"
STEADY = Retry(uniform=lambda low, high: high)
SIX = [f"US{number}" for number in range(1, 7)]
NEW = [f"new {number}" for number in range(6)]
ITEMS = [
    {"name": name, "parent": f"US{number % 2 + 1}", "estimate": number}
    for number, name in enumerate(NEW)
]

LOST = {"match": {"method": "POST", "body": "new 4"}, "nth": 1, "fault": "cut_after"}
SLOW = {"match": {"method": "POST", "body": "new 2"}, "fault": "delay", "seconds": 1}
REFUSED = {"match": {"method": "POST", "body": "new 5"}, "nth": 1, "fault": "errors",
           "errors": ["Validation error: locked"]}  # fmt: skip
LOST_UPDATE = {"match": {"object": "US3", "method": "POST"}, "nth": 1, "fault": "cut_after"}
SLOW_UPDATE = {"match": {"object": "US5", "method": "POST"}, "fault": "delay", "seconds": 1}
LOST_BATCH = {"match": {"path": "/batch"}, "nth": 2, "fault": "cut_after"}
LOST_REMOVAL = {"match": {"object": "US3", "method": "DELETE"}, "nth": 1, "fault": "cut_after"}


class Desk:
    """A client of a server of its own, and the record of what it does."""

    def __init__(self, *faults: Any, path: Path | None = None, batch: bool | int = False) -> None:
        self.emulator = RallyEmulator(
            tickets=28, seed=3, api_key=KEY, latency=0.1, per_object=0.01, faults=faults,
            conflicts=True,
        )  # fmt: skip
        self.path, self.batch = path, batch
        self.record = BulkRecord(path)
        self.writes = 0
        self.rally = AsyncRallyClient(
            server="http://rally.example",
            api_key=KEY,
            transport=InProcessTransport(self),
            limits=Limits(clock=current_time),
            retry=STEADY,
            concurrency=3,
        )

    def answer(self, request: Incoming, now: float) -> Answer:
        self.writes += request.method != "GET"
        return self.emulator.answer(request, now)

    def left(self, answer: Answer, now: float) -> None:
        self.emulator.left(answer, now)

    def read_again(self) -> BulkRecord:
        """Take up the record as another process would."""
        if self.path is not None:
            again = BulkRecord(self.path)
            assert again.items == self.record.items
            self.record = again
        return self.record

    async def create(self) -> BulkResult[Mapping[str, object], Ticket]:
        return await self.rally.bulk_create("task", ITEMS, record=self.record, batch=self.batch)

    async def update(self) -> BulkResult[Any, Ticket]:
        return await self.rally.bulk_update_points(SIX, 77, record=self.record, batch=self.batch)

    async def delete(self) -> BulkResult[Any, None]:
        return await self.rally.bulk_delete(SIX, record=self.record, batch=self.batch)

    async def created(self) -> Counter[str]:
        """How often each name is there."""
        found = await self.rally.get_tickets("task", query="Name contains new")
        return Counter(task.name for task in found if task.name in NEW)

    async def there(self) -> dict[str, Ticket]:
        stories = await self.rally.get_tickets("story")
        return {story.formatted_id: story for story in stories if story.formatted_id in SIX}

    async def was_created_or_not(self) -> None:
        """The record says what the server did; going on does the rest, and nothing twice."""
        found = await self.created()
        agrees(self.read_again(), {name for name in NEW if found[name]})
        assert max(found.values(), default=0) <= 1
        before = self.record.unknown
        await self.create()  # the server may refuse one only now
        result = await self.create()
        assert [outcome.index for outcome in result.failed] == indexes(self.record.unknown)
        assert {type(error) for error in result.errors} <= {OutcomeUnknownError}
        assert {*indexes(before)} <= {*indexes(self.record.unknown)}
        found = await self.created()
        assert max(found.values()) == 1
        assert len(found) >= len(NEW) - len(self.record.unknown)
        await self.look_and_say(found)
        whole = await self.create()
        assert [ticket.name for ticket in whole.updated_tickets] == NEW
        assert await self.created() == Counter(NEW)

    async def look_and_say(self, found: Counter[str]) -> None:
        refs = {task.name: task.ref for task in await self.rally.get_tickets("task")}
        for item in self.record.unknown:
            if found[item.name]:
                self.record.settle(item.index, refs[item.name])
            else:
                self.record.clear(item.index)

    async def was_updated_or_not(self) -> None:
        stories = await self.there()
        done = {name for name, story in stories.items() if story.points == 77}
        agrees(self.read_again(), done)
        versions = {item.name: stories[item.name].version for item in self.record.done}
        result = await self.update()
        assert [outcome.item for outcome in result] == SIX
        assert [ticket.formatted_id for ticket in result.updated_tickets] == SIX
        stories = await self.there()
        assert {story.points for story in stories.values()} == {77}
        assert {name: stories[name].version for name in versions} == versions

    async def was_deleted_or_not(self) -> None:
        agrees(self.read_again(), {*SIX} - {*await self.there()})
        result = await self.delete()
        assert result.failed == []
        assert await self.there() == {}


def agrees(record: BulkRecord, done: set[str]) -> None:
    """What is recorded as done was done, and nothing else but what nobody can know."""
    assert names(record.done) <= done
    assert not (names(record.failed) | names(record.not_started)) & done


def names(items: tuple[RecordedItem, ...]) -> set[str]:
    return {item.name for item in items}


def indexes(items: tuple[RecordedItem, ...]) -> list[int]:
    return [item.index for item in items]


@pytest.mark.parametrize("batch", [False, 3])
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_creates_that_are_cut_off_are_gone_on_with(
    runtime: Runtime, batch: bool | int, tmp_path: Path
) -> None:
    numbers = count()

    def desk() -> Desk:
        path = tmp_path / f"{next(numbers)}.jsonl"
        return Desk(LOST, SLOW, REFUSED, path=path, batch=batch)

    steps = every_step(Desk.create, given=desk, check=Desk.was_created_or_not, runtime=runtime)
    assert steps > 5


@pytest.mark.parametrize("batch", [False, 3])
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_updates_that_are_cut_off_are_gone_on_with(runtime: Runtime, batch: bool | int) -> None:
    steps = every_step(
        Desk.update,
        given=lambda: Desk(LOST_UPDATE, SLOW_UPDATE, LOST_BATCH, batch=batch),
        check=Desk.was_updated_or_not,
        runtime=runtime,
    )
    assert steps > 5


@pytest.mark.parametrize("batch", [False, 3])
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_removals_that_are_cut_off_are_gone_on_with(runtime: Runtime, batch: bool | int) -> None:
    steps = every_step(
        Desk.delete,
        given=lambda: Desk(LOST_REMOVAL, LOST_BATCH, batch=batch),
        check=Desk.was_deleted_or_not,
        runtime=runtime,
    )
    assert steps > 5


async def test_what_was_done_is_not_sent_again_and_is_read_once_for_each_type() -> None:
    desk = Desk()
    await desk.update()
    sent = desk.writes
    told: list[Progress] = []
    began = current_time()
    result = await desk.rally.bulk_update_points(SIX, 77, record=desk.record, progress=told.append)
    assert desk.writes == sent
    assert current_time() - began == pytest.approx(0.1 + 6 * 0.01)
    assert [ticket.formatted_id for ticket in result.updated_tickets] == SIX
    assert (told[-1].succeeded, told[-1].total) == (6, 6)


async def test_a_time_limit_cuts_off_as_a_scope_does() -> None:
    desk = Desk()
    with move_on_after(0.3):
        await desk.create()
    record = desk.record
    assert [len(record.done), len(record.unknown), len(record.not_started)] == [2, 2, 2]
    result = await desk.create()
    assert [type(error) for error in result.errors] == [OutcomeUnknownError] * 2
    assert all(
        isinstance(error, TwofoldError) and error.effect is Effect.UNKNOWN
        for error in result.errors
    )
    assert "item " in str(result.errors[0])


async def test_what_the_methods_own_time_leaves_over_was_not_done() -> None:
    desk = Desk()
    result = await desk.rally.bulk_create("task", ITEMS, record=desk.record, timeout=0.3)
    assert [type(error) for error in result.errors] == [DeadlineError] * 4
    record = desk.record
    assert [len(record.done), len(record.unknown), len(record.failed)] == [2, 2, 2]
    agrees(record, {*await desk.created()})
    again = await desk.create()
    assert indexes(record.unknown) == [outcome.index for outcome in again.failed]


async def test_a_file_that_cannot_be_written_ends_the_bulk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sent afterwards could not be told: nothing is."""
    desk = Desk(path=tmp_path / "done.jsonl")
    lines = count()

    def write(handle: int, data: bytes) -> int:
        if next(lines) == 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        return own(handle, data)

    own = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", write)
        with pytest.raises(OSError, match="No space left"):
            await desk.create()
    assert next(lines) < 10
    agrees(desk.read_again(), {*await desk.created()})
    await desk.was_created_or_not()


async def test_what_failed_is_sent_again() -> None:
    desk = Desk(REFUSED)
    first = await desk.create()
    assert [outcome.index for outcome in first.failed] == [5]
    assert "locked" in (desk.record.failed[0].error or "")
    second = await desk.create()
    assert not second.failed
    assert await desk.created() == Counter(NEW)


async def test_what_was_done_and_is_gone_is_said() -> None:
    desk = Desk()
    result = await desk.create()
    await desk.rally.delete_ticket(result.updated_tickets[3])
    again = await desk.create()
    assert [type(error) for error in again.errors] == [NotFoundError]
    assert "no longer there" in str(again.errors[0])
    assert len(await desk.created()) == 5


async def test_a_record_belongs_to_one_bulk_of_one_server() -> None:
    desk = Desk()
    await desk.update()
    sent = desk.writes
    others: list[Call[[], object]] = [
        lambda: desk.rally.bulk_update_points(SIX, 78, record=desk.record),
        lambda: desk.rally.bulk_update_points(SIX[:5], 77, record=desk.record),
        lambda: desk.rally.bulk_update_points(SIX, 77, field="ToDo", record=desk.record),
        lambda: desk.rally.bulk_update(SIX, {"points": 77}, record=desk.record),
        lambda: desk.rally.bulk_delete(SIX, record=desk.record),
        lambda: desk.rally.bulk_create("task", ITEMS, record=desk.record),
    ]
    for other in others:
        with pytest.raises(ArgumentError, match="another bulk"):
            await other()
    elsewhere = Desk()
    elsewhere.rally = AsyncRallyClient(
        server="http://other.example", api_key=KEY, transport=InProcessTransport(elsewhere)
    )
    with pytest.raises(ArgumentError, match="another bulk"):
        await elsewhere.rally.bulk_update_points(SIX, 77, record=desk.record)
    assert (desk.writes, elsewhere.writes) == (sent, 0)


async def test_no_secret_is_in_the_file(tmp_path: Path) -> None:
    echo = {"match": {"method": "POST", "body": "new 1"}, "fault": "errors",
            "errors": [f"Validation error: {KEY} is not a key"]}  # fmt: skip
    for batch in (False, True):
        desk = Desk(LOST, echo, path=tmp_path / f"{batch}.jsonl", batch=batch)
        await desk.create()
        written = (tmp_path / f"{batch}.jsonl").read_text("utf-8")
        assert "new 1" in written
        assert KEY not in written
