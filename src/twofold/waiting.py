"""For programs on asyncio or trio: batches, deadlines and task groups.

`twofold.blocking` has the same names for programs without a loop::

    from twofold.waiting import fail_after, map_all

    with fail_after(30):
        result = await map_all(client.get_ticket, ids)

All but the batches is anyio's own, so anyio's documentation holds.
"""

from __future__ import annotations

from ._async.core.batch import map_all, map_stream, map_strict
from ._runtime.waiting.park import CapacityLimiter, Event, Lock
from ._runtime.waiting.scopes import (
    CancelScope,
    checkpoint,
    current_time,
    fail_after,
    get_cancelled_exc_class,
    move_on_after,
    sleep,
)
from ._runtime.waiting.tasks import Call, TaskGroup, create_task_group, unwrapped_task_group

__all__ = [
    "Call",
    "CancelScope",
    "CapacityLimiter",
    "Event",
    "Lock",
    "TaskGroup",
    "checkpoint",
    "create_task_group",
    "current_time",
    "fail_after",
    "get_cancelled_exc_class",
    "map_all",
    "map_stream",
    "map_strict",
    "move_on_after",
    "sleep",
    "unwrapped_task_group",
]
