# SPDX-License-Identifier: MIT
"""The Rally client that keeps what it reads: fast when asked again, and of use without a server."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Unpack

from ..client import AsyncRallyClient

if TYPE_CHECKING:
    from os import PathLike

    from ....rally.freshness import Freshness
    from ...core.options import AsyncOptions

# What carries this out is imported where it is used: who imports a client may not even make one.


class AsyncCachingRallyClient(AsyncRallyClient):
    """A client of one Rally server that keeps complete results: same methods, equal answers.

    ::

        async with AsyncCachingRallyClient(project="Alpha", fresh=30) as rally:
            tickets = await rally.get_tickets()
            print(rally.freshness.state, rally.freshness.age)

    For `fresh` seconds after it was asked for a result is given and nobody is asked.  For `stale`
    seconds more it is given at once and asked for anew in the background, which needs the client to
    be entered; one that is not asks first.  If the server cannot be asked (it is silent, says 500
    and more, or takes too long), what is kept is given however old it is.  `freshness` says which
    of these it was, and FreshnessChanged tells a listener.

    After a write by any caching client of this user, in whatever process, nothing is believed that
    was asked for before; it is given only if the server cannot be asked.  Whatever a write looks up
    comes from the server, and so does what `iter_tickets` and `iter` list, and what `send`, `raw`,
    `open` and `download` are asked for.

    With `offline` nothing is sent at all: reads are answered from what is kept, and everything else
    is an OfflineError.

    Results are kept in `cache_file`, by default one in the user's cache folder that all such
    clients share, up to 256 MiB, the least recently used go first; only its owner may read it.
    `store` takes its place: it is its maker's to close.  `wall` gives the time in seconds since
    1970.  The other options are those of `AsyncRallyClient`, but for `cache`, which keeps single
    answers.
    """

    def __init__(
        self,
        *,
        server: str | None = None,
        api_key: str | None = None,
        username: str | None = None,
        password: str | None = None,
        workspace: str | None = None,
        project: str | None = None,
        prefixes: Mapping[str, str] | None = None,
        fresh: float = 60.0,
        stale: float = 86_400.0,
        offline: bool = False,
        cache_file: str | PathLike[str] | None = None,
        wall: Callable[[], float] = time.time,
        **options: Unpack[AsyncOptions],
    ) -> None:
        from ....rally.caching import Lifetimes
        from .making import chosen_store, keeping, refuse_cache

        lifetimes = Lifetimes(fresh=fresh, stale=stale)
        refuse_cache(options)
        self._store, self._owns_store = chosen_store(options, cache_file)
        super().__init__(
            server=server,
            api_key=api_key,
            username=username,
            password=password,
            workspace=workspace,
            project=project,
            prefixes=prefixes,
            **options,
        )
        self._reading = keeping(self._session, self._store, lifetimes, wall, is_offline=offline)
        self._results = self._reading.results
        self._session = self._results.live
        self._line = self._results.line

    @property
    def freshness(self) -> Freshness:
        """How current what was given last is, by now."""
        return self._results.standing.now()

    @property
    def offline(self) -> bool:
        """Whether nothing is to be sent: may be set at any time.

        `freshness` may say Offline without it: then the server could not be asked the last time,
        and is asked again with the next call that needs it.
        """
        return self._results.standing.is_offline

    @offline.setter
    def offline(self, is_offline: bool) -> None:
        self._results.standing.is_offline = is_offline
        self._results.watch.tell(self._results.record("rally.offline").tell)

    async def refresh(self) -> None:
        """Believe nothing any more that was asked for before now: what is read next is asked for.

        It stays where it is, for when the server cannot be asked.
        """
        await self._results.disbelieve()

    async def clear(self) -> None:
        """Take out all that is kept of this server for this user."""
        await self._results.clear()

    async def aclose(self) -> None:
        """Close every connection, and the file; a client that is used again opens new ones."""
        try:
            await super().aclose()
        finally:
            if self._owns_store:
                await self._store.aclose()
