# SPDX-License-Identifier: MIT
"""What the line expects of an engine."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol, Self

from ....core.request import Patience, Reply, Request
from ....core.text.headers import Headers


class Arriving(Protocol):
    """An answer whose header is there, and whose body is read as it is drawn, once.

    Iterating yields pieces of the body as they come, expanded; a failure is raised as by
    `exchange`.
    """

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Headers: ...
    def __aiter__(self) -> Self: ...
    async def __anext__(self) -> bytes: ...


class AsyncTransport(Protocol):
    """Sends one request and reads one answer; never queues, retries or redirects.

    Whatever fails is raised as a TwofoldError whose `effect` says what the server may have done:
    nothing if no byte of the request was sent, else unknown.  A request may have an `upload` in
    place of a `body`: it is drawn as it is sent, and what drawing it raises leaves as it is.

    One that sets `keeps_time` raises Expired by itself when `patience.total` is over before the
    answer of `exchange` is there, and is spared the scope that would cancel it.
    """

    @property
    def interruptible(self) -> bool:
        """Whether a request under way can be given up: only then is there any hedge."""
        ...

    async def exchange(self, request: Request, patience: Patience) -> Reply:
        """Send a request and read the whole answer."""
        ...

    def open(self, request: Request, patience: Patience) -> AbstractAsyncContextManager[Arriving]:
        """Send a request and read the header of the answer; its body is read as it is drawn."""
        ...

    async def aclose(self) -> None:
        """Close every connection; requests under way fail."""
        ...
