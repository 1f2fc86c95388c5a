"""The tasks of a client: which there are, what became of them, which may begin.

Nothing runs and nothing waits here: who runs a task says when it begins and how it ends, and
whoever waits for its end leaves word where it waits.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from ..errors import ConflictError, NotEnteredError, NotFoundError
from .forks import renewed_in_child
from .policy.slots import Place
from .task import Background, Block, Record, TaskState

T = TypeVar("T")


class TaskTable:
    """The tasks of one client, in any of its blocks; safe to share between threads and loops."""

    def __init__(self, settings: Background, clock: Callable[[], float]) -> None:
        self.settings = settings
        self._clock = clock
        self._numbers = itertools.count(1)
        self._live: dict[int, Record[Any]] = {}
        self._ended: dict[int, Record[Any]] = {}
        self._named: dict[str, Record[Any]] = {}
        self._blocks: weakref.WeakKeyDictionary[object, Block] = weakref.WeakKeyDictionary()
        self._lock = Lock()
        renewed_in_child(self)

    def renew(self) -> None:
        """Begin anew in a forked child: it has none of the tasks, only what is known of them."""
        self._lock = Lock()
        self._blocks = weakref.WeakKeyDictionary()
        for record in list(self._live.values()):
            record.waiting.clear()
            self._end(record)

    # Blocks

    def open(self, home: object, begin: Callable[[Record[Any]], None]) -> Block:
        """Begin a block: tasks are accepted from its home, an event loop or all threads."""
        with self._lock:
            if home in self._blocks:
                raise RuntimeError("this client is entered already: use it inside its `with` block")
            self._blocks[home] = block = Block(begin)
            return block

    def close(self, block: Block) -> None:
        """Accept no more tasks; those that are there go on."""
        with self._lock:
            block.accepts = False

    def dismiss(self, home: object, block: Block) -> None:
        """End a block: what has not begun never will."""
        with self._lock:
            self._blocks.pop(home, None)
            block.accepts = False
            dropped = [record for record in self._live.values() if record.block is block]
            for record in dropped:
                record.is_unwanted = True
            places = [place for record in block.pending for place in self._end(record)]
            block.pending.clear()
        wake(places)

    # Tasks

    def add(
        self, home: object, call: Callable[[], Any], name: str | None, *, is_quiet: bool = False
    ) -> tuple[Record[Any], bool]:
        """Take a task on; tell whether it is to begin now, or when another one ends."""
        with self._lock:
            self._forget_old()
            block = self._accepting(home)
            number = next(self._numbers)
            name = f"task-{number}" if name is None else name
            if name in self._named and not self._named[name].state.is_final:
                raise ConflictError(f"a task named {name!r} has not ended yet")
            record = Record[Any](number, name, call, block, is_quiet, self._clock())
            self._live[number] = record
            if not is_quiet:
                self._named[name] = record
            return record, self._has_room_for(record)

    def _accepting(self, home: object) -> Block:
        block = self._blocks.get(home)
        if block is None:
            where = " here: its block is in another event loop" if self._blocks else ""
            raise NotEnteredError(
                f"a task needs the client to be entered{where}; use the client in a `with` block"
            )
        if not block.accepts:
            raise NotEnteredError("the client's `with` block is being left: no task can be started")
        return block

    def _has_room_for(self, record: Record[Any]) -> bool:
        most, block = self.settings.concurrency, record.block
        if record.is_quiet:
            return True
        if most is not None and block.begun >= most:
            block.pending.append(record)
            return False
        block.begun += 1
        return True

    def run(self, record: Record[Any], cancel: Callable[[], object]) -> bool:
        """Take note that a task runs, and how it is cancelled; False: nobody wants it any more."""
        with self._lock:
            if record.is_unwanted:
                return False
            record.state, record.started, record.cancel = TaskState.RUNNING, self._clock(), cancel
            return True

    def complete(self, record: Record[T], value: T) -> None:
        record.value = value
        self._settle(record, TaskState.COMPLETED)

    def fail(self, record: Record[Any], error: BaseException) -> None:
        record.error = error
        self._settle(record, TaskState.FAILED)

    def _settle(self, record: Record[Any], state: TaskState) -> None:
        with self._lock:
            record.state = state
            places = self._end(record)
        wake(places)

    def left(self, record: Record[Any]) -> Record[Any] | None:
        """Take note that a task is gone, cancelled unless it ended otherwise; return the next."""
        with self._lock:
            places = self._end(record)
            block = record.block
            if record.is_quiet:
                following = None
            elif block.pending:
                following = block.pending.popleft()  # its room goes on to the next
            else:
                following = None
                block.begun -= 1
        wake(places)
        return following

    def drop(self, record: Record[Any]) -> None:
        """Forget a task that could not begin, as if it had never been."""
        self.left(record)
        with self._lock:
            self._forget(record)

    def unwant(self, record: Record[Any]) -> Callable[[], object] | None:
        """Cancel a task: at once if it has not begun; else return what interrupts it."""
        with self._lock:
            if record.state.is_final:
                return None
            record.is_unwanted = True
            if record not in record.block.pending:
                return record.cancel
            record.block.pending.remove(record)
            places = self._end(record)
        wake(places)
        return None

    def _end(self, record: Record[Any]) -> list[Place]:
        """Make the state final, once; return who must be told.  The lock is held."""
        if self._live.pop(record.id, None) is None:
            return []
        if not record.state.is_final:
            record.state = TaskState.CANCELLED
        record.ended = self._clock()
        record.cancel = None
        if not record.is_quiet:
            self._ended[record.id] = record
            self._forget_old()
        places, record.waiting = record.waiting, []
        return places

    # Questions

    def find(self, which: int | str) -> Record[Any]:
        """Return a task by its number, or the last one of a name."""
        with self._lock:
            self._forget_old()
            if isinstance(which, str):
                found = self._named.get(which)
            else:
                found = self._live.get(which, self._ended.get(which))
            if found is None or found.is_quiet:
                raise NotFoundError(f"there is no task {which!r}, or it ended and was forgotten")
            return found

    def all(self) -> list[Record[Any]]:
        """Return every task that is known, oldest first."""
        with self._lock:
            self._forget_old()
            known = [*self._ended.values(), *self._live.values()]
        return sorted((one for one in known if not one.is_quiet), key=lambda one: one.id)

    def oldest(self, block: Block | None = None) -> Record[Any] | None:
        """Return a task that has not ended, of a block or at all; None: all have."""
        with self._lock:
            mine = (one for one in self._live.values() if block is None or one.block is block)
            return next(mine, None)

    def watch(self, record: Record[Any], place: Place) -> bool:
        """Leave word to be woken at the end of a task; False: it has ended."""
        with self._lock:
            if not record.state.is_final:
                record.waiting.append(place)
            return not record.state.is_final

    def unwatch(self, record: Record[Any], place: Place) -> None:
        with self._lock:
            if place in record.waiting:
                record.waiting.remove(place)

    def _forget_old(self) -> None:
        since = self._clock() - self.settings.kept_for
        for record in list(self._ended.values()):
            too_many = len(self._ended) > self.settings.kept
            if not too_many and (record.ended is None or record.ended > since):
                return  # they stand in the order in which they ended
            self._forget(record)

    def _forget(self, record: Record[Any]) -> None:
        self._ended.pop(record.id, None)
        if self._named.get(record.name) is record:
            del self._named[record.name]


def wake(places: list[Place]) -> None:
    for place in places:
        place.wake()
