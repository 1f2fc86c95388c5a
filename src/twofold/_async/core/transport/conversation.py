# SPDX-License-Identifier: MIT
"""One request and its answer over one connection."""

from __future__ import annotations

from collections import deque

from ...._runtime.waiting.sockets import Socket
from ....core.request import Patience, Request
from ....core.uploads import Upload
from ....core.wire.http1.answer import Answer
from ....core.wire.http1.failures import failure, silent, was_ended_here
from ....core.wire.http1.refusals import CutShort, Expired, Malformed, TooLarge, Unheard
from ....core.wire.http1.sending import LAST_CHUNK, chunk
from ....errors import TwofoldError
from .outgoing import Outgoing

TOGETHER = 64 * 1024
"""A body up to this many bytes is sent in one piece with its head."""


class Conversation:
    """Sends one request and reads its answer, piece by piece or whole.

    No silence is longer than the patience; any piece that comes renews it.  All of it together
    takes no longer than the patience for the whole: then Expired is raised.
    """

    __slots__ = ("_patience", "_request", "_until", "answer", "broken", "pieces", "socket")

    def __init__(self, socket: Socket, request: Request, patience: Patience, most: float) -> None:
        self.socket = socket
        self.pieces: deque[bytes] = deque()
        """What of the body came and was not taken yet."""
        self.answer = Answer(request.method, most, self.pieces.append)
        self.broken = True
        """Whether something went wrong, or is under way."""
        self._request = request
        self._patience = patience
        self._until = socket.now() + patience.total

    @property
    def may_be_followed(self) -> bool:
        """Whether the connection is good for another one."""
        return not self.broken and self.answer.done and self.answer.reusable

    def patience_left(self) -> Patience:
        """Return the patience for another try."""
        return self._patience.within(self._until - self.socket.now())

    async def ask(self, opening: bytes, *, whole: bool) -> None:
        """Send the request; read the header of its answer, or the whole answer.

        Raises Unheard if the connection broke before a byte of the answer came: a kept one may
        have been closed before the request was sent.
        """
        answer = self.answer
        try:
            all_sent = await self._send(opening)
            while not (answer.done or (answer.headed and not whole)):
                await self._read()
        except (OSError, CutShort, Malformed, TooLarge) as error:
            raise self._told(error) from error
        # Who has heard only half of a request would take the next one for the rest of it.
        self.broken = not all_sent or is_last(opening)

    async def hear(self) -> None:
        """Read a little on; nothing if the answer is complete."""
        if self.answer.done:
            return
        before, self.broken = self.broken, True
        try:
            await self._read()
        except (OSError, CutShort, Malformed, TooLarge) as error:
            raise self._told(error) from error
        self.broken = before

    async def _read(self) -> None:
        piece = await self.socket.receive(self._patience.read, self._until)
        if piece:
            self.answer.feed(piece)
        else:
            self.answer.end()

    async def _send(self, opening: bytes) -> bool:
        """Send the request; a server that answers before it has all of it is listened to."""
        body, bounds = self._request.body, (self._patience.read, self._until)
        if self._request.upload is not None:
            return await self._send_drawn(opening, self._request.upload)
        try:
            if len(body) <= TOGETHER:
                opening += body
                return await self.socket.send(opening, *bounds) == len(opening)
            await self.socket.send(opening, *bounds)
            return await self.socket.send(body, *bounds) == len(body)
        except ConnectionError:
            if not body:
                raise
            return False

    async def _send_drawn(self, opening: bytes, upload: Upload) -> bool:
        """Send a request whose body is drawn, each piece as soon as the one before has gone."""
        is_chunked, bounds = upload.length is None, (self._patience.read, self._until)
        outgoing = Outgoing(upload)
        try:
            await self.socket.send(opening, *bounds)
            async for piece in outgoing:
                if self.socket.now() >= self._until:
                    raise Expired  # sending what is drawn slowly waits for nothing
                framed = chunk(piece) if is_chunked else piece
                if await self.socket.send(framed, *bounds) < len(framed):
                    return False
            if is_chunked:
                await self.socket.send(LAST_CHUNK, *bounds)
        except ConnectionError:
            return False  # what it said before it hung up is listened to
        else:
            return True
        finally:
            outgoing.close()

    def _told(self, error: Exception) -> Expired | Unheard | TwofoldError:
        """Return what to raise."""
        answer = self.answer
        if isinstance(error, TimeoutError):
            if self.socket.now() >= self._until:
                return Expired()
            return silent(self._request, self._patience.read)
        told = failure(self._request, answer.status, error)
        if was_ended_here(error):
            return told
        if isinstance(error, OSError | CutShort) and not answer.begun:
            return Unheard(told)
        return told


def is_last(opening: bytes) -> bool:
    """Tell whether the request itself asks for the end of the connection (RFC 9112, 9.6)."""
    head = opening.lower()
    at = head.find(b"\r\nconnection:")
    return at >= 0 and b"close" in head[at : head.find(b"\r\n", at + 2)]
