# SPDX-License-Identifier: MIT
"""The options of every client of this colour, and the line that is made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

from ...core.credentials import Credentials
from ...core.options import (
    UNSET,
    Terms,
    as_background,
    as_concurrency,
    as_limits,
    as_retry,
    as_timeout,
    known,
)
from ...core.policy.limits import Limits
from ...core.policy.retry import Retry
from ...core.policy.timeout import Timeout
from ...core.request import Origin, Request
from ...core.task import Background
from ...core.text.headers import Pairs, checked
from ...core.wire.connecting import Verify
from ...events import Listener
from .background import AsyncTasks
from .pipeline import Pipeline
from .transport.choice import chosen
from .transport.engine import AsyncTransport

if TYPE_CHECKING:
    import httpx

AsyncWire: TypeAlias = "AsyncTransport | httpx.AsyncBaseTransport | Literal['auto', 'direct', 'httpx']"


class AsyncOptions(TypedDict, total=False):
    """What every client may be told; an option left out is the client's documented default."""

    retry: Retry | None
    """How failures are repeated; None: not at all."""
    concurrency: int | None
    """Requests at once, at most; None: no limit of this client's own."""
    timeout: Timeout | float | None
    """Seconds that a call may take in all, or in parts; None: no limit."""
    transport: AsyncWire
    """The engine: `auto`, `direct`, `httpx`, a transport of httpx, or one of your own."""
    verify: Verify
    """Trusted certificates: a file, a folder, an SSLContext; False trusts anybody."""
    proxy: str | None
    """The address of a proxy; None: none, whatever the environment says."""
    limits: Limits
    """What is shared with other clients; `Limits()` shares nothing."""
    listener: Listener
    """Called with every event, inline."""
    background: Background
    """How tasks are kept: how many at once, how long they may drain."""
    prepare: Callable[[Request], Request]
    """Called with every request before it is signed: trace headers."""
    user_agent: str


def line(
    origin: Origin,
    base: str,
    credentials: Credentials,
    options: AsyncOptions,
    *,
    concurrency: int,
    headers: Pairs = (),
) -> Pipeline:
    """Make the line of a client; a wrong option is refused by its name."""
    known(options, AsyncOptions.__annotations__)
    engine = chosen(
        options.get("transport", "auto"), options.get("verify", True), options.get("proxy", UNSET)
    )
    agent = ("User-Agent", options.get("user_agent", "twofold"))
    limits = as_limits(options.get("limits"))
    return Pipeline(
        origin=origin,
        base=base,
        transport=engine,
        credentials=credentials,
        terms=Terms(
            as_timeout(options.get("timeout", Timeout())), as_retry(options.get("retry", Retry()))
        ),
        concurrency=as_concurrency(options.get("concurrency", concurrency)),
        limits=limits,
        headers=checked((agent, *headers)),
        listener=options.get("listener"),
        prepare=options.get("prepare"),
        tasks=AsyncTasks(as_background(options.get("background")), limits.clock),
    )
