# SPDX-License-Identifier: MIT
"""A crowd of callers against servers that enforce their limits, and count who exceeds them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import attrs
import pytest
from scripted import Scripted

from twofold._async.core.batch import map_all
from twofold._async.core.pipeline import Pipeline
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import CancelScope, current_time, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.credentials import HeaderKey
from twofold.core.options import Terms
from twofold.core.policy.limits import Limits
from twofold.core.policy.rate import Rate
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Origin, Reply, Request
from twofold.core.wire.verdict import refusal
from twofold.errors import Effect, RetryLaterError
from twofold.events import Event, Throttled

HOME = Origin("https", "api.example", 443)
CROWD = 50
NO_RETRY = None
PATIENT = Retry(attempts=4, budget=None, uniform=lambda low, high: high)
PAIRS = tuple[tuple[str, str], ...]


def read(reply: Reply) -> Any:
    refused = refusal(reply)
    if refused is not None:
        raise refused
    value = reply.json()
    if isinstance(value, dict) and value.get("error") == "RATE_LIMITED":
        raise RetryLaterError(
            "too many points", effect=Effect.NONE, after=7.0, transient=True, pauses_bucket=True
        )
    return value


LOOK = Operation(Endpoint("test.look", "GET", "/thing", read), "/thing")
HEAVY = Operation(Endpoint("test.search", "GET", "/search", read, weight=2), "/search")
SEARCH = Operation(Endpoint("test.query", "GET", "/query", read, bucket="search"), "/query")


def silent(server: Strict, now: float) -> PAIRS:
    return ()


def standard(server: Strict, now: float) -> PAIRS:
    """The fields of the draft, to the second; rounded up, as most servers do."""
    reset = -int(-server.reset(now) // 1)
    return (
        ("RateLimit-Policy", f'"default";q={server.limit};w={server.per:g}'),
        ("RateLimit", f'"default";r={server.remaining(now)};t={reset}'),
    )


BEGAN = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()


def moments(server: Strict, now: float) -> PAIRS:
    """GitHub's fields, beside the Date of a server whose clock is months away from ours."""
    return (
        ("Date", format_datetime(datetime.fromtimestamp(int(BEGAN + now), UTC), usegmt=True)),
        ("X-RateLimit-Limit", str(server.limit)),
        ("X-RateLimit-Remaining", str(server.remaining(now))),
        ("X-RateLimit-Reset", str(-int(-(BEGAN + now + server.reset(now)) // 1))),
    )


@attrs.define
class Strict:
    """Serves so many in each window, and refuses the rest."""

    limit: int
    per: float
    tell: Callable[[Strict, float], PAIRS] = silent
    sliding: bool = False
    """Whether a window begins with every request; otherwise at every multiple of `per`."""
    arrived: list[float] = attrs.Factory(list[float])
    served: list[float] = attrs.Factory(list[float])
    violations: int = 0
    slowness: random.Random = attrs.Factory(random.Random)

    def answer(self, request: Request, now: float) -> Scripted:
        self.arrived.append(now)
        after = self.slowness.uniform(0.05, 0.4)
        for _ in range(2 if request.target.startswith("/search") else 1):
            if self.remaining(now) == 0:
                self.violations += 1
                return Scripted(429, headers=self.tell(self, now), after=after)
            self.served.append(now)
        return Scripted(headers=self.tell(self, now), after=after)

    def left(self, answer: Scripted, now: float) -> None:
        pass

    def remaining(self, now: float) -> int:
        begin = now - self.per if self.sliding else now // self.per * self.per - 1e-9
        return self.limit - sum(1 for at in self.served if at > begin)

    def reset(self, now: float) -> float:
        return self.per - now % self.per


def line(server: Any, limits: Limits, **options: Any) -> Pipeline:
    given: dict[str, Any] = {
        "origin": HOME,
        "base": "",
        "transport": InProcessTransport(server),
        "credentials": HeaderKey("X-Api-Key", "_a-key"),
        "terms": Terms(Timeout(total=3600.0), NO_RETRY),
        "concurrency": CROWD,
        "limits": limits,
    }
    return Pipeline(**{**given, **options})


@pytest.fixture
def limits() -> Limits:
    return Limits(clock=current_time)


async def test_a_rate_of_ours_never_exceeds_the_servers(limits: Limits) -> None:
    """Invariant 4.1: fifty callers, twenty in any ten seconds."""
    server = Strict(20, 10.0, sliding=True)
    client = line(server, limits, rate=Rate(20, per=10))
    began = current_time()
    outcomes = await map_all(lambda _: client.send(LOOK), range(200), workers=CROWD)
    assert all(outcome.is_success for outcome in outcomes)
    assert server.violations == 0
    assert len(server.arrived) == 200
    # Two at once, and eighteen in ten seconds.
    assert current_time() - began == pytest.approx((200 - 2) * 10 / 18, abs=0.5)


async def test_a_burst_of_the_whole_limit_never_exceeds_it_either(limits: Limits) -> None:
    """Invariant 4.1, Invariant 4.5."""
    server = Strict(20, 10.0, sliding=True)
    client = line(server, limits, rate=Rate(20, per=10, burst=20))
    began = current_time()
    outcomes = await map_all(lambda _: client.send(LOOK), range(200), workers=CROWD)
    assert all(outcome.is_success for outcome in outcomes)
    assert server.violations == 0
    assert current_time() - began == pytest.approx(90.0, abs=0.5)


async def test_clients_of_one_account_share_a_rate(limits: Limits) -> None:
    """Invariant 4.1: whoever sends, and however heavy it is."""
    server = Strict(20, 10.0, sliding=True)
    clients = [line(server, limits, rate=Rate(20, per=10, burst=4)) for _ in range(2)]

    async def send(number: int) -> Any:
        return await clients[number % 2].send(HEAVY if number % 3 == 0 else LOOK)

    outcomes = await map_all(send, range(100), workers=CROWD)
    assert all(outcome.is_success for outcome in outcomes)
    assert server.violations == 0
    assert len(server.served) == 134


async def test_callers_that_are_cancelled_while_they_wait_cost_no_time(limits: Limits) -> None:
    """Invariant 4.2, Invariant 4.3: of a hundred that wait every other one gives up."""
    server = Strict(20, 10.0, sliding=True)
    client = line(server, limits, rate=Rate(20, per=10))
    done: list[int] = []

    async def send(number: int, scope: CancelScope) -> None:
        await sleep(number / 1000)  # they come one after the other
        with scope:
            await client.send(LOOK)
            done.append(number)

    scopes = [CancelScope() for _ in range(100)]
    async with create_task_group() as tasks:
        for number, scope in enumerate(scopes):
            tasks.start_soon(send, number, scope)
        await sleep(0.5)
        for scope in scopes[::2]:
            scope.cancel()
    patient = [number for number in done if number % 2]
    assert len(patient) == 50
    assert server.violations == 0
    assert len(server.arrived) <= 50 + 4
    gaps = [
        after - before for before, after in zip(server.arrived, server.arrived[1:], strict=False)
    ]
    assert max(gaps) == pytest.approx(10 / 18, abs=0.01), "nobody's turn is wasted"


@pytest.mark.parametrize("tell", [standard, moments])
async def test_what_the_server_tells_keeps_a_crowd_within_its_limit(
    limits: Limits, tell: Callable[[Strict, float], PAIRS]
) -> None:
    """Invariant 4.1: nothing was configured; one answer is enough to know."""
    server = Strict(20, 10.0, tell)
    client = line(server, limits)
    began = current_time()
    await client.send(LOOK)
    outcomes = await map_all(lambda _: client.send(LOOK), range(199), workers=CROWD)
    assert all(outcome.is_success for outcome in outcomes)
    assert server.violations == 0
    # Ten windows are needed; a reset is known to a second or two, and then one looks first.
    assert current_time() - began < 10 * 10.0 + 10 * 4.0


async def test_a_crowd_that_knows_nothing_is_throttled_once(limits: Limits) -> None:
    server = Strict(20, 10.0, standard)
    client = line(server, limits, terms=Terms(Timeout(total=3600.0), PATIENT))
    outcomes = await map_all(lambda _: client.send(LOOK), range(200), workers=CROWD)
    assert all(outcome.is_success for outcome in outcomes)
    assert server.violations <= CROWD - 20
    assert len(server.arrived) == 200 + server.violations


@attrs.define
class Secondary:
    """Throttles whoever comes within a time, without a word before it: a limit of another kind."""

    from_: float
    hint: float
    answer_to_throttled: Callable[[float], Scripted]
    arrived: list[float] = attrs.Factory(list[float])
    told: list[float] = attrs.Factory(list[float])
    """When the answers that throttled were heard."""

    def answer(self, request: Request, now: float) -> Scripted:
        self.arrived.append(now)
        if self.from_ <= now < self.from_ + self.hint:
            self.told.append(now + 0.1)
            return self.answer_to_throttled(self.hint)
        return Scripted(after=0.1)

    def left(self, answer: Scripted, now: float) -> None:
        pass


def too_many(hint: float) -> Scripted:
    return Scripted(429, headers=(("Retry-After", f"{hint:g}"),), after=0.1)


def forbidden(hint: float) -> Scripted:
    return Scripted(
        403,
        headers=(("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", f"{hint:g}")),
        after=0.1,
    )


def in_the_body(hint: float) -> Scripted:
    return Scripted(200, b'{"error": "RATE_LIMITED"}', after=0.1)


@pytest.mark.parametrize("refuse", [too_many, forbidden, in_the_body])
async def test_a_throttle_closes_the_bucket_for_everybody(
    limits: Limits, refuse: Callable[[float], Scripted]
) -> None:
    """Invariant 4.6: whoever it was told, and however; then one goes, then two, then four."""
    began = current_time()
    server = Secondary(began + 5.0, 7.0, refuse)
    told: list[Event] = []
    client = line(server, limits, concurrency=10, listener=told.append)
    outcomes = await map_all(lambda _: client.send(LOOK), range(1000), workers=CROWD)
    first, last = min(server.told), max(server.told)
    assert last < first + 0.1, "ten were under way, and no more"
    assert len(server.told) == sum(1 for one in outcomes if not one.is_success) == 10
    assert [at for at in server.arrived if first < at < last + 7.0 - 1e-3] == []
    reopened = [at for at in server.arrived if at > last]
    assert reopened[0] == pytest.approx(last + 7.0, abs=0.01)
    width = [sum(1 for at in reopened if at <= reopened[0] + 0.05 + n * 0.1) for n in range(3)]
    assert width == [1, 3, 11]
    assert any(isinstance(event, Throttled) for event in told)


async def test_another_bucket_goes_on(limits: Limits) -> None:
    began = current_time()
    server = Secondary(began, 7.0, too_many)
    client = line(server, limits)
    with pytest.raises(RetryLaterError):
        await client.send(LOOK)
    server.from_ = -100.0
    await client.send(SEARCH)
    assert current_time() - began == pytest.approx(0.2)
    await client.send(LOOK)
    assert current_time() - began == pytest.approx(7.2, abs=0.01)


async def test_who_cannot_wait_for_the_bucket_is_told_at_once(limits: Limits) -> None:
    began = current_time()
    client = line(Secondary(began, 60.0, too_many), limits)
    with pytest.raises(RetryLaterError):
        await client.send(LOOK)
    hasty = attrs.evolve(client.terms, timeout=Timeout(total=10.0))
    with pytest.raises(RetryLaterError, match="deadline") as caught:
        await client.send(LOOK, hasty)
    assert current_time() - began == pytest.approx(0.1)
    assert caught.value.retry_at is not None


async def test_a_probe_that_is_cancelled_makes_room_for_another(limits: Limits) -> None:
    """Invariant 0.1, Invariant 4.6."""
    began = current_time()
    server = Secondary(began, 5.0, too_many)
    client = line(server, limits)
    with pytest.raises(RetryLaterError):
        await client.send(LOOK)

    async def send(scope: CancelScope) -> None:
        with scope:
            await client.send(LOOK)

    first, second = CancelScope(), CancelScope()
    async with create_task_group() as tasks:
        for scope in (first, second):
            tasks.start_soon(send, scope)
            await sleep(0.001)
        await sleep(began + 5.15 - current_time())
        first.cancel()
    assert server.arrived == pytest.approx([began, began + 5.1, began + 5.15], abs=0.001)
