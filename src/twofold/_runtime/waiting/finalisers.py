"""What becomes of a client that nobody closed."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from functools import partial
from typing import Any

from anyio import move_on_after

from .homes import home
from .tasks import Call

__all__ = ["abandon"]

PATIENCE = 5.0  # seconds that closing may take

# asyncio keeps no reference to a task of its own.
_closing: set[object] = set()

LOG = logging.getLogger("twofold")


def abandon(close: Call[[], None]) -> None:
    """Close in the loop that runs here, soon; without one there is nothing left to close.

    Called by the garbage collector, in the middle of anything, so it neither waits nor raises.
    """
    with suppress(RuntimeError):  # no loop runs in this thread: the connections ended with theirs
        here: Any = home()
        soon = getattr(here, "call_soon_threadsafe", None) or here.run_sync_soon
        soon(partial(start, here, close))


def start(here: Any, close: Call[[], None]) -> None:
    # Neither library is imported here: whichever runs is there, the other may be missing.
    with suppress(RuntimeError):  # the loop is ending, and closes them itself
        if hasattr(here, "create_task"):
            task = here.create_task(bounded(close))
            _closing.add(task)
            task.add_done_callback(_closing.discard)
        else:
            sys.modules["trio"].lowlevel.spawn_system_task(bounded, close)


async def bounded(close: Call[[], None]) -> None:
    try:
        with move_on_after(PATIENCE, shield=True):
            await close()
    except Exception:  # trio takes an error here for one of its own, and ends the whole run
        LOG.exception("a client that nobody closed could not be closed")
