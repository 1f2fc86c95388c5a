# SPDX-License-Identifier: MIT
"""The engine without a wire: requests are answered by a function in this process."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar

import attrs

from ...._runtime.waiting.scopes import checkpoint, current_time, sleep
from ....core.request import Patience, Reply, Request
from ....core.text.headers import Headers
from ....core.uploads import Upload
from ....core.wire.http1.refusals import Undrawable
from ....errors import Effect, ServerError
from .engine import Arriving
from .outgoing import whole


class Answer(Protocol):
    """What an emulator answers: `after` seconds from arrival it is complete."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Sequence[tuple[str, str]]: ...
    @property
    def body(self) -> bytes: ...
    @property
    def after(self) -> float: ...
    @property
    def cut(self) -> str | None:
        """Not None: the connection is dropped in place of an answer."""
        ...


A = TypeVar("A", bound=Answer)


class Emulator(Protocol[A]):
    """A stand-in for a server: it answers at once and says how long that would have taken."""

    def answer(self, request: Request, now: float) -> A: ...

    def left(self, answer: A, now: float) -> None:
        """Take note that the caller hung up before the answer was complete."""
        ...


@attrs.frozen(eq=False)
class InProcessTransport:
    """Sends requests to an emulator; time passes on `clock`."""

    emulator: Emulator[Any]
    clock: Callable[[], float] = current_time

    @property
    def interruptible(self) -> bool:
        return True

    async def exchange(self, request: Request, patience: Patience) -> Reply:
        """Ask the emulator, and wait as long as it would have taken."""
        if request.upload is not None:
            request = attrs.evolve(request, body=await drawn(request.upload), upload=None)
        answer = self.emulator.answer(request, self.clock())
        patient = False
        try:
            await sleep(min(answer.after, patience.read))
            patient = answer.after <= patience.read
        finally:
            if not patient:
                self.emulator.left(answer, self.clock())
        if not patient or answer.cut is not None:
            raise ServerError(
                f"the answer of {request.origin} was lost: "
                + ("the connection was dropped" if patient else f"silence for {patience.read:g} s"),
                effect=Effect.UNKNOWN,
                transient=True,
            )
        return Reply(answer.status, Headers(tuple(answer.headers)), answer.body, request)

    @asynccontextmanager
    async def open(self, request: Request, patience: Patience) -> AsyncGenerator[Arriving]:
        """Ask the emulator; the body is drawn in pieces, though it is there at once."""
        yield Pieces(await self.exchange(request, patience))

    async def aclose(self) -> None:
        """There is nothing to close: the emulator is the caller's."""


PIECE = 64 * 1024


async def drawn(upload: Upload) -> bytes:
    """Return all of a body; what drawing it raised leaves as it is."""
    try:
        return await whole(upload)
    except Undrawable as failed:
        raise failed.error from failed.error.__cause__


class Pieces:
    """An answer that is there, drawn in pieces."""

    def __init__(self, reply: Reply) -> None:
        self.status = reply.status
        self.headers = reply.headers
        self._body = memoryview(reply.body)
        self._drawn = 0

    def __aiter__(self) -> Pieces:
        return self

    async def __anext__(self) -> bytes:
        await checkpoint()
        piece = self._body[self._drawn : self._drawn + PIECE]
        if not piece:
            raise StopAsyncIteration
        self._drawn += len(piece)
        return bytes(piece)
