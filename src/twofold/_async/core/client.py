# SPDX-License-Identifier: MIT
"""What the clients of all systems have in common: they send, and they are closed."""

from __future__ import annotations

import contextlib
import math
import weakref
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from ..._runtime.waiting.finalisers import abandon
from ..._runtime.waiting.homes import home
from ..._runtime.waiting.scopes import move_on_after
from ...core.kept import KeptByHome
from ...core.unset import UNSET, Unset

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from ...core.backlog import Drop
    from ...core.credentials import Credentials
    from ...core.drift_watch import DriftCounts
    from ...core.listeners import Listeners
    from ...core.policy.gate import Statistics
    from ...core.policy.retry import Retry
    from ...core.policy.switch import CircuitSwitch
    from ...core.policy.timeout import Timeout
    from ...core.request import Operation, Page, Reply
    from ...core.text.headers import Pairs
    from ...progress import ProgressCallback
    from .background import AsyncBackgroundTasks
    from .cache_view import AsyncCacheView
    from .listing import AsyncListing
    from .options import AsyncOptions
    from .streaming import AsyncStream
    from .watching import AsyncEvents

T = TypeVar("T")
C = TypeVar("C")

PATIENCE = 5.0  # seconds that closing may take once the block is left


class AsyncClient:
    """A client of any HTTP API: it sends operations, and is what clients of one API are made of.

    `address` is a host or a URL, with the path below which all operations are.  `headers` go with
    every request.  `defaults` are the options of a kind of client, `options` what its user chose::

        class AsyncTodoClient(AsyncClient):
            def __init__(self, server: str, token: str, **options: Unpack[AsyncOptions]) -> None:
                key = HeaderKey("X-Token", token)
                super().__init__(server, credentials=key, **options)

            async def todo(self, number: int, **call: Unpack[CallOptions]) -> Todo:
                return await self.send(TODO.operation(number=str(number)), **call)

    A client lives without being entered; entering it says when it is closed.
    """

    def __init__(
        self,
        address: str,
        *,
        credentials: Credentials | None = None,
        headers: Pairs = (),
        defaults: AsyncOptions | None = None,
        **options: Unpack[AsyncOptions],
    ) -> None:
        # A program that imports a client need not make one: the line comes with the first.
        from ...core.credentials import Anonymous
        from ...core.options import CONCURRENCY
        from ...core.wire.address import split
        from .options import line
        from .transport.choice import is_handed_in

        origin, base = split(address)
        given = options if defaults is None else defaults | options
        self._line = line(
            origin,
            base,
            Anonymous() if credentials is None else credentials,
            given,
            concurrency=CONCURRENCY,
            headers=headers,
        )
        self._blocks = KeptByHome[None, AbstractAsyncContextManager[None]]()
        if not is_handed_in(given.get("transport")):
            weakref.finalize(self, abandon, self._line.transport.aclose)

    @property
    def tasks(self) -> AsyncBackgroundTasks:
        """Background tasks: started inside the client's `with` block, ended when it is left."""
        return self._line.tasks

    @property
    def listeners(self) -> Listeners:
        """Who is told of what happens: further listeners may be added and removed at any time."""
        return self._line.listeners

    def watch(
        self, size: int = 1000, *, drop: Drop = "oldest"
    ) -> contextlib.AbstractContextManager[AsyncEvents]:
        """Give the events from now on, for a reader that may be slow; the calls never wait for it.

        At most `size` events wait to be read.  When there are more, the oldest ones are dropped, or
        with ``drop="newest"`` those that come; `dropped` counts them::

            with client.watch() as events:
                async for event in events:
                    print(event, events.dropped)
        """
        from .watching import watched

        return watched(self._line.listeners, size, drop)

    @property
    def cache(self) -> AsyncCacheView:
        """The client's cache: what it did, and what is to be taken out of it."""
        from .cache_view import AsyncCacheView

        return AsyncCacheView(self._line)

    async def __aenter__(self) -> Self:
        block = self.tasks.block()
        await block.__aenter__()
        self._blocks.keep(home(), None, lambda: block)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        (block,) = self._blocks.take(home())
        try:
            await block.__aexit__(exc_type, exc, traceback)
        finally:
            with move_on_after(PATIENCE, shield=True):
                await self.aclose()

    async def aclose(self) -> None:
        """Close every connection.  A closed client that is used again opens new ones.

        One that is never closed is closed by the garbage collector, or with its event loop.
        """
        await self._line.transport.aclose()

    def statistics(self) -> Statistics:
        """Count the requests of this client's account: under way, queueing, the limit."""
        return self._line.member.statistics()

    @property
    def drift(self) -> DriftCounts:
        """What servers sent so far that the models do not know, counted; never the values.

        Of each answer that came from a server it is counted once, whoever reads it later.  With
        ``strict="drift"`` the call raises a DriftError too, which says where it stands.
        """
        return self._line.drift.read()

    @property
    def circuit(self) -> CircuitSwitch:
        """The circuit of the client's breaker: its state, and how to turn it by hand."""
        from ...core.policy.switch import CircuitSwitch

        return CircuitSwitch(self._line.member, self._line.limits.clock)

    async def send(
        self,
        operation: Operation[T],
        *,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> T:
        """Carry out any operation along this client's line, and return its value.

        `timeout` (seconds in all) and `retry` hold for this call in place of the client's own.
        """
        return await self._line.send(checked(operation), self._line.under(timeout, retry))

    async def raw(
        self,
        operation: Operation[Any],
        *,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> Reply:
        """Carry out any operation and return the answer itself, judged as any other."""
        return await self._line.raw(checked(operation), self._line.under(timeout, retry))

    def open(
        self,
        operation: Operation[Any],
        *,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> AbstractAsyncContextManager[AsyncStream]:
        """Carry out any operation up to the header of its answer, and read its body in a block.

        An answer that is no success is read, judged and repeated as any other, before the block
        begins.  From there on nothing is repeated: a body that breaks off is an error.  `timeout`
        bounds the time until the header is there; later each silence is bounded by its `read`, and
        the whole by your own scopes::

            async with client.open(LOG.operation()) as answer:
                async for line in answer.lines():
                    print(line)

        The slot at the gate is given back at the end of the body, or of the block.
        """
        return self._line.open(checked(operation), self._line.under(timeout, retry))

    async def download(
        self,
        operation: Operation[Any],
        target: str | PathLike[str],
        *,
        progress: ProgressCallback | None = None,
        size: int | None = None,
        digest: str | None = None,
        most: int | None = None,
        durable: bool = False,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> Path:
        """Write the answer to any operation into a file; return its path.

        If `target` is a folder, the server names the file, which replaces none; else what is there
        is replaced.  The file is there once it is whole, of `size` bytes if that is given, and of
        the digest (`sha256:` and hexadecimal digits).  Otherwise nothing is left, whatever
        happened.  More than `most` bytes are an error.  `durable` waits for the disk.

        If the connection breaks, the next attempt goes on where it broke off, provided that the
        server can and says which version it sends (a strong ETag); else it begins anew.  `retry`
        says how often.  `timeout` bounds the download as a whole; the client's own bounds what
        comes before each body, and of the body each silence.  `progress` is told of bytes.
        """
        from pathlib import Path

        from ...core.downloads import Download, digest_of
        from ...core.landing import Landing
        from ...progress import Meter
        from .downloading import downloaded

        wanted = None if digest is None else digest_of(digest)
        plan = Download(size=size, digest=wanted, most=math.inf if most is None else most)
        landing, meter = Landing(Path(target), wanted), Meter(progress, total=size)
        on = self._line.under(timeout, retry)
        asked = checked(operation)
        return await downloaded(self._line, asked, on, plan, landing, meter, durable=durable)

    def pages(
        self,
        ask: Callable[[C], Operation[Page[T]]],
        start: C,
        *,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> AsyncListing[T]:
        """List the items of pages, fetched one after another as they are asked for.

        `ask` returns the operation for the page at a cursor, and `start` is the first cursor; that
        of the following page is each page's `next`.  `timeout` and `retry` hold for each page.
        """
        from .listing import AsyncListing

        self._line.under(timeout, retry)

        async def fetch(cursor: C) -> Page[T]:
            return await self.send(ask(cursor), timeout=timeout, retry=retry)

        return AsyncListing(fetch, start, self._line.limits.threads)


def checked(operation: Operation[T]) -> Operation[T]:
    """Refuse what is no operation before anything is done."""
    if not hasattr(operation, "endpoint"):
        from ...errors import ArgumentError

        raise ArgumentError(f"an operation is what an Endpoint makes, not {operation!r:.80}")
    return operation
