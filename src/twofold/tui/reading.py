"""What the application reads of the server, and when: nobody waits for it.

Each type of tickets is read by itself, so that none waits for another, nor goes with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.lowlevel

from ..errors import TwofoldError
from ..progress import Progress, ProgressCallback
from ..rally import AsyncCachingRallyClient, Ticket, User
from ..rally.kinds import Kind
from .desk import Course, Job, Work
from .fetching import anew, first_page, iterations, kept, who
from .panels import explained, of_connection
from .views import Span, many

if TYPE_CHECKING:
    from .app import RallyApp

T = TypeVar("T")

UNREACHED = "the server could not be reached"


class Reading:
    """Reads for one application."""

    def __init__(self, app: RallyApp, kinds: Sequence[Kind]) -> None:
        self._app = app
        self._kinds = kinds
        self._complete: set[Kind] = set()
        """Of which every ticket was read."""
        self._pending: set[Kind] = set()
        """Of which every ticket is being read."""
        self._replacing = anyio.Lock()
        self.is_looking_what_is_kept = False
        """Whether the client is offline only for that."""
        self.trouble = ""
        """Why something could not be read; empty: it could, or is being read again."""
        self._said: set[str] = set()
        """Of what was said already that it went wrong, since all was read anew."""

    @property
    def is_reading(self) -> bool:
        """Whether all tickets of some type are being read."""
        return bool(self._pending)

    def begin(self) -> None:
        """Show what is kept, however old it is; then read what there is now."""
        self.is_looking_what_is_kept = True
        job = Job("looking what is kept", self._kept, self._read_all, self._read_all)
        self._app.desk.read("kept", job)

    async def _kept(self, client: AsyncCachingRallyClient) -> None:
        for kind, tickets in await kept(self._kinds, client):
            await self._replace(kind, tickets)

    def _read_all(self, _: object = None) -> None:
        self.is_looking_what_is_kept = False
        self._read_first(self._kinds)
        self._read("me", "reading who you are", who, self._me)
        self._read("iterations", "reading iterations", iterations, self._iterations)
        self._read_every(self._kinds)

    def _read_first(self, kinds: Iterable[Kind]) -> None:
        """Read what changed last of each type, before and beside everything."""
        for kind in kinds:
            if kind not in self._complete:
                what, work = f"reading the first {many(kind.path)}", partial(first_page, kind)
                self._read(f"first {kind.path}", what, work, partial(self._first, kind))

    def _read_every(self, kinds: Iterable[Kind]) -> None:
        """Read everything: what is kept is shown at once, and asked for anew behind."""
        for kind in kinds:
            self._pending.add(kind)
            self._app.desk.read(f"all {kind.path}", self._job(kind))

    def _job(self, kind: Kind) -> Job[None]:
        course = Course()

        def come(progress: Progress) -> None:
            course.said = f"{progress.done:,} of {progress.total:,}" if progress.total else ""
            self._app.tell()

        return Job(
            f"reading {many(kind.path)}",
            partial(self._everything, kind, come),
            partial(self._every, kind),
            partial(self._failed_of, kind),
            course=course,
        )

    def _read(self, name: str, what: str, work: Work[T], done: Callable[[T], None]) -> None:
        self._app.desk.read(name, Job(what, work, done, self._failed))

    def again(self) -> None:
        """Read every ticket; what is kept and believed is not asked for."""
        self._read_every(self._kinds)

    def refresh(self) -> None:
        """Read everything, and believe nothing that is kept."""
        self.trouble = ""
        self._said.clear()
        self._read("anew", "refreshing", anew, self._anew)

    def read_kinds(self, kinds: Sequence[Kind]) -> None:
        """Read these types from now on; those that were not read are read now."""
        gone = [kind for kind in self._kinds if kind not in kinds]
        new = [kind for kind in kinds if kind not in self._kinds]
        self._kinds = kinds
        for kind in gone:
            self._complete.discard(kind)
            self._app.desk.give_up(f"first {kind.path}")
            what, work = f"leaving out {many(kind.path)}", partial(self._forget, kind)
            self._read(f"all {kind.path}", what, work, partial(self._ended, kind))
        self._read_first(new)
        self._read_every(new)

    def _first(self, kind: Kind, tickets: Sequence[Ticket]) -> None:
        if kind not in self._complete and kind in self._kinds:
            self._app.board.put(*tickets)
            self._app.draw()

    async def _everything(
        self, kind: Kind, come: ProgressCallback, client: AsyncCachingRallyClient
    ) -> None:
        await self._replace(kind, await client.get_tickets(kind.path, progress=come))

    async def _forget(self, kind: Kind, _: AsyncCachingRallyClient) -> None:
        await self._replace(kind, ())

    async def _replace(self, kind: Kind, tickets: Sequence[Ticket]) -> None:
        """Take the tickets of a type for all there are, a slice at a time: a key comes between."""
        async with self._replacing:
            for _ in self._app.board.replacing(tickets, kind):
                await anyio.lowlevel.checkpoint()
            self._app.draw()

    def _every(self, kind: Kind, _: None) -> None:
        self._complete.add(kind)
        self._said.discard(UNREACHED)
        self._app.desk.give_up(f"first {kind.path}")
        self._ended(kind)

    def _failed_of(self, kind: Kind, error: TwofoldError) -> None:
        self._ended(kind)
        self._failed(error)

    def _ended(self, kind: Kind, _: None = None) -> None:
        self._pending.discard(kind)
        if not self._pending:
            self._app.settled()

    def _anew(self, _: None) -> None:
        """Read again what is shown beside the tickets too, when the cursor comes to it."""
        self._app.board.believe()
        self._app.showing.doubt_all()
        self._read_all()
        self._app.looking.look_at(self._app.list.ticket)

    def _me(self, user: User) -> None:
        self._app.board.me = user.ref
        self._app.draw()

    def _iterations(self, found: dict[str, Span]) -> None:
        self._app.board.spans = found
        self._app.draw()

    def _failed(self, error: TwofoldError) -> None:
        """Say what went wrong, once: if one read cannot reach the server, nor can the others."""
        self.trouble = explained(error)
        cause = UNREACHED if of_connection(error) else self.trouble
        if cause not in self._said:
            self._said.add(cause)
            self._app.notify(self.trouble, severity="error", timeout=15, markup=False)
