# SPDX-License-Identifier: MIT
"""An answer that is read as it comes: what `open` gives."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from ..._runtime.waiting.scopes import move_on_after
from ...core.call import CallRecord
from ...core.options import Terms
from ...core.request import Operation, Reply
from ...core.text.headers import Headers
from ...core.text.lines import Splitter
from ...errors import NotEnteredError, ServerError, TwofoldError
from .opening import Opening, undrawn

if TYPE_CHECKING:
    from .pipeline import Pipeline

MOST = 256 * 2**20
LONGEST_LINE = 2**20


@asynccontextmanager
async def opened(
    line: Pipeline, operation: Operation[Any], on: Terms
) -> AsyncGenerator[AsyncStream]:
    """Carry out one operation up to the header of its answer; its body is read in the block."""
    call, opening = line.record(operation), Opening()
    call.start(operation.endpoint, line.origin)
    try:
        stream = AsyncStream(await begun(line, operation, call, on, opening), opening, call)
    except BaseException as error:
        await opening.end()
        call.ended(error)
        raise
    gone: BaseException | None = None
    try:
        yield stream
    except BaseException as error:
        # What its reader raised is no failure of the call; a cancellation ends both.
        gone = None if isinstance(error, Exception) else error
        raise
    finally:
        try:
            await opening.end()
        finally:
            stream.end(gone)


async def begun(
    line: Pipeline, operation: Operation[Any], call: CallRecord, on: Terms, opening: Opening
) -> Reply:
    """Return the header of the answer; a TwofoldError is the call's last."""
    try:
        return await in_time(line, operation, call, on, opening)
    except TwofoldError as error:
        final = call.final(error)
        if final is error:
            raise
        raise final from error


async def in_time(
    line: Pipeline, operation: Operation[Any], call: CallRecord, on: Terms, opening: Opening
) -> Reply:
    request = operation.request(line.origin, line.base, line.headers)
    whole = undrawn(operation, opening)
    ask = partial(line.fetch, whole, request, call, on, opening=opening)
    left = on.seconds_left(call.began)
    call.ends = call.began + (math.inf if left is None else left)
    with move_on_after(left):
        if line.cache is None:
            _, reply = await ask()
            return reply
        return await line.cache.question(line, whole, request, call, on).opened(ask)
    raise call.overdue(0.0 if on.timeout is None else on.timeout.total)


class AsyncStream:
    """An answer whose body is read as it comes, once; iterating yields its pieces.

    It can be read within its block only.  Who has read to the end gives its place to others at
    once; else it is given back as the block is left.  A body that breaks off raises a TwofoldError.
    """

    def __init__(self, reply: Reply, opening: Opening, call: CallRecord) -> None:
        self._reply = reply
        self._opening = opening
        self._call = call
        self._at_end = False
        self._over: Exception | None = None

    @property
    def status(self) -> int:
        return self._reply.status

    @property
    def headers(self) -> Headers:
        return self._reply.headers

    def __aiter__(self) -> AsyncStream:
        return self

    async def __anext__(self) -> bytes:
        if self._over is not None:
            raise self._over
        piece = b"" if self._at_end else await self._draw()
        if not piece:
            self._at_end = True
            raise StopAsyncIteration
        return piece

    async def read(self, *, most: int = MOST) -> bytes:
        """Return all of the body that was not read yet; more than `most` bytes are an error."""
        pieces: list[bytes] = []
        size = 0
        async for piece in self:
            size += len(piece)
            if size > most:
                raise ServerError(f"the answer has more than {most} bytes", status=self.status)
            pieces.append(piece)
        return b"".join(pieces)

    def lines(
        self, *, encoding: str = "utf-8", errors: str = "strict", most: int = LONGEST_LINE
    ) -> AsyncLines:
        """Read the body line by line, without their ends, whichever of the usual ones they have.

        A line of more than `most` characters is an error; so are bytes that are not of the
        encoding, unless `errors` says otherwise, as it does for `bytes.decode`.
        """
        return AsyncLines(self, Splitter(encoding, errors, most))

    async def _draw(self) -> bytes:
        try:
            return await self._opening.draw()
        except TwofoldError as error:
            self._call.failed(error)
            self._over = final = self._call.final(error)
            if final is error:
                raise
            raise final from error

    def end(self, gone: BaseException | None) -> None:
        """Tell how the call ended, once nothing can be read any more."""
        failure, self._over = self._over, self._over or left()
        if failure is None and gone is None:
            self._call.answered(self.status, None)
        self._call.ended(failure or gone)


def left() -> NotEnteredError:
    return NotEnteredError("an answer can be read only within the block that opened it")


class AsyncLines:
    """The lines of an answer, as they come."""

    def __init__(self, stream: AsyncStream, lines: Splitter) -> None:
        self._stream = stream
        self._lines = lines
        self._ready: deque[str] = deque()
        self._at_end = False

    def __aiter__(self) -> AsyncLines:
        return self

    async def __anext__(self) -> str:
        while not self._ready:
            if self._at_end:
                raise StopAsyncIteration
            await self._read_on()
        return self._ready.popleft()

    async def _read_on(self) -> None:
        async for piece in self._stream:
            self._ready.extend(self._lines.feed(piece))
            return
        self._at_end = True
        self._ready.extend(self._lines.end())
