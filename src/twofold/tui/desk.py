"""The one task that owns the client: it opens it, does what it is asked, and closes it.

What is asked to be *read* is asked under a name: of the same name the latest wins, and the one
before is cancelled.  What is asked to be *written* names all that it writes to and waits for what
was asked before of any of it, so that nothing is ever written to twice at once; an edit that still
waits is replaced by a later one of its kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Generic, TypeAlias, TypeVar

import anyio
import anyio.abc
import attrs

from ..errors import TwofoldError
from ..events import Event
from ..rally import AsyncCachingRallyClient
from ..rally.freshness import Freshness

T = TypeVar("T")

Work: TypeAlias = Callable[[AsyncCachingRallyClient], Coroutine[Any, Any, T]]


def unknown() -> str:
    return "nobody knows whether it was done"


def given_up() -> str:
    return "given up"


@attrs.define
class Course:
    """How far something has come, in words."""

    said: str = ""


@attrs.frozen(eq=False)
class Job(Generic[T]):
    """Something that the client is to do, and who is told how it ended."""

    what: str
    """In words, for the status bar and for messages."""
    work: Work[T]
    done: Callable[[T], None]
    failed: Callable[[TwofoldError], None]
    kind: str = ""
    """Of two edits of one kind that wait, the later counts."""
    course: Course = attrs.field(factory=Course)
    left: Callable[[], str] = unknown
    """Says what has become of it if it is given up while it is done."""

    async def run(self, client: AsyncCachingRallyClient) -> None:
        try:
            value = await self.work(client)
        except TwofoldError as error:
            self.failed(error)
        else:
            self.done(value)


@attrs.define(eq=False)
class Write:
    """A job that stands in line."""

    names: frozenset[str]
    job: Job[Any]
    has_begun: bool = False

    @property
    def left(self) -> str:
        """What has become of it if it is given up now."""
        return f"{self.job.what}: {self.job.left() if self.has_begun else 'not begun'}"


@attrs.define(eq=False)
class Desk:
    """Where the application hands in what is to be done."""

    open: Callable[[], AsyncCachingRallyClient]
    changed: Callable[[], None]
    """Called when something begins or ends."""
    heard: Callable[[Event], None]
    """Told of all that the client does."""
    under_way: list[Job[Any]] = attrs.field(factory=list["Job[Any]"], init=False)
    """What is being done; what began last is last."""
    _tasks: anyio.abc.TaskGroup | None = attrs.field(default=None, init=False)
    _client: AsyncCachingRallyClient | None = attrs.field(default=None, init=False)
    _reads: dict[str, anyio.CancelScope] = attrs.field(
        factory=dict[str, anyio.CancelScope], init=False
    )
    _writes: list[Write] = attrs.field(factory=list[Write], init=False)
    """What was asked to be written and is not done, in the order in which it was asked."""

    async def run(self, begin: Callable[[], None]) -> None:
        """Own the client until cancelled; `begin` is called once it may be asked."""
        async with self.open() as client, anyio.create_task_group() as tasks:
            self._client, self._tasks = client, tasks
            client.listeners.add(self.heard)
            try:
                begin()
                await anyio.sleep(math.inf)
            finally:
                self._client = self._tasks = None
                self._writes.clear()

    @property
    def freshness(self) -> Freshness | None:
        """How current what was read last is; None: there is no client yet, or no more."""
        return None if self._client is None else self._client.freshness

    def read(self, name: str, job: Job[T]) -> None:
        """Read something; what was asked under this name before is given up."""
        self.give_up(name)
        self._start(self._read, name, job)

    def give_up(self, name: str) -> bool:
        """Cancel a read; tell whether there was one."""
        scope = self._reads.pop(name, None)
        if scope is not None:
            scope.cancel()
        return scope is not None

    def write(self, names: Iterable[str], job: Job[T]) -> None:
        """Write to what is named, after all that was asked before to be written to any of it."""
        write = Write(frozenset(names), job)
        self._writes = [each for each in self._writes if not self._is_replaced(each, write)]
        self._writes.append(write)
        self._begin_writes()

    def _is_replaced(self, before: Write, write: Write) -> bool:
        if before.has_begun or not write.job.kind or before.job.kind != write.job.kind:
            return False
        after = self._writes[self._writes.index(before) + 1 :]
        return before.names == write.names and not any(each.names & write.names for each in after)

    @property
    def doing(self) -> str:
        """What is being done, in words: what began last, and how much else."""
        last = [f"{job.what} {job.course.said}".strip() for job in self.under_way[-1:]]
        more = f"and {len(self.under_way) - 1} more" if self.under_way[1:] else ""
        wait = f"({self.waiting} wait)" if self.waiting else ""
        return " ".join(filter(None, [*last, more, wait]))

    @property
    def waiting(self) -> int:
        """How many writes wait for others."""
        return sum(not each.has_begun for each in self._writes)

    @property
    def unfinished(self) -> list[str]:
        """What was asked to be written and is not done, and what is known of each."""
        return [each.left for each in self._writes]

    def _begin_writes(self) -> None:
        taken: set[str] = set()
        for each in self._writes:
            if not each.has_begun and taken.isdisjoint(each.names) and self._tasks is not None:
                each.has_begun = True
                self._start(self._write, each)
            taken |= each.names

    def _start(self, act: Callable[..., Coroutine[Any, Any, None]], *args: object) -> None:
        if self._tasks is not None:
            self._tasks.start_soon(act, *args)

    async def _read(self, name: str, job: Job[Any]) -> None:
        with anyio.CancelScope() as scope:
            self.give_up(name)
            self._reads[name] = scope
            try:
                await self._do(job)
            finally:
                if self._reads.get(name) is scope:
                    del self._reads[name]

    async def _write(self, write: Write) -> None:
        try:
            await self._do(write.job)
        finally:
            if write in self._writes:
                self._writes.remove(write)
        self._begin_writes()

    async def _do(self, job: Job[Any]) -> None:
        if self._client is None:
            return
        self.under_way.append(job)
        self.changed()
        try:
            await job.run(self._client)
        finally:
            self.under_way.remove(job)
            self.changed()
