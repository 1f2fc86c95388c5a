# SPDX-License-Identifier: MIT
"""Retries and their budget, on the real line; and the loop alone, which knows no HTTP."""

from __future__ import annotations

import random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lines import HOME, LOOK, POST, PUT, STEADY
from scripted import Scripted, ScriptedServer

from twofold._async.core.pipeline import Pipeline
from twofold._async.core.retrying import retrying
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import (
    CancelScope,
    current_time,
    sleep,
)
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.call import CallRecord
from twofold.core.credentials import Anonymous, HeaderKey
from twofold.core.listeners import Listeners
from twofold.core.options import Terms
from twofold.core.policy.budget import Budget, Purse
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Operation, Safety
from twofold.errors import Effect, RetryLaterError, ServerError, TwofoldError
from twofold.events import Event, Refusal, RetryRefused, RetryScheduled

LOST = Scripted(cut="after")


def line(server: ScriptedServer, **options: Any) -> Pipeline:
    retry = options.pop("retry", STEADY)
    given: dict[str, Any] = {
        "origin": HOME,
        "base": "/api",
        "transport": InProcessTransport(server),
        "credentials": HeaderKey("X-Api-Key", "_key"),
        "terms": Terms(Timeout(), retry),
        "concurrency": 100,
        "limits": Limits(clock=current_time),
    }
    return Pipeline(**{**given, **options})


@given(
    script=st.lists(
        st.builds(
            Scripted,
            status=st.sampled_from([200, 404, 408, 429, 500, 502, 503]),
            cut=st.sampled_from([None, "after"]),
        ),
        min_size=1,
        max_size=8,
    ),
    operation=st.sampled_from([LOOK, PUT, POST]),
    attempts=st.integers(1, 6),
    body=st.binary(max_size=50),
)
@settings(max_examples=60)
async def test_attempts_are_bounded_and_alike_and_what_counts_is_sent_once(
    script: list[Scripted], operation: Operation[Any], attempts: int, body: bytes
) -> None:
    """Invariant 2.1, Invariant 2.2, Invariant 2.5."""
    server = ScriptedServer(*script)
    sender = line(server, retry=attrs.evolve(STEADY, attempts=attempts))
    sent = operation if operation is LOOK else attrs.evolve(operation, body=body)
    failed: list[TwofoldError] = []
    try:
        await sender.send(sent)
    except TwofoldError as error:
        failed.append(error)
    assert len(server.requests) <= attempts
    assert len(set(server.requests)) == 1
    if operation is POST:
        # Only after answers that prove that nothing was done is it sent again.
        before = [script[min(n, len(script) - 1)] for n in range(len(server.requests) - 1)]
        assert all(answer.status == 429 and answer.cut is None for answer in before)
    assert all(len(error.attempts) == len(server.requests) for error in failed)


async def test_a_cancellation_is_neither_swallowed_nor_repeated() -> None:
    """Invariant 2.4: not in an attempt, and not in a pause."""
    for patience in (0.5, 1.5):
        server = ScriptedServer(Scripted(502, after=1))
        sender = line(server, retry=attrs.evolve(STEADY, base=5.0))
        async with create_task_group() as tasks:
            tasks.start_soon(sender.send, LOOK)
            await sleep(patience)
            tasks.cancel_scope.cancel()
        assert len(server.requests) == 1


async def test_who_is_cancelled_while_an_attempt_fails_is_told_of_the_cancellation() -> None:
    """Invariant 2.4: an error that comes at the same time does not hide it."""
    attempts: list[int] = []
    with CancelScope() as scope:

        async def fail() -> None:
            attempts.append(1)
            scope.cancel()
            raise ServerError("lost", transient=True)

        await retrying(fail, record(), STEADY)
    assert scope.cancelled_caught
    assert len(attempts) == 1


async def test_what_is_no_error_of_ours_passes() -> None:
    """Invariant 2.4: `except TwofoldError`, and nothing else."""
    for mishap in (ZeroDivisionError, KeyboardInterrupt, SystemExit):
        raised: list[BaseException] = []

        async def fail(mishap: type[BaseException] = mishap) -> None:
            raise mishap

        try:
            await retrying(fail, record(), STEADY)
        except BaseException as error:
            raised.append(error)
        assert [type(error) for error in raised] == [mishap]


def record(safety: Safety = Safety.SAFE) -> CallRecord:
    """A call of something that is not HTTP."""
    return CallRecord("git.fetch", safety, current_time, Listeners(), ())


async def test_the_loop_serves_commands_as_well() -> None:
    tries: list[float] = []

    async def fetch() -> str:
        tries.append(current_time())
        if len(tries) < 3:
            raise ServerError("the remote hung up", transient=True, effect=Effect.UNKNOWN)
        return "fetched"

    call = record(Safety.REPEATABLE)
    began = current_time()
    assert await retrying(fetch, call, STEADY, Purse()) == "fetched"
    assert current_time() - began == pytest.approx(0.1 + 0.2)
    assert [one.error for one in call.tries] == ["ServerError: the remote hung up"] * 2


async def test_what_a_call_within_has_tried_already_is_not_tried_again() -> None:
    server = ScriptedServer(LOST)
    sender = line(server)

    async def nested() -> Any:
        return await sender.send(LOOK)

    with pytest.raises(ServerError):
        await retrying(nested, record(), STEADY)
    assert len(server.requests) == 3


async def test_a_budget_is_decided_when_the_retry_is_scheduled() -> None:
    """Invariant 3.1: those who pause at the same time have all paid."""
    told: list[Event] = []
    server = ScriptedServer(LOST)
    sender = line(
        server,
        retry=attrs.evolve(STEADY, base=5.0, budget=Budget(ratio=0.1, floor=0.0)),
        listener=told.append,
    )
    async with create_task_group() as tasks:
        for _ in range(50):
            tasks.start_soon(fails, sender)
        await sleep(4)
        assert len(server.requests) == 50
        assert sum(isinstance(event, RetryScheduled) for event in told) == 5
    assert len(server.requests) == 55
    refused = [event.reason for event in told if isinstance(event, RetryRefused)]
    assert refused == [Refusal.BUDGET] * 50


async def fails(sender: Pipeline) -> None:
    with pytest.raises(ServerError):
        await sender.send(LOOK)


async def test_a_retry_that_is_not_paid_for_raises_the_last_error_and_says_why() -> None:
    throttled = Scripted(429, headers=(("Retry-After", "3"),))
    sender = line(
        ScriptedServer(throttled), retry=attrs.evolve(STEADY, budget=Budget(ratio=0, floor=0))
    )
    began = current_time()
    with pytest.raises(RetryLaterError) as caught:
        await sender.send(LOOK)
    assert current_time() == began
    assert caught.value.retry_at is not None
    assert len(caught.value.attempts) == 1
    assert "budget" in caught.value.__notes__[0]
    assert not caught.value.hurried


async def test_calls_for_another_account_draw_on_the_same_budget() -> None:
    server = ScriptedServer(LOST)
    retry = attrs.evolve(STEADY, budget=Budget(ratio=0.0, floor=0.2))
    sender = line(server, retry=retry)
    for each in (sender, sender.acting_as(Anonymous()), sender):
        await fails(each)
    assert len(server.requests) == 3 + 2
    await fails(line(server, retry=retry))
    assert len(server.requests) == 5 + 3


async def test_a_call_under_no_budget_is_refused_nothing() -> None:
    server = ScriptedServer(LOST)
    sender = line(server, retry=attrs.evolve(STEADY, budget=Budget(ratio=0.0, floor=0.0)))
    await fails(sender)
    with pytest.raises(ServerError):
        await sender.send(LOOK, sender.under(None, attrs.evolve(STEADY, budget=None)))
    assert len(server.requests) == 1 + 3


async def test_an_origin_that_is_dead_for_a_minute_sees_little_more_than_the_calls() -> None:
    """Invariant 3.2: on the real line, 100 calls a second, each as patient as can be."""
    chance = random.Random(5)
    server = ScriptedServer(LOST)
    sender = line(server, retry=Retry(uniform=chance.uniform))
    async with create_task_group() as tasks:
        for _ in range(60):
            tasks.start_soon(a_second_of_calls, sender)
            await sleep(1)
    assert len(server.requests) / 6000 <= 1.13


async def a_second_of_calls(sender: Pipeline) -> None:
    for _ in range(100):
        await fails(sender)
        await sleep(0)
