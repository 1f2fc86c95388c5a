"""Where the time of a request goes: `python -m tools.bench.profile [asyncio|trio|threads]`.

cProfile charges calls more than what they do, so a share is a hint, not a measure.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import anyio

from . import contenders as by
from .engine import THREADS, ask_for
from .origin import Served, serving

SECONDS = 3.0
CALLERS = 10

# The first that a file's path, or a built-in's name, holds.
PLACES = {
    "the engine": ("core/transport/", "wire/http1/", "_sockets.py", "blocking/sockets.py"),
    "system calls": ("of '_socket.socket'", "epoll", "poll' of"),
    "TLS": ("_ssl",),
    "scopes and tasks": ("anyio/", "blocking/scopes.py", "contextvars"),
    "the line: gate and policies": (
        "core/policy/",
        "core/admission",
        "_async/core/",
        "_sync/core/",
    ),
    "the line: all else": ("twofold/",),
    "the runtime": ("asyncio/", "trio/", "selectors", "threading", "_asyncio"),
    "decoding": ("msgspec",),
}


def place(key: tuple[str, int, str]) -> str:
    shown = f"{key[0]} {key[2]}"
    for name, marks in PLACES.items():
        if any(mark in shown for mark in marks):
            return name
    return "all else, built-ins above all"


async def asking(served: Served) -> None:
    async with by.twofold(served, CALLERS) as ask:
        await ask_for(SECONDS, CALLERS, ask)


def asking_blocking(served: Served) -> None:
    """Ask from one thread: the profiler sees no other."""
    with by.twofold_blocking(served, THREADS) as ask:
        for _ in range(int(1000 * SECONDS)):
            ask()


def profile(runtime: str) -> pstats.Stats:
    profiler = cProfile.Profile()
    with serving() as served:
        if runtime == "threads":
            profiler.runcall(asking_blocking, served)
        else:
            profiler.runcall(anyio.run, partial(asking, served), backend=runtime)
    return pstats.Stats(profiler)


def main() -> None:
    runtime = sys.argv[1] if len(sys.argv) > 1 else "asyncio"
    found: Any = profile(runtime)
    shares: dict[str, float] = defaultdict(float)
    for key, (_, _, own, _, _) in found.stats.items():
        shares[place(key)] += own
    total = sum(shares.values())
    print(f"Where the time of a request goes, {runtime}:\n\n| what | share |\n| --- | ---: |")
    for name, own in sorted(shares.items(), key=lambda pair: -pair[1]):
        print(f"| {name} | {own / total:.0%} |")
    print("\n| function | share | calls |\n| --- | ---: | ---: |")
    dearest = sorted(found.stats.items(), key=lambda pair: -pair[1][2])[:25]
    for (file, line, name), (_, calls, own, _, _) in dearest:
        at = f"{Path(file).parent.name}/{Path(file).name}:{line} {name}" if line else name
        print(f"| `{at}` | {own / total:.1%} | {calls:,} |")


if __name__ == "__main__":
    main()
