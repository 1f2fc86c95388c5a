# SPDX-License-Identifier: MIT
"""One call for each of many items, by a few workers.

`allowance` bounds the workers beside the callers, in the whole process, where a worker is dear: a
batch that is granted fewer has fewer, one that is granted none is carried out by its caller alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from ..._runtime.waiting.items import Items
from ..._runtime.waiting.scopes import checkpoint
from ..._runtime.waiting.tasks import Call
from ...core.policy.allowance import Allowance, of_this_process
from ...outcome import BatchResult, Failure, Outcome, noted
from ...progress import ProgressCallback
from .crew import hired_crew
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
    work = Work(call, items, workers, progress)
    outcomes: dict[int, Outcome[I, T]] = {}

    async def gather() -> None:
        async for index, outcome in work:
            outcomes[index] = outcome  # noqa: PERF403 - all workers fill the one dictionary

    await share(gather, work, allowance)
    return BatchResult(tuple(outcomes[index] for index in range(len(outcomes))))


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
    failures: list[Failure[I]] = []
    try:
        return await values_of(Work(call, items, workers, progress), allowance, failures)
    except Exception as error:
        note(error, failures)
        raise


async def map_unnoted(
    call: Call[[I], T],
    items: Items[I],
    *,
    workers: int = 8,
    allowance: Allowance = of_this_process,
) -> list[T]:
    """Do the same for items that whoever is told of the failure has never heard of."""
    return await values_of(Work(call, items, workers, None), allowance, [])


async def values_of(work: Work[I, T], allowance: Allowance, failures: list[Failure[I]]) -> list[T]:
    """Return all values in order, or raise the first failure; take note of every one."""
    values: dict[int, T] = {}

    async def gather() -> None:
        async for index, outcome in work:
            if outcome.error is not None:
                failures.append(outcome)
                raise outcome.error
            values[index] = outcome.value

    await share(gather, work, allowance)
    return [values[index] for index in range(len(values))]


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


async def share(gather: Call[[], None], work: Work[I, T], allowance: Allowance) -> None:
    """Let the caller and as many hands as are granted do the same until nothing is left to do."""
    await checkpoint()
    with work.told():
        async with hired_crew(allowance, work.workers - 1) as crew:
            crew.start(gather)
            await crew.run(gather)
        crew.check()


def note(error: Exception, failures: list[Failure[I]]) -> None:
    """Note on an error which item it was, if it was one, and what other items failed with."""
    for first in failures:
        if first.error is error:
            noted(first, [other for other in failures if other is not first])
            return
