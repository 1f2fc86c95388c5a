# SPDX-License-Identifier: MIT
"""The engine over httpx: proxies, any transport that a user hands in.

httpx's pool must never queue: it loses slots when a request is cancelled in its queue.  So it is
given no limit of its own, and the gate in front of this engine admits.
"""

from __future__ import annotations

import math
import ssl
import weakref
from collections.abc import AsyncIterator, Generator
from contextlib import aclosing, contextmanager
from functools import partial
from typing import Any

import attrs
import httpx

from ...._runtime.waiting.homes import at_home_end, home
from ...._runtime.waiting.scopes import CancelScope, checkpoint, is_overdue, time_left
from ....core.kept import KeptByHome
from ....core.options import UNSET, Unset
from ....core.request import Origin, Patience, Reply, Request
from ....core.text.headers import Headers
from ....core.wire.connecting import Verify, proxy_for, tls_context
from ....errors import Effect, RequestError, ServerError, TwofoldError

# No byte of the request was sent.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
UNSENDABLE = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL)

KEPT_ALIVE = 100
KEEPALIVE_EXPIRY = 30.0


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

    async def exchange(self, request: Request, patience: Patience) -> Reply:
        """Send a request and read the whole answer."""
        engine = await self._engine(request.origin)
        with mapped(request):
            sent = httpx.Request(
                request.method,
                request.url,
                headers=[("Host", host(request.origin)), *request.headers],
                content=request.body or None,
                extensions={"timeout": timeouts(patience)},
            )
            sent.stream = Whole(request.body)
            try:
                response = await engine.handle_async_request(sent)
                body = await self._body(response, request)
            except httpx.TimeoutException:
                # Past a deadline of our own, that is the error to report, not the socket's.
                await checkpoint()
                raise
        headers = Headers(tuple(response.headers.multi_items()))
        return Reply(response.status_code, headers, body, request)

    async def aclose(self) -> None:
        """Close the connections made from here; those of another event loop end with it."""
        await self._close_routes()
        if self.given is not None:
            await self.given.aclose()

    async def _body(self, response: httpx.Response, request: Request) -> bytes:
        """Read the body, decoded and bounded; a deadline counts between pieces too."""
        pieces: list[bytes] = []
        size = 0
        try:
            stream: Any = response.aiter_bytes()  # a generator, whatever its annotation says
            async with aclosing(stream) as arriving:
                async for piece in arriving:
                    size += len(piece)
                    if size > self.most:
                        raise too_large(request, response.status_code, self.most)
                    pieces.append(piece)
                    if is_overdue():
                        await checkpoint()
        finally:
            with CancelScope(shield=True):
                await response.aclose()
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


class Whole(httpx.AsyncByteStream):
    """A body in one piece; httpx's own is a generator, which a cancelled request leaves unended."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __aiter__(self) -> AsyncIterator[bytes]:
        return Pieces([self._body])


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


def host(origin: Origin) -> str:
    return str(origin).partition("://")[2]


def timeouts(patience: Patience) -> dict[str, float | None]:
    """Bound each socket operation by what is left, where nothing else interrupts it."""
    left = time_left()
    bounds = {"connect": patience.connect, "read": patience.read, "write": patience.read}
    return {
        name: None if min(most, left) == math.inf else max(min(most, left), 0.001)
        for name, most in bounds.items()
    }


@contextmanager
def mapped(request: Request) -> Generator[None]:
    """Turn httpx's errors into ours, by what the server may have done."""
    try:
        yield
    except UNSENT as error:
        raise unreachable(request, error) from error
    except UNSENDABLE as error:
        raise RequestError(f"{request!r} cannot be sent: {error}") from error
    except httpx.DecodingError as error:
        message = f"{request.origin} answered with a body that cannot be decoded: {error}"
        raise ServerError(message, effect=Effect.UNKNOWN) from error
    except (httpx.HTTPError, OSError) as error:
        raise lost(request, error) from error


def unreachable(request: Request, error: Exception) -> TwofoldError:
    """A certificate that is refused once is refused again; all else may pass."""
    refused = "CERTIFICATE_VERIFY_FAILED" in str(error)
    return ServerError(
        f"{request.origin} cannot be reached: {described(error)}",
        effect=Effect.NONE,
        transient=not refused,
    )


def lost(request: Request, error: Exception) -> TwofoldError:
    return ServerError(
        f"the answer of {request.origin} was lost: {described(error)}",
        effect=Effect.UNKNOWN,
        transient=True,
    )


def too_large(request: Request, status: int, most: int) -> TwofoldError:
    message = f"{request.origin} answered with more than {most} bytes"
    return ServerError(message, status=status, effect=Effect.UNKNOWN)


def described(error: Exception) -> str:
    return f"{error}" or type(error).__name__
