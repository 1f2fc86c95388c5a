# SPDX-License-Identifier: MIT
"""A store behind a fence: what fails in it is a miss and an event, never an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import attrs

from ...core.cache.statistics import Counters
from ...core.cache.trust import Trust
from ...core.store.entry import Entry, Usage
from ...core.store.removal import Kind, Removal
from ...events import Event, StoreFailed
from .store.store import AsyncStore

EMPTY = Usage(0, 0)


class Tell(Protocol):
    """Makes an event of a call: `CallRecord.tell`."""

    def __call__(self, kind: type[Event], **fields: Any) -> None: ...


@attrs.frozen(eq=False)
class Shelf:
    """One store as the cache sees it.  `clock` is monotonic."""

    store: AsyncStore
    counters: Counters
    clock: Callable[[], float]
    trust: Trust = attrs.field(factory=Trust)

    async def find(self, key: str, tell: Tell) -> tuple[Entry, ...]:
        """Return what is stored under a key, as far as the store can be asked and believed."""
        if not (self.trust.is_sound or await self._is_ready(tell)):
            return ()
        try:
            return await self.store.find(key)
        except Exception as error:
            self._failed(error, tell)
            return ()

    async def stamp(self, key: str, tell: Tell) -> int | None:
        """Return the generation of a key; None: what is to come cannot be stored."""
        if not (self.trust.is_sound or await self._is_ready(tell)):
            return None
        try:
            return await self.store.stamp(key)
        except Exception as error:
            self._failed(error, tell)
            return None

    async def put(self, entry: Entry, stamp: int, tell: Tell) -> None:
        """Store an entry, unless it is out of date by now."""
        if not (self.trust.is_sound or await self._is_ready(tell)):
            return
        try:
            await self.store.put(entry, stamp)
        except Exception as error:
            self._failed(error, tell)
        else:
            self.counters.add("stored")

    async def take_out(self, tell: Tell) -> None:
        """Take out whatever is owed; what cannot be stays owed."""
        if not self.trust.rests(self.clock()):
            await self._settle(tell)

    async def usage(self, tell: Tell) -> Usage:
        """Count what is held; nothing if the store cannot say."""
        if not (self.trust.is_sound or await self._is_ready(tell)):
            return EMPTY
        try:
            return await self.store.usage()
        except Exception as error:
            self._failed(error, tell)
            return EMPTY

    async def _is_ready(self, tell: Tell) -> bool:
        if self.trust.rests(self.clock()):
            return False
        return not self.trust.owed or await self._settle(tell)

    async def _settle(self, tell: Tell) -> bool:
        try:
            for debt in self.trust.owed:
                await self._remove(debt.removal)
                self.trust.settled(debt)
        except Exception as error:
            self._failed(error, tell)
            return False
        return True

    async def _remove(self, removal: Removal) -> None:
        match removal.kind:
            case Kind.KEY:
                await self.store.remove(removal.subject)
            case Kind.TAG:
                await self.store.remove_tagged(removal.partition, removal.subject)
            case Kind.PREFIX:
                await self.store.remove_prefixed(removal.partition, removal.subject)
            case Kind.PARTITION:
                await self.store.clear(removal.partition)
            case Kind.ALL:
                await self.store.clear(None)

    def _failed(self, error: Exception, tell: Tell) -> None:
        self.trust.failed(error, self.clock())
        self.counters.add("errors")
        tell(StoreFailed, error=error)
