"""What a hit costs: along the whole line, out of memory and out of a file, beside hishel."""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import hishel
import httpx
from hishel.httpx import CacheTransport

from twofold._async.core.client import AsyncClient
from twofold._async.core.store.sqlite import AsyncSQLiteStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._sync.core.client import Client
from twofold._sync.core.store.sqlite import SQLiteStore
from twofold._sync.core.transport import in_process as blocking
from twofold.core.cache.settings import Cache
from twofold.core.policy.limits import Limits
from twofold.core.request import Endpoint, Operation, Request

from .measuring import Row, at_most, interleaved, medians, on

CALLS = 2_000
BODY = b"x" * 1024
FIELDS = (
    ("Date", "Fri, 31 Dec 9999 23:59:59 GMT"),
    ("Content-Type", "application/json"),
    ("Cache-Control", "private, max-age=86400"),
    ("ETag", '"a-tag-of-some-length"'),
    ("Vary", "Accept"),
    ("X-Request-Id", "5f2c0e4e"),
)
LOOK = Operation(Endpoint("bench.look", "GET", "/thing", lambda reply: reply.status), "/thing")


@attrs.frozen
class Answered:
    status: int = 200
    headers: tuple[tuple[str, str], ...] = FIELDS
    body: bytes = BODY
    after: float = 0.0
    cut: None = None


class Origin:
    """Answers at once; after the first time nobody asks it."""

    def answer(self, request: Request, now: float) -> Answered:
        return Answered()

    def left(self, answer: object, now: float) -> None:
        """Nobody does."""


async def hits(store: AsyncSQLiteStore | None) -> float:
    kept: Any = {} if store is None else {"store": store}
    client = AsyncClient(
        "https://api.example",
        transport=InProcessTransport(Origin()),
        limits=Limits(),
        cache=Cache(),
        **kept,
    )
    await client.send(LOOK)
    began = time.process_time()
    for _ in range(CALLS):
        await client.send(LOOK)
    taken = (time.process_time() - began) / CALLS * 1e6
    check((await client.cache.statistics()).fresh >= CALLS)
    return taken


def blocking_hits(store: SQLiteStore | None) -> float:
    kept: Any = {} if store is None else {"store": store}
    client = Client(
        "https://api.example",
        transport=blocking.InProcessTransport(Origin()),
        limits=Limits(),
        cache=Cache(),
        **kept,
    )
    client.send(LOOK)
    began = time.process_time()
    for _ in range(CALLS):
        client.send(LOOK)
    taken = (time.process_time() - began) / CALLS * 1e6
    check(client.cache.statistics().fresh >= CALLS)
    return taken


def check(are_hits: bool) -> None:
    if not are_hits:
        raise RuntimeError("what was measured were no hits")


class InMemory(hishel.BaseStorage):
    """A dictionary for hishel, which has no store in memory of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[str, dict[uuid.UUID, tuple[hishel.Entry, bytes]]] = {}

    def create_entry(self, request: Any, response: Any, key: str, **limits: Any) -> hishel.Entry:
        body = b"".join(response.stream)
        response.stream = iter([body])
        entry = hishel.Entry(uuid.uuid4(), request, response)
        self._kept.setdefault(key, {})[entry.id] = (entry, body)
        return entry

    def get_entries(self, key: str) -> list[hishel.Entry]:
        found: list[hishel.Entry] = []
        for entry, body in self._kept.get(key, {}).values():
            response = hishel.Response(
                entry.response.status_code, entry.response.headers, iter([body])
            )
            found.append(hishel.Entry(entry.id, entry.request, response))
        return found

    def update_headers(self, id: uuid.UUID, headers: Any) -> None:
        """Nothing is ever stale here."""

    def remove_entry(self, id: uuid.UUID) -> None:
        """Nothing is ever written here."""


def hishels(store: hishel.BaseStorage) -> float:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=FIELDS, content=BODY)

    transport = CacheTransport(
        httpx.MockTransport(answer), store, hishel.CacheOptions(shared=False)
    )
    with httpx.Client(transport=transport) as client:
        client.get("https://api.example/thing")
        began = time.process_time()
        for _ in range(CALLS - 1):
            client.get("https://api.example/thing")
        reply = client.get("https://api.example/thing")
        taken = (time.process_time() - began) / CALLS * 1e6
        check(reply.extensions["caching"]["from_cache"])
    return taken


def rows(rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return measured(rounds, Path(folder))


def measured(rounds: int, folder: Path) -> list[Row]:
    ours, theirs = folder / "ours.db", folder / "theirs.db"
    contenders: dict[str, Callable[[], float]] = {
        "asyncio": on("asyncio", hits, None),
        "trio": on("trio", hits, None),
        "blocking": lambda: blocking_hits(None),
        "hishel": lambda: hishels(InMemory()),
        "asyncio, SQLite": on("asyncio", hits, AsyncSQLiteStore(ours)),
        "blocking, SQLite": lambda: blocking_hits(SQLiteStore(ours)),
        "hishel, SQLite": lambda: hishels(hishel.SqliteStorage(database_path=theirs)),
    }
    figures = medians(interleaved(contenders, rounds))
    return [
        *(
            at_most(
                f"{runtime}: a hit in memory, along the whole line", figures[runtime], "us CPU", 30
            )
            for runtime in ("asyncio", "trio", "blocking")
        ),
        Row(
            "hishel over httpx, blocking, a dictionary as its store",
            f"{figures['hishel']:.3g} us CPU",
        ),
        Row(
            "hishel / ours, blocking, in memory", f"{figures['hishel'] / figures['blocking']:.3g}x"
        ),
        *(
            Row(f"{name}: a hit", f"{figures[name]:.3g} us CPU")
            for name in ("asyncio, SQLite", "blocking, SQLite", "hishel, SQLite")
        ),
        Row(
            "hishel / ours, blocking, in SQLite",
            f"{figures['hishel, SQLite'] / figures['blocking, SQLite']:.3g}x",
        ),
    ]
