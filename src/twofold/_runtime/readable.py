"""Whether a socket could be read now: the only question that is put to one at rest."""

from __future__ import annotations

import select
import socket
from typing import Any


class Readable:
    """Asks of one socket whether there is something to read, its end included; never waits."""

    __slots__ = ("_poll", "_raw")

    def __init__(self, raw: socket.socket) -> None:
        self._raw = raw
        # Windows has no poll; and select cannot be asked of a descriptor above 1023.
        self._poll: Any = None
        if hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(raw, select.POLLIN)

    def now(self) -> bool:
        if self._raw.fileno() < 0:
            return True
        if self._poll is None:
            return bool(select.select([self._raw], [], [], 0)[0])
        return bool(self._poll.poll(0))
