"""All that an emulator begins with."""

from __future__ import annotations

import random

from ..store import Store
from .landscape import Landscape, landscape
from .surroundings import Surroundings
from .tickets import Tickets


def populated(store: Store, chance: random.Random, *, tickets: int, username: str) -> Landscape:
    """Fill an empty store; the same chance gives the same data."""
    around = landscape(store, username)
    Tickets(store, around, chance).make(tickets)
    Surroundings(store, around, chance).make()
    return around
