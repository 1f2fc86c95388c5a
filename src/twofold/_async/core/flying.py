# SPDX-License-Identifier: MIT
"""Ask once for all who ask the same at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from ..._runtime.waiting.park import ParkingPlace
from ..._runtime.waiting.tasks import Call
from ...core.flight import Flights, Landed, fresh
from ...errors import TwofoldError

A = TypeVar("A")


async def flown(
    flights: Flights,
    key: Hashable,
    lead: Call[[], A],
    clock: Callable[[], float],
    told: Callable[[float], object] | None = None,
) -> A:
    """Return what `lead` returns; only one of those who come with a key at once calls it.

    The first one calls it in its own scope.  If that is cancelled, or fails otherwise than with a
    TwofoldError, the next one calls its own; likewise if it was the leader's deadline alone that
    ended it (`TwofoldError.hurried`), since each keeps its own.  Any other TwofoldError is for all:
    each raises one of the same class with the same fields, caused by the leader's.

    All are given the same object, so it must be one that nobody changes: an answer, not what was
    read from it.  A `lead` must not fly with the key it was called for: it would wait for itself.
    `told` is given the seconds that a caller waited for another, by `clock`.
    """
    seat = flights.board(key, ParkingPlace)
    try:
        if seat.place is not None:
            began = clock()
            await seat.place.wait()
            if told is not None:
                told(clock() - began)
        value: A = await lead() if seat.landed is None else brought(seat.landed)
    except TwofoldError as error:
        if seat.leads and not error.hurried:
            flights.land(seat, None, error)
        raise
    else:
        if seat.leads:
            flights.land(seat, value)
        return value
    finally:
        if seat.leads or (seat.place is not None and seat.landed is None):
            flights.leave(seat)


def brought(landed: Landed) -> Any:
    """Return the value of a flight, or raise its error anew."""
    if landed.error is not None:
        raise fresh(landed.error) from landed.error
    return landed.value
