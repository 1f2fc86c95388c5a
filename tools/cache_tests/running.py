"""One run: the client under test on a runtime, with an engine and a store."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import anyio
import attrs

from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.store.sqlite import AsyncSQLiteStore
from twofold._sync.core.store.memory import MemoryStore
from twofold._sync.core.store.sqlite import SQLiteStore
from twofold.core.cache.settings import Cache

from ._async.playing import play_all as play_waiting
from ._sync.playing import play_all as play_blocking
from .results import Results
from .vectors import Vector

RUNTIMES = ("asyncio", "trio", "threads")

PATIENCE = 5.0  # seconds: so many clients on one file wait for each other


@attrs.frozen
class Run:
    """Where the server is, and what the client is made of."""

    base: str
    engine: str
    store: str

    def play(self, runtime: str, vectors: Sequence[Vector], cache: Cache | None) -> Results:
        """Play vectors on one runtime; the store begins empty."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "cache.db")
            facts = (vectors, self.base, self.engine, cache)
            if runtime == "threads":
                in_file = self.store == "sqlite"
                return play_blocking(
                    *facts, SQLiteStore(path, patience=PATIENCE) if in_file else MemoryStore()
                )
            return anyio.run(partial(play_waiting, *facts, self._waiting(path)), backend=runtime)

    def _waiting(self, path: Path) -> AsyncMemoryStore | AsyncSQLiteStore:
        if self.store == "sqlite":
            return AsyncSQLiteStore(path, patience=PATIENCE)
        return AsyncMemoryStore()
