"""What the line costs above its engine: CPU of a call whose engine answers at once."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import attrs

from twofold._async.core.pipeline import Pipeline as WaitingPipeline
from twofold._async.core.transport.engine import Arriving as WaitingArriving
from twofold._async.core.transport.in_process import Pieces as WaitingPieces
from twofold._sync.core.pipeline import Pipeline
from twofold._sync.core.transport.engine import Arriving
from twofold._sync.core.transport.in_process import Pieces
from twofold.core.credentials import HeaderKey
from twofold.core.options import Terms
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Origin, Patience, Reply, Request
from twofold.core.text.headers import Headers
from twofold.events import Listener
from twofold.monitoring.monitor import Monitor

from .measuring import Row, at_most, interleaved, medians, on

CALLS = 3_000
LOOK = Operation(Endpoint("bench.look", "GET", "/thing", lambda reply: reply.status), "/thing")
NO_HEADERS = Headers(())


@attrs.frozen
class AtOnce:
    """An engine that answers at once."""

    interruptible = True
    keeps_time = True

    async def exchange(self, request: Request, patience: Patience) -> Reply:
        return Reply(200, NO_HEADERS, b"{}", request, 0.0)

    @asynccontextmanager
    async def open(self, request: Request, patience: Patience) -> AsyncGenerator[WaitingArriving]:
        yield WaitingPieces(await self.exchange(request, patience))

    async def aclose(self) -> None:
        """Nothing is open."""


@attrs.frozen
class BlockingAtOnce:
    """The same, blocking."""

    interruptible = False
    keeps_time = True

    def exchange(self, request: Request, patience: Patience) -> Reply:
        return Reply(200, NO_HEADERS, b"{}", request, 0.0)

    @contextmanager
    def open(self, request: Request, patience: Patience) -> Generator[Arriving]:
        yield Pieces(self.exchange(request, patience))

    def close(self) -> None:
        """Nothing is open."""


def options(transport: object) -> Mapping[str, Any]:
    return {
        "transport": transport,
        "origin": Origin("https", "api.example", 443),
        "base": "/api",
        "credentials": HeaderKey("X-Api-Key", "_key"),
        "terms": Terms(Timeout(), Retry()),
        "concurrency": 10,
        "limits": Limits(),
    }


async def calls() -> float:
    sender = WaitingPipeline(**options(AtOnce()))
    await sender.send(LOOK)
    began = time.process_time()
    for _ in range(CALLS):
        await sender.send(LOOK)
    return (time.process_time() - began) / CALLS * 1e6


def blocking_calls(listener: Listener | None = None) -> float:
    sender = Pipeline(listener=listener, **options(BlockingAtOnce()))
    sender.send(LOOK)
    began = time.process_time()
    for _ in range(CALLS):
        sender.send(LOOK)
    return (time.process_time() - began) / CALLS * 1e6


def rows(rounds: int) -> list[Row]:
    figures = medians(
        interleaved(
            {
                "asyncio": on("asyncio", calls),
                "trio": on("trio", calls),
                "blocking": blocking_calls,
                "monitored": lambda: blocking_calls(Monitor()),
                "heard": lambda: blocking_calls(id),
            },
            rounds,
        )
    )
    return [
        *(
            at_most(f"{runtime}: the line above its engine", figures[runtime], "us CPU", 10)
            for runtime in ("asyncio", "trio", "blocking")
        ),
        Row(
            "what a listener adds to a call, if it does nothing",
            f"{figures['heard'] - figures['blocking']:.3g} us CPU",
        ),
        Row(
            "what a `Monitor` adds to a call",
            f"{figures['monitored'] - figures['blocking']:.3g} us CPU",
        ),
    ]
