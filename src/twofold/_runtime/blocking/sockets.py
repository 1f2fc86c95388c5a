"""Connections to servers: opened, sent through, read from, ended.

What goes wrong is an OSError.  A wait here ends with the scope around it, be that cancelled from
another thread, and with a TimeoutError after the seconds that it is given, or at the moment that it
is given.
"""

from __future__ import annotations

import errno
import math
import os
import selectors
import socket
import struct
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from operator import itemgetter
from typing import Protocol, TypeAlias

from ..addresses import HEAD_START, interleaved
from ..readable import Readable
from .scopes import checkpoint, interrupting, time_left

__all__ = ["Socket", "connect"]

PIECE = 64 * 1024
"""At most so many bytes are received at once."""

LONGEST = 2_000_000.0
"""Seconds; the system takes no longer time-out: epoll counts milliseconds in 31 bits."""


class Socket(Protocol):
    """One connection, for one thread at a time; `abort` may come from any."""

    def send(self, data: bytes, within: float, until: float = math.inf) -> int:
        """Send all of it; return how much was sent: less if the other end spoke meanwhile."""
        ...

    def receive(self, within: float, until: float = math.inf) -> bytes:
        """Wait for some bytes; none at the end."""
        ...

    def now(self) -> float:
        """Return the time by which it waits, in seconds."""
        ...

    def is_stale(self) -> bool:
        """Tell whether it ended, or something came, while nothing was asked."""
        ...

    def abort(self) -> None:
        """End the connection at once; whoever waits for it is told."""
        ...


class SystemSocket:
    """A connection over a blocking socket of the system.

    The system itself bounds a read.  Python's own time-outs cost two more calls each time.
    """

    __slots__ = ("_allowed", "_busy", "_ended", "_raw", "_readable")

    def __init__(self, raw: socket.socket) -> None:
        self._raw = raw
        self._readable = Readable(raw)
        self._allowed = math.inf
        self._busy = False
        self._ended = False

    def send(self, data: bytes, within: float, until: float = math.inf) -> int:
        """Send all of it; return how much was sent: less if the other end spoke meanwhile."""
        self._take()
        try:
            sent = self._try_send(data) if AT_ONCE else 0
            if sent < len(data):
                sent += self._send_on(memoryview(data)[sent:], within, until)
            return sent
        finally:
            self._give_back()

    def receive(self, within: float, until: float = math.inf) -> bytes:
        """Wait for some bytes; none at the end."""
        self._take()
        try:
            piece = self._receive(within, until)
        except ConnectionError as error:
            if self._ended:  # the other end was quicker to answer the end than this one to see it
                raise ConnectionAbortedError(CLOSED) from error
            raise
        finally:
            self._give_back()
        if not piece and self._ended:
            raise ConnectionAbortedError(CLOSED)
        return piece

    def now(self) -> float:
        """Return the time by which it waits, in seconds."""
        return time.monotonic()

    def is_stale(self) -> bool:
        """Tell whether it ended, or something came, while nothing was asked."""
        return self._readable.now()

    def abort(self) -> None:
        """End the connection at once; whoever waits for it is told."""
        self._ended = True
        self._shut()
        # Closed under the thread that waits there, its number might be another connection's
        # before that thread looks again: so it is that thread that closes it.
        if not self._busy:
            self._raw.close()

    def _take(self) -> None:
        """Begin to use it; it is given back whatever happens."""
        self._busy = True
        if self._ended:
            self._give_back()
            raise ConnectionAbortedError(CLOSED)

    def _give_back(self) -> None:
        self._busy = False
        if self._ended:
            self._raw.close()

    def _receive(self, within: float, until: float) -> bytes:
        now = time.monotonic()
        due = min(now + within, until)
        while (left := due - now) > 0:
            self._allow(min(time_left(), left))
            try:
                with interrupting(self._shut):
                    return self._raw.recv(PIECE)
            except (BlockingIOError, TimeoutError):
                checkpoint()  # it may be the scope's time that is over
                now = time.monotonic()
        raise TimeoutError("silence")

    def _send_on(self, data: memoryview, within: float, until: float) -> int:
        left = data
        due = min(time.monotonic() + within, until)
        with interrupting(self._shut), selectors.DefaultSelector() as selector:
            selector.register(self._raw, selectors.EVENT_READ | selectors.EVENT_WRITE)
            while left:
                patience = min(time_left(), due - time.monotonic(), LONGEST)
                ready = selector.select(max(patience, 0.0))
                if not ready and patience <= 0:
                    checkpoint()
                    raise TimeoutError("silence")
                if any(events & selectors.EVENT_READ for _, events in ready):
                    break
                sent = self._try_send(left[:PIECE]) if ready else 0
                left = left[sent:]
                if sent:
                    due = min(time.monotonic() + within, until)
        return len(data) - len(left)

    def _shut(self) -> None:
        with suppress(OSError):  # it may not be connected any more
            self._raw.shutdown(socket.SHUT_RDWR)

    def _try_send(self, data: bytes | memoryview) -> int:
        try:
            return self._raw.send(data, AT_ONCE)
        except BlockingIOError:
            return 0

    def _allow(self, seconds: float) -> None:
        """Bound a read by the system's own means; a bound a little shorter does as well.

        So it is set once a connection, not once a request: whoever is woken early looks again.
        """
        if 0.75 * seconds <= self._allowed <= seconds:
            return
        self._allowed = seconds if seconds < 0.1 or seconds > LONGEST else 0.9 * seconds
        self._raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeval(self._allowed))


CLOSED = "the connection was closed here"

# Windows can only wait until it is sent.
AT_ONCE: int = getattr(socket, "MSG_DONTWAIT", 0)


def timeval(seconds: float) -> bytes:
    """Return seconds as the system takes them; none of them means for ever, so there is a least."""
    bounded = 0.0 if seconds > LONGEST else max(seconds, 0.001)
    if sys.platform == "win32":
        return struct.pack("L", int(bounded * 1000))
    return struct.pack("ll", int(bounded), int(bounded % 1 * 1e6))


def connect(host: str, port: int) -> Socket:
    """Connect to whichever address of a name answers first (RFC 8305).

    Looking up the name is the system's, and cannot be interrupted.
    """
    checkpoint()
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    raw = first(interleaved(found, itemgetter(0)))
    try:
        raw.setblocking(True)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return SystemSocket(raw)
    except BaseException:
        raw.close()
        raise


Place: TypeAlias = "tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]"
Address: TypeAlias = "tuple[socket.AddressFamily, socket.SocketKind, int, str, Place]"


def first(addresses: Sequence[Address]) -> socket.socket:
    """Return the first connection that stands; the attempts that lost are closed."""
    woken, bell = os.pipe()
    tried: dict[socket.socket, None] = {}
    winner = None
    try:
        with selectors.DefaultSelector() as selector, interrupting(partial(os.write, bell, b"!")):
            selector.register(woken, selectors.EVENT_READ)
            winner = race(addresses, tried, selector)
            return winner
    except BaseException:
        winner = None
        raise
    finally:
        os.close(woken)
        os.close(bell)
        for attempt in tried:
            if attempt is not winner:
                attempt.close()


def race(
    addresses: Sequence[Address], tried: dict[socket.socket, None], selector: selectors.BaseSelector
) -> socket.socket:
    failure: OSError = OSError(errno.EADDRNOTAVAIL, "the name has no address")
    left, running = list(addresses), 0
    while left or running:
        if left:
            try:
                begun = begin(left.pop(0), tried)
            except OSError as error:
                failure = error
                continue
            selector.register(begun, selectors.EVENT_WRITE)
            running += 1
        patience = min(time_left(), HEAD_START if left else LONGEST)
        for key, _ in selector.select(max(patience, 0.0)):
            raw = key.fileobj
            if not isinstance(raw, socket.socket):
                continue  # the bell: whoever rang it has cancelled the scope
            selector.unregister(raw)
            running -= 1
            code = raw.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if not code:
                return raw
            failure = OSError(code, os.strerror(code))
        checkpoint()
    raise failure


def begin(address: Address, tried: dict[socket.socket, None]) -> socket.socket:
    family, kind, protocol, _, place = address
    raw = socket.socket(family, kind, protocol)
    tried[raw] = None
    raw.setblocking(False)
    code = raw.connect_ex(place)
    if code not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
        raise OSError(code, os.strerror(code))
    return raw
