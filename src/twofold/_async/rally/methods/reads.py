# SPDX-License-Identifier: MIT
"""Tickets: found, listed, read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, Unpack

from ....rally.sizes import FIRST_PAGE
from .own import reading_of

if TYPE_CHECKING:
    from ....core.options import CallOptions
    from ....outcome import BatchResult
    from ....progress import ProgressCallback
    from ....rally.ids import TicketId
    from ....rally.models import Ticket, TicketList
    from ....rally.query.expression import Query
    from ....rally.query.values import Value
    from ...core.listing import AsyncListing


class AsyncTicketReads(Protocol):
    """Tickets: found, listed, read."""

    async def get_tickets(
        self,
        types: Iterable[str] | str | None = None,
        *,
        query: Query | str | None = None,
        where: Mapping[str, Value] | None = None,
        order: str | None = None,
        fetch: Sequence[str] = (),
        page_size: int = FIRST_PAGE,
        pages: int | None = None,
        progress: ProgressCallback | None = None,
        **call: Unpack[CallOptions],
    ) -> TicketList:
        """Return every ticket that matches: complete, each once, in the order of types and rows.

        `where` names fields that must equal a value, whatever it holds.  `order` is Rally's
        (`LastUpdateDate DESC`); ObjectID is its last key always.  `fetch` names fields beside the
        model's own; they are found in `extra`.

        The first `page_size` rows of every type are asked for at once; the rest is cut into about
        `pages` pages of equal length (the client's concurrency, if not given).  A page that fails
        fails the read; if the list changes meanwhile, ConflictError: never a partial list.
        """
        from ....rally.asking import wish
        from .. import tickets

        wanted = wish(types, query=query, where=where, order=order, fetch=fetch)
        return await tickets.read(
            reading_of(self, call),
            wanted,
            page_size=page_size,
            pages=pages,
            progress=progress,
        )

    def iter_tickets(
        self,
        types: Iterable[str] | str | None = None,
        *,
        query: Query | str | None = None,
        where: Mapping[str, Value] | None = None,
        order: str | None = None,
        fetch: Sequence[str] = (),
        page_size: int = FIRST_PAGE,
        **call: Unpack[CallOptions],
    ) -> AsyncListing[Ticket]:
        """List tickets page by page, type after type, as they are asked for.

        A page is fetched when the one before is used up, or `ahead`; what is not asked for is not
        fetched.  A list that changes meanwhile may show a ticket twice or not at all.  `timeout`
        and `retry` hold for each page.
        """
        from ....rally.asking import wish
        from .. import tickets

        wanted = wish(types, query=query, where=where, order=order, fetch=fetch)
        return tickets.listed(reading_of(self, call), wanted, call, page_size)

    async def search_tickets(
        self,
        text: str,
        types: Iterable[str] | str | None = None,
        **call: Unpack[CallOptions],
    ) -> TicketList:
        """Return the tickets whose name, description or notes hold a text, in capitals or not.

        If the text is a FormattedID, that ticket comes first, of whatever type it is unless `types`
        are named.
        """
        from .. import tickets

        return await tickets.search(reading_of(self, call), text, types)

    async def get_ticket(self, ticket: TicketId, **call: Unpack[CallOptions]) -> Ticket:
        """Return a ticket by its FormattedID, ref or ObjectID, or as it is now."""
        from .. import tickets

        return await tickets.one(reading_of(self, call), ticket)

    async def get_tickets_by_id(
        self,
        tickets: Iterable[TicketId],
        *,
        progress: ProgressCallback | None = None,
        **call: Unpack[CallOptions],
    ) -> BatchResult[TicketId, Ticket]:
        """Return many tickets by their FormattedIDs, refs or ObjectIDs, or as they are now.

        There is one outcome for each, in the order given: the ticket, or a NotFoundError.  Each
        type is asked once for 200 of them; of ObjectIDs alone the types are looked up before that.
        """
        from .. import by_id

        return await by_id.read(reading_of(self, call), tickets, progress)
