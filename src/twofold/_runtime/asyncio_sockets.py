"""Connections on asyncio, over its own transports: one system call to send, one to receive.

A stream of anyio stops reading whenever nobody receives, which costs two more each time.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from typing import Any

from anyio import Event, create_task_group, getaddrinfo, move_on_after

from .addresses import HEAD_START, interleaved

__all__ = ["AsyncioSocket", "connect"]

PIECE = 64 * 1024
"""At most so many bytes are received at once."""

HIGH_WATER = 1024 * 1024
"""Bytes that wait to be received; beyond it the other end is held up."""


class AsyncioSocket(asyncio.BufferedProtocol):
    """One connection, for one task at a time; `abort` may come from any.

    It is what asyncio calls, too, and keeps what came until it is received.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._room = memoryview(bytearray(PIECE))
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._held_up = False
        self._ended = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._full = False
        self._due = math.inf
        self._timer: asyncio.TimerHandle | None = None

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        """Lend the room for what comes next; asyncio's own is made anew each time."""
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        self._pieces.append(self._room[:nbytes].tobytes())
        self._size += nbytes
        if self._size > HIGH_WATER and not self._held_up:
            self._held_up = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._ended = True
        self._wake()
        return False  # asyncio closes it, once what waits to be sent is sent

    def connection_lost(self, exc: Exception | None) -> None:
        self._finish(exc)

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._wake()

    # What the engine calls.

    async def send(self, data: bytes, within: float, until: float = math.inf) -> int:
        """Send all of it, or leave it to the loop once little is left.

        Returns how much was sent: less if the other end spoke meanwhile.
        """
        if self._transport.is_closing():
            raise self._broken()
        if len(data) <= PIECE:
            self._transport.write(data)
            if self._full:
                await self._drain(within, until)
            return len(data)
        whole = memoryview(data)
        for at in range(0, len(data), PIECE):
            self._transport.write(whole[at : at + PIECE])
            if self._full and not await self._drain(within, until):
                return min(at + PIECE, len(data))
        return len(data)

    async def receive(self, within: float, until: float = math.inf) -> bytes:
        """Wait for some bytes; none at the end."""
        while not self._pieces:
            if self._error is not None:
                raise self._broken()
            if self._ended:
                return b""
            await self._wait(within, until)
        return self._taken()

    def now(self) -> float:
        """Return the time by which it waits, in seconds."""
        return self._loop.time()

    def is_stale(self) -> bool:
        """Tell whether it ended, or something came, while nothing was asked."""
        return self._ended or bool(self._pieces) or self._transport.is_closing()

    def abort(self) -> None:
        """End the connection at once; whoever waits for it is told."""
        self._transport.abort()
        self._finish(ConnectionAbortedError("the connection was closed here"))

    def _taken(self) -> bytes:
        pieces = self._pieces
        data = pieces.popleft() if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._size = 0
        if self._held_up and not self._transport.is_closing():
            self._held_up = False
            self._transport.resume_reading()
        return data

    async def _drain(self, within: float, until: float) -> bool:
        while self._full:
            if self._pieces or self._ended:
                return False
            await self._wait(within, until)
            if self._transport.is_closing() and not self._pieces:
                raise self._broken()
        return True

    async def _wait(self, within: float, until: float) -> None:
        """Wait until something changes, but not for longer than `within`, nor beyond `until`."""
        now = self._loop.time()
        if until <= now:
            raise TimeoutError("silence")
        waiter = self._waiter = self._loop.create_future()
        due = min(now + within, until)
        if due < math.inf:
            self._set(due)
        try:
            await waiter
        finally:
            self._waiter = None
            self._due = math.inf

    def _set(self, due: float) -> None:
        """Have a look when it is due; a timer that is set for an earlier time does as well.

        So a connection has one timer, not one a request.
        """
        self._due = due
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._waiter is None or self._waiter.done() or self._due == math.inf:
            return
        if self._due > self._loop.time():
            self._set(self._due)
        else:
            self._waiter.set_exception(TimeoutError("silence"))

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _finish(self, error: Exception | None) -> None:
        if not self._ended:
            self._ended, self._error = True, error
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._wake()

    def _broken(self) -> OSError:
        error = self._error
        return error if isinstance(error, OSError) else ConnectionResetError("the connection broke")


async def connect(host: str, port: int) -> AsyncioSocket:
    """Connect to whichever address of a name answers first."""
    found = await getaddrinfo(host, port, type=1)
    return await first(interleaved([str(place[0]) for *_, place in found], is_v6), port)


def is_v6(address: str) -> bool:
    return ":" in address


async def first(addresses: list[str], port: int) -> AsyncioSocket:
    """Return the first connection that stands; attempts that lost are given up."""
    if len(addresses) == 1:
        return await attempt(addresses[0], port)
    standing: list[AsyncioSocket] = []
    failures: list[OSError] = []

    async def run(address: str, over: Event) -> None:
        try:
            standing.append(await attempt(address, port))
            tasks.cancel_scope.cancel()
        except OSError as error:
            failures.append(error)
        finally:
            over.set()

    try:
        async with create_task_group() as tasks:
            for address in addresses:
                over = Event()
                tasks.start_soon(run, address, over)
                with move_on_after(HEAD_START):
                    await over.wait()
    except BaseException:
        for connection in standing:
            connection.abort()
        raise
    for late in standing[1:]:
        late.abort()
    if not standing:
        raise failures[-1]
    return standing[0]


async def attempt(address: str, port: int) -> AsyncioSocket:
    _, connection = await asyncio.get_running_loop().create_connection(AsyncioSocket, address, port)
    return connection
