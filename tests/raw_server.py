"""A server that says, byte for byte, what a test tells it to; in a thread of its own."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Thread

import attrs

from twofold.core.request import Origin


@attrs.define(eq=False)
class RawServer:
    """Answers every request with the same bytes, then waits for the next, or closes."""

    answer: bytes
    closes: bool = False
    tls: ssl.SSLContext | None = None
    connections: int = 0
    requests: list[bytes] = attrs.field(factory=list)
    _listener: socket.socket = attrs.field(factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _open: list[socket.socket] = attrs.field(factory=list)

    @property
    def origin(self) -> Origin:
        scheme = "http" if self.tls is None else "https"
        return Origin(scheme, "127.0.0.1", self._listener.getsockname()[1])

    def serve(self) -> None:
        with suppress(OSError):  # closed: the test is over
            while True:
                raw, _ = self._listener.accept()
                self._open.append(raw)
                self.connections += 1
                Thread(target=self._talk, args=(raw,), daemon=True).start()

    def _talk(self, raw: socket.socket) -> None:
        with suppress(OSError), raw:
            wire = raw if self.tls is None else self.tls.wrap_socket(raw, server_side=True)
            while (request := whole(wire)) is not None:
                self.requests.append(request)
                wire.sendall(self.answer)
                if self.closes:
                    break
            wire.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Close every connection, whatever its client thinks of it."""
        for raw in self._open:
            with suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)


def whole(wire: socket.socket) -> bytes | None:
    """Read one request, body and all; None: nobody asks any more."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = wire.recv(65536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    wanted = length(head.split(b"\r\n"))
    while len(body) < wanted:
        body += wire.recv(65536)
    return head + b"\r\n\r\n" + body


def length(lines: Sequence[bytes]) -> int:
    for line in lines:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


@contextmanager
def raw_server(
    answer: bytes, *, closes: bool = False, tls: ssl.SSLContext | None = None
) -> Iterator[RawServer]:
    server = RawServer(answer, closes, tls)
    thread = Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()
