# SPDX-License-Identifier: MIT
"""What belongs to one ticket: what was said, what was changed, what is attached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Unpack

from .own import reading_of

if TYPE_CHECKING:
    from ....core.options import CallOptions
    from ....rally.ids import TicketId
    from ....rally.models import Comment, ItemList
    from ....rally.records import Attachment, Revision


class AsyncHistories(Protocol):
    """What belongs to one ticket: what was said, what was changed, what is attached."""

    async def get_discussions(
        self, ticket: TicketId, **call: Unpack[CallOptions]
    ) -> ItemList[Comment]:
        """Return every post in a ticket's discussion, oldest first."""
        from .. import histories

        return await histories.discussion(reading_of(self, call), ticket)

    async def get_revisions(
        self, ticket: TicketId, **call: Unpack[CallOptions]
    ) -> ItemList[Revision]:
        """Return every change of a ticket, latest first; number 0 is its creation."""
        from .. import histories

        return await histories.revisions(reading_of(self, call), ticket)

    async def get_attachments(
        self, ticket: TicketId, **call: Unpack[CallOptions]
    ) -> ItemList[Attachment]:
        """Return what is attached to a ticket, without the bytes, oldest first."""
        from .. import histories

        return await histories.attachments(reading_of(self, call), ticket)
