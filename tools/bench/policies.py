"""What each policy costs a request, and the whole chain at the gate; our rate beside aiolimiter."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Literal

import aiolimiter
import anyio
import attrs

from twofold._async.core.admission import enter
from twofold.core.policy.adaptive import Adaptive, AdaptiveLimit, Load
from twofold.core.policy.breaker import Breaker, Circuit, Verdict
from twofold.core.policy.bucket import Bucket, Heard
from twofold.core.policy.budget import Budget, Purse
from twofold.core.policy.gate import Gate, Member, Ticket
from twofold.core.policy.hedge import Hedge, Hedging
from twofold.core.policy.rate import Meter, Rate
from twofold.core.request import Origin, Reply, Request
from twofold.core.text.headers import Headers, Pairs
from twofold.core.wire.allowances import heard
from twofold.core.wire.seen import seen_in
from twofold.testing.clocks import virtual_backend

from . import shared_rate
from .measuring import Row, at_most, interleaved, medians

TIMES = 20_000
TICK = 0.001
"""Seconds between two requests, on the policies' clock."""

# A crowd that wants more than it may: so many callers, and in all so many requests.
CALLERS, WANTED = 50, 2_000
LIMIT, PER = 20, 10.0

PLAIN: Pairs = (
    ("server", "nginx"),
    ("date", "Sat, 21 Nov 2026 12:00:00 GMT"),
    ("content-type", "application/json; charset=utf-8"),
    ("content-length", "1024"),
    ("connection", "keep-alive"),
    ("cache-control", "private, max-age=60"),
    ("vary", "Accept, Authorization"),
    ("etag", '"5f2c0e4e"'),
    ("x-request-id", "5f2c0e4e"),
    ("x-frame-options", "deny"),
)
LIMITED: Pairs = (
    ("x-ratelimit-limit", "5000"),
    ("x-ratelimit-remaining", "4999"),
    ("x-ratelimit-reset", "1795264200"),
    ("x-ratelimit-used", "1"),
    ("x-ratelimit-resource", "core"),
)
LOOK = Request("GET", Origin("https", "api.example", 443), "/thing")

# Admits whatever comes, and is asked all the same.
AMPLE = Rate(1_000_000, burst=100_000)


def answered(fields: Pairs) -> Reply:
    return Reply(200, Headers(fields), b"", LOOK, 0.0)


def per_request(step: Callable[[float], object]) -> float:
    """Return the CPU of a step, in microseconds, that is given the time."""
    began = time.process_time()
    for number in range(TIMES):
        step(number * TICK)
    return (time.process_time() - began) / TIMES * 1e6


def nothing() -> float:
    return per_request(float)


def rate(settings: Rate) -> float:
    meter = Meter(settings)

    def step(now: float) -> None:
        if not meter.wait(1, now):
            meter.take(1, now)

    return per_request(step)


def bucket(said: Heard | None) -> float:
    limit = Bucket()

    def step(now: float) -> None:
        if not limit.wait(now):
            limit.leave(limit.enter(now), said, now, took=TICK)

    return per_request(step)


def fields(reply: Reply) -> float:
    return per_request(lambda _: heard(reply))


def breaker() -> float:
    circuit = Circuit(Breaker())

    def step(now: float) -> None:
        if circuit.blocked_until(now) is None:
            circuit.leave(circuit.admit(now), Verdict.SUCCESS, TICK, now)

    return per_request(step)


def adaptive() -> float:
    limit = AdaptiveLimit(Adaptive())

    def step(now: float) -> None:
        limit.entered(1)
        limit.sample(TICK, Load.FINE, now)

    return per_request(step)


def budget() -> float:
    return per_request(Purse(Budget()).first)


def hedge() -> float:
    hedging = Hedging(Hedge())

    def step(now: float) -> None:
        hedging.delay("look", now)
        hedging.note("look", TICK)

    return per_request(step)


def chain(member: Member, reply: Reply) -> float:
    """Pass a gate and leave it, being told what the answer said: all that a request pays."""
    gate = member.gate

    def step(now: float) -> None:
        ticket = Ticket(member)
        gate.enter(ticket, now)
        gate.leave(ticket, now, seen_in(reply, TICK))

    return per_request(step)


def slots_only() -> float:
    return chain(Gate().join("me", 10), answered(PLAIN))


def everything() -> float:
    member = Gate().join("me", Adaptive(), breaker=Breaker(), rate=AMPLE)
    return chain(member, answered(PLAIN))


def everything_and_a_server_that_tells() -> float:
    member = Gate().join("me", Adaptive(), breaker=Breaker(), rate=AMPLE)
    # Far more than is used: pacing is not what is measured.
    told = dict(LIMITED) | {"x-ratelimit-limit": "9" * 9, "x-ratelimit-remaining": "9" * 9}
    return chain(member, answered((*PLAIN, *told.items())))


Limiter = AbstractAsyncContextManager[None]
Make = Callable[[Rate], Callable[[], Limiter]]


@attrs.define
class Passing(Limiter):
    """One passage through our gate, as the line does it."""

    member: Member
    ticket: Ticket | None = None

    async def __aenter__(self) -> None:
        self.ticket = await enter(Ticket(self.member), anyio.current_time)

    async def __aexit__(self, *error: object) -> None:
        if self.ticket is not None:
            self.member.gate.leave(self.ticket, anyio.current_time())


def of_ours(settings: Rate) -> Callable[[], Limiter]:
    return partial(Passing, Gate().join("me", None, rate=settings))


def of_aiolimiter(settings: Rate) -> Callable[[], Limiter]:
    limiter = aiolimiter.AsyncLimiter(settings.limit, settings.per)
    return lambda: limiter


@attrs.frozen
class Crowd:
    """What became of a crowd: the CPU of each of them, and when they were let through."""

    cpu: float
    moments: list[float]

    def most_in_a_window(self) -> int:
        begins = range(len(self.moments))
        return max(
            sum(1 for at in self.moments[begin:] if at < self.moments[begin] + PER)
            for begin in begins
        )

    def per_second(self) -> float:
        return (len(self.moments) - 1) / (self.moments[-1] - self.moments[0])


async def crowded(make: Make, settings: Rate) -> Crowd:
    limiter, moments = make(settings), list[float]()

    async def come() -> None:
        for _ in range(WANTED // CALLERS):
            async with limiter():
                moments.append(anyio.current_time())

    began = time.process_time()
    async with anyio.create_task_group() as group:
        for _ in range(CALLERS):
            group.start_soon(come)
    return Crowd((time.process_time() - began) / WANTED * 1e6, moments)


def in_virtual_time(make: Make, settings: Rate, backend: Literal["asyncio", "trio"]) -> Crowd:
    name, options = virtual_backend(backend)
    run: Callable[[], Awaitable[Crowd]] = partial(crowded, make, settings)
    return anyio.run(run, backend=name, backend_options=options)


def crowd_cpu(make: Make, settings: Rate) -> Callable[[], float]:
    return lambda: in_virtual_time(make, settings, "asyncio").cpu


STRICT = Rate(LIMIT, PER)

ALONE: dict[str, Callable[[], float]] = {
    "rate, spaced": partial(rate, AMPLE),
    "rate, counted": partial(rate, Rate(1_000_000, burst=1_000_000)),
    "bucket, nothing heard": partial(bucket, None),
    "bucket, heard each time": partial(bucket, Heard(limit=10**9, remaining=10**9, reset=3600.0)),
    "fields of an answer without limits": partial(fields, answered(PLAIN)),
    "fields of an answer with limits": partial(fields, answered((*PLAIN, *LIMITED))),
    "breaker": breaker,
    "adaptive limit": adaptive,
    "retry budget": budget,
    "hedge: delay and sample": hedge,
}


def rows(rounds: int) -> list[Row]:
    contenders: dict[str, Callable[[], float]] = {
        "nothing": nothing,
        "slots": slots_only,
        "all": everything,
        "all, told": everything_and_a_server_that_tells,
        "ours, free": crowd_cpu(of_ours, AMPLE),
        "theirs, free": crowd_cpu(of_aiolimiter, AMPLE),
        "ours, strict": crowd_cpu(of_ours, STRICT),
        "theirs, strict": crowd_cpu(of_aiolimiter, STRICT),
    }
    figures = medians(interleaved({**ALONE, **contenders}, rounds))
    loop = figures["nothing"]
    return [
        *(Row(name, f"{figures[name] - loop:.2g} us CPU") for name in ALONE),
        Row("the chain at the gate, slots alone", f"{figures['slots'] - loop:.3g} us CPU"),
        at_most(
            "the chain at the gate: breaker, rate, adaptive limit, slots, what was heard",
            figures["all"] - loop,
            "us CPU",
            10,
        ),
        Row(
            "the same, and the server tells its limits each time",
            f"{figures['all, told'] - loop:.3g} us CPU",
        ),
        *beside_aiolimiter(figures),
        *shared_rate.rows(rounds),
    ]


def beside_aiolimiter(figures: dict[str, float]) -> list[Row]:
    ours = in_virtual_time(of_ours, STRICT, "asyncio")
    theirs = in_virtual_time(of_aiolimiter, STRICT, "asyncio")
    asked = f"{LIMIT} in any {PER:g} s, {CALLERS} callers"
    return [
        beside("nobody waits", figures["ours, free"], figures["theirs, free"]),
        beside(f"{CALLERS} callers wait", figures["ours, strict"], figures["theirs, strict"]),
        at_most(f"`Rate`: most in a window, {asked}", ours.most_in_a_window(), "admissions", LIMIT),
        Row(f"`aiolimiter`: the same, {asked}", f"{theirs.most_in_a_window()} admissions"),
        Row(
            f"admissions a second, of {LIMIT / PER:g} that are allowed: `Rate`, `aiolimiter`",
            f"{ours.per_second():.2f}, {theirs.per_second():.2f}",
        ),
    ]


def beside(how: str, ours: float, theirs: float) -> Row:
    return Row(
        f"`Rate` beside `aiolimiter`, an admission, {how}",
        f"{ours / theirs:.1f}x: {ours:.3g} us, {theirs:.3g} us CPU",
    )
