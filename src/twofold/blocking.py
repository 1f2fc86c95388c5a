"""For programs without a loop: batches, deadlines and task groups, over threads.

`twofold.waiting` has the same names for programs on asyncio or trio::

    from twofold.blocking import fail_after, map_all

    with fail_after(30):
        result = map_all(client.get_ticket, ids)

Cancellation and deadlines are noticed at the next wait of this library: a call, a sleep, an item
drawn, a lock, a `checkpoint()`.  Other code that blocks is not interrupted.
"""

from __future__ import annotations

from ._runtime.blocking.park import CapacityLimiter, Event, Lock
from ._runtime.blocking.scopes import (
    CancelScope,
    checkpoint,
    current_time,
    fail_after,
    get_cancelled_exc_class,
    move_on_after,
    sleep,
)
from ._runtime.blocking.tasks import Call, TaskGroup, create_task_group, unwrapped_task_group
from ._sync.core.batch import map_all, map_stream, map_strict

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
