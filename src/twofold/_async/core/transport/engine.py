# SPDX-License-Identifier: MIT
"""What the line expects of an engine."""

from __future__ import annotations

from typing import Protocol

from ....core.request import Patience, Reply, Request


class AsyncTransport(Protocol):
    """Sends one request and reads one answer; never queues, retries or redirects.

    Whatever fails is raised as a TwofoldError whose `effect` says what the server may have done:
    nothing if no byte of the request was sent, else unknown.
    """

    async def exchange(self, request: Request, patience: Patience) -> Reply:
        """Send a request and read the whole answer."""
        ...

    async def aclose(self) -> None:
        """Close every connection; requests under way fail."""
        ...
