# SPDX-License-Identifier: MIT
"""The course of a bulk: what its record says was done is read, the rest is prepared and sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeAlias, TypeVar, cast

import attrs

from ..._runtime.waiting.tasks import Call
from ...errors import Effect, NotFoundError, OutcomeUnknownError, RequestError
from ...progress import Reporter
from ...rally.bulk import BulkResult, Manner, Write
from ...rally.bulk_file import ItemState, Job
from ...rally.bulk_record import IN_DOUBT, BulkRecord, RecordedItem
from ...rally.ids import identify
from ...rally.models import Ticket
from . import by_id
from .bulk_run import Run
from .bulk_tally import Tally
from .session import Session

I = TypeVar("I")  # noqa: E741 - the item
T = TypeVar("T")

Prepared: TypeAlias = Write[T] | Exception
"""What is to be sent for an item, or why nothing can be."""


@attrs.frozen(eq=False)
class Work(Generic[I, T]):
    """What a bulk is to do."""

    job: Job
    items: Sequence[I]
    prepare: Call[[Sequence[int]], Mapping[int, Prepared[T]]]
    """Look up what some items need, once for all of them."""
    is_repeatable: bool = True
    """Whether twice is as good as once."""
    is_removal: bool = False
    """Whether nothing is left to be found afterwards."""


async def carried_out(session: Session, work: Work[I, T], manner: Manner) -> BulkResult[I, T]:
    """Do the work, and return what became of each item, in the order given."""
    workers = session.workers(manner.concurrency)
    record = BulkRecord() if manner.record is None else manner.record
    count, progress = len(work.items), manner.progress
    reporter = None if progress is None else Reporter(progress, total=count)
    tally = Tally[I, T](work.items, record, reporter)
    with record.kept(work.job), tally.told():
        before = record.items
        await recall(session, tally, [item for item in before if item.state is ItemState.DONE])
        left = [item for item in before if item.state is not ItemState.DONE]
        if not work.is_repeatable:
            left = [item for item in left if not is_held(item, tally)]
        if left:
            await (await planned(session, work, left, tally, manner.most)).finish(workers)
    return tally.result()


async def planned(
    session: Session,
    work: Work[I, T],
    left: Sequence[RecordedItem],
    tally: Tally[I, T],
    most: int,
) -> Run[I, T]:
    """Return what is to be sent; take note of what cannot be."""
    prepared = await work.prepare([item.index for item in left])
    writes = {index: each for index, each in prepared.items() if isinstance(each, Write)}
    run = Run(
        session=session,
        tally=tally,
        writes=writes,
        most=most,
        is_removal=work.is_removal,
        in_doubt={item.index for item in left if item.state in IN_DOUBT},
    )
    for index, each in prepared.items():
        if not isinstance(each, Write):
            run.fail(index, each)
    return run


def is_held(item: RecordedItem, tally: Tally[I, T]) -> bool:
    """Tell whether an item may have been done that must not be done twice; if so that is told."""
    if item.state not in IN_DOUBT:
        return False
    error = OutcomeUnknownError(
        f"{item.name!r} was sent before, and whether it was done is not known: look, then `settle` "
        f"or `clear` item {item.index} of the record"
    )
    tally.failed(item.index, error)
    return True


async def recall(session: Session, tally: Tally[I, T], done: Sequence[RecordedItem]) -> None:
    """Give what was done before its outcome: tickets are read, each type asked once."""
    refs = {item.ref: None for item in done if item.ref is not None and item.error is None}
    found = await tickets(session, list(refs))
    for item in done:
        ticket = None if item.ref is None else found.get(item.ref)
        if item.error is not None:
            tally.failed(item.index, RequestError(item.error, effect=Effect.DONE))
        elif item.ref is not None and ticket is None:
            gone = f"{item.name!r} was done before, but {item.ref} is no longer there"
            tally.failed(item.index, NotFoundError(gone, effect=Effect.DONE))
        else:
            tally.succeeded(item.index, cast("T", ticket))


async def tickets(session: Session, refs: Sequence[str]) -> Mapping[str, Ticket]:
    """Return the tickets of these refs, as far as they are there."""
    places = {ref: identify(ref, session.prefixes) for ref in refs}
    found = await by_id.tickets(session, list(places.values()))
    there = dict[str, Ticket]()
    for ref, place in places.items():
        match found[place]:
            case Ticket() as ticket:
                there[ref] = ticket
            case NotFoundError():
                pass
            case error:
                raise error
    return there
