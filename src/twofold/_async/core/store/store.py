# SPDX-License-Identifier: MIT
"""What a cache asks of a store: a store of yours, over Redis say, has these methods.

An error of any kind is a miss to the cache, and an event, never the caller's.
"""

from __future__ import annotations

from typing import Protocol

from ....core.store.entry import Entry, Usage


class AsyncStore(Protocol):
    """Keeps entries by partition (whose they are), key and variant.

    **Generations.**  Whatever takes entries out counts up.  Who is about to ask the server takes a
    stamp first, and hands it over with the answer: `put` does nothing if anything has happened
    since that would have taken out this very entry, by its key, tag, prefix or partition.  A store
    that does not know any more refuses.  So nothing older is found after it was taken out.

    One store may serve several clients, on any loops and threads at once.
    """

    async def find(self, key: str) -> tuple[Entry, ...]:
        """Return all variants of a key, in any order; it counts as use of each of them."""
        ...

    async def stamp(self, key: str) -> int:
        """Return the generation in which a request for this key begins."""
        ...

    async def put(self, entry: Entry, stamp: int) -> None:
        """Keep an entry in place of the one of its key and variant, unless it is out of date.

        What is too large for the store is not kept; the one before goes all the same.
        """
        ...

    async def remove(self, key: str) -> None:
        """Take out all variants of a key."""
        ...

    async def remove_tagged(self, partition: str, tag: str) -> None:
        """Take out what bears a tag."""
        ...

    async def remove_prefixed(self, partition: str, prefix: str) -> None:
        """Take out whatever has a URL that begins so."""
        ...

    async def clear(self, partition: str | None = None) -> None:
        """Take out everything of a partition; None: of all."""
        ...

    async def usage(self) -> Usage:
        """Count what is held."""
        ...

    async def aclose(self) -> None:
        """Give back files and connections; a store that is used again opens them anew."""
        ...
