"""Whether a store may be asked, and what it must take out before it is.

What could not be taken out is owed: as long as it is, nothing that the store has is believed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from threading import Lock

import attrs

from ...errors import StoreError
from ..forks import renewed_in_child
from ..store.removal import Kind, Removal

# Seconds for which a store that failed is left alone, unless it says that this passes.
REST = 3.0

# Beyond so many debts, all of the store is one.
MOST = 256


@attrs.frozen
class Debt:
    """Something that is to be taken out, and when that was said.

    Said again while it is being taken out, it has to be taken out again.
    """

    number: int
    removal: Removal


@attrs.define(eq=False)
class Trust:
    """What is known of one store; safe to share between event loops and threads."""

    _until: float = attrs.field(default=0.0, init=False)
    _owed: tuple[Debt, ...] = attrs.field(default=(), init=False)
    _numbers: Iterator[int] = attrs.field(factory=itertools.count, init=False, repr=False)
    _lock: Lock = attrs.field(factory=Lock, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        renewed_in_child(self)

    def renew(self) -> None:
        self._lock = Lock()

    @property
    def owed(self) -> tuple[Debt, ...]:
        """What is to be taken out, oldest first."""
        return self._owed

    @property
    def is_sound(self) -> bool:
        """Whether nothing is owed, and it has not failed of late: asked before each look."""
        return not self._owed and not self._until

    def rests(self, now: float) -> bool:
        """Tell whether the store is to be left alone for now."""
        if now < self._until <= now + REST:  # not for longer, should the clock have gone back
            return True
        self._until = 0.0
        return False

    def failed(self, error: Exception, now: float) -> None:
        """Take note of a failure."""
        if not (isinstance(error, StoreError) and error.transient):
            self._until = now + REST

    def owe(self, removals: tuple[Removal, ...]) -> None:
        """Take note of what must be taken out before anything is believed."""
        with self._lock:
            owed = {debt.removal: debt for debt in self._owed}
            owed |= {removal: Debt(next(self._numbers), removal) for removal in removals}
            if len(owed) > MOST:
                everything = Removal(Kind.ALL)
                owed = {everything: Debt(next(self._numbers), everything)}
            self._owed = tuple(owed.values())

    def settled(self, debt: Debt) -> None:
        """Take note that something was taken out."""
        with self._lock:
            self._owed = tuple(one for one in self._owed if one != debt)
