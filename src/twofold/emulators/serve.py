"""An emulator on a socket, served by uvicorn until a signal comes.

What the process does then (its exit code, its messages) is for the caller to decide.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import threading
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .asgi import DROP, EmulatorApp
from .exchange import Emulator

BACKLOG = 2048
KEEP_ALIVE = 75
"""Seconds; longer than a caller is likely to pause between two uses of a connection."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(
    emulator: Emulator,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    announce: Callable[[str], None],
    beside: Callable[[str], Coroutine[object, object, object]] | None = None,
) -> signal.Signals | None:
    """Serve until SIGINT or SIGTERM, and return which of them it was.

    Port 0 takes a free one; `announce` is called with the URL once connections are accepted. A
    port that cannot be had is an OSError. At the end nobody is waited for: connections are dropped
    as they are. In a thread other than the main one no signal can be caught: it serves for ever.
    `beside` is given the URL too, and runs in the same loop until the end; then it is cancelled.
    """
    with listening(host, port) as listener:
        server = Server(emulator, lambda: announce(url_of(listener)))
        # What was built so far stays: the collector need not look at it again and again.
        gc.freeze()
        try:
            asyncio.run(_serving(server, listener, beside))
        finally:
            gc.unfreeze()
    return server.ended_by


async def _serving(
    server: Server,
    listener: socket.socket,
    beside: Callable[[str], Coroutine[object, object, object]] | None,
) -> None:
    if beside is None:
        await server.serve(sockets=[listener])
        return
    async with asyncio.TaskGroup() as tasks:
        companion = tasks.create_task(beside(url_of(listener)))
        await server.serve(sockets=[listener])
        companion.cancel()


class Server(uvicorn.Server):
    """Announces itself, remembers the signal, and drops its connections at the end."""

    def __init__(self, emulator: Emulator, announce: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                EmulatorApp(emulator),
                http=_Protocol,
                loop="asyncio",
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                log_level="warning",
                server_header=False,
                date_header=False,
                timeout_keep_alive=KEEP_ALIVE,
                backlog=BACKLOG,
            )
        )
        self.ended_by: signal.Signals | None = None
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Answers in waiting end by themselves when they see that their caller is gone.
        for connection in list(self.server_state.connections):
            if isinstance(connection, _Protocol):
                connection.transport.abort()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        # uvicorn would raise the signal once more when all is over.
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        former = {each: signal.signal(each, self._end) for each in SIGNALS}
        try:
            yield
        finally:
            for each, handler in former.items():
                signal.signal(each, handler)

    def _end(self, number: int, frame: FrameType | None) -> None:
        del frame
        self.ended_by = self.ended_by or signal.Signals(number)
        self.should_exit = True


class _Protocol(HttpToolsProtocol):
    """Lets the application abort its connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {DROP: {"abort": self.transport.abort}}


@contextmanager
def listening(host: str, port: int) -> Generator[socket.socket, None, None]:
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.create_server(
        (str(address[0]), int(address[1])), family=family, backlog=BACKLOG
    )
    # Handed down to every connection; asyncio sets it only on sockets that it made itself.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        yield listener
    finally:
        listener.close()


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
