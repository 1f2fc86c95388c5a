# SPDX-License-Identifier: MIT
"""A store in a file of SQLite, which the processes of one machine may share."""

from __future__ import annotations

import os
import weakref

from ...._runtime.waiting.scopes import run_sync
from ....core.policy.lease import Claim, Tokens
from ....core.store.cache_file import CacheFile
from ....core.store.entry import Entry, Usage
from ....core.store.removal import Removal, of_all, of_key, of_prefix, of_tag

FILE = 256 * 2**20
"""Bytes that a store in a file holds unless it is told otherwise."""

PATIENCE = 0.25
"""Seconds to wait for another process that writes: a cache that takes longer is none."""


class AsyncSQLiteStore:
    """Keeps entries in a file, at most so many bytes; about the least recently used go first.

    `most` counts bodies, header fields and about 500 bytes an entry; the file may become larger by
    half.  What is larger than an eighth of it is not kept.  `patience` is for how many seconds a
    step waits for another process that writes.

    The file is made, with its folder, when it is first used, and only its owner may read it.  It
    holds bodies and header fields of answers as they came, apart from fields that may hold a
    secret, such as Set-Cookie; of an account there is a digest.  Several processes of one machine
    may use it at once, not over a network; a `rate` of theirs counts for all of them together.  A
    process that is killed leaves it whole.

    Every failure is a StoreError, which a cache takes for a miss and tells its listener: the file
    is locked (`transient`), full, read-only, gone, not a cache, or a newer twofold's.  A corrupt
    file is renamed to `*.corrupt` and begun anew.  Once the cause is gone, so is the failure.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, most: int = FILE, patience: float = PATIENCE
    ) -> None:
        self._file = CacheFile(path, most, patience)
        weakref.finalize(self, self._file.close)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._file.path)!r})"

    async def find(self, key: str) -> tuple[Entry, ...]:
        """Return all variants of a key."""
        return await run_sync(self._file.find, key)

    async def stamp(self, key: str) -> int:  # noqa: ARG002 - one generation counts for all keys
        """Return the generation in which a request for this key begins."""
        return await run_sync(self._file.stamp)

    async def put(self, entry: Entry, stamp: int) -> None:
        """Keep an entry, unless something has taken it out since the stamp."""
        await run_sync(self._file.put, entry, stamp)

    async def remove(self, key: str) -> None:
        """Take out all variants of a key."""
        await self._remove(of_key(key))

    async def remove_tagged(self, partition: str, tag: str) -> None:
        """Take out what bears a tag."""
        await self._remove(of_tag(partition, tag))

    async def remove_prefixed(self, partition: str, prefix: str) -> None:
        """Take out whatever has a URL that begins so."""
        await self._remove(of_prefix(partition, prefix))

    async def clear(self, partition: str | None = None) -> None:
        """Take out everything of a partition; None: of all."""
        await self._remove(of_all(partition))

    async def usage(self) -> Usage:
        """Count what is held, by whichever process."""
        return await run_sync(self._file.usage)

    @property
    def scope(self) -> str:
        """Where rates are counted: in the file, by all who have it open."""
        return str(self._file.path)

    async def lease(self, claim: Claim) -> Tokens:
        """Grant tokens of a rate; what was granted counts, used or not."""
        return await run_sync(self._file.lease, claim)

    async def aclose(self) -> None:
        """Close the file; a store that is used again opens it anew."""
        await run_sync(self._file.close)

    async def _remove(self, removal: Removal) -> None:
        # Owed before anything is waited for: whoever is cancelled here has it taken out all the
        # same, before this store finds anything again.
        self._file.owe(removal)
        await run_sync(self._file.settle)
