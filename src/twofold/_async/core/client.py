# SPDX-License-Identifier: MIT
"""What the clients of all systems have in common: they send, and they are closed."""

from __future__ import annotations

import weakref
from types import TracebackType
from typing import Any, Self, TypeVar

from ..._runtime.waiting.finalisers import abandon
from ...core.options import UNSET, Unset
from ...core.policy.gate import Statistics
from ...core.policy.retry import Retry
from ...core.policy.timeout import Timeout
from ...core.request import Operation, Reply
from .pipeline import Pipeline

T = TypeVar("T")


class AsyncClient:
    """A client lives without being entered; entering it says when it is closed."""

    def __init__(self, line: Pipeline) -> None:
        self._line = line
        weakref.finalize(self, abandon, line.transport.aclose)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection.  A closed client that is used again opens new ones.

        One that is never closed is closed by the garbage collector, or with its event loop.
        """
        await self._line.transport.aclose()

    def statistics(self) -> Statistics:
        """Count the requests of this client's account: under way, waiting for a slot, the limit."""
        return self._line.member.gate.statistics(self._line.credentials.account)

    async def send(
        self,
        operation: Operation[T],
        *,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> T:
        """Carry out any operation along this client's line, and return its value.

        `timeout` (seconds in all) and `retry` hold for this call in place of the client's own.
        """
        return await self._line.send(operation, self._line.under(timeout, retry))

    async def raw(
        self,
        operation: Operation[Any],
        *,
        timeout: Timeout | float | Unset | None = UNSET,
        retry: Retry | Unset | None = UNSET,
    ) -> Reply:
        """Carry out any operation and return the answer itself, judged as any other."""
        return await self._line.raw(operation, self._line.under(timeout, retry))
