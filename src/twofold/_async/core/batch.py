# SPDX-License-Identifier: MIT
"""One call for each of many items, by a few workers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from ..._runtime.waiting.items import Items
from ..._runtime.waiting.tasks import Call
from ...core.policy.allowance import Allowance, of_this_process
from ...outcome import BatchResult, Outcome
from ...progress import ProgressCallback
from .stream import stream
from .work import Work

I = TypeVar("I")  # noqa: E741 - the item
T = TypeVar("T")


async def map_all(
    call: Call[[I], T],
    items: Items[I],
    *,
    workers: int = 8,
    progress: ProgressCallback | None = None,
    allowance: Allowance = of_this_process,
) -> BatchResult[I, T]:
    """Call once for every item, at most `workers` at a time, and return what became of each.

    The outcomes are in the order of the items, whatever order they ended in.  A call that raises
    spoils nothing but its own item; cancellation ends all.  An item is drawn when a worker is free
    for it, and whatever the items themselves raise ends the batch and is raised as it is::

        result = await map_all(client.get_ticket, ids)
        for failure in result.failed:
            print(failure.item, failure.error)
    """
    return await Work(call, items, workers, progress).all(allowance)


async def map_strict(
    call: Call[[I], T],
    items: Items[I],
    *,
    workers: int = 8,
    progress: ProgressCallback | None = None,
    allowance: Allowance = of_this_process,
) -> list[T]:
    """Call once for every item, at most `workers` at a time, and return the values in order.

    The first failure ends the rest and is raised as it is.  Its notes say which item it was, and
    which others failed before they could be stopped.
    """
    return await Work(call, items, workers, progress).strictly(allowance)


def map_stream(
    call: Call[[I], T],
    items: Items[I],
    *,
    workers: int = 8,
    ordered: bool = False,
    progress: ProgressCallback | None = None,
    allowance: Allowance = of_this_process,
) -> AbstractAsyncContextManager[AsyncIterator[Outcome[I, T]]]:
    """Call once for every item, at most `workers` at a time, and give the outcomes as they come.

    Memory does not grow with the number of items: the workers are at most `2 * workers` items
    ahead of whoever reads.  `ordered` keeps the order of the items; one that is late then holds up
    the others.  Whatever the items themselves raise is raised after the outcomes of those before.
    Leaving the block, early too, ends all calls under way before it is left::

        async with map_stream(client.get_ticket, ids) as outcomes:
            async for outcome in outcomes:
                print(outcome.item, outcome.error or "fine")
    """
    return stream(Work(call, items, workers, progress), allowance, ordered=ordered)
