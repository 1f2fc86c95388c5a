"""A SOCKS5 proxy for tests: it connects whoever asks, and counts them (RFC 1928)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import attrs


@attrs.define(eq=False)
class Socks:
    """One at an address of this machine."""

    address: str
    asked: list[tuple[str, int]] = attrs.field(factory=list[tuple[str, int]])
    """Host and port of every connection that was asked for."""


@contextmanager
def socks() -> Iterator[Socks]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = Socks(f"socks5://127.0.0.1:{listener.getsockname()[1]}")
        serving = Thread(target=serve, args=(listener, proxy))
        serving.start()
        yield proxy
        listener.shutdown(socket.SHUT_RDWR)
    serving.join()


def serve(listener: socket.socket, proxy: Socks) -> None:
    talks: list[Thread] = []
    with suppress(OSError):  # closed: the test is over
        while True:
            near, _ = listener.accept()
            talks.append(Thread(target=connect, args=(near, proxy)))
            talks[-1].start()
    for talk in talks:
        talk.join()


def connect(near: socket.socket, proxy: Socks) -> None:
    with near:
        near.recv(257)  # the methods that it offers
        near.sendall(b"\x05\x00")  # no authentication
        asked = near.recv(262)
        host, port = target(asked)
        proxy.asked.append((host, port))
        with socket.create_connection((host, port)) as far:
            near.sendall(b"\x05\x00\x00\x01" + bytes(6))
            back = Thread(target=pass_on, args=(far, near))
            back.start()
            pass_on(near, far)
            back.join()


def target(asked: bytes) -> tuple[str, int]:
    """Read the address out of a request: of version 4, or a name."""
    if asked[3] == 1:
        return socket.inet_ntoa(asked[4:8]), int.from_bytes(asked[8:10], "big")
    length = asked[4]
    return asked[5 : 5 + length].decode(), int.from_bytes(asked[5 + length : 7 + length], "big")


def pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
