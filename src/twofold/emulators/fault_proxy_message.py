"""HTTP/1.1 messages as they go by: their bytes, and where they begin and end.

What they say is not looked at, but for what a fault may ask: method, target, body.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from urllib.parse import unquote

import attrs
import h11

from .fault_proxy_line import Line

BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


@attrs.frozen
class Asked:
    """A complete request."""

    method: str
    target: str
    """Path and query, percent-decoded."""
    body: bytes
    """Without the framing of chunks."""
    raw: bytes
    """The whole request as it came."""


@attrs.frozen
class Answered:
    """A complete answer, as bytes: interim answers stand in front of its head."""

    head: bytes
    body: bytes
    """As on the wire, the framing of chunks included."""


async def request(line: Line) -> Asked | None:
    """Read the next request; None if the caller hangs up before its end.

    What is no HTTP is an h11.RemoteProtocolError.
    """
    parser = h11.Connection(h11.SERVER)
    raw, body = bytearray(), bytearray()
    method, target = "", ""
    while True:
        event = parser.next_event()
        if event is h11.NEED_DATA:
            if parser.they_are_waiting_for_100_continue:
                await line.send(GO_ON)
            data = await line.receive()
            if not data:
                return None
            raw += data
            parser.receive_data(data)
        elif isinstance(event, h11.Request):
            method, target = event.method.decode(), unquote(event.target.decode())
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            line.left, _ = parser.trailing_data
            size = len(raw) - len(line.left)
            return Asked(method, target, bytes(body), bytes(raw[:size]))


async def pieces(line: Line, asked: Asked) -> AsyncGenerator[tuple[bytes, int]]:
    """Read the answer to a request as it comes: its bytes, and how many of them are of its head.

    An answer that the server breaks off is an h11.RemoteProtocolError after its last piece.
    """
    parser = _expecting(asked)
    is_head, is_over = True, False
    while not is_over:
        data = await line.receive()
        parser.receive_data(data)
        head = len(data) if is_head else 0
        try:
            while (event := parser.next_event()) is not h11.NEED_DATA:
                if isinstance(event, h11.Response):
                    is_head, head = False, len(data) - len(parser.trailing_data[0])
                if isinstance(event, h11.EndOfMessage):
                    is_over, line.left = True, parser.trailing_data[0]
                    break
        except h11.RemoteProtocolError:
            yield data, head
            raise
        yield data[: len(data) - len(line.left)] if is_over else data, head
