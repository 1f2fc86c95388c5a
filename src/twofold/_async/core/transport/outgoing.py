# SPDX-License-Identifier: MIT
"""The body of a request on its way, drawn where that holds up nobody."""

from __future__ import annotations

from ...._runtime.waiting.scopes import checkpoint, current_time, run_sync
from ....core.uploads import Upload
from ....core.wire.http1.refusals import Undrawable


class Outgoing:
    """One pass over a body; whoever begins it closes it.

    What drawing raises comes as Undrawable, so that no engine takes it for the wire's.
    """

    def __init__(self, upload: Upload) -> None:
        try:
            self._drawing = upload.begin()
        except Exception as error:
            raise Undrawable(error) from error
        self._upload = upload
        self._drawn = 0
        upload.meter.started(current_time())

    def __aiter__(self) -> Outgoing:
        return self

    async def __anext__(self) -> bytes:
        self._upload.meter.reached(self._drawn, current_time())
        try:
            piece = await self._draw()
        except Exception as error:
            raise Undrawable(error) from error
        if not piece:
            raise StopAsyncIteration
        self._drawn += len(piece)
        return piece

    async def _draw(self) -> bytes:
        if self._upload.is_at_hand:
            await checkpoint()
            return self._drawing.draw()
        return await run_sync(self._drawing.draw)

    def close(self) -> None:
        """Let go of what it is drawn from."""
        self._drawing.close()
        self._upload.meter.ended(current_time())


async def whole(upload: Upload) -> bytes:
    """Draw all of a body."""
    outgoing = Outgoing(upload)
    try:
        pieces = [piece async for piece in outgoing]
    finally:
        outgoing.close()
    return b"".join(pieces)
