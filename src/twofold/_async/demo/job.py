# SPDX-License-Identifier: MIT
"""The main job: read everything, read a little, update a hundred; then the same one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from ..._runtime.waiting.scopes import current_time
from ..._runtime.waiting.tasks import Call
from ...core.cache.settings import Cache
from ...core.policy.breaker import Breaker
from ...core.policy.hedge import Hedge
from ...core.policy.limits import Limits
from ...core.policy.rate import Rate
from ...core.request import Endpoint, Operation, Reply, Safety
from ...core.wire.verdict import refusal
from ...demo.figures import AT_ONCE, PAGE, STOPPED_AFTER, UPDATED, Figures, Traffic
from ...outcome import BatchResult
from ...progress import Progress, ProgressCallback
from ...rally.ids import TicketId
from ...rally.models import Ticket, TicketList
from ..core.client import AsyncClient
from ..core.options import AsyncOptions
from ..rally.client import AsyncRallyClient

T = TypeVar("T")

Watch = Callable[[str], ProgressCallback]
"""Return the callback for a phase of the job, by the phase's name."""

STATE = "Completed"

ALL_ON: AsyncOptions = {
    "breaker": Breaker(),
    "cache": Cache(),
    "hedge": Hedge(),
    "rate": Rate(1000),
}
"""Every policy that a client leaves off unless it is asked for."""


async def main_job(address: str, api_key: str, watch: Watch) -> Figures:
    """Do the main job against an emulator and return what it gave and what it took."""
    meter = Meter(AsyncClient(address, limits=Limits(), concurrency=1))
    async with AsyncRallyClient(server=address, api_key=api_key, **ALL_ON) as rally:

        async def read_everything() -> TicketList:
            return await rally.get_tickets(progress=watch("read"))

        async def read_a_little() -> list[Ticket]:
            return await first_tickets(rally, watch("pages"))

        tickets, read = await meter.measured(read_everything)
        paged, pages = await meter.measured(read_a_little)
        chosen = hundred(tickets)

        async def update() -> BatchResult[TicketId, Ticket]:
            return await rally.bulk_update_state(chosen, STATE, progress=watch("update"))

        updated, bulk = await meter.measured(update)

    slow = AsyncRallyClient(server=address, api_key=api_key, concurrency=1, limits=Limits())
    async with slow:

        async def read_one_by_one() -> TicketList:
            return await slow.get_tickets(pages=AT_ONCE, progress=watch("read one by one"))

        async def update_one_by_one() -> BatchResult[TicketId, Ticket]:
            return await slow.bulk_update_state(chosen, STATE, progress=watch("update one by one"))

        _, slow_read = await meter.measured(read_one_by_one)
        _, slow_bulk = await meter.measured(update_one_by_one)
    await meter.client.aclose()
    return Figures(
        tickets.tickets,
        tuple(paged),
        outcomes_of(updated),
        read,
        pages,
        bulk,
        slow_read.seconds,
        slow_bulk.seconds,
    )


async def first_tickets(rally: AsyncRallyClient, watch: ProgressCallback) -> list[Ticket]:
    """Read page by page, and stop when enough is seen."""
    seen: list[Ticket] = []
    async for ticket in rally.iter_tickets(page_size=PAGE):
        seen.append(ticket)
        if len(seen) == STOPPED_AFTER:
            break
    watch(Progress(succeeded=len(seen), total=len(seen)))
    return seen


def hundred(tickets: Sequence[Ticket]) -> list[TicketId]:
    """Return the stories US1 to US100, of which the emulator refuses some."""
    by_id = {ticket.formatted_id: ticket for ticket in tickets}
    return [by_id[f"US{number}"] for number in range(1, UPDATED + 1)]


def outcomes_of(updated: BatchResult[TicketId, Ticket]) -> tuple[Ticket | str, ...]:
    return tuple(
        outcome.value if outcome.error is None else str(outcome.error) for outcome in updated
    )


def read_statistics(reply: Reply) -> Mapping[str, Any]:
    refused = refusal(reply)
    if refused is not None:
        raise refused
    counted: Mapping[str, Any] = reply.json()
    return counted


STATISTICS = "/-/emulator/statistics"
COUNT = Endpoint("demo.count", "GET", STATISTICS, read_statistics)
RESET = Endpoint("demo.reset", "POST", STATISTICS, read_statistics, Safety.REPEATABLE)


@attrs.frozen
class Meter:
    """Reads the emulator's own counters: what the client believes is no evidence."""

    client: AsyncClient

    async def measured(self, job: Call[[], T]) -> tuple[T, Traffic]:
        """Do a job; return its result and its traffic."""
        await self.client.send(Operation(RESET, STATISTICS))
        began = current_time()
        result = await job()
        seconds = current_time() - began
        counted = await self.client.send(Operation(COUNT, STATISTICS))
        return result, Traffic(counted["requests"], counted["peak_in_flight"], seconds)
