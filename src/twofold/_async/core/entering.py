# SPDX-License-Identifier: MIT
"""Enter slots: ask, wait, ask again."""

from __future__ import annotations

from ..._runtime.waiting.park import ParkingPlace
from ...core.policy.slots import Slots


async def enter(slots: Slots) -> None:
    """Wait until there is room, and take it; nothing is held if this raises."""
    if slots.enter():
        return
    while not slots.enter(place := ParkingPlace()):
        try:
            await place.wait()
        except BaseException:
            slots.forget(place)
            raise
