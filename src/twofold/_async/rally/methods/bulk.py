# SPDX-License-Identifier: MIT
"""Many tickets, written to: one outcome each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol, Unpack

from .own import bulk_of

if TYPE_CHECKING:
    from decimal import Decimal

    from ....rally.bulk import BulkOptions, BulkResult
    from ....rally.ids import TicketId
    from ....rally.models import Reference, Ticket
    from ....rally.records import Iteration, User


class AsyncBulkWrites(Protocol):
    """Many tickets, written to: one outcome each, in the order given.

    What is wrong with all of them is refused before anything is sent: an id that is none, a field
    that does not exist.  What is wrong with one ticket spoils no other.  Tickets, users, timeboxes
    are looked up once for all.  At most `concurrency` requests are under way at once, the client's
    own number if it is not given; tickets that share a parent, or that are given twice, are written
    one after another, in the order given.  `batch` sends 25 writes in one request, or as many as it
    says; each has an outcome of its own.

    A `record` is told of each outcome as it is known, and holds them when the bulk is cancelled:
    given again with the same arguments, it goes on from there.
    """

    async def bulk_update_state(
        self,
        tickets: Iterable[TicketId],
        state: str,
        *,
        field: str | None = None,
        **how: Unpack[BulkOptions],
    ) -> BulkResult[TicketId, Ticket]:
        """Set the state of many tickets, each where its type keeps it; see `update_state`."""
        from ....rally.drafts import stated
        from .. import bulk

        session, manner = bulk_of(self, how)
        made, given = stated(state, field), {"state": state, "field": field}
        return await bulk.update(session, "bulk_update_state", tickets, made, given, manner)

    async def bulk_update_points(
        self,
        tickets: Iterable[TicketId],
        points: Decimal | float | str | None,
        *,
        field: str | None = None,
        **how: Unpack[BulkOptions],
    ) -> BulkResult[TicketId, Ticket]:
        """Set the size of many tickets, each where its type keeps it; see `update_points`."""
        from ....rally.drafts import sized
        from .. import bulk

        session, manner = bulk_of(self, how)
        made, given = sized(points, field), {"points": points, "field": field}
        return await bulk.update(session, "bulk_update_points", tickets, made, given, manner)

    async def bulk_update(
        self,
        tickets: Iterable[TicketId],
        fields: Mapping[str, object],
        **how: Unpack[BulkOptions],
    ) -> BulkResult[TicketId, Ticket]:
        """Set the same fields of many tickets; they are named and given as in `update_ticket`."""
        from ....rally.drafts import draft
        from .. import bulk

        session, manner = bulk_of(self, how)
        made = draft(fields, session.prefixes)
        return await bulk.update(session, "bulk_update", tickets, made, fields, manner)

    async def bulk_set_parent(
        self,
        tickets: Iterable[TicketId],
        parent: TicketId | None,
        **how: Unpack[BulkOptions],
    ) -> BulkResult[TicketId, Ticket]:
        """Put many tickets under another, or under none; see `set_parent`.

        Since they then share it, they are written one after another; `batch` makes that quick.
        """
        from ....rally.drafts import draft
        from .. import bulk

        session, manner = bulk_of(self, how)
        given = {"parent": parent}
        made = draft(given, session.prefixes)
        return await bulk.update(session, "bulk_set_parent", tickets, made, given, manner)

    async def bulk_set_iteration(
        self,
        tickets: Iterable[TicketId],
        iteration: Iteration | Reference | str | None,
        **how: Unpack[BulkOptions],
    ) -> BulkResult[TicketId, Ticket]:
        """Plan many tickets into an iteration, or into none; see `set_iteration`.

        One that is given by its name is, for each ticket, that of the ticket's own project.
        """
        from ....rally.drafts import draft
        from .. import bulk

        session, manner = bulk_of(self, how)
        given = {"iteration": iteration}
        return await bulk.update(
            session, "bulk_set_iteration", tickets, draft(given), given, manner
        )

    async def bulk_assign_owner(
        self,
        tickets: Iterable[TicketId],
        owner: User | Reference | str | None,
        **how: Unpack[BulkOptions],
    ) -> BulkResult[TicketId, Ticket]:
        """Give many tickets to one owner, or to nobody; see `assign_owner`."""
        from ....rally.drafts import draft
        from .. import bulk

        session, manner = bulk_of(self, how)
        given = {"owner": owner}
        return await bulk.update(session, "bulk_assign_owner", tickets, draft(given), given, manner)

    async def bulk_create(
        self,
        type: str,
        items: Iterable[Mapping[str, object]],
        **how: Unpack[BulkOptions],
    ) -> BulkResult[Mapping[str, object], Ticket]:
        """Create many tickets of one type: each item is its `name` and fields of `create_ticket`.

        Each is sent once: if its answer is lost its error is OutcomeUnknownError.  With a `record`
        that holds for later runs too, until you have looked and say so: see `BulkRecord`.
        """
        from .. import bulk

        session, manner = bulk_of(self, how)
        return await bulk.create(session, type, items, manner)

    async def bulk_delete(
        self,
        tickets: Iterable[TicketId],
        **how: Unpack[BulkOptions],
    ) -> BulkResult[TicketId, None]:
        """Move many tickets to the recycle bin; see `delete_ticket`.

        One that is gone after its answer was lost counts as deleted.
        """
        from .. import bulk

        session, manner = bulk_of(self, how)
        return await bulk.delete(session, tickets, manner)
