"""One end of a TCP connection, of which a caller can be shown exactly this: bytes, FIN or RST.

Streams of the runtimes cannot: on asyncio they send a FIN before they reset. So this is the socket
itself, and only the waiting for it is left to anyio.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from typing import Any

import anyio

PIECE = 64 * 1024
# On, for 0 seconds: closing throws away what was not sent, and sends RST in place of FIN.
_LINGER_NOT = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class Line:
    """A connected socket; `left` are bytes that came before they were wanted."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        self._socket = connected
        self.left = b""

    async def connect(self, address: Any) -> None:
        pending = self._socket.connect_ex(address)
        if pending in (errno.EINPROGRESS, errno.EWOULDBLOCK):
            await anyio.wait_writable(self._socket)
            pending = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if pending:
            raise OSError(pending, os.strerror(pending))

    async def receive(self) -> bytes:
        """Return what has come, at least a byte; nothing when the other side has finished."""
        if self.left:
            data, self.left = self.left, b""
            return data
        while True:
            await anyio.wait_readable(self._socket)
            try:
                return self._socket.recv(PIECE)
            except BlockingIOError:
                continue

    async def send(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self._socket.send(rest) :]
            except BlockingIOError:
                await anyio.wait_writable(self._socket)

    async def gone(self) -> None:
        """Wait until the other side has finished; what it still sends is kept for later."""
        kept = b""
        try:
            while data := await self.receive():
                kept += data
        finally:
            self.left = kept

    def reset(self) -> None:
        """Close with RST. What was sent may be lost with it if the other side has not read it."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self._socket.close()

    def close(self) -> None:
        """Close with FIN, behind all that was sent."""
        self._socket.close()


async def connect(host: str, port: int) -> Line:
    """Connect to a server; an OSError if it cannot be reached."""
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    unconnected = socket.socket(family, socket.SOCK_STREAM)
    unconnected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line = Line(unconnected)
    try:
        await line.connect(address)
    except BaseException:
        line.close()
        raise
    return line
