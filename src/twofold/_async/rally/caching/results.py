# SPDX-License-Identifier: MIT
"""The results that one client keeps, and what becomes of each of them.

When something is given, and whether it is believed, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import attrs

from ...._runtime.waiting.scopes import checkpoint
from ....core.call import CallRecord
from ....core.options import Terms
from ....core.request import Safety
from ....core.store.entry import Entry
from ....core.store.removal import of_key
from ....rally.caching import (
    FORMAT,
    Kept,
    Lifetimes,
    Piece,
    Place,
    compressed,
    harmless,
    in_order,
    opened,
)
from ....rally.freshness import Standing
from ....rally.plan import Span
from ...core.flying import flown
from ...core.shelf import Shelf
from .watch import Watch

if TYPE_CHECKING:
    from ...core.pipeline import Pipeline
    from ..session import Session

T = TypeVar("T")


class Wanted(Protocol[T]):
    """A result: how it is asked for, and how it is read from what was answered."""

    @property
    def operation(self) -> str: ...

    def key(self, place: Place) -> str: ...

    async def ask(self, session: Session, bodies: dict[Span, bytes]) -> T:
        """Ask the server, and note every answer; what is returned is complete."""
        ...

    async def read(self, line: Pipeline, kept: Kept) -> T:
        """Read what is kept as it was read when it came."""
        ...

    def is_worth_keeping(self, value: T) -> bool: ...


@attrs.frozen
class Found:
    """What is kept of a result."""

    kept: Kept
    asked: float
    """When the server was asked for it, in seconds since 1970."""
    is_believed: bool
    """Whether nothing was written since."""


@attrs.frozen(eq=False)
class Results:
    """Keeps, finds and takes out; what fails in the store is a miss and an event."""

    line: Pipeline
    watch: Watch
    live: Session
    """Asks the server always."""
    lifetimes: Lifetimes
    wall: Callable[[], float]
    """Gives the time in seconds since 1970."""

    @property
    def standing(self) -> Standing:
        return self.watch.standing

    @property
    def place(self) -> Place:
        return self.watch.place

    @property
    def shelf(self) -> Shelf:
        return self.watch.shelf

    def record(self, operation: str) -> CallRecord:
        """Return a record to tell of a result, or of the client as a whole."""
        line = self.line
        return CallRecord(
            operation, Safety.SAFE, line.limits.clock, line.listeners, line.credentials.secrets
        )

    async def find(self, key: str, mark: bytes | None, call: CallRecord) -> Found | None:
        """Return what is kept under a key, in a form that this twofold knows."""
        for entry in await self.shelf.find(key, call.tell):
            kept = opened(entry)
            if kept is not None:
                is_believed = mark is not None and kept.mark == mark
                return Found(kept, entry.requested, is_believed)
        return None

    async def mark(self, call: CallRecord) -> bytes | None:
        """Return the mark that results bear which are asked for now; None: none can be kept."""
        found = await self.shelf.find(self.place.mark_key, call.tell)
        if found:
            return found[0].body

        async def make() -> bytes | None:
            return await self._made(call)

        # Several at once would make several, of which one remains.
        return await flown(self.watch.flights, self.place.mark_key, make, call.clock)

    async def ask(
        self, wanted: Wanted[T], key: str, mark: bytes | None, on: Terms, call: CallRecord
    ) -> tuple[Found, T]:
        """Ask the server for a result, and keep it if it is complete."""
        stamp = await self.shelf.stamp(key, call.tell)
        asked, bodies = self.wall(), dict[Span, bytes]()
        # What the server warns of is no failure here: it is heeded when the result is given.
        session = attrs.evolve(self.live, terms=on, strict=False)
        value = await wanted.ask(session, bodies)
        kept = Kept(FORMAT, mark or b"", await pieces(bodies, self.line.credentials.secrets))
        if mark is not None and stamp is not None and wanted.is_worth_keeping(value):
            entry = self.place.entry(key, wanted.operation, kept, asked, self.wall())
            await self.shelf.put(entry, stamp, call.tell)
        return Found(kept, asked, is_believed=True), value

    async def take_out(self, key: str, call: CallRecord) -> None:
        await self.watch.take_out((of_key(key),), call.tell)

    async def disbelieve(self) -> None:
        """Believe nothing any more that was asked for before now."""
        await self.watch.disbelieve(self.record("rally.refresh").tell)

    async def clear(self) -> None:
        """Take out all that is kept of this server for this account."""
        await self.watch.take_out((self.place.everything,), self.record("rally.clear").tell)

    async def _made(self, call: CallRecord) -> bytes | None:
        key = self.place.mark_key
        found = await self.shelf.find(key, call.tell)
        if found:
            return found[0].body
        stamp = await self.shelf.stamp(key, call.tell)
        if stamp is None:
            return None
        made: Entry = self.place.mark(self.wall())
        await self.shelf.put(made, stamp, call.tell)
        return made.body


async def pieces(bodies: dict[Span, bytes], secrets: Sequence[str]) -> tuple[Piece, ...]:
    """Return answers as they are kept."""
    made = list[Piece]()
    for span in in_order(bodies):
        await checkpoint()  # a large page takes about as long as a frame on a screen
        made.append(compressed(harmless(bodies[span], secrets), span))
    return tuple(made)
