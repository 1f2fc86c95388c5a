"""The steps of a store in a file, each a transaction: atomic for every process that has it open.

It knows neither threads nor what to do when the file fails: that is `cache_file`'s part.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from ..policy.lease import Claim, Tokens
from . import schema
from .codes import is_busy
from .entry import MOST_VARIANTS, Entry, Usage, decode, encode
from .lru import LARGEST
from .rates import lease
from .removal import REMEMBERED, Kind, Removal

EPOCH = 32
"""Bits of a stamp that count removals; those above say which file."""

MANY_USES = 256
"""Uses that are noted in memory before they are written down, so that finding mostly reads."""


class DamagedError(Exception):
    """Entries could not be read back as they were written; they are taken out."""


class Rows:
    """What one connection does; whoever has it lets one thread in at a time."""

    def __init__(self, connection: sqlite3.Connection, most: int) -> None:
        self._connection = connection
        self._most = most
        self._uses: dict[int, None] = {}
        self._has_rates = False
        self.evicted = 0

    def find(self, key: str) -> tuple[Entry, ...]:
        found: list[Entry] = []
        damaged: list[int] = []
        for number, head, body in self._connection.execute(schema.FIND, (key,)).fetchall():
            try:
                found.append(decode(head, body))
            except (ValueError, TypeError):
                damaged.append(number)
            else:
                self._uses.pop(number, None)
                self._uses[number] = None
        if damaged:
            self._drop(damaged)
            raise DamagedError(f"{len(damaged)} entries were damaged, and were taken out")
        if len(self._uses) >= MANY_USES:
            self.note_uses()
        return tuple(found)

    def stamp(self) -> int:
        epoch, generation, *_ = self._state()
        return epoch << EPOCH | generation

    def put(self, entry: Entry, stamp: int) -> None:
        head, body = encode(entry)
        with self._transaction():
            if self._admits(entry, stamp):
                self._connection.execute(schema.REPLACE, (entry.key, entry.variant))
                if entry.size <= self._most // LARGEST:
                    self._add(entry, head, body)
                    self._make_room(entry.key)

    def remove(self, removals: Sequence[Removal]) -> None:
        with self._transaction():
            for removal in removals:
                _, generation, *_ = self._state()
                generation += 1
                self._connection.execute(schema.COUNTED, (generation,))
                self._connection.execute(schema.FORGOTTEN, (generation - REMEMBERED,))
                self._connection.execute(
                    schema.REMOVED,
                    (generation, removal.kind.value, removal.partition, removal.subject),
                )
                self._connection.execute(*statement(removal))

    def usage(self) -> Usage:
        *_, entries, size = self._state()
        return Usage(entries, size, self.evicted)

    def lease(self, claim: Claim, clock: Callable[[], float]) -> Tokens:
        with self._transaction():
            if not self._has_rates:
                self._connection.execute(schema.RATES)
            tokens = lease(self._connection, claim, clock())
        self._has_rates = True
        return tokens

    def note_uses(self) -> None:
        """Write down what was used; if another process is writing, forget it instead."""
        try:
            with self._transaction():
                self._tick()
        except sqlite3.OperationalError as error:
            self._uses.clear()
            if not is_busy(error):
                raise

    def close(self) -> None:
        self._connection.close()

    def _state(self) -> tuple[int, int, int, int, int]:
        row: tuple[int, int, int, int, int] = self._connection.execute(schema.STATE).fetchone()
        return row

    def _admits(self, entry: Entry, stamp: int) -> bool:
        """Tell whether nothing since the stamp has taken out this entry, as far as is known."""
        epoch, generation, *_ = self._state()
        since = generation - (stamp & ((1 << EPOCH) - 1))
        if stamp >> EPOCH != epoch or not 0 <= since <= REMEMBERED:
            return False
        removals = self._connection.execute(schema.SINCE, (generation - since,))
        return not any(
            Removal(Kind(kind), partition, subject).concerns(entry)
            for kind, partition, subject in removals
        )

    def _add(self, entry: Entry, head: bytes, body: bytes) -> None:
        row = (entry.key, entry.variant, entry.partition, entry.url, entry.size)
        added = self._connection.execute(schema.ADD, (*row, self._tick(), head, body))
        self._connection.executemany(
            schema.TAG, [(entry.partition, tag, added.lastrowid) for tag in entry.tags]
        )

    def _tick(self) -> int:
        """Write down what was used, in the order it was, and return the next place in it.

        A count, not a clock: clocks jump, and processes see one count.
        """
        _, _, ticks, *_ = self._state()
        uses = list(self._uses)
        self._uses.clear()
        self._connection.executemany(
            schema.USED, [(ticks + place, number) for place, number in enumerate(uses, 1)]
        )
        ticks += len(uses) + 1
        self._connection.execute(schema.TICKED, (ticks,))
        return ticks

    def _make_room(self, key: str) -> None:
        surplus = self._connection.execute(schema.SURPLUS, (key, MOST_VARIANTS)).fetchall()
        gone = [number for (number,) in surplus]
        self._delete(gone)
        *_, held = self._state()
        if held > self._most:
            least_recent = self._connection.execute(schema.LEAST_RECENT)
            for number, size in least_recent:
                if held <= self._most:
                    break
                gone.append(number)
                held -= size
            least_recent.close()
            self._delete(gone)
        self.evicted += len(gone)

    def _delete(self, numbers: Sequence[int]) -> None:
        self._connection.executemany(schema.DROP, [(number,) for number in numbers])

    def _drop(self, numbers: Sequence[int]) -> None:
        with self._transaction():
            self._delete(numbers)

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # a full disk has ended it already
                self._connection.execute("ROLLBACK")
            raise


def statement(removal: Removal) -> tuple[str, tuple[str, ...]]:
    """Return what takes out the entries of a removal."""
    match removal.kind:
        case Kind.ALL:
            return schema.REMOVE_ALL, ()
        case Kind.PARTITION:
            return schema.REMOVE_PARTITION, (removal.partition,)
        case Kind.KEY:
            return schema.REMOVE_KEY, (removal.subject,)
        case Kind.TAG:
            return schema.REMOVE_TAG, (removal.partition, removal.subject)
        case Kind.PREFIX:
            end = following(removal.subject)
            if end is None:
                return schema.REMOVE_FROM, (removal.partition, removal.subject)
            return schema.REMOVE_PREFIX, (removal.partition, removal.subject, end)


def following(prefix: str) -> str | None:
    """Return the least text above all that begin so; None: there is none.

    SQLite compares UTF-8 by byte, which is the order of code points.
    """
    kept = prefix.rstrip(chr(sys.maxunicode))
    if not kept:
        return None
    last = ord(kept[-1]) + 1
    # Surrogates are no text: what follows them is next.
    return kept[:-1] + chr(0xE000 if 0xD800 <= last < 0xE000 else last)
