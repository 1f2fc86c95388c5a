"""What a batch adds to each of its items, and what a stream holds in memory."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from collections.abc import Iterator
from functools import partial

import aiometer

from twofold._async.core.batch import map_all as wait_for_all
from twofold._async.core.batch import map_stream as wait_for_stream
from twofold._sync.core.batch import map_all, map_stream

from .measuring import Row, at_most, interleaved, medians, on

ITEMS = 20_000


async def nothing(item: int) -> int:
    return item


def nothing_at_all(item: int) -> int:
    return item


async def batch() -> float:
    began = time.perf_counter()
    await wait_for_all(nothing, range(ITEMS), workers=8)
    return (time.perf_counter() - began) / ITEMS * 1e6


async def stream() -> float:
    began = time.perf_counter()
    async with wait_for_stream(nothing, range(ITEMS), workers=8) as outcomes:
        async for _ in outcomes:
            pass
    return (time.perf_counter() - began) / ITEMS * 1e6


async def gathered() -> float:
    slots = asyncio.Semaphore(8)

    async def one(item: int) -> int:
        async with slots:
            return await nothing(item)

    began = time.perf_counter()
    await asyncio.gather(*(one(item) for item in range(ITEMS)))
    return (time.perf_counter() - began) / ITEMS * 1e6


async def metered() -> float:
    began = time.perf_counter()
    await aiometer.run_all([partial(nothing, item) for item in range(ITEMS)], max_at_once=8)
    return (time.perf_counter() - began) / ITEMS * 1e6


def blocking_batch() -> float:
    began = time.perf_counter()
    map_all(nothing_at_all, range(ITEMS), workers=8)
    return (time.perf_counter() - began) / ITEMS * 1e6


def blocking_stream() -> float:
    began = time.perf_counter()
    with map_stream(nothing_at_all, range(ITEMS), workers=8) as outcomes:
        for _ in outcomes:
            pass
    return (time.perf_counter() - began) / ITEMS * 1e6


async def memory() -> float:
    def lazily() -> Iterator[bytes]:
        return (bytes(1000) for _ in range(ITEMS))

    async def length(item: bytes) -> int:
        return len(item)

    tracemalloc.start()
    try:
        async with wait_for_stream(length, lazily(), workers=8) as outcomes:
            async for _ in outcomes:
                pass
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def rows(rounds: int) -> list[Row]:
    figures = medians(
        interleaved(
            {
                "asyncio": on("asyncio", batch),
                "trio": on("trio", batch),
                "blocking": blocking_batch,
                "gather": on("asyncio", gathered),
                "aiometer": on("asyncio", metered),
                "asyncio, stream": on("asyncio", stream),
                "trio, stream": on("trio", stream),
                "blocking, stream": blocking_stream,
                "memory": on("trio", memory),
            },
            rounds,
        )
    )
    shown = [
        at_most(f"`{call}`, {runtime}: an item of {ITEMS:,}", figures[name], "us", most)
        for call, names in (
            ("map_all", ("asyncio", "trio", "blocking")),
            ("map_stream", ("asyncio, stream", "trio, stream", "blocking, stream")),
        )
        for name in names
        for runtime in (name.partition(",")[0],)
        for most in (25 if runtime == "blocking" else 5,)
    ]
    return [
        *shown,
        Row(
            "`map_all` beside `asyncio.gather` with a semaphore",
            f"{figures['asyncio'] / figures['gather']:.2f}x",
        ),
        Row(
            "`map_all` beside `aiometer.run_all`",
            f"{figures['asyncio'] / figures['aiometer']:.2f}x",
        ),
        at_most(f"`map_stream` of {ITEMS:,} lazy items of 1 kB: peak", figures["memory"], "MB", 2),
    ]
