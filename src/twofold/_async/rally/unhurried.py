# SPDX-License-Identifier: MIT
"""What must not be left half done: a cancellation waits for its end, though not for ever."""

from __future__ import annotations

import math

from ..._runtime.waiting.park import ParkingPlace
from ..._runtime.waiting.scopes import checkpoint, current_time, move_on_after
from ..._runtime.waiting.tasks import Call
from ...core.policy.allowance import Allowance
from ..core.crew import hired_crew

PATIENCE = 5.0
"""Seconds that a cancellation waits."""


async def unhurried(work: Call[[], None], allowance: Allowance) -> None:
    """Carry out some work; who is cancelled meanwhile waits for its end, `PATIENCE` at most.

    Nothing is begun for who is cancelled already.  A cancellation is raised though the work was
    done, so it must keep for itself how far it came.
    """
    await checkpoint()
    shield = move_on_after(math.inf, shield=True)

    async def hurry() -> None:
        """Give the work an end as soon as it is cancelled."""
        try:
            await ParkingPlace().wait()
        finally:
            shield.deadline = current_time() + PATIENCE

    async def carry_out() -> None:
        with shield:
            await work()
        crew.dismiss()

    async with hired_crew(allowance, 1) as crew:
        crew.start(hurry)
        await crew.run(carry_out)
    crew.check()
    await checkpoint()
