# SPDX-License-Identifier: MIT
"""An answer that stays open while its body is read, and what it holds until then."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from ...core.request import Operation, Patience, Reply, Request
from ...core.wire.reading import judged_if
from ...errors import Effect, ServerError, TwofoldError
from .transport.engine import Arriving, AsyncTransport

MOST_OF_AN_ERROR = 2**20
"""Bytes that are read of an answer that is no success; its verdict stands in the first of them."""


class Opening:
    """Holds the connection and the place at the gate of one answer at a time.

    Both are given back once, the connection first: as soon as the body is at its end, breaks, or
    is not wanted any more.
    """

    def __init__(self) -> None:
        self._wire: AbstractAsyncContextManager[Arriving] | None = None
        self._arriving: Arriving | None = None
        self._leave: Callable[[], object] | None = None
        self._read = b""
        self._is_cut = False

    @property
    def is_open(self) -> bool:
        """Whether there is an answer whose body is still to be read."""
        return self._wire is not None

    async def ask(self, transport: AsyncTransport, request: Request, patience: Patience) -> Reply:
        """Send a request; return the header of a success, or the whole of any other answer."""
        await self.end()
        self._read, self._is_cut = b"", False
        wire = transport.open(request, patience)
        arriving = await wire.__aenter__()
        if 200 <= arriving.status < 300:
            self._wire, self._arriving = wire, arriving
        else:
            try:
                await self._read_error(arriving)
            finally:
                await wire.__aexit__(None, None, None)
        return Reply(arriving.status, arriving.headers, self._read, request)

    def stay(self, leave: Callable[[], object]) -> bool:
        """Take over what is to be called at the end; False: nothing is open, so call it now."""
        if self.is_open:
            self._leave = leave
        return self.is_open

    async def draw(self) -> bytes:
        """Return the next piece of the body; an empty one at its end."""
        if self._arriving is None:
            return self._rest()
        try:
            return await self._arriving.__anext__()
        except StopAsyncIteration:
            await self.end()
            return b""
        except TwofoldError as error:
            # The server said that it did what it was asked to: only its words are lost.
            error.effect = Effect.DONE
            await self.end()
            raise

    async def end(self) -> None:
        """Give back what is held; a second time there is nothing."""
        wire, self._wire = self._wire, None
        leave, self._leave = self._leave, None
        self._arriving = None
        try:
            if wire is not None:
                await wire.__aexit__(None, None, None)
        finally:
            if leave is not None:
                leave()

    async def _read_error(self, arriving: Arriving) -> None:
        pieces: list[bytes] = []
        size = 0
        async for piece in arriving:
            pieces.append(piece)
            size += len(piece)
            if size > MOST_OF_AN_ERROR:
                break
        self._read = b"".join(pieces)[:MOST_OF_AN_ERROR]
        self._is_cut = size > MOST_OF_AN_ERROR

    def _rest(self) -> bytes:
        """Return what was read already, of an answer that its operation takes for none of error."""
        piece, self._read = self._read, b""
        if not piece and self._is_cut:
            raise ServerError(f"an answer without success has more than {MOST_OF_AN_ERROR} bytes")
        return piece


def undrawn(operation: Operation[Any], opening: Opening) -> Operation[Reply]:
    """Return the operation with its answer as its value: judged, unless its body stays open."""
    return judged_if(operation, lambda _: not opening.is_open)
