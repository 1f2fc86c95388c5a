# SPDX-License-Identifier: MIT
"""What the gate does to calls: rates, breakers, throttles and adaptive limits along the line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lines import HOME
from scripted import Script, Scripted, ScriptedServer

from twofold._async.core.client import AsyncClient
from twofold._async.core.pipeline import Pipeline
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time, fail_after, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.credentials import HeaderKey
from twofold.core.listeners import Listeners
from twofold.core.options import Terms
from twofold.core.policy.adaptive import Adaptive
from twofold.core.policy.breaker import Breaker
from twofold.core.policy.limits import Limits
from twofold.core.policy.rate import Rate
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Reply, Request
from twofold.core.wire.verdict import refusal
from twofold.errors import (
    DeadlineError,
    Effect,
    RetryLaterError,
    ServerError,
    TwofoldError,
)
from twofold.events import CircuitChanged, Event, LimitChanged, Throttled

BREAKER = Breaker(calls=3, open=5.0, uniform=lambda low, high: 1.0)
LOST = Scripted(cut="after")


def read(reply: Reply) -> Any:
    refused = refusal(reply)
    if refused is not None:
        raise refused
    said = reply.json()
    if "slow down" in said:
        raise RetryLaterError("slow down", after=said["slow down"], pauses_bucket=True)
    return said


def endpoint(name: str, **fields: Any) -> Operation[Any]:
    return Operation(Endpoint(f"test.{name}", "GET", "/thing", read, **fields), f"/{name}")


LOOK = endpoint("look")
SEARCH = endpoint("search", bucket="search")
HEAVY = endpoint("heavy", weight=3)


def line(server: ScriptedServer, **options: Any) -> Pipeline:
    retry, timeout = options.pop("retry", None), options.pop("timeout", Timeout())
    given: dict[str, Any] = {
        "origin": HOME,
        "base": "",
        "transport": InProcessTransport(server),
        "credentials": HeaderKey("X-Api-Key", options.pop("account", "_key")),
        "terms": Terms(timeout, retry),
        "concurrency": 10,
        "limits": Limits(clock=current_time),
    }
    return Pipeline(**{**given, **options})


async def send_all(sender: Pipeline, *operations: Operation[Any]) -> None:
    async with create_task_group() as tasks:
        for operation in operations:
            tasks.start_soon(sender.send, operation)


async def failing(sender: Pipeline, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ServerError):
            await sender.send(LOOK)


# Rates


async def test_no_more_are_sent_than_the_rate_allows() -> None:
    """Invariant 4.1"""
    server = ScriptedServer()
    await send_all(line(server, rate=Rate(3, 10.0)), *[LOOK] * 8)
    assert server.times == pytest.approx([0, 0, 0, 10, 10, 10, 20, 20], abs=0.001)


async def test_a_weight_counts_as_so_many_requests_and_each_bucket_for_itself() -> None:
    server = ScriptedServer()
    sender = line(server, rate=Rate(3, 10.0))
    await sender.send(HEAVY)
    await sender.send(SEARCH)
    await sender.send(LOOK)
    assert server.times == pytest.approx([0, 0, 10], abs=0.001)


async def test_those_who_are_cancelled_while_they_wait_delay_nobody() -> None:
    """Invariant 4.3"""
    server = ScriptedServer()
    sender = line(server, rate=Rate(1, 10.0))
    await sender.send(LOOK)

    async with create_task_group() as tasks, create_task_group() as impatient:
        for _ in range(5):
            impatient.start_soon(sender.send, LOOK)
        await sleep(1)
        tasks.start_soon(sender.send, LOOK)
        await sleep(4)
        impatient.cancel_scope.cancel()
    assert server.times == pytest.approx([0, 10], abs=0.001)


async def test_a_wait_that_cannot_end_before_the_deadline_is_not_begun() -> None:
    server = ScriptedServer()
    sender = line(server, rate=Rate(1, 60.0))
    await sender.send(LOOK)
    began = current_time()
    with pytest.raises(RetryLaterError, match="deadline") as caught, fail_after(30):
        await sender.send(LOOK)
    assert current_time() == began
    assert caught.value.retry_at is not None
    assert caught.value.effect is Effect.NONE
    assert sender.member.statistics().queued == 0


async def test_whoever_stands_behind_one_that_has_time_is_told_at_once_too() -> None:
    server = ScriptedServer()
    sender = line(server, rate=Rate(1, 60.0))
    await sender.send(LOOK)
    async with create_task_group() as tasks:
        tasks.start_soon(sender.send, LOOK)
        await sleep(1)
        began = current_time()
        with pytest.raises(RetryLaterError), fail_after(30):
            await sender.send(LOOK)
        assert current_time() == began


async def test_the_many_of_one_tenant_do_not_hold_up_the_few_of_another() -> None:
    def tenant(request: Request) -> str:
        return dict(request.headers)["X-Tenant"]

    server = ScriptedServer()
    sender = line(server, rate=Rate(1, 10.0, key=tenant))

    def of(name: str) -> Operation[Any]:
        return Operation(LOOK.endpoint, "/look", headers=(("X-Tenant", name),))

    async with create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(sender.send, of("large"))
        await sleep(1)  # whoever is started with others may come before them
        tasks.start_soon(sender.send, of("small"))
    assert server.field("x-tenant") == ["large", "large", "small", "large", "large"]


# The breaker


async def test_after_many_failures_nothing_is_sent_until_it_is_time_to_try() -> None:
    """Invariant 6.1"""
    server = ScriptedServer(LOST, LOST, LOST, Scripted())
    sender = line(server, breaker=BREAKER)
    await failing(sender, 3)
    for _ in range(50):
        with pytest.raises(RetryLaterError, match="circuit is open") as caught:
            await sender.send(LOOK)
        assert caught.value.retry_at is not None
        assert not caught.value.transient
    assert len(server.requests) == 3
    await sleep(5)
    assert await sender.send(LOOK) == {}
    assert sender.member.statistics().circuit == "closed"


async def test_those_who_wait_are_refused_once_the_circuit_opens() -> None:
    """Invariant 6.1"""
    server = ScriptedServer(Scripted(503, after=1))
    sender = line(server, breaker=BREAKER, concurrency=3)
    errors: list[TwofoldError] = []

    async def call() -> None:
        try:
            await sender.send(LOOK)
        except TwofoldError as error:
            errors.append(error)

    async with create_task_group() as tasks:
        for _ in range(40):
            tasks.start_soon(call)
    assert len(server.requests) <= 5
    assert current_time() == pytest.approx(server.times[-1] + 1)
    refused = [error for error in errors if isinstance(error, RetryLaterError)]
    assert len(refused) == 40 - len(server.requests)


async def test_a_retry_that_the_circuit_refuses_leaves_the_last_real_error() -> None:
    server = ScriptedServer(LOST)
    sender = line(server, breaker=BREAKER, retry=Retry(attempts=9, uniform=lambda low, high: high))
    with pytest.raises(ServerError, match="lost") as caught:
        await sender.send(LOOK)
    assert len(caught.value.attempts) == len(server.requests) == 3
    assert caught.value.retry_at is not None
    assert any("another attempt was not sent" in note for note in caught.value.__notes__)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429])
async def test_what_the_server_refuses_is_no_failure_of_the_server(status: int) -> None:
    server = ScriptedServer(Scripted(status))
    sender = line(server, breaker=BREAKER)
    for _ in range(5):
        with pytest.raises(TwofoldError):
            await sender.send(LOOK)
        await sleep(100)
    assert len(server.requests) == 5


async def test_cancelled_calls_do_not_open_the_circuit() -> None:
    """Invariant 6.4"""
    sender = line(ScriptedServer(Scripted(after=10)), breaker=BREAKER)
    for _ in range(20):
        with move_on_after(1):
            await sender.send(LOOK)
    assert sender.member.statistics().circuit == "closed"


async def test_a_server_that_is_silent_until_the_deadline_opens_the_circuit() -> None:
    server = ScriptedServer(Scripted(after=1000))
    sender = line(server, breaker=BREAKER, timeout=Timeout(total=4, attempt=4))
    for _ in range(3):
        with pytest.raises((DeadlineError, ServerError)):
            await sender.send(LOOK)
    with pytest.raises(RetryLaterError):
        await sender.send(LOOK)
    assert len(server.requests) == 3


async def test_a_deadline_in_a_last_short_attempt_is_not_held_against_the_server() -> None:
    server = ScriptedServer(Scripted(after=2))
    sender = line(server, breaker=BREAKER, timeout=Timeout(total=1, attempt=4))
    for _ in range(9):
        with pytest.raises(DeadlineError):
            await sender.send(LOOK)
    assert len(server.requests) == 9


async def test_a_probe_that_is_cancelled_frees_its_place() -> None:
    """Invariant 6.3"""
    server = ScriptedServer(LOST, LOST, LOST, Scripted(after=10), Scripted())
    sender = line(server, breaker=BREAKER)
    await failing(sender, 3)
    await sleep(5)
    with move_on_after(1):
        await sender.send(LOOK)
    assert await sender.send(LOOK) == {}


async def test_clients_of_all_accounts_share_the_circuit() -> None:
    limits = Limits(clock=current_time)
    server = ScriptedServer(LOST)
    mine = line(server, breaker=BREAKER, limits=limits)
    yours = line(server, breaker=BREAKER, limits=limits, account="_other")
    await failing(mine, 3)
    with pytest.raises(RetryLaterError):
        await yours.send(LOOK)
    assert len(server.requests) == 3


# Throttles


async def test_a_throttle_closes_the_bucket_for_every_client_of_the_account() -> None:
    """Invariant 4.6"""
    throttled = Scripted(429, headers=(("Retry-After", "30"),))
    server = ScriptedServer(throttled, Scripted(after=1))
    limits = Limits(clock=current_time)
    first, second = (line(server, limits=limits) for _ in range(2))
    stranger = line(server, limits=limits, account="_other")
    with pytest.raises(RetryLaterError):
        await first.send(LOOK)
    async with create_task_group() as tasks:
        for sender in (first, second, first, second):
            tasks.start_soon(sender.send, LOOK)
        await stranger.send(LOOK)
        await first.send(SEARCH)
    # One goes first, and when it comes back two, and then the rest.
    assert server.times == pytest.approx([0, 0, 1, 30, 31, 31, 32], abs=0.001)


async def test_a_throttle_that_only_read_understands_closes_the_bucket() -> None:
    """Invariant 4.6"""
    told: list[Event] = []
    throttled = Scripted(body=json.dumps({"slow down": 20}).encode())
    server = ScriptedServer(throttled, Scripted())
    sender = line(server, listener=Listeners(told.append))
    with pytest.raises(RetryLaterError):
        await sender.send(SEARCH)
    await sender.send(LOOK)
    await sender.send(SEARCH)
    assert server.times == pytest.approx([0, 0, 20], abs=0.001)
    assert [event.bucket for event in told if isinstance(event, Throttled)] == ["search"]


async def test_a_throttle_is_told_once() -> None:
    told: list[Event] = []
    throttled = Scripted(429, headers=(("Retry-After", "30"),))
    with pytest.raises(RetryLaterError):
        await line(ScriptedServer(throttled), listener=Listeners(told.append)).send(LOOK)
    (event,) = (event for event in told if isinstance(event, Throttled))
    assert event.origin == str(HOME)
    assert event.seconds == pytest.approx(30, abs=0.001)


async def test_what_the_server_says_is_left_is_not_overdrawn() -> None:
    def counting(request: Request) -> Scripted:
        left = max(0, 3 - len(server.requests))
        fields = (("X-RateLimit-Limit", "3"), ("X-RateLimit-Remaining", str(left)))
        return Scripted(headers=(*fields, ("X-RateLimit-Reset", "60")))

    server = ScriptedServer(counting)
    sender = line(server)
    for _ in range(4):
        await sender.send(LOOK)
    assert [moment < 60 for moment in server.times] == [True, True, True, False]


async def test_with_a_deadline_before_the_hint_the_call_fails_at_once() -> None:
    server = ScriptedServer(Scripted(429, headers=(("Retry-After", "30"),)))
    sender = line(server, timeout=Timeout(total=20))
    for _ in range(10):
        began = current_time()
        with pytest.raises(RetryLaterError) as caught:
            await sender.send(LOOK)
        assert caught.value.retry_at is not None
        assert current_time() == began
    assert len(server.requests) == 1


# Adaptive limits


async def test_an_adaptive_limit_is_kept_to_and_told_of() -> None:
    """Invariant 5.2"""
    told: list[Event] = []
    inside = Crowd(503, after=1)
    sender = line(
        ScriptedServer(inside.answer),
        concurrency=Adaptive(start=4),
        listener=Listeners(told.append),
    )

    async def call() -> None:
        with pytest.raises(ServerError):
            await sender.send(LOOK)

    async with create_task_group() as tasks:
        for _ in range(12):
            tasks.start_soon(call)
    assert inside.most == 4
    changed = [event.limit for event in told if isinstance(event, LimitChanged)]
    assert changed
    assert changed == sorted(changed, reverse=True)
    assert sender.member.statistics().limit == changed[-1]


class Crowd:
    """Counts how many are answered at once."""

    def __init__(self, status: int, after: float) -> None:
        self.status = status
        self.after = after
        self.ends: list[float] = []
        self.most = 0

    def answer(self, request: Request) -> Scripted:
        now = current_time()
        self.ends = [*(end for end in self.ends if end > now), now + self.after]
        self.most = max(self.most, len(self.ends))
        return Scripted(self.status, after=self.after)


# All at once


async def test_whatever_ends_a_call_nothing_stays_at_the_gate() -> None:
    """Invariant 0.1"""
    told: list[Event] = []
    answers: list[Scripted | Script] = [
        Scripted(after=1),
        LOST,
        Scripted(503, after=1),
        Scripted(after=50),
        Scripted(404),
    ]
    # The first are lost in whatever order their callers come, so the circuit opens for sure.
    server = ScriptedServer(*[LOST] * 6, *answers * 6)
    sender = line(
        server,
        breaker=BREAKER,
        rate=Rate(4, 1.0),
        concurrency=Adaptive(start=3),
        listener=Listeners(told.append),
    )

    async def call(patience: float) -> None:
        try:
            with move_on_after(patience):
                await sender.send(LOOK)
        except TwofoldError:
            pass

    for _ in range(4):
        async with create_task_group() as tasks:
            for number in range(10):
                tasks.start_soon(call, 0.3 * number)
        await sleep(6)
    counted = sender.member.statistics()
    assert (counted.inside, counted.queued) == (0, 0)
    assert sender.member.ceiling is not None
    assert sender.member.ceiling.inside == 0
    assert any(isinstance(event, CircuitChanged) for event in told)


# Clients


async def test_a_client_shows_its_limits_and_turns_its_circuit() -> None:
    client = AsyncClient(
        "https://api.example",
        transport=InProcessTransport(ScriptedServer()),
        limits=Limits(clock=current_time),
        concurrency=Adaptive(start=2),
        breaker=BREAKER,
        rate=Rate(5, 1.0),
    )
    assert await client.send(LOOK) == {}
    counted = client.statistics()
    assert (counted.inside, counted.queued, counted.limit) == (0, 0, 2)
    assert (counted.circuit, counted.closed) == ("closed", ())
    client.circuit.force_open()
    with pytest.raises(RetryLaterError, match="by hand"):
        await client.send(LOOK)
    assert client.statistics().circuit == "forced_open"
    client.circuit.reset()
    assert await client.send(LOOK) == {}
    await client.aclose()


async def test_a_redirect_passes_the_gate_of_its_own_origin_under_the_same_breaker() -> None:
    away = Scripted(302, headers=(("Location", "https://elsewhere.example/x"),))
    server = ScriptedServer(away, LOST)
    sender = line(server, breaker=Breaker(calls=2, failures=0.9), rate=Rate(9, 1.0))
    with pytest.raises(ServerError):
        await sender.send(LOOK)
    # Home answered, with a redirect: that is not its failure.
    assert sender.member.statistics().circuit == "closed"
    assert sender.member.statistics().inside == 0
