"""Connections to servers: opened, sent through, read from, ended.

What goes wrong is an OSError, TLS included.  A deadline around it bounds a wait.  To be woken by a
cancellation, what waits stands within `interrupting(socket.shut)`.
"""

from __future__ import annotations

import errno
import os
import select
import selectors
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Protocol, TypeAlias

from .scopes import checkpoint, interrupting, time_left

__all__ = ["Socket", "connect"]

PIECE = 256 * 1024
"""At most so many bytes are received at once."""

HEAD_START = 0.25
"""Seconds that an address has to answer before the next one is tried too (RFC 8305, 5)."""


class Socket(Protocol):
    """One connection, for one thread at a time; `abort` may come from any."""

    def send(self, data: bytes) -> None:
        """Send all of it."""
        ...

    def receive(self) -> bytes:
        """Wait for some bytes; none at the end."""
        ...

    def is_stale(self) -> bool:
        """Tell whether there is something to read from it while nothing was asked: its end."""
        ...

    def shut(self) -> None:
        """Wake the thread that waits here: for `interrupting`, around whatever waits."""
        ...

    def abort(self) -> None:
        """End the connection at once; whoever waits for it is told."""
        ...


class SystemSocket:
    """A connection over a socket of the system."""

    __slots__ = ("_raw",)

    def __init__(self, raw: socket.socket) -> None:
        self._raw = raw

    def send(self, data: bytes) -> None:
        """Send all of it."""
        bound(self._raw)
        try:
            self._raw.sendall(data)
        except TimeoutError:
            checkpoint()
            raise

    def receive(self) -> bytes:
        """Wait for some bytes; none at the end."""
        raw = self._raw
        while True:
            bound(raw)
            try:
                return raw.recv(PIECE)
            except ssl.SSLEOFError:
                return b""
            except TimeoutError:
                checkpoint()  # the clock of deadlines may be a little behind the system's

    def is_stale(self) -> bool:
        """Tell whether there is something to read from it while nothing was asked: its end."""
        return is_readable(self._raw)

    def shut(self) -> None:
        """Wake the thread that waits here: for `interrupting`, around whatever waits."""
        shut(self._raw)

    def abort(self) -> None:
        """End the connection at once; whoever waits for it is told."""
        shut(self._raw)
        self._raw.close()


def shut(raw: socket.socket) -> None:
    """Shut a connection down beneath TLS, which would first say goodbye."""
    with suppress(OSError):  # it may not be connected any more
        socket.socket.shutdown(raw, socket.SHUT_RDWR)


def bound(raw: socket.socket) -> None:
    """Let the next call take no longer than the scopes around the caller do."""
    left = time_left()
    if left <= 0:
        checkpoint()
    raw.settimeout(None if left > LONGEST else max(left, 0.001))


LONGEST = 10_000_000.0
"""Seconds; a socket takes no longer time-out."""


def is_readable(raw: socket.socket) -> bool:
    if raw.fileno() < 0:
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([raw], [], [], 0)[0])
    poll = select.poll()
    poll.register(raw, select.POLLIN)
    return bool(poll.poll(0))


def connect(host: str, port: int, context: ssl.SSLContext | None) -> Socket:
    """Connect, to whichever address of a name answers first (RFC 8305); with a context, over TLS.

    Looking up the name is the system's, and cannot be interrupted.
    """
    checkpoint()
    raw = first(interleaved(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    try:
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return SystemSocket(raw if context is None else secured(raw, host, context))
    except BaseException:
        raw.close()
        raise


def secured(raw: socket.socket, host: str, context: ssl.SSLContext) -> socket.socket:
    with interrupting(partial(shut, raw)):
        bound(raw)
        try:
            return context.wrap_socket(raw, server_hostname=host)
        except TimeoutError:
            checkpoint()
            raise


Place: TypeAlias = "tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]"
Address: TypeAlias = "tuple[socket.AddressFamily, socket.SocketKind, int, str, Place]"


def interleaved(found: Sequence[Address]) -> Sequence[Address]:
    """Take the families in turn, so that one that leads nowhere holds up only one address."""
    one = [address for address in found if address[0] == found[0][0]]
    other = [address for address in found if address[0] != found[0][0]]
    turns = max(len(one), len(other))
    return [a for n in range(turns) for a in (*one[n : n + 1], *other[n : n + 1])]


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
