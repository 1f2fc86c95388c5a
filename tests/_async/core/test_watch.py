# SPDX-License-Identifier: MIT
"""Events for slow readers: bounded, in order, and the calls never wait for them."""

from __future__ import annotations

from typing import Any

import pytest
from scripted import Scripted, ScriptedServer

from twofold._async.core.client import AsyncClient
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time, fail_after, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.policy.limits import Limits
from twofold.core.request import Endpoint, Operation, Reply
from twofold.errors import ArgumentError, NotEnteredError
from twofold.events import AttemptEnded, AttemptStarted, CallEnded, CallStarted, Event

LOOK = Operation(Endpoint("test.look", "GET", "/things/{id}", Reply.json), "/things/7")
USUAL = [CallStarted, AttemptStarted, AttemptEnded, CallEnded]


def client() -> AsyncClient:
    server = ScriptedServer(Scripted(after=1))
    return AsyncClient(
        "https://api.example",
        transport=InProcessTransport(server),
        limits=Limits(clock=current_time),
    )


async def read(events: Any, count: int) -> list[Event]:
    seen: list[Event] = []
    async for event in events:
        seen.append(event)
        if len(seen) == count:
            break
    return seen


async def test_events_come_in_order_as_they_happen() -> None:
    api = client()
    seen: list[tuple[type[Event], float]] = []

    with api.watch() as events:
        async with create_task_group() as tasks:
            tasks.start_soon(api.send, LOOK)
            async for event in events:
                seen.append((type(event), current_time()))
                if isinstance(event, CallEnded):
                    break
    assert [kind for kind, _ in seen] == USUAL
    assert [moment for _, moment in seen] == pytest.approx([0, 0, 1, 1])


async def test_the_first_event_says_what_is_asked_of_whom_without_its_values() -> None:
    api = client()
    with api.watch() as events:
        await api.send(LOOK)
        (first, *_) = await read(events, 4)
    assert isinstance(first, CallStarted)
    told = (first.operation, first.method, first.template, first.origin)
    assert told == ("test.look", "GET", "/things/{id}", "https://api.example")


@pytest.mark.parametrize(
    ("drop", "kept"), [("oldest", [AttemptEnded, CallEnded]), ("newest", USUAL[:2])]
)
async def test_a_full_backlog_drops_by_its_rule_and_counts(drop: Any, kept: Any) -> None:
    api = client()
    with api.watch(2, drop=drop) as events:
        await api.send(LOOK)
        assert events.dropped == 2
        assert [type(event) for event in await read(events, 2)] == kept


async def test_nothing_is_kept_before_or_after_the_block() -> None:
    api = client()
    await api.send(LOOK)
    with api.watch() as events:
        assert api.listeners.active
    assert not api.listeners.active
    await api.send(LOOK)
    with pytest.raises(NotEnteredError):
        await read(events, 1)


async def test_readers_that_wait_elsewhere_end_with_the_block() -> None:
    """Rule 14.5"""
    api = client()
    ended: list[int] = []

    async def take(number: int) -> None:
        async for _ in events:
            pass
        ended.append(number)

    async with create_task_group() as tasks:
        with fail_after(10), api.watch() as events:
            for number in range(3):
                tasks.start_soon(take, number)
            await sleep(1)
    assert sorted(ended) == [0, 1, 2]
    assert await read(events, 1) == []


async def test_a_reader_that_gives_up_loses_nothing() -> None:
    """Rule 14.5, Rule 14.6"""
    api = client()
    with api.watch() as events:
        with move_on_after(1):
            await read(events, 1)
        await api.send(LOOK)
        assert [type(event) for event in await read(events, 4)] == USUAL


async def test_each_event_goes_to_one_of_several_readers() -> None:
    """Rule 14.5"""
    api = client()
    seen: list[Event] = []

    async def take(seconds: float) -> None:
        with move_on_after(seconds):
            async for event in events:
                seen.append(event)  # noqa: PERF401 - kept if it is cancelled

    with api.watch() as events:
        async with create_task_group() as tasks:
            for seconds in (0.2, 5, 5):
                tasks.start_soon(take, seconds)
            await sleep(0.5)
            await api.send(LOOK)
    assert sorted(type(event).__name__ for event in seen) == sorted(kind.__name__ for kind in USUAL)


@pytest.mark.parametrize(
    ("given", "name"), [({"size": 0}, "size"), ({"size": 1.5}, "size"), ({"drop": "some"}, "drop")]
)
async def test_a_wrong_bound_is_refused_by_its_name(given: Any, name: str) -> None:
    with pytest.raises(ArgumentError, match=name), client().watch(**given):
        pass
