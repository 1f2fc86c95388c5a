"""The fault proxy, seen from a raw socket: exactly which bytes, FIN or RST a caller gets."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import anyio
import attrs
import pytest

from twofold.emulators.fault_proxy import FaultProxy

pytestmark = pytest.mark.real_time

LONG = 10.0
"""Seconds that nobody in these tests may ever wait."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
BODY = b"0123456789"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"


@attrs.define
class Server:
    """Answers each request with the same bytes, and remembers what came."""

    answer: bytes = HEAD + BODY
    ends: bool = False
    """Whether it hangs up after an answer."""
    requests: list[bytes] = attrs.field(factory=list, init=False)
    open: int = attrs.field(default=0, init=False)

    async def serve(self, stream: anyio.abc.SocketStream) -> None:
        self.open += 1
        try:
            async with stream:
                await self._answer_all(stream)
        finally:
            self.open -= 1

    async def _answer_all(self, stream: anyio.abc.SocketStream) -> None:
        with_body = b"Content-Length: 5\r\n\r\n"
        came = b""
        while True:
            try:
                came += await stream.receive()
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                return
            if came.endswith(with_body) or not came.endswith((b"\r\n\r\n", b"hello")):
                continue
            self.requests.append(came)
            came = b""
            await stream.send(self.answer)
            if self.ends:
                return


@attrs.frozen
class Running:
    proxy: FaultProxy
    server: Server
    address: tuple[str, int]

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=LONG)

    def wait_for_pairs(self, number: int) -> None:
        end = time.monotonic() + LONG
        while self.server.open != number:
            assert time.monotonic() < end
            time.sleep(0.005)
