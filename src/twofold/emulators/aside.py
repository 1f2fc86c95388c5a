"""An emulator on a socket, served in a thread beside the program that uses it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from queue import SimpleQueue

from .exchange import Emulator
from .serve import Server, listening, url_of

Begun = SimpleQueue[BaseException | None]


@contextmanager
def served_aside(
    emulator: Emulator, *, host: str = "127.0.0.1", port: int = 0
) -> Generator[str, None, None]:
    """Serve for as long as the block lasts, and give the URL; port 0 takes a free one.

    A port that cannot be had is an OSError. At the end connections are dropped as they are.
    """
    with listening(host, port) as listener:
        begun: Begun = SimpleQueue()
        server = Server(emulator, lambda: begun.put(None))
        thread = threading.Thread(target=_run, args=(server, listener, begun))
        thread.start()
        try:
            failure = begun.get()
            if failure is not None:
                raise failure
            yield url_of(listener)
        finally:
            server.should_exit = True
            thread.join()


def _run(server: Server, listener: socket.socket, begun: Begun) -> None:
    try:
        asyncio.run(server.serve(sockets=[listener]))
    except (Exception, SystemExit) as failure:  # it is raised where the thread was started
        begun.put(failure)
