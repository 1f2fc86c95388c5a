"""A server that a test writes itself, connection by connection, over real sockets."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import attrs

from twofold.core.request import Origin


@attrs.define(eq=False)
class Line:
    """One connection, as the server has it."""

    wire: socket.socket
    number: int
    """Of the connection, from 0."""
    left: bytes = b""

    def head(self) -> str:
        """Read a request up to the end of its header; empty if nobody asks any more."""
        while b"\r\n\r\n" not in self.left:
            piece = self.wire.recv(65536)
            if not piece:
                return ""
            self.left += piece
        head, _, self.left = self.left.partition(b"\r\n\r\n")
        return head.decode("latin-1")

    def body(self, size: int) -> bytes:
        """Read so many bytes."""
        pieces, came = [self.left], len(self.left)
        while came < size:
            piece = self.wire.recv(65536)
            if not piece:
                break
            pieces.append(piece)
            came += len(piece)
        body = b"".join(pieces)
        self.left = body[size:]
        return body[:size]

    def chunks(self) -> bytes:
        """Read a body in chunks."""
        whole = b""
        while True:
            while b"\r\n" not in self.left:
                self.left += self.wire.recv(65536)
            size, _, self.left = self.left.partition(b"\r\n")
            whole += self.body(int(size, 16))
            self.body(2)
            if not int(size, 16):
                return whole

    def say(self, head: str, body: bytes = b"") -> None:
        self.wire.sendall(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body)


def field(head: str, name: str) -> str | None:
    for line in head.split("\r\n"):
        found, _, value = line.partition(":")
        if found.lower() == name:
            return value.strip()
    return None


@attrs.define(eq=False)
class WireServer:
    talk: Callable[[Line], object]
    tls: ssl.SSLContext | None = None
    connections: int = 0
    _listener: socket.socket = attrs.field(factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _open: list[socket.socket] = attrs.field(factory=list)
    _threads: list[Thread] = attrs.field(factory=list)

    @property
    def origin(self) -> Origin:
        scheme = "http" if self.tls is None else "https"
        return Origin(scheme, "127.0.0.1", self._listener.getsockname()[1])

    def serve(self) -> None:
        with suppress(OSError):  # closed: the test is over
            while True:
                wire, _ = self._listener.accept()
                self._open.append(wire)
                thread = Thread(target=self._serve, args=(wire, self.connections), daemon=True)
                self.connections += 1
                thread.start()
                self._threads.append(thread)

    def _serve(self, raw: socket.socket, number: int) -> None:
        with suppress(OSError), raw:
            wire = raw if self.tls is None else self.tls.wrap_socket(raw, server_side=True)
            with wire:
                self._open.append(wire)
                self.talk(Line(wire, number))

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def hang_up(self) -> None:
        """Close every connection, and wait for what served them."""
        for wire in self._open:
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()


@contextmanager
def wire_server(
    talk: Callable[[Line], object], tls: ssl.SSLContext | None = None
) -> Iterator[WireServer]:
    server = WireServer(talk, tls)
    thread = Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()
        server.hang_up()
