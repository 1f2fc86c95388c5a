# SPDX-License-Identifier: MIT
"""One ticket, written to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Unpack

from .own import session_of

if TYPE_CHECKING:
    from decimal import Decimal

    from ....core.options import CallOptions
    from ....rally.ids import TicketId
    from ....rally.models import Comment, Ticket


class AsyncTicketWrites(Protocol):
    """One ticket, written to."""

    async def update_state(
        self,
        ticket: TicketId,
        state: str,
        *,
        field: str | None = None,
        **call: Unpack[CallOptions],
    ) -> Ticket:
        """Set the state: the schedule state of a story, the state of a defect or a task.

        `field` names another one.  Repeated after a lost answer, since twice is as good as once.
        """
        from ....rally.changes import state_change
        from .. import writing

        change = state_change(state, field)
        return await writing.update(session_of(self, call), ticket, change)

    async def update_points(
        self,
        ticket: TicketId,
        points: Decimal | float | str | None,
        *,
        field: str | None = None,
        **call: Unpack[CallOptions],
    ) -> Ticket:
        """Set the size: points of a story or defect, estimated hours of a task; None clears it.

        `field` names another one.  Repeated after a lost answer, since twice is as good as once.
        """
        from ....rally.changes import points_change
        from .. import writing

        change = points_change(points, field)
        return await writing.update(session_of(self, call), ticket, change)

    async def add_comment(
        self, ticket: TicketId, text: str, **call: Unpack[CallOptions]
    ) -> Comment:
        """Add a comment to a ticket's discussion; the text is plain, not HTML.

        It is sent once: if its answer is lost, OutcomeUnknownError.
        """
        from .. import writing

        return await writing.comment(session_of(self, call), ticket, text)
