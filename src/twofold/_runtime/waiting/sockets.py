"""Connections to servers: opened, sent through, read from, ended.

What goes wrong is an OSError, TLS included.  A wait here ends with the scope around it.
"""

from __future__ import annotations

import select
import socket
import ssl
from typing import Protocol

from anyio import (
    BrokenResourceError,
    ClosedResourceError,
    EndOfStream,
    aclose_forcefully,
    connect_tcp,
)
from anyio.abc import ByteStream, SocketAttribute
from anyio.streams.tls import TLSStream

from .homes import home

__all__ = ["Socket", "connect"]

PIECE = 256 * 1024
"""At most so many bytes are received at once."""


class Socket(Protocol):
    """One connection, for one task at a time; `abort` may come from any."""

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        ...

    async def receive(self) -> bytes:
        """Wait for some bytes; none at the end."""
        ...

    def is_stale(self) -> bool:
        """Tell whether there is something to read from it while nothing was asked: its end."""
        ...

    def shut(self) -> None:
        """Do nothing: for `interrupting`, which threads need."""
        ...

    async def abort(self) -> None:
        """End the connection at once; whoever waits for it is told."""
        ...


class StreamSocket:
    """A connection over a stream of anyio: on trio."""

    __slots__ = ("_raw", "_receive", "_send", "_stream")

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._raw: socket.socket = stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - not Django's
        self._send = stream.send
        self._receive = stream.receive

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        try:
            await self._send(data)
        except (BrokenResourceError, ClosedResourceError) as error:
            raise broken(error) from error

    async def receive(self) -> bytes:
        """Wait for some bytes; none at the end."""
        try:
            return await self._receive(PIECE)
        except EndOfStream:
            return b""
        except (BrokenResourceError, ClosedResourceError) as error:
            raise broken(error) from error

    def is_stale(self) -> bool:
        """Tell whether there is something to read from it while nothing was asked: its end."""
        return is_readable(self._raw)

    def shut(self) -> None:
        """Do nothing: for `interrupting`, which threads need."""

    async def abort(self) -> None:
        """End the connection at once; whoever waits for it is told."""
        await aclose_forcefully(self._stream)


def broken(error: Exception) -> OSError:
    """Return the operating system's word for what happened, where it said one."""
    cause = error.__cause__
    return cause if isinstance(cause, OSError) else ConnectionResetError("the connection broke")


def is_readable(raw: socket.socket) -> bool:
    if raw.fileno() < 0:
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([raw], [], [], 0)[0])
    poll = select.poll()
    poll.register(raw, select.POLLIN)
    return bool(poll.poll(0))


async def connect(host: str, port: int, context: ssl.SSLContext | None) -> Socket:
    """Connect, to whichever address of a name answers first (RFC 8305); with a context, over TLS.

    The name is looked up, and the handshake made, without holding up anybody else.
    """
    if hasattr(home(), "create_task"):  # a loop of asyncio
        from .. import asyncio_sockets  # who runs on trio needs no asyncio

        return await asyncio_sockets.connect(host, port, context)
    tcp = await connect_tcp(host, port)
    return StreamSocket(tcp if context is None else await secured(tcp, host, context))


async def secured(tcp: ByteStream, host: str, context: ssl.SSLContext) -> ByteStream:
    try:
        # Not `standard_compatible`: HTTP says itself where an answer ends.
        return await TLSStream.wrap(
            tcp, hostname=host, ssl_context=context, standard_compatible=False
        )
    except (BrokenResourceError, EndOfStream) as error:
        await aclose_forcefully(tcp)
        raise broken(error) from error
    except BaseException:
        await aclose_forcefully(tcp)
        raise
