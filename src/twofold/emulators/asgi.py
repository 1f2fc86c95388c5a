"""An ASGI application around any emulator: the one place that waits for its answers to be due.

It runs on every ASGI server, on asyncio and on trio. A cut must end the connection without a byte,
for which ASGI has no word: a server that can do it says so with the extension DROP, whose `abort`
is a function that ends the connection (`serve` adds it to uvicorn). Elsewhere the answer breaks
off after its headers, which a caller sees as a connection lost too, but with a status.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

import anyio
import attrs

from .exchange import Answer, Emulator, Pairs

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

DROP = "twofold.drop"
LARGEST_BODY = 80 * 1024 * 1024
"""Bytes; the largest attachment is 50 MB before it becomes base64."""

_TOO_LARGE = Answer(413, (("Content-Type", "text/html;charset=utf-8"),), b"<h1>Too Large</h1>")


@attrs.frozen
class Received:
    """A complete request, as the emulator takes it."""

    method: str
    target: str
    headers: Pairs
    body: bytes


class Disconnected(Exception):
    """The caller hung up before its request was complete."""


@attrs.define(eq=False)
class EmulatorApp:
    """Serves an emulator; `clock` is monotonic and in seconds."""

    emulator: Emulator
    clock: Callable[[], float] = time.monotonic
    largest_body: int = LARGEST_BODY
    # Made by the first request: who makes the application may be in a loop of another kind.
    _lock: anyio.Lock | None = attrs.field(default=None, init=False, repr=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            # A server that offers a lifespan takes this for "not supported".
            raise NotImplementedError(f"an emulator serves http, not {scope['type']}")
        try:
            body = await self._body(receive)
        except Disconnected:
            return
        if body is None:
            await _send(_TOO_LARGE, send)
        else:
            await self._answer(_received(scope, body), scope, receive, send)

    async def _answer(self, request: Received, scope: Scope, receive: Receive, send: Send) -> None:
        arrived = self.clock()
        async with self._turn():
            # A long answer delays taking note of who arrives. The lock lets the loop turn between
            # any two of them, so that those who came together are seen to have come together.
            answer = self.emulator.answer(request, arrived)
        if not await self._is_due(answer, arrived + answer.after, receive):
            self.emulator.left(answer, self.clock())
        elif answer.cut is None:
            await _send(answer, send)
        else:
            await _cut(scope, receive, send)

    def _turn(self) -> anyio.Lock:
        if self._lock is None:
            self._lock = anyio.Lock()
        return self._lock

    async def _is_due(self, answer: Answer, due: float, receive: Receive) -> bool:
        """Wait until the answer is complete; False if the caller hangs up before."""
        if answer.after <= 0:
            return True
        hung_up = False

        async def watch() -> None:
            nonlocal hung_up
            await _disconnect(receive)
            hung_up = True
            tasks.cancel_scope.cancel()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch)
            await anyio.sleep(max(0.0, due - self.clock()))
            tasks.cancel_scope.cancel()
        return not hung_up

    async def _body(self, receive: Receive) -> bytes | None:
        """Read the whole body; None if it is too large."""
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            body += message.get("body", b"")
            if len(body) > self.largest_body:
                return None
            if not message.get("more_body", False):
                return bytes(body)


def _received(scope: Scope, body: bytes) -> Received:
    # `raw_path` is optional in ASGI; without it the exact spelling of the path is lost.
    raw_path: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    query: bytes = scope["query_string"]
    target = raw_path + b"?" + query if query else raw_path
    return Received(
        scope["method"],
        target.decode("latin-1"),
        tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        ),
        body,
    )


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(answer: Answer, send: Send) -> None:
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _cut(scope: Scope, receive: Receive, send: Send) -> None:
    extensions: Mapping[str, Any] = scope.get("extensions") or {}
    if DROP not in extensions:
        headers = [(b"content-length", b"1")]
        await send({"type": "http.response.start", "status": 502, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        return
    extensions[DROP]["abort"]()
    # A server takes an application that returns in silence for a broken one, unless it has
    # noticed by then that the connection is gone.
    await _disconnect(receive)
