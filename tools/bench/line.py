"""What the line costs above its engine: CPU of a call whose engine answers at once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import attrs

from twofold._async.core.pipeline import Pipeline as WaitingPipeline
from twofold._runtime.waiting.scopes import move_on_after
from twofold._sync.core.pipeline import Pipeline
from twofold.core.credentials import HeaderKey
from twofold.core.options import Terms
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Origin, Patience, Reply, Request
from twofold.core.text.headers import Headers

from .measuring import Row, at_most, interleaved, medians, on

CALLS = 3_000
LOOK = Operation(Endpoint("bench.look", "GET", "/thing", lambda reply: reply.status), "/thing")
NO_HEADERS = Headers(())


@attrs.frozen
class AtOnce:
    """An engine that answers at once."""

    async def exchange(self, request: Request, patience: Patience) -> Reply:
        return Reply(200, NO_HEADERS, b"{}", request, 0.0)

    async def aclose(self) -> None:
        """Nothing is open."""


@attrs.frozen
class BlockingAtOnce:
    """The same, blocking."""

    def exchange(self, request: Request, patience: Patience) -> Reply:
        return Reply(200, NO_HEADERS, b"{}", request, 0.0)

    def close(self) -> None:
        """Nothing is open."""


def options() -> Mapping[str, Any]:
    return {
        "origin": Origin("https", "api.example", 443),
        "base": "/api",
        "credentials": HeaderKey("X-Api-Key", "_key"),
        "terms": Terms(Timeout(), Retry()),
        "concurrency": 10,
        "limits": Limits(),
    }


async def calls() -> float:
    sender = WaitingPipeline(transport=AtOnce(), **options())
    await sender.send(LOOK)
    began = time.process_time()
    for _ in range(CALLS):
        await sender.send(LOOK)
    return (time.process_time() - began) / CALLS * 1e6


def blocking_calls() -> float:
    sender = Pipeline(transport=BlockingAtOnce(), **options())
    sender.send(LOOK)
    began = time.process_time()
    for _ in range(CALLS):
        sender.send(LOOK)
    return (time.process_time() - began) / CALLS * 1e6


async def two_scopes() -> float:
    began = time.process_time()
    for _ in range(CALLS):
        with move_on_after(10), move_on_after(5):
            pass
    return (time.process_time() - began) / CALLS * 1e6


def rows(rounds: int) -> list[Row]:
    figures = medians(
        interleaved(
            {
                "asyncio": on("asyncio", calls),
                "asyncio, scopes": on("asyncio", two_scopes),
                "trio": on("trio", calls),
                "trio, scopes": on("trio", two_scopes),
                "blocking": blocking_calls,
            },
            rounds,
        )
    )
    return [
        *(
            at_most(
                f"{runtime}: the line above its engine, without its two scopes",
                figures[runtime] - figures[f"{runtime}, scopes"],
                "us CPU",
                10,
            )
            for runtime in ("asyncio", "trio")
        ),
        *(
            Row(
                f"{runtime}: the two scopes of a call",
                f"{figures[f'{runtime}, scopes']:.3g} us CPU",
            )
            for runtime in ("asyncio", "trio")
        ),
        Row(
            "blocking: the line above its engine, scopes included",
            f"{figures['blocking']:.3g} us CPU",
        ),
    ]
