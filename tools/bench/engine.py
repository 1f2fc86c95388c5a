"""The engine beside what people use: requests a second, and CPU of a request, in the same run."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack
from functools import partial
from threading import Thread

import anyio
import attrs

from . import contenders as by
from .contenders import Ask, AskBlocking
from .decoding import rows as of_decoding
from .measuring import Row
from .origin import Served, serving

TURN = 0.25
"""Seconds that a contender runs for in one round."""
IN_FLIGHT = (1, 10, 50, 500)
THREADS = 8

Open = Callable[[Served, int], AbstractAsyncContextManager[Ask]]

OURS = "twofold"
WAITING: Mapping[str, Open] = {
    OURS: by.twofold,
    "twofold, raw": by.twofold_raw,
    "its engine alone": by.engine_alone,
    "twofold over httpx": by.twofold_over_httpx,
    "httpx": by.with_httpx,
    "httpx2": by.with_httpx2,
}
# These know asyncio only.
OF_ASYNCIO: Mapping[str, Open] = {"aiohttp": by.with_aiohttp, "pyreqwest": by.with_pyreqwest}
BLOCKING = {
    OURS: by.twofold_blocking,
    "httpx": by.with_httpx_client,
    "httpx2": by.with_httpx2_client,
    "requests": by.with_requests,
    "pyreqwest": by.with_pyreqwest_sync,
}


@attrs.frozen
class Turn:
    """What one contender did in one round."""

    rate: float
    """Requests a second."""
    cpu: float
    """Of this process, in microseconds a request."""


Taken = Mapping[str, Sequence[Turn]]


def turn(count: int, began: float, cpu: float) -> Turn:
    spent = (time.process_time() - cpu) / count * 1e6
    return Turn(count / (time.perf_counter() - began), spent)


async def ask_for(seconds: float, callers: int, ask: Ask) -> Turn:
    """Let so many callers ask, each again and again."""
    counts = [0] * callers
    began, cpu = time.perf_counter(), time.process_time()

    async def call(number: int) -> None:
        while time.perf_counter() - began < seconds:
            await ask()
            counts[number] += 1

    async with anyio.create_task_group() as tasks:
        for number in range(callers):
            tasks.start_soon(call, number)
    return turn(sum(counts), began, cpu)


def ask_for_blocking(seconds: float, callers: int, ask: AskBlocking) -> Turn:
    counts = [0] * callers
    began, cpu = time.perf_counter(), time.process_time()

    def call(number: int) -> None:
        while time.perf_counter() - began < seconds:
            ask()
            counts[number] += 1

    threads = [Thread(target=call, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return turn(sum(counts), began, cpu)


async def cell(served: Served, callers: int, rounds: int, opens: Mapping[str, Open]) -> Taken:
    """Let the contenders take turns; the first round opens connections, and does not count."""
    taken: dict[str, list[Turn]] = {name: [] for name in opens}
    async with AsyncExitStack() as stack:
        asks = {
            name: await stack.enter_async_context(opened(served, callers))
            for name, opened in opens.items()
        }
        for number in range(rounds + 1):
            for name, ask in asks.items():
                gc.collect()
                seen = await ask_for(TURN, callers, ask)
                if number:
                    taken[name].append(seen)
    return taken


def cell_blocking(served: Served, rounds: int) -> Taken:
    taken: dict[str, list[Turn]] = {name: [] for name in BLOCKING}
    with ExitStack() as stack:
        asks = {
            name: stack.enter_context(opened(served, THREADS)) for name, opened in BLOCKING.items()
        }
        for number in range(rounds + 1):
            for name, ask in asks.items():
                gc.collect()
                seen = ask_for_blocking(TURN, THREADS, ask)
                if number:
                    taken[name].append(seen)
    return taken


def of(taken: Taken, name: str) -> Turn:
    """Return the medians of a contender."""
    turns = taken[name]
    return Turn(
        statistics.median(turn.rate for turn in turns),
        statistics.median(turn.cpu for turn in turns),
    )


def compared(where: str, taken: Taken, targets: Mapping[str, float]) -> list[Row]:
    """Return a row for us, and one for each other with the ratio of ours to theirs."""
    ours = of(taken, OURS)
    rows = [Row(f"{where}: {OURS}", f"{ours.rate:,.0f}/s, {ours.cpu:.0f} us CPU")]
    others = [name for name in taken if name != OURS]
    rows += [against(where, name, ours, of(taken, name), targets.get(name)) for name in others]
    if "twofold over httpx" in taken and "over httpx" in targets:
        theirs, over = of(taken, "httpx"), of(taken, "twofold over httpx")
        rows.append(
            against(where, "httpx, by twofold over httpx", over, theirs, targets["over httpx"])
        )
    return rows


def against(where: str, name: str, ours: Turn, theirs: Turn, least: float | None) -> Row:
    ratio, cpu = ours.rate / theirs.rate, theirs.cpu / ours.cpu
    figure = f"{ratio:.2f}x as fast as {theirs.rate:,.0f}/s, CPU {theirs.cpu:.0f} us ({cpu:.2f}x)"
    if least is None:
        return Row(f"{where}: against {name}", figure)
    return Row(f"{where}: against {name}", figure, f"at least {least:g}x", ratio >= least)


def on_runtime(runtime: str, callers: int, rounds: int, served: Served) -> list[Row]:
    opens = {**WAITING, **(OF_ASYNCIO if runtime == "asyncio" else {})}
    taken = anyio.run(partial(cell, served, callers, rounds, opens), backend=runtime)
    targets: dict[str, float] = {}
    if callers > 1 and served.authority is None:
        targets = {"httpx": 4, "aiohttp": 1}
        targets |= {"over httpx": 0.9} if callers == 10 else {}
        targets |= {"over httpx": 4} if callers == 50 else {}
    where = f"{runtime}, {callers} in flight{', TLS' if served.authority else ''}"
    return compared(where, taken, targets)


def in_threads(rounds: int, served: Served) -> list[Row]:
    targets = {"httpx": 5.0} if served.authority is None else {}
    where = f"{THREADS} threads{', TLS' if served.authority else ''}"
    return compared(where, cell_blocking(served, rounds), targets)


def rows(rounds: int) -> list[Row]:
    found: list[Row] = []
    with serving() as served:
        for runtime in ("asyncio", "trio"):
            for callers in IN_FLIGHT:
                found += on_runtime(runtime, callers, rounds, served)
        found += in_threads(rounds, served)
    with serving(tls=True) as served:
        for runtime in ("asyncio", "trio"):
            found += on_runtime(runtime, 10, rounds, served)
        found += in_threads(rounds, served)
    return found + of_decoding(rounds)
