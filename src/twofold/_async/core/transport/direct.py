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
from ....core.wire.http1.refusals import Expired, Undrawable, Unheard
from ....core.wire.http1.sending import head
from .conversation import Conversation
from .engine import Arriving
from .tls import secured

KEPT_ALIVE = 30.0
"""Seconds that an idle connection is kept, unless the server keeps it for a shorter time."""
MARGIN = 1.0
"""Seconds by which a connection is given up before the server does."""

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
    """With each the time until which it may be used again."""
    open: set[Socket] = attrs.field(factory=lambda: set[Socket]())
    connecting: set[CancelScope] = attrs.field(factory=lambda: set[CancelScope]())
    closed: bool = False
    """Whether the client was closed: what is under way is not kept."""

    def close(self) -> None:
        self.closed = True
        for scope in list(self.connecting):
            scope.cancel()
        for socket in list(self.open):
            self.end(socket)

    def kept(self) -> Socket | None:
        """Take the connection that was used last, unless it has been closed meanwhile."""
        while True:
            try:
                socket, until = self.resting.pop()
            except IndexError:
                return None
            if socket.now() < until and not socket.is_stale():
                return socket
            self.end(socket)

    def keep(self, socket: Socket, rests: float | None) -> None:
        """Let a connection rest; of those that rested too long, the oldest is ended."""
        now = socket.now()
        lasts = KEPT_ALIVE if rests is None else min(KEPT_ALIVE, rests - MARGIN)
        self.resting.append((socket, now + lasts))
        oldest, until = self.resting[0]
        if until <= now and self._take_out((oldest, until)):
            self.end(oldest)

    def end(self, socket: Socket) -> None:
        """End a connection for good."""
        self.open.discard(socket)
        socket.abort()

    def _take_out(self, entry: tuple[Socket, float]) -> bool:
        try:
            self.resting.remove(entry)
        except ValueError:  # another thread was quicker
            return False
        return True


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

    keeps_time = True

    @property
    def interruptible(self) -> bool:
        return True

    async def exchange(self, request: Request, patience: Patience) -> Reply:
        """Send a request and read the whole answer; raise Expired once `patience` is at its end."""
        route = self._routes.find(home(), request.origin) or await self._route(request.origin)
        talk = await self._begin(route, request, patience, self.most, whole=True)
        finish(route, talk)
        pieces, answer = talk.pieces, talk.answer
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        return Reply(answer.status, Headers(answer.fields), body, request)

    @asynccontextmanager
    async def open(self, request: Request, patience: Patience) -> AsyncGenerator[Arriving]:
        """Send a request and read the header of the answer; its body is read as it is drawn.

        `patience` bounds every silence; the body may be as large, and take as long, as it likes.
        """
        route = await self._route(request.origin)
        patience = patience.within(math.inf)
        talk = await self._begin(route, request, patience, math.inf, whole=False)
        try:
            yield DirectStream(talk)
        finally:
            finish(route, talk)

    async def aclose(self) -> None:
        """Close the connections made from here; those of another event loop end with it."""
        self._endings.pop(home(), None)
        for route in self._routes.take(home()):
            route.close()

    async def _begin(
        self, route: Route, request: Request, patience: Patience, most: float, *, whole: bool
    ) -> Conversation:
        """Send a request over a kept connection, or a fresh one where that was closed."""
        opening = head(request)
        while patience.total > 0:
            kept = route.kept()
            if kept is None:
                began = current_time()
                socket = await self._connected(route, request, patience)
                patience = patience.within(patience.total - (current_time() - began))
            else:
                socket = kept
            talk = Conversation(socket, request, patience, most)
            try:
                await talk.ask(opening, whole=whole)
            except Unheard as unheard:
                route.end(socket)
                if kept is None or not may_follow(request):
                    raise unheard.error from unheard.__cause__
                patience = talk.patience_left()
            except Undrawable as failed:
                route.end(socket)
                raise failed.error from failed.error.__cause__
            except BaseException:
                route.end(socket)
                raise
            else:
                return talk
        raise Expired

    async def _route(self, origin: Origin) -> Route:
        here = home()
        route, is_new = self._routes.keep(here, origin, Route)
        if is_new:
            # For a client that nobody closes: its connections end with the event loop.
            self._endings[here] = await at_home_end(self.aclose)
        return route

    async def _connected(self, route: Route, request: Request, patience: Patience) -> Socket:
        most = min(patience.connect, patience.total)
        with move_on_after(None if most == math.inf else most) as scope:
            route.connecting.add(scope)
            try:
                socket = await self._connect(request.origin, most)
            except OSError as error:
                raise unreachable(request, error) from error
            finally:
                route.connecting.discard(scope)
            route.open.add(socket)
            return socket
        if patience.total < patience.connect and not route.closed:
            raise Expired
        if route.closed:
            raise unreachable(request, ConnectionAbortedError("the client was closed"))
        raise unreachable(request, TimeoutError(f"no connection within {most:g} s"))

    async def _connect(self, origin: Origin, within: float) -> Socket:
        if origin.scheme != "https":
            return await connect(origin.host, origin.port)
        context = await self._tls()
        socket = await connect(origin.host, origin.port)
        return await secured(socket, origin.host, context, within)

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


def may_follow(request: Request) -> bool:
    """Tell whether a request may be sent a second time, since nobody answered the first."""
    if request.once or request.method not in IDEMPOTENT:
        return False
    return request.upload is None or not request.upload.is_spent


def finish(route: Route, talk: Conversation) -> None:
    """Keep the connection if it can be used again; else end it."""
    if talk.may_be_followed and not route.closed:
        route.keep(talk.socket, talk.answer.rests)
    else:
        route.end(talk.socket)
