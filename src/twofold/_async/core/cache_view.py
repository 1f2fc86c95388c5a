# SPDX-License-Identifier: MIT
"""A client's cache, as its user sees it: counted, and emptied on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ...core.cache.invalidation import wanted
from ...core.cache.statistics import CacheStatistics
from ...core.call import CallRecord
from ...core.request import Safety
from ...core.store.removal import Removal, of_all

if TYPE_CHECKING:
    from .caching import Caching
    from .pipeline import Pipeline


@attrs.frozen(repr=False, eq=False)
class AsyncCacheView:
    """The cache of one client, for its account: `client.cache`.

    A client without a cache has one all the same: it is empty.
    """

    _line: Pipeline

    async def statistics(self) -> CacheStatistics:
        """Count what the cache did since the client was made, and what its store holds now."""
        cache = self._line.cache
        if cache is None:
            return CacheStatistics()
        usage = await cache.shelf.usage(self._call("cache.statistics").tell)
        return attrs.evolve(
            cache.counters.read(),
            entries=usage.entries,
            bytes=usage.bytes,
            evicted=usage.evicted,
        )

    async def invalidate(
        self,
        *,
        operation: str | None = None,
        tag: str | None = None,
        prefix: str | None = None,
    ) -> None:
        """Use nothing any more that was asked for before now: it is taken out of the store.

        `operation` is the name of one, `tag` one of `Endpoint.tags`, `prefix` the beginning of a
        path below the client's address, or of a whole URL.  Of several each counts.
        """
        line = self._line
        base = f"{line.origin}{line.base}"
        removals = wanted(line.partition, base, operation, tag, prefix)
        await self._take_out(line.cache, removals, "cache.invalidate")

    async def clear(self) -> None:
        """Take out everything of this client's account."""
        removals = (of_all(self._line.partition),)
        await self._take_out(self._line.cache, removals, "cache.clear")

    async def _take_out(
        self, cache: Caching | None, removals: tuple[Removal, ...], name: str
    ) -> None:
        if cache is not None:
            await cache.take_out(removals, self._call(name).tell)

    def _call(self, name: str) -> CallRecord:
        line = self._line
        return CallRecord(
            name, Safety.SAFE, line.limits.clock, line.listeners, line.credentials.secrets
        )
