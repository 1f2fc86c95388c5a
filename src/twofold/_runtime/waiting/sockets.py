"""Connections to servers: opened, sent through, read from, ended.

What goes wrong is an OSError.  A wait here ends with the scope around it, and with a TimeoutError
after the seconds that it is given, or at the moment that it is given.
"""

from __future__ import annotations

import math
from typing import Protocol

from .homes import home

__all__ = ["Socket", "connect"]


class Socket(Protocol):
    """One connection, for one task at a time; `abort` may come from any."""

    async def send(self, data: bytes, within: float, until: float = math.inf) -> int:
        """Send all of it; return how much was sent: less if the other end spoke meanwhile."""
        ...

    async def receive(self, within: float, until: float = math.inf) -> bytes:
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


async def connect(host: str, port: int) -> Socket:
    """Connect to whichever address of a name answers first (RFC 8305).

    The name is looked up without holding up anybody else.
    """
    # Who runs on the one needs not have the other loaded.
    if hasattr(home(), "create_task"):  # a loop of asyncio
        from .. import asyncio_sockets

        return await asyncio_sockets.connect(host, port)
    from .. import trio_sockets

    return await trio_sockets.connect(host, port)
