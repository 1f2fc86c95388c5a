# SPDX-License-Identifier: MIT
"""The options of every client of this colour, and the line that is made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from ...core.cache.settings import Cache
from ...core.credentials import Credentials
from ...core.drift_watch import counted
from ...core.options import (
    UNSET,
    Strictness,
    Terms,
    as_agent,
    as_background,
    as_cache,
    as_concurrency,
    as_limits,
    as_strictness,
    as_timeout,
    known,
)
from ...core.policy.adaptive import Adaptive
from ...core.policy.breaker import Breaker
from ...core.policy.checks import callable_or_none, of_kind
from ...core.policy.hedge import Hedge, as_hedging
from ...core.policy.limits import Limits
from ...core.policy.rate import Rate
from ...core.policy.retry import Retry
from ...core.policy.timeout import Timeout
from ...core.request import Origin, Request
from ...core.task import Background
from ...core.text.headers import Pairs, checked, merged
from ...core.wire.connecting import Verify
from ...errors import ArgumentError
from ...events import EngineChosen, Listener
from .background import AsyncBackgroundTasks
from .pipeline import Pipeline
from .transport.choice import chosen, is_handed_in
from .transport.engine import AsyncTransport

if TYPE_CHECKING:
    import httpx

    from .caching import Caching
    from .store.store import AsyncRateStore, AsyncStore

AsyncWire: TypeAlias = (
    "AsyncTransport | httpx.AsyncBaseTransport | Literal['auto', 'direct', 'httpx']"
)


class AsyncOptions(TypedDict, total=False):
    """What every client may be told; an option left out is the client's documented default."""

    retry: Retry | None
    """How failures are repeated; None: not at all."""
    rate: Rate | None
    """Requests in a time, at most; None, the default: as many as `concurrency` lets through."""
    breaker: Breaker | None
    """When an origin that fails is left alone for a while; None, the default: never."""
    concurrency: int | Adaptive | None
    """Requests at once, at most; `Adaptive()` finds out how many; None: no limit of its own."""
    hedge: Hedge | None
    """When a read that is slow to be answered is sent once more; None, the default: never."""
    cache: Cache | None
    """How answers to reads are kept and used again; None, which is usual: not at all."""
    store: AsyncStore
    """Where the cache keeps them; without one in memory.  If the store can, as `SQLiteStore` does,
    it counts `rate` for all processes that use it, cache or not."""
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
    strict: Strictness
    """What is an error though it could be read: drift, warnings of the server, or True for both."""


def line(
    origin: Origin,
    base: str,
    credentials: Credentials,
    options: AsyncOptions,
    *,
    concurrency: int | Adaptive | None,
    headers: Pairs = (),
) -> Pipeline:
    """Make the line of a client; a wrong option is refused by its name."""
    known(options, AsyncOptions.__annotations__)
    verify = options.get("verify")
    choice = chosen(
        options.get("transport") or "auto",
        True if verify is None else verify,
        options.get("proxy", UNSET),
    )
    limits = as_limits(options.get("limits"))
    _, raises_drift = as_strictness(options.get("strict"))
    made = Pipeline(
        origin=origin,
        base=base,
        transport=choice.engine,
        credentials=credentials,
        terms=Terms(
            as_timeout(options.get("timeout", Timeout())),
            of_kind("retry", options.get("retry", Retry()), Retry),
        ),
        concurrency=as_concurrency(options.get("concurrency", concurrency)),
        limits=limits,
        breaker=of_kind("breaker", options.get("breaker"), Breaker),
        rate=of_kind("rate", options.get("rate"), Rate),
        headers=checked(merged(as_agent(options.get("user_agent")), headers)),
        listener=callable_or_none("listener", options.get("listener")),
        prepare=callable_or_none("prepare", options.get("prepare")),
        hedge=as_hedging(options.get("hedge")),
        tasks=AsyncBackgroundTasks(as_background(options.get("background")), limits.clock),
        drift=counted(is_strict=raises_drift),
        lender=lender(options.get("rate"), options.get("store")),
        cache=caching(
            options.get("cache"), options.get("store"), limits.clock, rate=options.get("rate")
        ),
    )
    if made.listeners.active and not is_handed_in(options.get("transport")):
        told = EngineChosen(
            call=0,
            attempt=0,
            operation="",
            at=limits.clock(),
            engine=choice.name,
            reason=choice.reason,
        )
        made.listeners.tell(told)
    return made


def lender(rate: Rate | None, store: Any) -> AsyncRateStore | None:
    """Return the store that counts a rate for other processes too; None: none does."""
    return store if rate is not None and hasattr(store, "lease") else None


def caching(
    given: Cache | None,
    store: AsyncStore | None,
    clock: Callable[[], float],
    *,
    rate: Rate | None = None,
) -> Caching | None:
    """Make the cache of a client; None: it has none, and a store is for its rate."""
    settings = as_cache(given, has_store=store is not None and lender(rate, store) is None)
    if settings is None:
        return None
    from ...core.cache.statistics import Counters  # most clients have no cache
    from .caching import Caching
    from .shelf import Shelf
    from .store.memory import AsyncMemoryStore

    if store is not None and not hasattr(store, "stamp"):
        raise ArgumentError(f"store must be a store of a cache, not {store!r}")
    kept = AsyncMemoryStore(most=settings.bytes) if store is None else store
    return Caching(settings, Shelf(kept, Counters(), clock))
