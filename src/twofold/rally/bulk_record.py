"""A record of a bulk: what was done, and what may have been, for whoever goes on with it later.

Whoever hands it in keeps it, so it is there after Ctrl-C too; with a path it is in a file as well,
a line for each thing that is told, and survives the process.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from os import PathLike, fspath
from threading import Lock

import attrs

from ..errors import ArgumentError
from .bulk_file import BulkFile, ItemState, Job, Line, Told
from .ids import Located, identify
from .models import Reference, Ticket

IN_DOUBT = (ItemState.SENT, ItemState.UNKNOWN)


@attrs.frozen(kw_only=True)
class RecordedItem:
    """An item of a bulk, and what became of it."""

    index: int
    """The place of the item in the bulk, from 0."""
    name: str
    """The FormattedID, ObjectID or ref as it was given; of what is created its name."""
    state: ItemState = ItemState.NOT_STARTED
    ref: str | None = None
    """The ticket that was written to."""
    error: str | None = None
    """What went wrong; of what was done nevertheless, what the server remarked."""


class BulkRecord:
    """What became of each item of one bulk; given again to the same bulk, it goes on from there.

    What was done is not sent again, what failed or was not started is.  What was sent and not
    answered is sent again where twice is as good as once; a create is not: it is reported as
    OutcomeUnknownError until you have looked, and say so with `settle` or `clear`::

        record = BulkRecord("sprint-12.jsonl")
        rally.bulk_set_iteration(tickets, "Sprint 12", record=record)

    With a path it is read from there, if there is such a file, and written there line by line.  A
    file that is no record is an ArgumentError; what the system refuses is an OSError.  Names of
    items, refs and errors are written, and no secret.  One bulk uses it at a time, also if several
    processes name the same file: the others are refused, and later go on from where it ended.
    """

    def __init__(self, path: str | PathLike[str] | None = None) -> None:
        self._file = None if path is None else BulkFile(fspath(path))
        self._job: Job | None = None
        self._items: list[RecordedItem] = []
        self._is_in_use = False
        self._lock = Lock()
        if self._file is not None:
            self._learn(self._file.read())

    def __repr__(self) -> str:
        method = "nothing yet" if self._job is None else self._job.bulk
        return f"<BulkRecord of {method}: {len(self.done)} of {len(self._items)} done>"

    @property
    def items(self) -> tuple[RecordedItem, ...]:
        """Every item, in the order of the bulk; none before it has begun."""
        return tuple(self._items)

    @property
    def done(self) -> tuple[RecordedItem, ...]:
        return self._of(ItemState.DONE)

    @property
    def failed(self) -> tuple[RecordedItem, ...]:
        return self._of(ItemState.FAILED)

    @property
    def unknown(self) -> tuple[RecordedItem, ...]:
        """What may have been done or not."""
        return self._of(*IN_DOUBT)

    @property
    def not_started(self) -> tuple[RecordedItem, ...]:
        return self._of(ItemState.NOT_STARTED)

    def clear(self, *indexes: int) -> None:
        """Have items sent again of which nobody knew: you have looked, and they were not done.

        Without an index all of them.
        """
        chosen = indexes or tuple(item.index for item in self.unknown)
        self._decide(chosen, ItemState.NOT_STARTED, None)

    def settle(self, index: int, ticket: Ticket | Reference | str) -> None:
        """Take note that an item of which nobody knew was done: you found its ticket."""
        place = None
        with suppress(ArgumentError):
            place = identify(ticket, {})
        if not isinstance(place, Located):
            said = f"{ticket!r:.80} is neither a ticket nor the ref of one, such as /defect/123"
            raise ArgumentError(said)
        self._decide((index,), ItemState.DONE, place.ref)

    @contextmanager
    def kept(self, job: Job) -> Generator[None]:
        """Keep the record of one run of a bulk; that of another bulk is refused."""
        with self._opened():
            known = job if self._job is None else self._job
            if (known.bulk, known.digest) != (job.bulk, job.digest):
                raise ArgumentError(
                    f"this is the record of another bulk, a {known.bulk}: the method, its "
                    "arguments, its tickets or the server are not the same"
                )
            if self._job is None:
                self._write(job)
            yield

    def started(self, index: int) -> None:
        """Hear that an item is about to be sent."""
        self._write(Told(index, ItemState.SENT))

    def succeeded(self, index: int, ref: str | None, error: str | None = None) -> None:
        """Hear that an item was done, and what is wrong with it nevertheless."""
        self._write(Told(index, ItemState.DONE, ref, error))

    def missed(self, index: int, error: str, *, is_unknown: bool) -> None:
        """Hear that an item was not done, or that nobody knows."""
        state = ItemState.UNKNOWN if is_unknown else ItemState.FAILED
        self._write(Told(index, state, error=error))

    def _decide(self, indexes: Iterable[int], state: ItemState, ref: str | None) -> None:
        with self._opened():
            in_doubt = {item.index for item in self.unknown}
            for index in indexes:
                if index not in in_doubt:
                    raise ArgumentError(f"item {index} is none of those that nobody knows of")
                self._write(Told(index, state, ref))

    @contextmanager
    def _opened(self) -> Generator[None]:
        with self._lock:
            if self._is_in_use:
                raise ArgumentError("this record is in use by a bulk that is under way")
            self._is_in_use = True
        try:
            if self._file is not None:
                self._catch_up(self._file)
            yield
        finally:
            if self._file is not None:
                self._file.close()
            self._is_in_use = False

    def _write(self, line: Line) -> None:
        """Write a line before it counts: what is not in the file was not said."""
        with self._lock:
            if self._file is not None:
                self._file.append(line)
            self._take_in(line)

    def _catch_up(self, file: BulkFile) -> None:
        """Open the file, and learn what others wrote into it."""
        lines = file.open()
        if self._job is not None and not lines:
            raise ArgumentError("the file of this record is gone, or what was in it")
        self._learn(lines)

    def _learn(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self._take_in(line)

    def _take_in(self, line: Line) -> None:
        if isinstance(line, Job):
            self._job = line
            named = enumerate(line.items)
            self._items = [RecordedItem(index=index, name=name) for index, name in named]
            return
        self._items[line.item] = attrs.evolve(
            self._items[line.item], state=line.state, ref=line.ref, error=line.error
        )

    def _of(self, *states: ItemState) -> tuple[RecordedItem, ...]:
        return tuple(item for item in self._items if item.state in states)
