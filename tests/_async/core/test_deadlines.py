# SPDX-License-Identifier: MIT
"""The total deadline, on the real line, against servers that do whatever they like."""

from __future__ import annotations

import math
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lines import HOME, LOOK, POST, PUT, STEADY, Token
from scripted import Scripted, ScriptedServer

from twofold._async.core.pipeline import Pipeline
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import (
    CancelScope,
    current_time,
    fail_after,
    move_on_after,
    sleep,
)
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.credentials import Anonymous
from twofold.core.options import Terms
from twofold.core.policy.budget import Budget
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Operation
from twofold.core.unset import UNSET
from twofold.errors import (
    DeadlineError,
    OutcomeUnknownError,
    RetryLaterError,
    ServerError,
    TwofoldError,
)
from twofold.events import Event, Refusal, RetryRefused

INSTANT = 1e-6


def line(server: ScriptedServer, **options: Any) -> Pipeline:
    retry, timeout = options.pop("retry", STEADY), options.pop("timeout", Timeout())
    given: dict[str, Any] = {
        "origin": HOME,
        "base": "/api",
        "transport": InProcessTransport(server),
        "credentials": Anonymous(),
        "terms": Terms(timeout, retry),
        "concurrency": 1,
        "limits": Limits(clock=current_time),
    }
    return Pipeline(**{**given, **options})


def hinted(text: str) -> tuple[tuple[str, str], ...]:
    return (("Retry-After", text),)


SECONDS = st.floats(0, 12)
HINTS = st.sampled_from(["0", "1", "3", "20", "100000", "-1", "soon"]).map(hinted) | st.just(())
ANSWERS = st.builds(
    Scripted,
    status=st.sampled_from([200, 301, 404, 408, 429, 500, 502, 503]),
    headers=HINTS,
    after=SECONDS,
    cut=st.sampled_from([None, None, "after"]),
)
SCRIPTS = st.lists(ANSWERS, min_size=1, max_size=6)
RETRIES = st.builds(
    Retry,
    attempts=st.integers(1, 6),
    base=st.floats(0.01, 5),
    cap=st.floats(0.01, 20),
    budget=st.none() | st.just(Budget()),
)
OPERATIONS = st.sampled_from([LOOK, PUT, POST])


@attrs.frozen
class Ended:
    """How a call ended, and when."""

    seconds: float
    error: BaseException | None


async def carried_out(sender: Pipeline, operation: Operation[Any], outer: float) -> Ended:
    """Carry out a call within a deadline of the caller's own."""
    began = current_time()
    try:
        with fail_after(outer):
            await sender.send(operation)
    except (TwofoldError, TimeoutError) as error:
        return Ended(current_time() - began, error)
    return Ended(current_time() - began, None)


async def occupied(sender: Pipeline, seconds: float) -> None:
    """Hold the only slot for a while."""
    with move_on_after(seconds):
        await sender.send(LOOK)


@given(
    script=SCRIPTS,
    retry=RETRIES,
    operation=OPERATIONS,
    total=st.floats(0.1, 30),
    attempt=st.floats(0.1, 30),
    outer=st.floats(0.1, 40) | st.just(math.inf),
)
@settings(max_examples=60)
async def test_no_call_takes_longer_than_it_may_and_nothing_is_sent_after_its_deadline(
    script: list[Scripted],
    retry: Retry,
    operation: Operation[Any],
    total: float,
    attempt: float,
    outer: float,
) -> None:
    """Invariant 1.1, Invariant 1.2, Invariant 1.3: whichever deadline comes first holds."""
    server = ScriptedServer(*script)
    sender = line(server, retry=retry, timeout=Timeout(total=total, attempt=attempt))
    began = current_time()
    ended = await carried_out(sender, operation, outer)
    allowed = min(total, outer)
    assert ended.seconds <= allowed + INSTANT
    assert all(time <= began + allowed + INSTANT for time in server.times)
    assert len(server.requests) <= retry.attempts * 11  # with redirects
    if isinstance(ended.error, DeadlineError):
        assert total <= outer
        assert ended.seconds == pytest.approx(total)
    elif not isinstance(ended.error, TwofoldError | None):
        assert outer <= total
        assert ended.seconds == pytest.approx(outer)


@given(taken=st.floats(0.5, 20), total=st.floats(0.1, 10))
@settings(max_examples=20)
async def test_the_queue_counts(taken: float, total: float) -> None:
    """Invariant 1.1: a call that never gets a slot ends in time, and was never sent."""
    server = ScriptedServer(Scripted(after=100))
    limits = Limits(clock=current_time)
    holder = line(server, limits=limits)
    sender = line(server, limits=limits, timeout=Timeout(total=total))
    async with create_task_group() as tasks:
        tasks.start_soon(occupied, holder, taken)
        await sleep(0.01)
        ended = await carried_out(sender, POST, math.inf)
    assert ended.seconds <= total + INSTANT
    assert isinstance(ended.error, DeadlineError | OutcomeUnknownError)
    assert len(server.requests) == 1 + (taken - 0.01 < total)


@given(totals=st.lists(st.floats(0.1, 20), min_size=1, max_size=5))
@settings(max_examples=20)
async def test_nested_deadlines_only_shorten(totals: list[float]) -> None:
    """Invariant 1.1: of deadlines around a call the earliest holds, wherever it stands."""
    sender = line(ScriptedServer(Scripted(after=100)), timeout=Timeout(total=15))
    began = current_time()

    async def within(left: list[float]) -> None:
        if not left:
            await sender.send(LOOK)
            return
        with move_on_after(left[0]):
            await within(left[1:])

    try:
        await within(totals)
    except DeadlineError:
        assert min(totals) >= 15
    assert current_time() - began == pytest.approx(min(15.0, *totals))


async def test_a_method_can_not_outlast_the_deadline_around_it() -> None:
    sender = line(ScriptedServer(Scripted(after=100)))
    began = current_time()
    with pytest.raises(TimeoutError) as caught, fail_after(2):
        await sender.send(LOOK, sender.under(50, None))
    assert current_time() - began == pytest.approx(2)
    assert not isinstance(caught.value, DeadlineError)


async def test_a_renewal_ends_with_the_call_that_it_is_for() -> None:
    """Invariant 1.1: its own requests may take longer, but not while the call waits for them."""
    server = ScriptedServer(Scripted(after=100))
    sender = line(server, credentials=Token())
    began = current_time()
    with pytest.raises(DeadlineError):
        await sender.send(LOOK, Terms(Timeout(total=2), STEADY))
    assert current_time() - began == pytest.approx(2)
    assert [request.target for request in server.requests] == ["/api/token"]
    assert sender.limits.renewals("token").gate.statistics("token").inside == 0


async def test_a_cancellation_from_outside_stays_one() -> None:
    """Invariant 1.3, Rule 14.7: it is never turned into an error, nor repeated."""
    server = ScriptedServer(Scripted(after=100))
    sender = line(server)
    reached: list[str] = []

    async def call() -> None:
        try:
            await sender.send(LOOK)
        except Exception:
            reached.append("an error")
            raise
        reached.append("an answer")

    with CancelScope() as scope:
        async with create_task_group() as tasks:
            tasks.start_soon(call)
            await sleep(1)
            scope.cancel()
    assert scope.cancelled_caught
    assert reached == []
    assert len(server.requests) == 1


async def test_a_pause_as_long_as_what_is_left_is_not_begun() -> None:
    """Invariant 1.2: it would end at the deadline, and what follows it would be cut off."""
    told: list[Event] = []
    server = ScriptedServer(Scripted(502, after=1))
    sender = line(
        server,
        timeout=Timeout(total=3),
        retry=attrs.evolve(STEADY, base=2.0),
        listener=told.append,
    )
    ended = await carried_out(sender, LOOK, math.inf)
    assert ended.seconds == pytest.approx(1)
    assert isinstance(ended.error, ServerError)
    assert ended.error.hurried
    assert ended.error.retry_at is not None
    assert "outlast the deadline" in ended.error.__notes__[0]
    assert [event.reason for event in told if isinstance(event, RetryRefused)] == [Refusal.DEADLINE]


async def test_a_hint_beyond_the_deadline_is_told_and_not_waited_for() -> None:
    server = ScriptedServer(Scripted(429, headers=hinted("20")))
    ended = await carried_out(line(server, timeout=Timeout(total=5)), LOOK, math.inf)
    assert ended.seconds == 0
    assert isinstance(ended.error, RetryLaterError)
    assert ended.error.retry_at is not None


async def test_a_method_that_has_used_up_its_time_sends_nothing_more() -> None:
    """Invariant 1.1."""
    server = ScriptedServer()
    sender = line(server)
    terms = sender.under(1.0, UNSET)
    await sender.send(LOOK, terms)
    await sleep(1.0)
    with pytest.raises(DeadlineError):
        await sender.send(LOOK, terms)
    assert len(server.requests) == 1
