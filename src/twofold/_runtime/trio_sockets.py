"""Connections on trio, over bare sockets: no scope a wait, and no call that finds nothing.

A scope costs more than the rest of a wait; one watch ends the waits of all connections of a run.
"""

from __future__ import annotations

import math
import socket
from contextlib import suppress
from typing import Any

import trio
from anyio import connect_tcp
from anyio.abc import SocketAttribute

from .readable import Readable

__all__ = ["TrioSocket", "connect"]

PIECE = 64 * 1024
"""At most so many bytes are received at once."""


class TrioSocket:
    """One connection, for one task at a time; `abort` may come from any."""

    __slots__ = ("_ended", "_raw", "_readable", "_watch", "due")

    def __init__(self, raw: socket.socket) -> None:
        self._raw = raw
        self._readable = Readable(raw)
        self._watch = watch()
        self._watch.guarded += 1
        self._ended = False
        self.due = math.inf

    async def send(self, data: bytes, within: float, until: float = math.inf) -> int:
        """Send all of it; return how much was sent: less if the other end spoke meanwhile."""
        sent = self._try_send(data)
        if sent == len(data):
            return sent
        left = memoryview(data)[sent:]
        due = min(trio.current_time() + within, until)
        while left:
            if self._readable.now():
                break
            # Bounded, to look for an early answer from time to time: to wait for both at once
            # takes two tasks.
            with trio.move_on_after(GLANCE):
                await self._wait(trio.lowlevel.wait_writable, within, until)
            sent = self._try_send(left)
            left = left[sent:]
            if sent:
                due = min(trio.current_time() + within, until)
            elif trio.current_time() >= due:
                raise TimeoutError("silence")
        return len(data) - len(left)

    async def receive(self, within: float, until: float = math.inf) -> bytes:
        """Wait for some bytes; none at the end."""
        while True:
            await self._wait(trio.lowlevel.wait_readable, within, until)
            with suppress(BlockingIOError):  # somebody else was told of the same bytes
                return self._raw.recv(PIECE)

    def now(self) -> float:
        """Return the time by which it waits, in seconds."""
        return trio.current_time()

    def is_stale(self) -> bool:
        """Tell whether it ended, or something came, while nothing was asked."""
        return self._ended or self._readable.now()

    def abort(self) -> None:
        """End the connection at once; whoever waits for it is told."""
        if not self._ended:
            self._ended = True
            trio.lowlevel.notify_closing(self._raw)
            self._raw.close()
            self._watch.release()

    def expire(self) -> None:
        """Wake who waits here: it is due."""
        trio.lowlevel.notify_closing(self._raw)

    def _try_send(self, data: bytes | memoryview) -> int:
        try:
            return self._raw.send(data)
        except BlockingIOError:
            return 0

    async def _wait(self, ready: Any, within: float, until: float) -> None:
        if self._ended:
            raise ConnectionAbortedError(CLOSED)
        waiting = self._watch.waiting
        if within < math.inf or until < math.inf:
            now = trio.current_time()
            if until <= now:
                raise TimeoutError("silence")
            self.due = min(now + within, until)
            waiting.add(self)
            self._watch.set(self.due)
        try:
            await ready(self._raw)
        except trio.ClosedResourceError as error:
            if self._ended:
                raise ConnectionAbortedError(CLOSED) from error
            raise TimeoutError("silence") from error
        finally:
            waiting.discard(self)


GLANCE = 0.05
CLOSED = "the connection was closed here"


class Watch:
    """Ends the waits that are due; it sleeps until the earliest time that it was told.

    It ends with the last connection.
    """

    def __init__(self) -> None:
        self.guarded = 0
        """How many connections there are."""
        self.waiting: set[TrioSocket] = set()
        self._next = math.inf
        self._sleep = trio.CancelScope()

    def set(self, due: float) -> None:
        """Have a look when it is due, or before."""
        if due < self._next:
            self._next = self._sleep.deadline = due

    def release(self) -> None:
        self.guarded -= 1
        if not self.guarded:
            self._sleep.cancel()

    async def run(self) -> None:
        while self.guarded:
            with self._sleep:
                await trio.sleep_forever()
            self._look(trio.current_time())
            self._sleep = trio.CancelScope(deadline=self._next)

    def _look(self, now: float) -> None:
        due = [each for each in self.waiting if each.due <= now]
        for each in due:
            each.expire()
        self._next = min((each.due for each in self.waiting if each.due > now), default=math.inf)


watches: trio.lowlevel.RunVar[Watch] = trio.lowlevel.RunVar("watches")


def watch() -> Watch:
    """Return the watch of this run, over its connections."""
    try:
        found = watches.get()
    except LookupError:
        found = None
    if found is None or not found.guarded:
        found = Watch()
        watches.set(found)
        trio.lowlevel.spawn_system_task(found.run)
    return found


async def connect(host: str, port: int) -> TrioSocket:
    """Connect to whichever address of a name answers first."""
    stream = await connect_tcp(host, port)
    # The descriptor alone is taken over: what is around it would close it too.
    raw = stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - not Django's
    own = socket.socket(raw.family, raw.type, raw.proto, raw.detach())
    own.setblocking(False)
    return TrioSocket(own)
