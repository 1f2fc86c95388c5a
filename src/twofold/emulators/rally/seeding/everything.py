"""All that an emulator begins with."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from ..dates import Calendar
from ..revisions import begin_histories
from ..store import Store
from .landscape import landscape
from .mould import Mould
from .surroundings import Surroundings
from .tickets import Tickets

LARGEST, MOST = 1000, 6
"""How many tickets a mould may have (then it takes 7 MB), and how many moulds are kept."""


def seeded(
    clock: datetime | Callable[[], datetime], *, tickets: int, seed: int, username: str
) -> Store:
    """Return a store of its own; the same arguments give the same, unless the clock moves."""
    if isinstance(clock, datetime) and tickets <= LARGEST:
        return _mould(clock, tickets, seed, username).cast()
    return filled(clock, tickets, seed, username)


@lru_cache(maxsize=MOST)
def _mould(clock: datetime, tickets: int, seed: int, username: str) -> Mould:
    return Mould(filled(clock, tickets, seed, username))


def filled(
    clock: datetime | Callable[[], datetime], tickets: int, seed: int, username: str
) -> Store:
    """Make all records anew, one after another."""
    chance = random.Random(seed)  # noqa: S311 - the same seed must give the same data
    store = Store(Calendar(clock), chance)
    around = landscape(store, username)
    Tickets(store, around, chance).make(tickets)
    Surroundings(store, around, chance).make()
    begin_histories(store, around.users[0])
    return store
