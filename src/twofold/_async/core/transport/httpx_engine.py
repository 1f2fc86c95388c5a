# SPDX-License-Identifier: MIT
"""The engine over httpx: proxies, any transport that a user hands in.

httpx's pool must never queue: it loses slots when a request is cancelled in its queue.  So it is
given no limit of its own, and the gate in front of this engine admits.
"""

from __future__ import annotations

import math
import ssl
import weakref
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import attrs
import httpx

from ...._runtime.waiting.homes import at_home_end, home
from ...._runtime.waiting.scopes import (
    checkpoint,
    interrupts_io,
    move_on_after,
    time_left,
)
from ....core.kept import KeptByHome
from ....core.options import UNSET, Unset
from ....core.request import Origin, Patience, Reply, Request
from ....core.text.headers import Headers, Pairs
from ....core.wire.connecting import Verify, proxy_for, tls_context
from ....core.wire.http1.coding import ACCEPTING
from ....core.wire.http1.refusals import Undrawable
from ....core.wire.http1.sending import framing, host
from ....core.wire.httpcore_log import hide_cookies
from ....errors import ServerError
from .engine import Arriving
from .httpx_bodies import Flowing, HttpxStream, Whole, whole
from .httpx_errors import mapped

KEPT_ALIVE = 100
KEEPALIVE_EXPIRY = 30.0
ENDING = 5.0  # seconds that ending a body may take, whoever was cancelled


@attrs.define(eq=False)
class HttpxTransport:
    """Sends requests through httpx's transports, one for each event loop and origin's route.

    `given` is a transport of the user's own, such as `httpx.MockTransport`; it serves every origin.
    `most` bounds the body of an answer, in bytes, as expanded.
    """

    verify: Verify = True
    proxy: str | Unset | None = attrs.field(default=UNSET, repr=False)  # it may hold a password
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
        stream = HttpxStream(request, response, self.most)
        try:
            return await whole(stream)
        except BaseException:  # what was read to its end has ended by itself
            with move_on_after(ENDING, shield=True):
                await stream.end()
            raise

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


# Building a context that verifies takes tens of milliseconds; a plain origin needs none.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def accepting(headers: Pairs) -> Pairs:
    """Add what may be done to the answer's body on the way, unless the caller said so himself."""
    if any(name.lower() == "accept-encoding" for name, _ in headers):
        return headers
    return (*headers, ACCEPTING)


def timeouts(patience: Patience) -> dict[str, float | None]:
    """Bound each socket operation by what is left, where nothing else interrupts it."""
    left = time_left()
    bounds = {"connect": patience.connect, "read": patience.read, "write": patience.read}
    return {
        name: None if min(most, left) == math.inf else max(min(most, left), 0.001)
        for name, most in bounds.items()
    }
