# SPDX-License-Identifier: MIT
"""Callers who come at a steady rate, whatever becomes of those before them."""

from __future__ import annotations

import httpx
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from twofold._async.core.client import AsyncClient
from twofold._runtime.waiting.scopes import current_time, sleep
from twofold._runtime.waiting.tasks import Call as Asked
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.policy.breaker import Breaker
from twofold.core.policy.limits import Limits
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation
from twofold.errors import TwofoldError

from ..story import PATIENCE, Call, Origin, Outage, Tale

ADDRESS = "http://origin.example"
LOOK = Operation(Endpoint("outage.look", "GET", "/thing", lambda reply: reply.status), "/thing")


class Wire:
    """A transport of httpx, without a wire: the origin answers, and time passes."""

    def __init__(self, outage: Outage) -> None:
        self.began = current_time()
        self.origin = Origin(outage)
        self.transport = httpx.MockTransport(self.answer)

    def now(self) -> float:
        return current_time() - self.began

    async def answer(self, request: httpx.Request) -> httpx.Response:
        fate = self.origin.answer(self.now())
        patience = request.extensions["timeout"]["read"]
        await sleep(min(fate.after, patience))
        if fate.after > patience:
            raise httpx.ReadTimeout("silence", request=request)
        if fate.status is None:
            raise httpx.ConnectError("connection refused", request=request)
        return httpx.Response(fate.status, json={})


async def told(wire: Wire, ask: Asked[[], object]) -> Tale:
    """Let callers come, and tell what became of each."""
    outage = wire.origin.outage
    calls: list[Call] = []

    async def call() -> None:
        began = wire.now()
        try:
            await ask()
        except (TwofoldError, httpx.HTTPError):
            calls.append(Call(began, wire.now(), succeeded=False))
        else:
            calls.append(Call(began, wire.now(), succeeded=True))

    async with create_task_group() as tasks:
        for number in range(outage.calls):
            await sleep(max(0.0, number / outage.rate - wire.now()))
            tasks.start_soon(call)
    return Tale(outage, calls, wire.origin.requests)


async def ours(outage: Outage, breaker: Breaker | None, concurrency: int | None = 10) -> Tale:
    """Call with a client of ours, as it comes but for the breaker."""
    wire = Wire(outage)
    client = AsyncClient(
        ADDRESS,
        transport=wire.transport,
        limits=Limits(clock=current_time),
        timeout=Timeout(total=3 * PATIENCE, attempt=PATIENCE, read=PATIENCE),
        breaker=breaker,
        concurrency=concurrency,
    )
    async with client:
        return await told(wire, lambda: client.send(LOOK))


async def tenacity(outage: Outage, attempts: int) -> Tale:
    """Call with httpx, and tenacity around each request: full jitter, as ours."""
    wire = Wire(outage)
    retrying = AsyncRetrying(
        sleep=sleep,
        stop=stop_after_attempt(attempts),
        wait=wait_random_exponential(multiplier=0.1, max=20),
        retry=retry_if_exception_type(httpx.TransportError),
        reraise=True,
    )
    async with httpx.AsyncClient(transport=wire.transport, timeout=PATIENCE) as client:
        return await told(wire, lambda: retrying.copy()(client.get, f"{ADDRESS}/thing"))


async def plain(wire: Wire, transport: httpx.AsyncBaseTransport) -> Tale:
    """Call with httpx over a transport that tries again by itself."""
    async with httpx.AsyncClient(transport=transport, timeout=PATIENCE) as client:
        return await told(wire, lambda: client.get(f"{ADDRESS}/thing"))
