# SPDX-License-Identifier: MIT
"""One request and its answer over one connection."""

from __future__ import annotations

import math
from collections import deque

from ...._runtime.waiting.scopes import current_time, interrupting, move_on_after
from ...._runtime.waiting.sockets import Socket
from ....core.request import Patience, Request
from ....core.wire.http1.answer import Answer
from ....core.wire.http1.failures import failure, silent
from ....core.wire.http1.refusals import CutShort, Malformed, TooLarge, Unheard

TOGETHER = 64 * 1024
"""A body up to this many bytes is sent in one piece with its head."""


class Conversation:
    """Sends one request and reads its answer, piece by piece or whole."""

    __slots__ = ("_patience", "_request", "answer", "broken", "pieces", "socket")

    def __init__(self, socket: Socket, request: Request, patience: Patience, most: float) -> None:
        self.socket = socket
        self.pieces: deque[bytes] = deque()
        """What of the body came and was not taken yet."""
        self.answer = Answer(request.method, most, self.pieces.append)
        self.broken = False
        self._request = request
        self._patience = patience

    @property
    def may_be_followed(self) -> bool:
        """Whether the connection is good for another one."""
        return self.answer.done and self.answer.reusable and not self.broken

    async def ask(self, opening: bytes, *, whole: bool) -> None:
        """Send the request; read the header of its answer, or the whole answer.

        Raises Unheard if the connection broke before a byte of the answer came: a kept one may
        have been closed before the request was sent.
        """
        await self._in_patience(opening, whole)

    async def hear(self) -> None:
        """Read a little on; nothing if the answer is complete."""
        if not self.answer.done:
            await self._in_patience(None, whole=False)

    async def _in_patience(self, opening: bytes | None, whole: bool) -> None:
        """Let no silence be longer than the patience; any piece that comes renews it."""
        patience = self._patience.read
        try:
            with move_on_after(None if patience == math.inf else patience) as silence:
                with interrupting(self.socket.shut):
                    if opening is not None:
                        await self._send(opening)
                    while not await self._read(whole):
                        if patience != math.inf:
                            silence.deadline = current_time() + patience
                return
        except (OSError, CutShort) as error:
            self.broken = True
            if not self.answer.begun:
                raise Unheard(failure(self._request, self.answer.status, error)) from error
            raise failure(self._request, self.answer.status, error) from error
        except (Malformed, TooLarge) as error:
            self.broken = True
            raise failure(self._request, self.answer.status, error) from error
        self.broken = True
        raise silent(self._request, patience)

    async def _read(self, whole: bool) -> bool:
        """Read a piece; tell whether that is enough."""
        answer = self.answer
        piece = await self.socket.receive()
        if piece:
            answer.feed(piece)
        else:
            answer.end()
        return answer.done or (answer.headed and not whole)

    async def _send(self, opening: bytes) -> None:
        """Send the request; a server that answers before it has all of it is listened to."""
        body = self._request.body
        try:
            if len(body) <= TOGETHER:
                await self.socket.send(opening + body)
            else:
                await self.socket.send(opening)
                await self.socket.send(body)
        except ConnectionError:
            if not body:
                raise
