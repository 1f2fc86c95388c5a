"""Connections on asyncio, over its own transports: one system call to send, one to receive.

A stream of anyio stops reading whenever nobody receives, which costs two more each time.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from typing import Any

from anyio import Event, create_task_group, getaddrinfo, move_on_after

__all__ = ["AsyncioSocket", "connect"]

HEAD_START = 0.25
"""Seconds that an address has to answer before the next one is tried too (RFC 8305, 5)."""

HIGH_WATER = 1024 * 1024
"""Bytes that wait to be received; beyond it the other end is held up."""


class Wire(asyncio.Protocol):
    """What asyncio calls: keeps what came until it is received."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.pieces: deque[bytes] = deque()
        self.size = 0
        self.paused = False
        self.ended = False
        self.error: Exception | None = None
        self.receiver: asyncio.Future[None] | None = None
        self.sender: asyncio.Future[None] | None = None
        self.full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.pieces.append(data)
        self.size += len(data)
        if self.size > HIGH_WATER and not self.paused:
            self.paused = True
            self.transport.pause_reading()
        wake(self.receiver)

    def eof_received(self) -> bool:
        self.ended = True
        wake(self.receiver)
        return False  # HTTP leaves no connection half open

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self.error = exc
        wake(self.receiver)
        wake(self.sender)

    def pause_writing(self) -> None:
        self.full = True

    def resume_writing(self) -> None:
        self.full = False
        wake(self.sender)

    def taken(self) -> bytes:
        """Take everything that came."""
        data = self.pieces.popleft() if len(self.pieces) == 1 else b"".join(self.pieces)
        self.pieces.clear()
        self.size = 0
        if self.paused and not self.transport.is_closing():
            self.paused = False
            self.transport.resume_reading()
        return data


def wake(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)


class AsyncioSocket:
    """One connection, for one task at a time; `abort` may come from any."""

    __slots__ = ("_loop", "_wire")

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._loop = asyncio.get_running_loop()

    async def send(self, data: bytes) -> None:
        """Send all of it, or leave it to the loop once little is left."""
        wire = self._wire
        if wire.transport.is_closing():
            raise broken(wire)
        wire.transport.write(data)
        while wire.full:
            wire.sender = self._loop.create_future()
            try:
                await wire.sender
            finally:
                wire.sender = None
            if wire.transport.is_closing():
                raise broken(wire)

    async def receive(self) -> bytes:
        """Wait for some bytes; none at the end."""
        wire = self._wire
        while not wire.pieces:
            if wire.ended:
                return ended(wire)
            wire.receiver = self._loop.create_future()
            try:
                await wire.receiver
            finally:
                wire.receiver = None
        return wire.taken()

    def is_stale(self) -> bool:
        """Tell whether it ended, or something came, while nothing was asked."""
        wire = self._wire
        return wire.ended or bool(wire.pieces) or wire.transport.is_closing()

    def shut(self) -> None:
        """Do nothing: for `interrupting`, which threads need."""

    async def abort(self) -> None:
        """End the connection at once; whoever waits for it is told."""
        wire = self._wire
        wire.transport.abort()
        if not wire.ended:
            wire.ended, wire.error = True, ConnectionAbortedError("the connection was closed here")
        wake(wire.receiver)
        wake(wire.sender)


def ended(wire: Wire) -> bytes:
    if wire.error is not None:
        raise broken(wire)
    return b""


def broken(wire: Wire) -> OSError:
    error = wire.error
    return error if isinstance(error, OSError) else ConnectionResetError("the connection broke")


async def connect(host: str, port: int, context: ssl.SSLContext | None) -> AsyncioSocket:
    """Connect, to whichever address of a name answers first; with a context, over TLS."""
    found = await getaddrinfo(host, port, type=1)
    wire = await first(interleaved([str(place[0]) for *_, place in found]), port)
    if context is not None:
        try:
            # From here on the transport is the one that encrypts.
            wire.transport = await asyncio.get_running_loop().start_tls(
                wire.transport, wire, context, server_hostname=host
            )
        except BaseException:
            wire.transport.abort()
            raise
        if wire.transport is None:
            raise ConnectionResetError("the connection broke in the midst of its handshake")
    return AsyncioSocket(wire)


def interleaved(addresses: list[str]) -> list[str]:
    """Take the families in turn, so that one that leads nowhere holds up only one address."""
    one = [a for a in addresses if (":" in a) == (":" in addresses[0])]
    other = [a for a in addresses if a not in one]
    turns = max(len(one), len(other))
    return [a for n in range(turns) for a in (*one[n : n + 1], *other[n : n + 1])]


async def first(addresses: list[str], port: int) -> Wire:
    """Return the first connection that stands; attempts that lost are given up."""
    if len(addresses) == 1:
        return await attempt(addresses[0], port)
    wires: list[Wire] = []
    failures: list[OSError] = []

    async def run(address: str, over: Event) -> None:
        try:
            wires.append(await attempt(address, port))
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
        for wire in wires:
            wire.transport.abort()
        raise
    for late in wires[1:]:
        late.transport.abort()
    if not wires:
        raise failures[-1]
    return wires[0]


async def attempt(address: str, port: int) -> Wire:
    _, wire = await asyncio.get_running_loop().create_connection(Wire, address, port)
    return wire
