# SPDX-License-Identifier: MIT
"""What every Rally client offers, whatever it is made of: for those who only want to name one.

A client inherits its methods from here; a stand-in of somebody's own need only have the same ones.
"""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from .methods.anything import AsyncAnything
from .methods.attached import AsyncAttachedFiles
from .methods.bulk import AsyncBulkWrites
from .methods.histories import AsyncHistories
from .methods.people import AsyncPeople
from .methods.planning import AsyncPlanning
from .methods.reads import AsyncTicketReads
from .methods.writes import AsyncTicketWrites


class AsyncRallyClientProtocol(
    AsyncTicketReads,
    AsyncHistories,
    AsyncAttachedFiles,
    AsyncPlanning,
    AsyncPeople,
    AsyncAnything,
    AsyncTicketWrites,
    AsyncBulkWrites,
    Protocol,
):
    """A Rally client: one of a server, one with a cache, one in memory, or one of your own."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    async def aclose(self) -> None: ...
