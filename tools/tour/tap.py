"""A line to the server that keeps all that goes over it: what was a token is found there."""

from __future__ import annotations

import re
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from threading import Thread

import attrs

PIECE = 65536
TOKENS = re.compile(
    rb'JSESSIONID=([0-9a-fA-F]+)|SecurityToken"\s*:\s*"([^"]+)"|[?&]key=([0-9a-fA-F-]+)'
)


@attrs.frozen
class Tap:
    """Where to call, and what was said."""

    url: str
    said: list[bytes] = attrs.field(factory=list[bytes])

    @property
    def tokens(self) -> set[str]:
        """The sessions and tokens that the server gave, and the caller used."""
        found = TOKENS.findall(b"".join(self.said))
        return {part.decode() for parts in found for part in parts if part}


@contextmanager
def tapped(port: int) -> Generator[Tap]:
    """Pass everything on to a port of this machine, for the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        tap = Tap(f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread = Thread(target=accept, args=(listener, port, tap), daemon=True)
        thread.start()
        try:
            yield tap
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def accept(listener: socket.socket, port: int, tap: Tap) -> None:
    with suppress(OSError):
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", port))
            for pair in ((near, far), (far, near)):
                Thread(target=pass_on, args=(*pair, tap), daemon=True).start()


def pass_on(one: socket.socket, other: socket.socket, tap: Tap) -> None:
    with suppress(OSError):
        while piece := one.recv(PIECE):
            tap.said.append(piece)
            other.sendall(piece)
        other.shutdown(socket.SHUT_WR)
