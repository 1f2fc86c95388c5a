# SPDX-License-Identifier: MIT
"""A store in memory: nothing in it waits."""

from __future__ import annotations

from ....core.store.entry import Entry, Usage
from ....core.store.lru import LRU
from ....core.store.removal import of_all, of_key, of_prefix, of_tag

MEMORY = 64 * 2**20
"""Bytes that a store in memory holds unless it is told otherwise."""


class AsyncMemoryStore:
    """Keeps entries in this process, at most so many bytes; the least recently used go first.

    `most` counts bodies, header fields and about 500 bytes an entry.  What is larger than an
    eighth of it is not kept.  One store may serve any number of clients: entries belong to the
    account that asked.  A forked child begins with an empty one.
    """

    def __init__(self, *, most: int = MEMORY) -> None:
        self._held = LRU(most)

    async def find(self, key: str) -> tuple[Entry, ...]:
        """Return all variants of a key."""
        return self._held.find(key)

    async def stamp(self, key: str) -> int:  # noqa: ARG002 - one generation counts for all keys
        """Return the generation in which a request for this key begins."""
        return self._held.stamp()

    async def put(self, entry: Entry, stamp: int) -> None:
        """Keep an entry, unless something has taken it out since the stamp."""
        self._held.put(entry, stamp)

    async def remove(self, key: str) -> None:
        """Take out all variants of a key."""
        self._held.remove(of_key(key))

    async def remove_tagged(self, partition: str, tag: str) -> None:
        """Take out what bears a tag."""
        self._held.remove(of_tag(partition, tag))

    async def remove_prefixed(self, partition: str, prefix: str) -> None:
        """Take out whatever has a URL that begins so."""
        self._held.remove(of_prefix(partition, prefix))

    async def clear(self, partition: str | None = None) -> None:
        """Take out everything of a partition; None: of all."""
        self._held.remove(of_all(partition))

    async def usage(self) -> Usage:
        """Count what is held."""
        return self._held.usage()

    async def aclose(self) -> None:
        """Do nothing: what is held goes with the store."""
