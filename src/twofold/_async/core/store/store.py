# SPDX-License-Identifier: MIT
"""What clients ask of a store: a store of yours, over Redis say, has these methods.

An error of any kind is an event, never the caller's: to the cache it is a miss, and a rate is kept
to in part, or nothing is sent.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

from ....core.policy.lease import Claim, Tokens
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


class AsyncRateStore(Protocol):
    """Counts rates for all who share them: a store that also has this shares `rate=`.

    Nobody asks for each request: tokens are leased, several at once where several are of use.
    """

    @property
    def scope(self) -> Hashable:
        """Where it counts: equal for stores that count together, in either colour."""
        ...

    async def lease(self, claim: Claim) -> Tokens:
        """Grant tokens in one atomic step, by a clock of its own that all who share it have.

        What was granted counts from when it is ripe, used or not: who dies with tokens in hand
        needs no help.  `twofold.core.policy.lending.lend` is that step, for a store that can keep
        what it returns; one that computes elsewhere keeps to the same counts.
        """
        ...
