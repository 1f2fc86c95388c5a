# SPDX-License-Identifier: MIT
"""Asking the server for the cache: what is stored is confirmed, replaced, or taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from ...core.cache.check import Check
from ...core.cache.keys import key
from ...core.cache.settings import Cache
from ...core.cache.storing import is_storable, kept
from ...core.cache.validation import conditional
from ...core.call import CallRecord
from ...core.options import Terms
from ...core.request import Operation, Reply, Request
from ...core.store.entry import Entry
from ...core.store.removal import of_key
from ...errors import TwofoldError
from .shelf import Shelf

if TYPE_CHECKING:
    from .pipeline import Pipeline

T = TypeVar("T")


@attrs.frozen(eq=False)
class Fetching(Generic[T]):
    """The part of one call that reaches the server."""

    settings: Cache
    shelf: Shelf
    line: Pipeline
    operation: Operation[T]
    request: Request
    """Unsigned."""
    seen: Request
    """As it is prepared: what is looked up, and kept."""
    call: CallRecord
    on: Terms

    async def plain(self) -> tuple[Reply, T]:
        """Ask as if there were no cache."""
        return await self._ask(self.request)

    async def kept(self, about: Entry | None) -> tuple[Reply, T]:
        """Ask, whether `about` has changed if that is known, and keep what is answered."""
        # Taken before anything is sent: what is taken out from here on is not put back.
        stamp = await self.shelf.stamp(self._key(), self.call.tell)
        check, found = self._check(about), None
        try:
            sent = self.request if about is None else conditional(self.request, about)
            found = await self._ask(sent, check)
        except TwofoldError:
            if not check.unchanged:
                raise
        if found is None or (about is not None and found[0].status == 304):
            # It spoke of something else, or what is stored cannot be read: have it in full.
            check = self._check(None)
            found = await self._ask(self.request, check)
        await self._keep(found[0], check, about, stamp)
        return found

    async def _ask(self, request: Request, check: Check | None = None) -> tuple[Reply, T]:
        return await self.line.fetch(self.operation, request, self.call, self.on, check)

    async def _keep(
        self, reply: Reply, check: Check, about: Entry | None, stamp: int | None
    ) -> None:
        if reply.status >= 500 and about is not None:
            return  # what is stored may still be of use
        made = self._made(reply, check)
        if made is not None and stamp is not None:
            await self.shelf.put(made, stamp, self.call.tell)
        elif made is None and about is not None:
            self.shelf.trust.owe((of_key(self._key()),))
            await self.shelf.take_out(self.call.tell)

    def _made(self, reply: Reply, check: Check) -> Entry | None:
        """Return what is to be stored, confirmed or new; None: it may not be."""
        received, confirmed = check.taken(reply)
        if confirmed is not None:
            self.shelf.counters.add("bytes_saved", len(confirmed.body))
            return confirmed if is_storable(confirmed, self.operation, self.settings) else None
        return kept(
            self.operation,
            self.seen,
            reply,
            self.line.partition,
            self.settings,
            check.requested,
            received,
        )

    def _check(self, about: Entry | None) -> Check:
        return Check(self.seen, about, self.settings.wall, self.settings.wall())

    def _key(self) -> str:
        return key(self.line.partition, self.seen.url)
