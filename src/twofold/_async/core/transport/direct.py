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

import attrs

from ...._runtime.waiting.homes import at_home_end, home
from ...._runtime.waiting.scopes import (
    CancelScope,
    current_time,
    interrupting,
    move_on_after,
    run_sync,
)
from ...._runtime.waiting.sockets import Socket, connect
from ....core.kept import KeptByHome
from ....core.request import Origin, Patience, Reply, Request
from ....core.text.headers import Headers
from ....core.wire.connecting import Verify, tls_context
from ....core.wire.http1.answer import Answer
from ....core.wire.http1.failures import (
    described,
    lost,
    malformed,
    refused_to_wait,
    too_large,
    unreachable,
)
from ....core.wire.http1.refusals import CutShort, Malformed, TooLarge
from ....core.wire.http1.sending import head

KEPT_ALIVE = 30.0
"""Seconds that an idle connection is kept."""

TOGETHER = 64 * 1024
"""A body up to this many bytes is sent in one piece with its head."""

# What may be sent again, on a fresh connection, where a kept one turned out to be closed
# (RFC 9112, 9.3.1).
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"})


@attrs.define(eq=False)
class Idle:
    """The connections of one origin that wait for work, the latest used on top; and all there are.

    Threads share it: each step is one of a deque or a set, which cannot be interrupted.
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

    interruptible = True

    verify: Verify = True
    most: int = 256 * 2**20
    _routes: KeptByHome[Origin, Idle] = attrs.field(
        factory=lambda: KeptByHome[Origin, Idle](), init=False
    )
    _endings: weakref.WeakKeyDictionary[object, object] = attrs.field(
        factory=lambda: weakref.WeakKeyDictionary[object, object](), init=False
    )
    _context: ssl.SSLContext | None = attrs.field(default=None, init=False)

    async def exchange(self, request: Request, patience: Patience) -> Reply:
        """Send a request and read the whole answer."""
        opening = head(request)
        route = await self._route(request.origin)
        while (kept := await self._kept(route)) is not None:
            try:
                return await self._converse(kept, route, request, opening, patience)
            except OSError as error:
                if request.method not in IDEMPOTENT:
                    raise lost(request, error) from error
        fresh = await self._connected(route, request, patience)
        try:
            return await self._converse(fresh, route, request, opening, patience)
        except OSError as error:
            raise lost(request, error) from error

    async def aclose(self) -> None:
        """Close the connections made from here; those of another event loop end with it."""
        self._endings.pop(home(), None)
        for route in self._routes.take(home()):
            for socket in list(route.open):
                await ended(socket, route)

    async def _route(self, origin: Origin) -> Idle:
        here = home()
        found = self._routes.find(here, origin)
        if found is not None:
            return found
        route, is_new = self._routes.keep(here, origin, Idle)
        if is_new:
            # For a client that nobody closes: its connections end with the event loop.
            self._endings[here] = await at_home_end(self.aclose)
        return route

    async def _kept(self, route: Idle) -> Socket | None:
        """Take the connection that was used last, unless it has been closed meanwhile."""
        while route.resting:
            try:
                socket, since = route.resting.pop()
            except IndexError:  # another thread was quicker
                return None
            if current_time() - since < KEPT_ALIVE and not socket.is_stale():
                return socket
            await ended(socket, route)
        return None

    async def _connected(self, route: Idle, request: Request, patience: Patience) -> Socket:
        origin = request.origin
        with move_on_after(finite(patience.connect)):
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
            context = await run_sync(tls_context, self.verify)
            self._context = context
        return self._context

    async def _converse(
        self,
        socket: Socket,
        route: Idle,
        request: Request,
        opening: bytes,
        patience: Patience,
    ) -> Reply:
        """Send and read over one connection, then keep it or end it.

        An OSError says that it broke before a byte of the answer came: if it was a kept one, the
        server may have closed it before the request was sent.
        """
        body: list[bytes] = []
        answer = Answer(request.method, self.most, body.append)
        try:
            with move_on_after(finite(patience.read)) as silence:
                with interrupting(socket.shut):
                    await self._carry(socket, request, opening, answer, silence, patience.read)
            if not answer.done:
                raise refused_to_wait(request, patience.read)
        except (OSError, CutShort) as error:
            if answer.begun:
                raise lost(request, error) from error
            raise ConnectionResetError(described(error)) from error
        except Malformed as error:
            raise malformed(request, error) from error
        except TooLarge as error:
            raise too_large(request, answer.status, error) from error
        finally:
            if not (answer.done and answer.reusable):
                await ended(socket, route)
        if answer.reusable:
            route.resting.append((socket, current_time()))
        whole = body[0] if len(body) == 1 else b"".join(body)
        return Reply(answer.status, Headers(answer.fields), whole, request)

    async def _carry(
        self,
        socket: Socket,
        request: Request,
        opening: bytes,
        answer: Answer,
        silence: CancelScope,
        patience: float,
    ) -> None:
        """Send, then read until the answer is complete; each piece that comes renews patience."""
        await sent(socket, opening, request.body)
        while True:
            piece = await socket.receive()
            if not piece:
                answer.end()
                return
            answer.feed(piece)
            if answer.done:
                return
            if patience != math.inf:
                silence.deadline = current_time() + patience


async def sent(socket: Socket, opening: bytes, body: bytes) -> None:
    """Send a request; a server that answers before it has all of it is listened to."""
    try:
        if len(body) <= TOGETHER:
            await socket.send(opening + body)
        else:
            await socket.send(opening)
            await socket.send(body)
    except ConnectionError:
        if not body:
            raise


async def ended(socket: Socket, route: Idle) -> None:
    """End a connection for good, however its caller is ended."""
    route.open.discard(socket)
    with CancelScope(shield=True):
        await socket.abort()


def finite(seconds: float) -> float | None:
    return None if seconds == math.inf else seconds
