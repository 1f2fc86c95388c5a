# SPDX-License-Identifier: MIT
"""Many tickets, written to: one outcome each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol, Unpack

from .own import session_of

if TYPE_CHECKING:
    from decimal import Decimal

    from ....core.options import CallOptions
    from ....progress import ProgressCallback
    from ....rally.bulk import BulkResult
    from ....rally.bulk_record import BulkRecord
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
        concurrency: int | None = None,
        batch: bool | int = False,
        progress: ProgressCallback | None = None,
        record: BulkRecord | None = None,
        **call: Unpack[CallOptions],
    ) -> BulkResult[TicketId, Ticket]:
        """Set the state of many tickets, each where its type keeps it; see `update_state`."""
        from ....rally.bulk import Manner
        from ....rally.drafts import stated
        from .. import bulk

        manner = Manner(concurrency, batch, progress, record)
        made, given = stated(state, field), {"state": state, "field": field}
        return await bulk.update(
            session_of(self, call), "bulk_update_state", tickets, made, given, manner
        )

    async def bulk_update_points(
        self,
        tickets: Iterable[TicketId],
        points: Decimal | float | str | None,
        *,
        field: str | None = None,
        concurrency: int | None = None,
        batch: bool | int = False,
        progress: ProgressCallback | None = None,
        record: BulkRecord | None = None,
        **call: Unpack[CallOptions],
    ) -> BulkResult[TicketId, Ticket]:
        """Set the size of many tickets, each where its type keeps it; see `update_points`."""
        from ....rally.bulk import Manner
        from ....rally.drafts import sized
        from .. import bulk

        manner = Manner(concurrency, batch, progress, record)
        made, given = sized(points, field), {"points": points, "field": field}
        return await bulk.update(
            session_of(self, call), "bulk_update_points", tickets, made, given, manner
        )

    async def bulk_update(
        self,
        tickets: Iterable[TicketId],
        fields: Mapping[str, object],
        *,
        concurrency: int | None = None,
        batch: bool | int = False,
        progress: ProgressCallback | None = None,
        record: BulkRecord | None = None,
        **call: Unpack[CallOptions],
    ) -> BulkResult[TicketId, Ticket]:
        """Set the same fields of many tickets; they are named and given as in `update_ticket`."""
        from ....rally.bulk import Manner
        from ....rally.drafts import draft
        from .. import bulk

        session = session_of(self, call)
        manner = Manner(concurrency, batch, progress, record)
        made = draft(fields, session.prefixes)
        return await bulk.update(session, "bulk_update", tickets, made, fields, manner)

    async def bulk_set_parent(
        self,
        tickets: Iterable[TicketId],
        parent: TicketId | None,
        *,
        concurrency: int | None = None,
        batch: bool | int = False,
        progress: ProgressCallback | None = None,
        record: BulkRecord | None = None,
        **call: Unpack[CallOptions],
    ) -> BulkResult[TicketId, Ticket]:
        """Put many tickets under another, or under none; see `set_parent`.

        Since they then share it, they are written one after another; `batch` makes that quick.
        """
        from ....rally.bulk import Manner
        from ....rally.drafts import draft
        from .. import bulk

        session = session_of(self, call)
        manner = Manner(concurrency, batch, progress, record)
        given = {"parent": parent}
        made = draft(given, session.prefixes)
        return await bulk.update(session, "bulk_set_parent", tickets, made, given, manner)

    async def bulk_set_iteration(
        self,
        tickets: Iterable[TicketId],
        iteration: Iteration | Reference | str | None,
        *,
        concurrency: int | None = None,
        batch: bool | int = False,
        progress: ProgressCallback | None = None,
        record: BulkRecord | None = None,
        **call: Unpack[CallOptions],
    ) -> BulkResult[TicketId, Ticket]:
        """Plan many tickets into an iteration, or into none; see `set_iteration`.

        One that is given by its name is, for each ticket, that of the ticket's own project.
        """
        from ....rally.bulk import Manner
        from ....rally.drafts import draft
        from .. import bulk

        manner = Manner(concurrency, batch, progress, record)
        given = {"iteration": iteration}
        return await bulk.update(
            session_of(self, call), "bulk_set_iteration", tickets, draft(given), given, manner
        )

    async def bulk_assign_owner(
        self,
        tickets: Iterable[TicketId],
        owner: User | Reference | str | None,
        *,
        concurrency: int | None = None,
        batch: bool | int = False,
        progress: ProgressCallback | None = None,
        record: BulkRecord | None = None,
        **call: Unpack[CallOptions],
    ) -> BulkResult[TicketId, Ticket]:
        """Give many tickets to one owner, or to nobody; see `assign_owner`."""
        from ....rally.bulk import Manner
        from ....rally.drafts import draft
        from .. import bulk

        manner = Manner(concurrency, batch, progress, record)
        given = {"owner": owner}
        return await bulk.update(
            session_of(self, call), "bulk_assign_owner", tickets, draft(given), given, manner
        )

    async def bulk_create(
        self,
        type: str,
        items: Iterable[Mapping[str, object]],
        *,
        concurrency: int | None = None,
        batch: bool | int = False,
        progress: ProgressCallback | None = None,
        record: BulkRecord | None = None,
        **call: Unpack[CallOptions],
    ) -> BulkResult[Mapping[str, object], Ticket]:
        """Create many tickets of one type: each item is its `name` and fields of `create_ticket`.

        Each is sent once: if its answer is lost its error is OutcomeUnknownError.  With a `record`
        that holds for later runs too, until you have looked and say so: see `BulkRecord`.
        """
        from ....rally.bulk import Manner
        from .. import bulk

        manner = Manner(concurrency, batch, progress, record)
        return await bulk.create(session_of(self, call), type, items, manner)

    async def bulk_delete(
        self,
        tickets: Iterable[TicketId],
        *,
        concurrency: int | None = None,
        batch: bool | int = False,
        progress: ProgressCallback | None = None,
        record: BulkRecord | None = None,
        **call: Unpack[CallOptions],
    ) -> BulkResult[TicketId, None]:
        """Move many tickets to the recycle bin; see `delete_ticket`.

        One that is gone after its answer was lost counts as deleted.
        """
        from ....rally.bulk import Manner
        from .. import bulk

        manner = Manner(concurrency, batch, progress, record)
        return await bulk.delete(session_of(self, call), tickets, manner)
