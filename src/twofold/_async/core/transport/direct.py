# SPDX-License-Identifier: MIT
"""The engine of our own: HTTP/1.1 over a socket, several times faster than the one over httpx.

It has free lists and no queue: the gate in front of it admits.  A connection is used again only if
its answer was complete and nothing came after it; whatever else happens ends it, cancellation too.
"""

from __future__ import annotations

import math
import ssl
import weakref
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import attrs

from ...._runtime.waiting.homes import at_home_end, home
from ...._runtime.waiting.scopes import CancelScope, current_time, move_on_after, run_sync
from ...._runtime.waiting.sockets import Socket, connect
from ....core.kept import KeptByHome
from ....core.request import Origin, Patience, Reply, Request
from ....core.text.headers import Headers
from ....core.wire.connecting import Verify, tls_context
from ....core.wire.http1.failures import unreachable
from ....core.wire.http1.refusals import Unheard
from ....core.wire.http1.sending import head
from .conversation import Conversation
from .engine import AsyncStream

KEPT_ALIVE = 30.0
"""Seconds that an idle connection is kept."""

# What may be sent again, on a fresh connection, where a kept one turned out to be closed
# (RFC 9112, 9.3.1).
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"})


@attrs.define(eq=False)
class Route:
    """The connections to one origin: all there are, and those at rest, the last used on top.

    Threads share it: each step is one of a deque or a set, which nothing can interrupt.
    """

    resting: deque[tuple[Socket, float]] = attrs.field(
        factory=lambda: deque[tuple[Socket, float]]()
    )
    open: set[Socket] = attrs.field(factory=lambda: set[Socket]())


@attrs.define(eq=False)
class DirectTransport:
    """Sends HTTP/1.1 requests over connections of its own, kept for each event loop and origin.

    `most` bounds the body of an answer, in bytes, as sent and as expanded.
    """

    verify: Verify = True
    most: int = 256 * 2**20
    _routes: KeptByHome[Origin, Route] = attrs.field(
        factory=lambda: KeptByHome[Origin, Route](), init=False
    )
    _endings: weakref.WeakKeyDictionary[object, object] = attrs.field(
        factory=lambda: weakref.WeakKeyDictionary[object, object](), init=False
    )
    _context: ssl.SSLContext | None = attrs.field(default=None, init=False)

    @property
    def interruptible(self) -> bool:
        return True

    async def exchange(self, request: Request, patience: Patience) -> Reply:
        """Send a request and read the whole answer."""
        route = await self._route(request.origin)
        talk = await self._begin(route, request, patience, self.most, whole=True)
        await self._finish(route, talk)
        pieces, answer = talk.pieces, talk.answer
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        return Reply(answer.status, Headers(answer.fields), body, request)

    @asynccontextmanager
    async def open(self, request: Request, patience: Patience) -> AsyncGenerator[AsyncStream]:
        """Send a request and read the header of the answer; its body is read as it is drawn.

        `patience` bounds every silence; the body may be as large as it likes.
        """
        route = await self._route(request.origin)
        talk = await self._begin(route, request, patience, math.inf, whole=False)
        try:
            yield DirectStream(talk)
        finally:
            await self._finish(route, talk)

    async def aclose(self) -> None:
        """Close the connections made from here; those of another event loop end with it."""
        self._endings.pop(home(), None)
        for route in self._routes.take(home()):
            for socket in list(route.open):
                await end(socket, route)

    async def _begin(
        self, route: Route, request: Request, patience: Patience, most: float, *, whole: bool
    ) -> Conversation:
        """Send a request over a kept connection, or a fresh one where that was closed."""
        opening = head(request)
        while (kept := await self._kept(route)) is not None:
            try:
                return await self._ask(
                    Conversation(kept, request, patience, most), opening, route, whole
                )
            except Unheard as unheard:
                if request.method not in IDEMPOTENT:
                    raise unheard.error from unheard.__cause__
        fresh = await self._connected(route, request, patience)
        try:
            return await self._ask(
                Conversation(fresh, request, patience, most), opening, route, whole
            )
        except Unheard as unheard:
            raise unheard.error from unheard.__cause__

    async def _ask(
        self, talk: Conversation, opening: bytes, route: Route, whole: bool
    ) -> Conversation:
        try:
            await talk.ask(opening, whole=whole)
        except BaseException:
            await end(talk.socket, route)
            raise
        return talk

    async def _finish(self, route: Route, talk: Conversation) -> None:
        """Keep the connection if it can be used again; else end it."""
        if talk.may_be_followed:
            route.resting.append((talk.socket, current_time()))
        else:
            await end(talk.socket, route)

    async def _route(self, origin: Origin) -> Route:
        here = home()
        found = self._routes.find(here, origin)
        if found is not None:
            return found
        route, is_new = self._routes.keep(here, origin, Route)
        if is_new:
            # For a client that nobody closes: its connections end with the event loop.
            self._endings[here] = await at_home_end(self.aclose)
        return route

    async def _kept(self, route: Route) -> Socket | None:
        """Take the connection that was used last, unless it has been closed meanwhile."""
        while route.resting:
            try:
                socket, since = route.resting.pop()
            except IndexError:  # another thread was quicker
                return None
            if current_time() - since < KEPT_ALIVE and not socket.is_stale():
                return socket
            await end(socket, route)
        return None

    async def _connected(self, route: Route, request: Request, patience: Patience) -> Socket:
        origin = request.origin
        with move_on_after(None if patience.connect == math.inf else patience.connect):
            try:
                context = await self._tls() if origin.scheme == "https" else None
                socket = await connect(origin.host, origin.port, context)
            except OSError as error:
                raise unreachable(request, error) from error
            route.open.add(socket)
            return socket
        raise unreachable(request, TimeoutError(f"no connection within {patience.connect:g} s"))

    async def _tls(self) -> ssl.SSLContext:
        """Return the context, built once: reading the certificates takes tens of milliseconds."""
        if self._context is None:
            self._context = await run_sync(tls_context, self.verify)
        return self._context


class DirectStream:
    """An answer whose body is read as it is drawn; once."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk

    @property
    def status(self) -> int:
        return self._talk.answer.status

    @property
    def headers(self) -> Headers:
        return Headers(self._talk.answer.fields)

    def __aiter__(self) -> DirectStream:
        return self

    async def __anext__(self) -> bytes:
        talk = self._talk
        while not talk.pieces:
            if talk.answer.done:
                raise StopAsyncIteration
            await talk.hear()
        return talk.pieces.popleft()


async def end(socket: Socket, route: Route) -> None:
    """End a connection for good, however its caller is ended."""
    route.open.discard(socket)
    with CancelScope(shield=True):
        await socket.abort()
