# SPDX-License-Identifier: MIT
"""What a caching client is made of, from what its user said."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike

import attrs

from ....core.cache.settings import Cache
from ....core.cache.statistics import Counters
from ....errors import ArgumentError
from ....rally.caching import Lifetimes, Place, cache_file
from ....rally.freshness import Standing
from ...core.options import AsyncOptions, lender
from ...core.shelf import Shelf
from ...core.store.sqlite import AsyncSQLiteStore
from ...core.store.store import AsyncStore
from ..scope import Scoping
from ..session import Session
from .results import Results
from .session import CachingSession
from .watch import Watch


def refuse_cache(options: AsyncOptions) -> None:
    if options.pop("cache", None) is not None:
        raise ArgumentError(
            "cache keeps single answers: a caching client keeps results, by fresh and stale"
        )


def chosen_store(
    options: AsyncOptions, file: str | PathLike[str] | None
) -> tuple[AsyncStore, bool]:
    """Take the store out of the options, or make one; tell whether it was made here."""
    given = options.pop("store", None)
    if given is None:
        return AsyncSQLiteStore(cache_file() if file is None else file), True
    if file is not None:
        raise ArgumentError("give a store or a cache_file, not both")
    if not hasattr(given, "stamp"):
        raise ArgumentError(f"store must be a store of a cache, not {given!r}")
    return given, False


def keeping(
    plain: Session,
    store: AsyncStore,
    lifetimes: Lifetimes,
    wall: Callable[[], float],
    *,
    is_offline: bool,
) -> CachingSession:
    """Return a session that keeps what is read in a plain one, whose line it watches."""
    line = plain.line
    watch = Watch(
        Cache(),
        Shelf(store, Counters(), line.limits.clock),
        standing=Standing(wall, is_offline=is_offline),
        place=Place(line.credentials.account, f"{line.origin}{line.base}/"),
    )
    watched = attrs.evolve(line, cache=watch, lender=lender(line.rate, store))
    live = attrs.evolve(plain, line=watched)
    scoping = plain.scoping
    return CachingSession(
        watched,
        # One of its own: what a write looks up is not taken from what is kept.
        Scoping(scoping.workspace, scoping.project),
        plain.prefixes,
        plain.strict,
        plain.terms,
        Results(watched, watch, live, lifetimes, wall),
    )
