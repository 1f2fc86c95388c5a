# SPDX-License-Identifier: MIT
"""Bodies on their way through httpx: what is sent, and what is read and expanded here.

httpx itself expands all that it reads at once, and a kilobyte can stand for a gigabyte.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import httpx

from ...._runtime.waiting.scopes import checkpoint, is_overdue
from ....core.request import Request
from ....core.text.headers import Headers
from ....core.uploads import Upload
from ....core.wire.http1.coding import Decoder, decoder
from ....core.wire.http1.failures import failure
from ....core.wire.http1.refusals import Malformed, TooLarge
from .httpx_errors import mapped
from .outgoing import Outgoing

T = TypeVar("T")

READ_BEFORE = 1000  # pieces: httpcore reads 64 KiB at a time


class HttpxStream:
    """An answer whose body is read as it is drawn, once; `most` bounds it, as expanded."""

    def __init__(self, request: Request, response: httpx.Response, most: float = math.inf) -> None:
        self.request = request
        self._response = response
        self._most = self._left = most
        # A transport for tests may have read it all: then httpx has expanded it.
        is_read = response.is_stream_consumed
        self._encoding = "" if is_read else response.headers.get("content-encoding", "")
        self._decoder: Decoder | None = None
        # A generator, whatever its annotation says.
        self._arriving: Any = response.aiter_bytes() if is_read else response.aiter_raw()

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
        while True:
            piece = await self._drawn()
            if piece:
                return piece

    async def _drawn(self) -> bytes:
        with mapped(self.request):
            try:
                piece: bytes = await self._arriving.__anext__()
            except httpx.TimeoutException:
                # Past a deadline of our own, that is the error to report, not the socket's.
                await checkpoint()
                raise
            except StopAsyncIteration:
                self._refusing(self._finish)
                raise
        return self._refusing(partial(self._expanded, piece))

    def _refusing(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except (Malformed, TooLarge) as error:
            raise failure(self.request, self.status, error) from error

    def _expanded(self, piece: bytes) -> bytes:
        if self._encoding:
            self._decoder, self._encoding = decoder(self._encoding), ""
        if self._decoder is not None:
            piece = self._decoder.decode(piece, self._left)
        self._left -= len(piece)
        if self._left < 0:
            raise TooLarge(self._most)
        return piece

    def _finish(self) -> None:
        if self._decoder is not None:
            self._decoder.end()


async def whole(stream: HttpxStream) -> bytes:
    """Return all of a body; a deadline counts between pieces too."""
    pieces: list[bytes] = []
    async for piece in stream:
        pieces.append(piece)
        if is_overdue():
            await checkpoint()
    return b"".join(pieces)


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
