# SPDX-License-Identifier: MIT
from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lines import HOME, LOOK, STEADY, read
from scripted import Scripted, ScriptedServer

from twofold._async.core.pipeline import Pipeline
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group, hired
from twofold.core.credentials import Anonymous
from twofold.core.options import Terms
from twofold.core.policy.breaker import Breaker
from twofold.core.policy.budget import Budget
from twofold.core.policy.gate import Ticket
from twofold.core.policy.hedge import Hedge
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.spare import would_go
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Request, Safety
from twofold.errors import NotFoundError
from twofold.events import (
    AttemptAbandoned,
    AttemptEnded,
    AttemptStarted,
    CallEnded,
    CallStarted,
    Event,
    HedgeSent,
    HedgeUnavailable,
)

QUICK, SLOW = Scripted(after=0.1), Scripted(after=5.0)
HEDGE = Hedge(least=0.5, samples=10)


PUT = Operation(Endpoint("test.put", "PUT", "/thing", read, Safety.REPEATABLE), "/thing")


class Server(ScriptedServer):
    """Knows how many requests are under way at once: an answer that is left is over."""

    def __init__(self, *lines: Any) -> None:
        super().__init__(*lines)
        self.under_way: list[tuple[Scripted, float]] = []

    def answer(self, request: Request, now: float) -> Scripted:
        answer = attrs.evolve(super().answer(request, now))
        self.under_way = [each for each in self.under_way if each[1] > now]
        self.under_way.append((answer, now + answer.after))
        self.most_inside = max(self.most_inside, len(self.under_way))
        return answer

    def left(self, answer: Scripted, now: float) -> None:
        super().left(answer, now)
        self.under_way = [each for each in self.under_way if each[0] is not answer]


def line(server: ScriptedServer, **options: Any) -> Pipeline:
    retry, timeout = options.pop("retry", STEADY), options.pop("timeout", Timeout())
    given: dict[str, Any] = {
        "origin": HOME,
        "base": "/api",
        "transport": InProcessTransport(server),
        "credentials": Anonymous(),
        "terms": Terms(timeout, retry),
        "concurrency": 3,
        "limits": Limits(clock=current_time),
        "hedge": HEDGE,
    }
    return Pipeline(**{**given, **options})


async def practised(*lines: Any, calls: int = 20, **options: Any) -> tuple[Pipeline, Server]:
    """Return a line that knows how long answers take: a tenth of a second."""
    server = Server(*[QUICK] * calls, *lines)
    sender = line(server, **options)
    for _ in range(calls):
        await sender.send(LOOK)
    assert len(server.requests) == calls
    return sender, server


async def test_a_read_that_is_slow_is_sent_once_more_and_the_first_answer_counts() -> None:
    sender, server = await practised(SLOW, Scripted(body=b'"copy"', after=0.1))
    began = current_time()
    assert await sender.send(LOOK) == "copy"
    assert current_time() - began == pytest.approx(0.5 + 0.1)
    assert len(server.requests) == 22
    assert server.left_early == 1


async def test_a_copy_waits_as_long_as_most_answers_took() -> None:
    retry = attrs.evolve(STEADY, budget=Budget(ratio=1.0))
    sender, server = await practised(*[Scripted(after=2.0)] * 4, SLOW, QUICK, calls=6, retry=retry)
    for _ in range(4):
        await sender.send(LOOK)
    began = current_time()
    await sender.send(LOOK)
    assert current_time() - began == pytest.approx(2.0 + 0.1)
    assert len(server.requests) == 12


async def test_the_request_itself_may_still_be_answered_first() -> None:
    sender, server = await practised(Scripted(body=b'"first"', after=0.7), SLOW)
    began = current_time()
    assert await sender.send(LOOK) == "first"
    assert current_time() - began == pytest.approx(0.7)
    assert server.left_early == 1


async def test_an_error_of_one_does_not_end_the_other() -> None:
    sender, _ = await practised(Scripted(body=b'"first"', after=2.0), Scripted(404, after=0.1))
    assert await sender.send(LOOK) == "first"
    sender, _ = await practised(Scripted(404, after=1.0), Scripted(body=b'"copy"', after=2.0))
    assert await sender.send(LOOK) == "copy"


async def test_if_both_fail_the_error_is_that_of_the_request_and_its_history_of_both() -> None:
    sender, server = await practised(Scripted(404, after=2.0), Scripted(502, after=0.1))
    with pytest.raises(NotFoundError) as caught:
        await sender.send(LOOK)
    assert [(one.number, one.status) for one in caught.value.attempts] == [(1, 404), (2, 502)]
    assert len(server.requests) == 22


async def test_the_request_is_repeated_while_its_copy_is_not() -> None:
    sender, server = await practised(
        Scripted(502, after=1.0), Scripted(502, after=0.1), Scripted(body=b'"again"', after=0.1)
    )
    assert await sender.send(LOOK) == "again"
    assert len(server.requests) == 23


async def test_both_answers_in_one_instant_are_one_result() -> None:
    """Invariant 7.4: nothing is left of the other, no slot and no connection."""
    sender, server = await practised(Scripted(body=b'"a"', after=1.0), Scripted(after=0.5))
    told: list[Event] = []
    sender.listeners.add(told.append)
    assert await sender.send(LOOK) in ("a", {})
    assert is_free(sender)
    ended = [event for event in told if isinstance(event, AttemptEnded | AttemptAbandoned)]
    assert len({event.attempt for event in ended}) == 2
    assert len(server.requests) == 22


async def test_a_callers_cancellation_ends_both() -> None:
    """Invariant 7.5."""
    sender, server = await practised(SLOW, SLOW)
    with move_on_after(2):
        await sender.send(LOOK)
    assert len(server.requests) == 22
    assert server.left_early == 2
    assert is_free(sender)


async def test_a_write_is_never_sent_twice_at_once() -> None:
    """Invariant 7.3: though it may be repeated after a failure."""
    server = Server(*[QUICK] * 20, SLOW)
    sender = line(server)
    for _ in range(20):
        await sender.send(PUT)
    await sender.send(PUT)
    assert len(server.requests) == 21


async def test_nothing_is_sent_twice_before_enough_is_known() -> None:
    sender, server = await practised(SLOW, calls=9)
    await sender.send(LOOK)
    assert len(server.requests) == 10


async def test_each_kind_of_call_has_its_own_delay() -> None:
    glance = attrs.evolve(LOOK, endpoint=attrs.evolve(LOOK.endpoint, name="test.glance"))
    sender, server = await practised(SLOW)
    await sender.send(glance)
    assert len(server.requests) == 21


async def test_no_hedge_without_the_option() -> None:
    sender, server = await practised(SLOW, hedge=None)
    await sender.send(LOOK)
    assert len(server.requests) == 21


async def test_no_hedge_where_no_slot_is_free() -> None:
    sender, server = await practised(SLOW, concurrency=1)
    await sender.send(LOOK)
    assert len(server.requests) == 21


async def test_no_hedge_while_others_wait_for_a_slot() -> None:
    sender, server = await practised(SLOW, concurrency=2)
    async with create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(sender.send, LOOK)
    assert len(server.requests) == 24
    assert server.most_inside == 2


async def test_no_hedge_while_the_circuit_is_not_closed() -> None:
    breaker = Breaker(calls=2, open=1.0, uniform=lambda low, high: low)
    sender, server = await practised(SLOW, breaker=breaker)
    circuit = sender.member.circuit
    assert circuit is not None
    sender.member.gate.force_open(circuit, current_time())
    assert not would_be_granted(sender)
    sender.member.gate.reset(circuit, current_time())
    assert would_be_granted(sender)
    await sender.send(LOOK)
    assert len(server.requests) == 22


def would_be_granted(sender: Pipeline) -> bool:
    return would_go(Ticket(sender.member), current_time())


async def test_no_hedge_where_no_thread_is_left_for_it() -> None:
    """Where a copy needs one: elsewhere the allowance grants what is wanted."""
    limits = Limits(threads=0, clock=current_time)
    with hired(limits.threads, 1) as granted:
        sender, server = await practised(SLOW, QUICK, limits=limits)
    await sender.send(LOOK)
    assert len(server.requests) == 21 + granted


async def test_hedges_must_be_earned_by_first_attempts() -> None:
    """Invariant 7.1: the floor of the budget is for retries alone."""
    sender, server = await practised(SLOW, retry=Retry(budget=Budget(ratio=0.0, floor=100.0)))
    await sender.send(LOOK)
    assert len(server.requests) == 21


async def test_hedges_and_retries_draw_on_one_budget() -> None:
    lost = Scripted(cut="after")
    retry = attrs.evolve(STEADY, budget=Budget(ratio=0.1, floor=0.0))
    sender, server = await practised(lost, QUICK, lost, QUICK, SLOW, retry=retry)
    for _ in range(2):
        await sender.send(LOOK)
    assert len(server.requests) == 24
    await sender.send(LOOK)
    assert len(server.requests) == 25


@pytest.mark.parametrize("retry", [None, attrs.evolve(STEADY, budget=None)])
async def test_hedges_have_a_budget_where_retries_have_none(retry: Retry | None) -> None:
    sender, server = await practised(*[SLOW] * 100, retry=retry, timeout=Timeout(total=100))
    for _ in range(10):
        await sender.send(LOOK)
    assert len(server.requests) - 30 <= 0.1 * 30


@given(
    after=st.lists(st.sampled_from([0.1, 0.4, 3.0, 6.0]), min_size=30, max_size=60),
    ratio=st.sampled_from([0.05, 0.1, 0.5]),
)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_copies_stay_within_their_share_and_two_are_the_most(
    after: list[float], ratio: float
) -> None:
    """Invariant 7.1, Invariant 7.2."""
    retry = attrs.evolve(STEADY, budget=Budget(ratio=ratio, window=1e6))
    server = Server(*[Scripted(after=each) for each in after])
    sender = line(server, retry=retry)
    for _ in range(30):
        await sender.send(LOOK)
    assert len(server.requests) - 30 <= ratio * 30
    assert server.most_inside <= 2
    assert is_free(sender)


async def test_statistics_take_the_winners_only() -> None:
    sender, _ = await practised(*[SLOW, QUICK] * 3, calls=60)
    for _ in range(3):
        await sender.send(LOOK)
    await sleep(3)
    assert sender.hedging is not None
    latencies = sender.hedging._latencies("test.look")
    assert [*latencies._seconds] == pytest.approx([0.1] * 63)


async def test_a_listener_hears_of_the_copy_and_who_was_given_up() -> None:
    sender, _ = await practised(SLOW, QUICK)
    told: list[Event] = []
    sender.listeners.add(told.append)
    await sender.send(LOOK)
    assert [(type(event), event.attempt) for event in told] == [
        (CallStarted, 0),
        (AttemptStarted, 1),
        (HedgeSent, 1),
        (AttemptStarted, 2),
        (AttemptEnded, 2),
        (AttemptAbandoned, 1),
        (CallEnded, 1),
    ]
    assert len({event.call for event in told}) == 1


@attrs.frozen
class Stubborn(InProcessTransport):
    """An engine whose requests cannot be given up."""

    @property
    def interruptible(self) -> bool:
        return False


async def test_an_engine_that_cannot_be_interrupted_sends_none_and_an_event_says_so_once() -> None:
    told: list[Event] = []
    server = Server(*[QUICK] * 20, SLOW)
    sender = line(server, transport=Stubborn(server), listener=told.append)
    for _ in range(21):
        await sender.send(LOOK)
    assert len(server.requests) == 21
    assert [type(event) for event in told].count(HedgeUnavailable) == 1


async def test_a_copy_that_meets_a_mishap_of_ours_says_so() -> None:
    prepared: list[Request] = []

    def broken(request: Request) -> Request:
        prepared.append(request)
        if len(prepared) == 22:
            raise ZeroDivisionError
        return request

    sender, _ = await practised(SLOW, prepare=broken)
    with pytest.raises(ZeroDivisionError):
        await sender.send(LOOK)
    assert is_free(sender)


async def test_nobody_waits_for_a_copy_that_was_not_sent() -> None:
    sender, server = await practised(Scripted(404, after=0.1))
    began = current_time()
    with pytest.raises(NotFoundError):
        await sender.send(LOOK)
    assert current_time() - began == pytest.approx(0.1)
    assert len(server.requests) == 21


async def test_no_copy_is_sent_during_a_pause() -> None:
    sender, server = await practised(
        Scripted(502, after=0.1), QUICK, retry=attrs.evolve(STEADY, base=4.0)
    )
    await sender.send(LOOK)
    assert len(server.requests) == 22


def is_free(sender: Pipeline) -> bool:
    """Nobody is inside, and all threads were given back."""
    seen = sender.member.gate.statistics(sender.credentials.account)
    return (seen.inside, seen.queued) == (0, 0) and (
        sender.limits.threads.left == sender.limits.threads.threads
    )
