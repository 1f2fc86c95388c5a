"""HTTP/1.1 messages as they go by: their bytes, and where they begin and end.

What they say is not looked at, but for what a fault may ask: method, target, body.
"""

from __future__ import annotations

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
    """Read the next request; None if the caller hangs up before its end, or speaks no HTTP."""
    try:
        return await _request(line)
    except h11.RemoteProtocolError:
        await line.send(BAD_REQUEST)
        return None


async def _request(line: Line) -> Asked | None:
    parser = h11.Connection(h11.SERVER)
    raw, body = bytearray(), bytearray()
    method, target = "", ""
    while not isinstance(event := parser.next_event(), h11.EndOfMessage):
        if isinstance(event, h11.Request):
            method, target = event.method.decode(), unquote(event.target.decode())
        elif isinstance(event, h11.Data):
            body += event.data
        else:
            if parser.they_are_waiting_for_100_continue:
                await line.send(GO_ON)
            data = await line.receive()
            if not data:
                return None
            raw += data
            parser.receive_data(data)
    line.left, _ = parser.trailing_data
    return Asked(method, target, bytes(body), bytes(raw[: len(raw) - len(line.left)]))


class Answer:
    """Follows the answer to a request; `head` is where its body begins."""

    def __init__(self, asked: Asked) -> None:
        # Nothing but the method decides where an answer ends.
        self._parser = h11.Connection(h11.CLIENT)
        self._parser.send(h11.Request(method=asked.method, target="/", headers=[("Host", "-")]))
        self._parser.send(h11.EndOfMessage())
        self._size = 0
        self.head = 0
        self.is_complete = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes, or none at the end of the connection.

        An answer that is broken off, or no HTTP, is an h11.RemoteProtocolError.
        """
        self._parser.receive_data(data)
        self._size += len(data)
        while not self.is_complete and (event := self._parser.next_event()) is not h11.NEED_DATA:
            if isinstance(event, h11.Response):
                self.head = self._size - len(self._parser.trailing_data[0])
            self.is_complete = isinstance(event, h11.EndOfMessage)


async def answered(line: Line, asked: Asked) -> Answered:
    """Read a whole answer."""
    answer, raw = Answer(asked), bytearray()
    while not answer.is_complete:
        data = await line.receive()
        answer.feed(data)
        raw += data
    return Answered(bytes(raw[: answer.head]), bytes(raw[answer.head :]))


async def relay(source: Line, asked: Asked, sink: Line) -> None:
    """Pass an answer on as it comes, to its end."""
    answer = Answer(asked)
    while not answer.is_complete:
        data = await source.receive()
        await sink.send(data)
        answer.feed(data)
