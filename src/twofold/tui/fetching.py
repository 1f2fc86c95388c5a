"""What is asked of the client: one function for each thing that the application reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

import attrs

from ..errors import OfflineError
from ..rally import AsyncCachingRallyClient, ItemList, Iteration, Ticket, TicketList, User
from ..rally.kinds import Kind
from .beside import Beside
from .views import Span

FIRST = 100  # tickets of the first page of a type


async def first_page(kind: Kind, client: AsyncCachingRallyClient) -> Sequence[Ticket]:
    listing = client.iter_tickets(kind.path, order="LastUpdateDate DESC", page_size=FIRST)
    async for page in listing.pages():
        return page.items
    return ()


async def kept(
    kinds: Iterable[Kind], client: AsyncCachingRallyClient
) -> Sequence[tuple[Kind, TicketList]]:
    """Return what is kept of each type, asking nobody, whatever was written since.

    Nothing else may be asked of the client meanwhile.
    """
    found: list[tuple[Kind, TicketList]] = []
    was, client.offline = client.offline, True
    try:
        for kind in kinds:
            with suppress(OfflineError):
                found.append((kind, await client.get_tickets(kind.path)))
    finally:
        client.offline = was
    return found


async def anew(client: AsyncCachingRallyClient) -> None:
    await client.refresh()


async def who(client: AsyncCachingRallyClient) -> User:
    return await client.get_current_user()


async def iterations(client: AsyncCachingRallyClient) -> dict[str, Span]:
    """Return when each iteration is, by its name."""
    spans: dict[str, Span] = {}
    for span in (Span.PAST, Span.FUTURE, Span.CURRENT):
        found: ItemList[Iteration] = await client.get_iterations(span.value, below=True)
        spans |= {each.name: span for each in found if each.name is not None}
    return spans


async def beside(ticket: Ticket, client: AsyncCachingRallyClient) -> Beside:
    comments = await client.get_discussions(ticket)
    return attrs.evolve(Beside(comments), files=await client.get_attachments(ticket))
