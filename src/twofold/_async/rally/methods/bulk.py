# SPDX-License-Identifier: MIT
"""Many tickets, written to: one outcome each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, Unpack

from .own import session_of

if TYPE_CHECKING:
    from decimal import Decimal

    from ....core.options import CallOptions
    from ....outcome import BatchResult
    from ....progress import ProgressCallback
    from ....rally.ids import TicketId
    from ....rally.models import Ticket


class AsyncBulkWrites(Protocol):
    """Many tickets, written to: one outcome each."""

    async def bulk_update_state(
        self,
        tickets: Iterable[TicketId],
        state: str,
        *,
        field: str | None = None,
        concurrency: int | None = None,
        progress: ProgressCallback | None = None,
        **call: Unpack[CallOptions],
    ) -> BatchResult[TicketId, Ticket]:
        """Set the state of many tickets: one outcome each, in the order given.

        An id that is none is refused before anything is sent; a ticket that fails spoils no other.
        """
        from ....rally.changes import state_change
        from .. import writing

        return await writing.bulk_update(
            session_of(self, call),
            tickets,
            state_change(state, field),
            concurrency=concurrency,
            progress=progress,
        )

    async def bulk_update_points(
        self,
        tickets: Iterable[TicketId],
        points: Decimal | float | str | None,
        *,
        field: str | None = None,
        concurrency: int | None = None,
        progress: ProgressCallback | None = None,
        **call: Unpack[CallOptions],
    ) -> BatchResult[TicketId, Ticket]:
        """Set the size of many tickets: one outcome each, in the order given.

        An id that is none is refused before anything is sent; a ticket that fails spoils no other.
        """
        from ....rally.changes import points_change
        from .. import writing

        return await writing.bulk_update(
            session_of(self, call),
            tickets,
            points_change(points, field),
            concurrency=concurrency,
            progress=progress,
        )
