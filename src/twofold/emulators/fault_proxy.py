"""A TCP proxy that makes trouble by script, in front of any HTTP/1.1 server.

It stands between sockets and knows no system. A caller's connection has one of its own to the
server, and both end together. `fault_proxy_reading` describes the script.
"""

from __future__ import annotations

import math
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing, suppress
from functools import partial
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import anyio
import h11

from .fault_proxy_line import Line, connect
from .fault_proxy_message import Asked, answered, relay, request
from .fault_proxy_reading import read
from .fault_proxy_script import Trouble

T = TypeVar("T")

BACKLOG = 2048


class FaultProxy:
    """Takes its port when it is made, passes connections on while it runs; close it at the end.

    Port 0 takes a free one; a port that cannot be had is an OSError, a bad script a ValueError.
    """

    def __init__(self, faults: Sequence[object], *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._script = read(faults)
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        self._port = _bound(found[4])
        if not self._script.refuses_next():
            self._port.listen(BACKLOG)

    @property
    def url(self) -> str:
        host, port = self._port.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def close(self) -> None:
        self._port.close()

    async def run(self, server: str) -> None:
        """Pass connections on to `http://host:port`, until cancelled; then all are dropped."""
        place = urlsplit(server)
        host, port = place.hostname or "127.0.0.1", place.port or 80
        async with anyio.create_task_group() as connections:
            while True:
                await self._listen()
                near = await self._accept()
                if self._script.is_reset():
                    near.reset()
                else:
                    connections.start_soon(self._pass_on, near, host, port)

    async def _listen(self) -> None:
        """Open the port, if it is not; first keep it closed for as long as the script says."""
        refusal = self._script.refusal()
        if refusal is not None:
            address = self._port.getsockname()
            self._port.close()
            # A port that is bound stays ours, and refuses everyone until somebody listens.
            self._port = _bound(address)
            await anyio.sleep(math.inf if refusal.seconds is None else refusal.seconds)
        self._port.listen(BACKLOG)

    async def _accept(self) -> Line:
        while True:
            await anyio.wait_readable(self._port)
            try:
                return Line(self._port.accept()[0])
            except OSError:
                # The caller is gone again, or there are too many open files: that passes.
                await anyio.sleep(0.01)

    async def _pass_on(self, near: Line, host: str, port: int) -> None:
        with closing(near):
            try:
                far = await connect(host, port)
            except OSError:
                near.reset()
                return
            with closing(far):
                if await self._exchanges(near, far) == "reset":
                    near.reset()

    async def _exchanges(self, near: Line, far: Line) -> _Ending:
        ending: _Ending = "open"
        while ending == "open":
            asked = await _unless_gone(far, partial(request, near))
            if asked is None:
                return "fin"
            trouble = self._script.trouble(asked)
            ending = (
                await _unless_gone(near, partial(_exchange, near, far, asked, trouble)) or "fin"
            )
        return ending


_Ending = Literal["open", "fin", "reset"]


async def _exchange(near: Line, far: Line, asked: Asked, trouble: Trouble | None) -> _Ending:
    """Carry out one request as the script says; return how its connection ends, if it does."""
    if trouble is None:
        await far.send(asked.raw)
        await relay(far, asked, near)
        return "open"
    if trouble.is_asked:
        await far.send(asked.raw)
        shown, rest = trouble.parts(await answered(far, asked))
        await near.send(shown)
        if trouble.ending == "stall":
            await anyio.sleep_forever()
        if trouble.ending == "trickle":
            await _trickle(near, rest, trouble.pace)
            return "open"
    return "reset" if trouble.ending == "reset" else "fin"


async def _trickle(line: Line, data: bytes, pace: float) -> None:
    for at in range(len(data)):
        await anyio.sleep(pace)
        await line.send(data[at : at + 1])


async def _unless_gone(line: Line, work: Callable[[], Awaitable[T]]) -> T | None:
    """Return what the work returns; None if a connection breaks or `line` hangs up before."""
    done: list[T] = []
    async with anyio.create_task_group() as tasks:

        async def watch() -> None:
            with suppress(OSError):
                await line.gone()
            tasks.cancel_scope.cancel()

        tasks.start_soon(watch)
        # Whichever end broke it, the pair ends.
        with suppress(OSError, h11.RemoteProtocolError):
            done.append(await work())
        tasks.cancel_scope.cancel()
    return done[0] if done else None


def _bound(address: Any) -> socket.socket:
    port = socket.socket(socket.AF_INET6 if len(address) == 4 else socket.AF_INET)
    try:
        port.setblocking(False)
        # Handed down to every connection.
        port.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if os.name == "posix":
            # Connections of before that are not quite over must not keep it from us.
            port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port.bind(address)
    except BaseException:
        port.close()
        raise
    return port
