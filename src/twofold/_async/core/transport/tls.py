# SPDX-License-Identifier: MIT
"""TLS over a connection, with nothing of a socket in it: one source for every runtime.

What is read and sent passes through memory, so that a wait is one of the connection beneath, and
ends as that does.
"""

from __future__ import annotations

import math
import ssl

from ...._runtime.waiting.sockets import Socket

PIECE = 256 * 1024
"""At most so many bytes are taken out at once."""


class TlsSocket:
    """A connection that is encrypted, for one task at a time; `abort` may come from any."""

    __slots__ = ("_early", "_incoming", "_inside", "_outgoing", "_socket")

    def __init__(self, socket: Socket, host: str, context: ssl.SSLContext) -> None:
        self._socket = socket
        self._early = b""
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._inside = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    async def shake_hands(self, within: float) -> None:
        """Agree on keys, and see whom one talks to."""
        while True:
            try:
                self._inside.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush(within)
                await self._draw(within)
            except ssl.SSLError:
                await self._flush(within)  # it says why
                raise
            else:
                await self._flush(within)
                return

    async def send(self, data: bytes, within: float, until: float = math.inf) -> int:
        """Send all of it; return how much was sent: less if the other end spoke meanwhile."""
        left = memoryview(data)
        while left:
            left = left[self._inside.write(left[:PIECE]) :]
            sealed = self._outgoing.read()
            while sealed:
                sealed = sealed[await self._socket.send(sealed, within, until) :]
                if sealed and await self._has_spoken(within, until):
                    return max(0, len(data) - len(left) - 1)  # not all of it has left
        return len(data)

    async def receive(self, within: float, until: float = math.inf) -> bytes:
        """Wait for some bytes; none at the end, if the other end said that it is one.

        An end that nobody announced may be the work of someone in between (RFC 9112, 9.8).
        """
        while True:
            try:
                data, self._early = self._early or self._inside.read(PIECE), b""
            except ssl.SSLWantReadError:
                await self._flush(within, until)  # an answer to a change of keys
                await self._draw(within, until)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLEOFError as error:
                raise ConnectionResetError("the connection ended without saying so") from error
            else:
                return data

    def now(self) -> float:
        """Return the time by which it waits, in seconds."""
        return self._socket.now()

    def is_stale(self) -> bool:
        """Tell whether it ended, or something came, while nothing was asked."""
        unread = self._early or self._inside.pending() or self._incoming.pending
        return bool(unread) or self._socket.is_stale()

    def abort(self) -> None:
        """End the connection at once; whoever waits for it is told."""
        self._socket.abort()

    async def _has_spoken(self, within: float, until: float) -> bool:
        """Look at what came; it may be no more than keys for a later connection."""
        await self._draw(within, until)
        try:
            self._early += self._inside.read(PIECE)
        except ssl.SSLWantReadError:
            return False
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            pass  # its end, which whoever receives is told of
        return True

    async def _flush(self, within: float, until: float = math.inf) -> None:
        data = self._outgoing.read()
        while data:
            data = data[await self._socket.send(data, within, until) :]
            if data:
                await self._draw(within, until)

    async def _draw(self, within: float, until: float = math.inf) -> None:
        piece = await self._socket.receive(within, until)
        if piece:
            self._incoming.write(piece)
        else:
            self._incoming.write_eof()


async def secured(socket: Socket, host: str, context: ssl.SSLContext, within: float) -> TlsSocket:
    """Encrypt a connection; one that cannot be is ended."""
    try:
        secret = TlsSocket(socket, host, context)
        await secret.shake_hands(within)
    except BaseException:
        socket.abort()
        raise
    return secret
