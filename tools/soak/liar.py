"""A server that says what it was given for each path, and notes who asks again where."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from threading import Lock, Thread

import attrs

from twofold.core.request import Origin

from .mutations import Said
from .oracle import Reading


@attrs.define
class Case:
    """One answer, and what is right to make of it."""

    said: Said
    closes: bool
    right: Reading | None
    cut_at: int = 0


@attrs.define(eq=False)
class Liar:
    """Says what it was told, then closes or waits for the next request."""

    cases: dict[int, Case] = attrs.field(factory=dict[int, Case])
    dirty: list[Case] = attrs.field(factory=list[Case])
    """Whose connection was used again although it was not good for it."""
    listener: socket.socket = attrs.field(
        factory=lambda: socket.create_server(("127.0.0.1", 0), backlog=256)
    )
    _lock: Lock = attrs.field(factory=Lock)
    _open: set[socket.socket] = attrs.field(factory=set[socket.socket])
    _threads: list[Thread] = attrs.field(factory=list[Thread])

    @property
    def origin(self) -> Origin:
        return Origin("http", "127.0.0.1", self.listener.getsockname()[1])

    def serve(self) -> None:
        with suppress(OSError):  # closed: it is over
            while True:
                raw, _ = self.listener.accept()
                raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    self._open.add(raw)
                Thread(target=self._talk, args=(raw,), daemon=True).start()

    def _talk(self, raw: socket.socket) -> None:
        before: Case | None = None
        with suppress(OSError), raw:
            while (number := asked(raw)) is not None:
                if before is not None and not (before.right and before.right.can_go_on):
                    self.dirty.append(before)
                before = self.cases.get(number)
                if before is None:
                    break  # whoever asked has lost his patience
                raw.sendall(before.said.answer[: before.cut_at])
                raw.sendall(before.said.answer[before.cut_at :])
                if before.closes:
                    break
        with self._lock:
            self._open.discard(raw)

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self._lock:
            for raw in self._open:
                with suppress(OSError):
                    raw.shutdown(socket.SHUT_RDWR)


def asked(raw: socket.socket) -> int | None:
    """Read a request without a body; return the number that is its path."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = raw.recv(65536)
        if not piece:
            return None
        data += piece
    return int(data.split(b" ", 2)[1][1:])


@contextmanager
def lying() -> Generator[Liar]:
    liar = Liar()
    thread = Thread(target=liar.serve, daemon=True)
    thread.start()
    try:
        yield liar
    finally:
        liar.close()
        thread.join()
