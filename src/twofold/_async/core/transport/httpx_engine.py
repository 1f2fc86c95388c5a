# SPDX-License-Identifier: MIT
"""The engine over httpx: proxies, any transport that a user hands in.

httpx's pool must never queue: it loses slots when a request is cancelled in its queue.  So it is
given no limit of its own, and the gate in front of this engine admits.
"""

from __future__ import annotations

import math
import ssl
import weakref
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import attrs
import httpx

from ...._runtime.waiting.homes import at_home_end, home
from ...._runtime.waiting.scopes import (
    checkpoint,
    interrupts_io,
    is_overdue,
    move_on_after,
    time_left,
)
from ....core.kept import KeptByHome
from ....core.options import UNSET, Unset
from ....core.request import Origin, Patience, Reply, Request
from ....core.text.headers import Headers, Pairs
from ....core.uploads import Upload
from ....core.wire.connecting import Verify, proxy_for, tls_context
from ....core.wire.http1.coding import CODINGS
from ....core.wire.http1.refusals import Undrawable
from ....core.wire.http1.sending import framing, host
from ....core.wire.httpcore_log import hide_cookies
from ....errors import Effect, ServerError, TwofoldError
from .engine import Arriving
from .httpx_errors import mapped
from .outgoing import Outgoing

KEPT_ALIVE = 100
READ_BEFORE = 1000  # pieces: httpcore reads 64 KiB at a time
KEEPALIVE_EXPIRY = 30.0
ENDING = 5.0  # seconds that ending a body may take, whoever was cancelled


@attrs.define(eq=False)
class HttpxTransport:
    """Sends requests through httpx's transports, one for each event loop and origin's route.

    `given` is a transport of the user's own, such as `httpx.MockTransport`; it serves every origin.
    `most` bounds the body of an answer, in bytes after decoding.
    """

    verify: Verify = True
    proxy: str | Unset | None = UNSET
    given: httpx.AsyncBaseTransport | None = None
    most: int = 256 * 2**20
    _routes: KeptByHome[Origin, httpx.AsyncBaseTransport] = attrs.field(
        factory=lambda: KeptByHome[Origin, httpx.AsyncBaseTransport](), init=False
    )
    _endings: weakref.WeakKeyDictionary[object, object] = attrs.field(
        factory=lambda: weakref.WeakKeyDictionary[object, object](), init=False
    )
    _closings: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        hide_cookies()

    @property
    def interruptible(self) -> bool:
        return interrupts_io()

    async def exchange(self, request: Request, patience: Patience) -> Reply:
        """Send a request and read the whole answer."""
        before = self._closings
        try:
            response = await self._responded(request, patience)
            body = await self._body(response, request)
        except ServerError as error:
            self._heed_closing(error, before)
            raise
        headers = Headers(tuple(response.headers.multi_items()))
        return Reply(response.status_code, headers, body, request)

    @asynccontextmanager
    async def open(self, request: Request, patience: Patience) -> AsyncGenerator[Arriving]:
        """Send a request and read the header of the answer; its body is read as it is drawn."""
        before = self._closings
        try:
            stream = HttpxStream(request, await self._responded(request, patience))
            try:
                yield stream
            finally:
                with move_on_after(ENDING, shield=True):
                    await stream.end()
        except ServerError as error:
            self._heed_closing(error, before)
            raise

    def _heed_closing(self, error: ServerError, before: int) -> None:
        """Whoever closes the client while something is under way wants no other try of it."""
        if self._closings > before:
            error.transient = False

    async def _responded(self, request: Request, patience: Patience) -> httpx.Response:
        """Send a request and read the header of the answer."""
        if request.upload is None:
            with mapped(request):
                return await self._sent(request, Whole(request.body), patience)
        try:
            body = Flowing(request.upload)
            try:
                with mapped(request):
                    return await self._sent(request, body, patience)
            finally:
                body.close()
        except Undrawable as failed:
            raise failed.error from failed.error.__cause__

    async def _sent(
        self, request: Request, body: httpx.AsyncByteStream, patience: Patience
    ) -> httpx.Response:
        engine = await self._engine(request.origin)
        framed = () if request.upload is None else (framing(request.upload),)
        sent = httpx.Request(
            request.method,
            request.url,
            headers=httpx.Headers(
                [("Host", host(request.origin)), *accepting(request.headers), *framed],
                encoding="latin-1",
            ),
            content=request.body or None,
            extensions={"timeout": timeouts(patience)},
        )
        sent.stream = body
        try:
            return await engine.handle_async_request(sent)
        except httpx.TimeoutException:
            # Past a deadline of our own, that is the error to report, not the socket's.
            await checkpoint()
            raise

    async def aclose(self) -> None:
        """Close the connections made from here; those of another event loop end with it."""
        self._closings += 1
        await self._close_routes()
        if self.given is not None:
            await self.given.aclose()

    async def _body(self, response: httpx.Response, request: Request) -> bytes:
        """Read the body, decoded and bounded."""
        stream = HttpxStream(request, response)
        try:
            return await self._drawn(stream)
        except BaseException:  # what was read to its end has ended by itself
            with move_on_after(ENDING, shield=True):
                await stream.end()
            raise

    async def _drawn(self, stream: HttpxStream) -> bytes:
        """Return all of a body; a deadline counts between pieces too."""
        pieces: list[bytes] = []
        size = 0
        async for piece in stream:
            size += len(piece)
            if size > self.most:
                raise too_large(stream.request, stream.status, self.most)
            pieces.append(piece)
            if is_overdue():
                await checkpoint()
        return b"".join(pieces)

    async def _engine(self, origin: Origin) -> httpx.AsyncBaseTransport:
        if self.given is not None:
            return self.given
        here = home()
        found = self._routes.find(here, origin)
        if found is not None:
            return found
        route, is_new = self._routes.keep(here, origin, partial(self._route, origin))
        if is_new:
            # For a client that nobody closes: its connections end with the event loop.
            self._endings[here] = await at_home_end(self._close_routes)
        return route

    async def _close_routes(self) -> None:
        self._endings.pop(home(), None)
        for route in self._routes.take(home()):
            await route.aclose()

    def _route(self, origin: Origin) -> httpx.AsyncBaseTransport:
        """Make the transport of an origin; making it opens no connection."""
        secure = origin.scheme == "https"
        return httpx.AsyncHTTPTransport(
            verify=tls_context(self.verify) if secure else PLAIN,
            limits=httpx.Limits(
                max_connections=None,
                max_keepalive_connections=KEPT_ALIVE,
                keepalive_expiry=KEEPALIVE_EXPIRY,
            ),
            proxy=proxy_for(origin, self.proxy),
            trust_env=False,
        )


class HttpxStream:
    """An answer whose body is read as it is drawn; once."""

    def __init__(self, request: Request, response: httpx.Response) -> None:
        self.request = request
        self._response = response
        self._arriving: Any = response.aiter_bytes()  # a generator, whatever its annotation says

    async def end(self) -> None:
        """Let the connection go: back to the pool if all was drawn."""
        await self._response.aclose()
        # httpx reads through generators within generators, and ends only the outermost: trio would
        # find the others.  The error of a connection that is closed ends them all, once what
        # was read from it before is drawn.
        with suppress(Exception):
            for _ in range(READ_BEFORE):
                await self._arriving.__anext__()
        await self._arriving.aclose()

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> Headers:
        return Headers(tuple(self._response.headers.multi_items()))

    def __aiter__(self) -> HttpxStream:
        return self

    async def __anext__(self) -> bytes:
        with mapped(self.request):
            try:
                piece: bytes = await self._arriving.__anext__()
            except httpx.TimeoutException:
                await checkpoint()  # as above
                raise
        return piece


class Whole(httpx.AsyncByteStream):
    """A body in one piece; httpx's own is a generator, which a cancelled request leaves unended."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __aiter__(self) -> AsyncIterator[bytes]:
        return Pieces([self._body])


class Flowing(httpx.AsyncByteStream):
    """A body that is drawn as it is sent."""

    def __init__(self, upload: Upload) -> None:
        self._outgoing = Outgoing(upload)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._outgoing

    def close(self) -> None:
        """Let go of what it is drawn from."""
        self._outgoing.close()


class Pieces:
    def __init__(self, left: list[bytes]) -> None:
        self._left = left

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        return self._left.pop()


# Building a context that verifies takes tens of milliseconds; a plain origin needs none.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def accepting(headers: Pairs) -> Pairs:
    """Add what may be done to the answer's body on the way, unless the caller said so himself."""
    if any(name.lower() == "accept-encoding" for name, _ in headers):
        return headers
    return (*headers, ACCEPTING)


# httpx undoes zstd over another package than the direct engine, and br over the same one.
ACCEPTING = ("Accept-Encoding", ", ".join(name for name in CODINGS if name != "zstd"))


def timeouts(patience: Patience) -> dict[str, float | None]:
    """Bound each socket operation by what is left, where nothing else interrupts it."""
    left = time_left()
    bounds = {"connect": patience.connect, "read": patience.read, "write": patience.read}
    return {
        name: None if min(most, left) == math.inf else max(min(most, left), 0.001)
        for name, most in bounds.items()
    }


def too_large(request: Request, status: int, most: int) -> TwofoldError:
    message = f"{request.origin} answered with more than {most} bytes"
    return ServerError(message, status=status, effect=Effect.UNKNOWN)
