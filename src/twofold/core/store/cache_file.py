"""A store in a file that several processes may share: opened when needed, and never trusted."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TypeVar

from ...errors import StoreError
from ..forks import renewed_in_child
from ..policy.checks import seconds, whole
from ..policy.lease import Claim, Tokens
from .codes import is_busy, is_corrupt
from .entry import Entry, Usage
from .opening import Identity, identity, opened, set_aside
from .removal import REMEMBERED, Kind, Removal
from .rows import DamagedError, Rows

T = TypeVar("T")

# Connections of a parent process: closing one in its child would let go of the parent's locks.
_inherited: list[Rows] = []


class CacheFile:
    """Does each step on one connection, one thread at a time; safe to share between threads.

    Whatever fails is a StoreError: `transient` if another process merely holds the file.  After
    any other failure the file is opened again with the next step; a corrupt one is set aside, and
    a new one begun.  What could not be taken out is owed: until it is, nothing is found.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        most: int,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would touch the disk
        self._most = whole("most", most, 1)
        self._patience = seconds("patience", patience)
        self._clock = clock
        self._lock = Lock()
        self._rows: Rows | None = None
        self._opened: Identity = (None, None)
        self._evicted = 0
        self._owed: list[Removal] = []
        renewed_in_child(self)

    def renew(self) -> None:
        """Begin anew in a forked child: SQLite forbids to carry a connection over."""
        self._lock = Lock()
        if self._rows is not None:
            _inherited.append(self._rows)
            self._rows = None

    def find(self, key: str) -> tuple[Entry, ...]:
        return self._step(lambda rows: rows.find(key))

    def stamp(self) -> int:
        return self._step(Rows.stamp)

    def put(self, entry: Entry, stamp: int) -> None:
        self._step(lambda rows: rows.put(entry, stamp))

    def usage(self) -> Usage:
        used = self._step(Rows.usage)
        return Usage(used.entries, used.bytes, used.evicted + self._evicted)

    def lease(self, claim: Claim) -> Tokens:
        """Grant tokens of a rate that processes share, by the clock that all of a machine have."""
        return self._step(lambda rows: rows.lease(claim, self._clock))

    def owe(self, removal: Removal) -> None:
        """Take note of what is to be taken out, by the next step at the latest."""
        if len(self._owed) >= REMEMBERED:
            self._owed[:] = [Removal(Kind.ALL)]
        self._owed.append(removal)

    def settle(self) -> None:
        """Take out what is owed."""
        self._step(lambda rows: None)  # noqa: ARG005 - every step begins with what is owed

    def close(self) -> None:
        """Close the file; the next step opens it again.  One that is busy is closed later."""
        if self._lock.acquire(timeout=self._patience):
            try:
                self._part()
            finally:
                self._lock.release()

    def _step(self, step: Callable[[Rows], T]) -> T:
        with self._turn(), self._failing():
            rows = self._ready()
            if self._owed:
                owed = tuple(self._owed)
                rows.remove(owed)
                del self._owed[: len(owed)]
            return step(rows)

    @contextmanager
    def _turn(self) -> Generator[None]:
        # Each of those before us may wait that long for the file: whoever is far behind gives up.
        if not self._lock.acquire(timeout=2 * self._patience):
            raise StoreError(f"{self.path} is busy", transient=True)
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _failing(self) -> Generator[None]:
        try:
            yield
        except (DamagedError, sqlite3.Error, OSError, ValueError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> StoreError:
        said = f"the store {self.path} failed: {error}"
        if isinstance(error, DamagedError | UnicodeError):
            return StoreError(said, transient=True)
        if isinstance(error, sqlite3.Error) and is_busy(error):
            return StoreError(said, transient=True)
        self._close()
        corrupt = isinstance(error, sqlite3.Error) and is_corrupt(error)
        if corrupt and set_aside(self.path, self._opened):
            return StoreError(f"{said}; it was set aside, and a new one is begun", transient=True)
        return StoreError(said)

    def _ready(self) -> Rows:
        """Return the rows of the file that is there now, opening it if need be."""
        if self._rows is not None and identity(self.path) != self._opened:
            self._close()
        if self._rows is None:
            self._opened = identity(self.path)
            connection = opened(self.path, self._patience)
            self._opened = identity(self.path)
            self._rows = Rows(connection, self._most)
        return self._rows

    def _part(self) -> None:
        if self._rows is not None:
            with suppress(sqlite3.Error):  # what was used is of interest, but not of importance
                self._rows.note_uses()
        self._close()

    def _close(self) -> None:
        rows, self._rows = self._rows, None
        if rows is not None:
            self._evicted += rows.evicted
            with suppress(sqlite3.Error):  # it could not be written any more: it is only a cache
                rows.close()
