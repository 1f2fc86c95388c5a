"""Runs of a minute and more: `python -m tools.soak [churn|fuzz|million]`; without a name, all.

Each prints what it left behind, or got wrong, and fails if that is anything.
"""

from __future__ import annotations

import argparse
import gc
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx

from twofold._runtime.blocking.tasks import Task
from twofold.cli.emulated import emulator
from twofold.core.policy.limits import Limits

from ..bench.origin import serving
from ._async.churn import churn as churn_waiting
from ._async.fuzz import fuzz as fuzz_waiting
from ._async.million import million as million_waiting
from ._sync.churn import churn as churn_blocking
from ._sync.fuzz import fuzz as fuzz_blocking
from ._sync.million import million as million_blocking
from .findings import Findings
from .growth import Growth
from .tally import SLOTS, Tally
from .terminator import terminated

LEAST = 1_000
"""Calls that must have been completed, and cancelled, for a run to say anything."""

RUNTIMES = ("asyncio", "trio", "threads")


def main() -> int:
    given = parsed()
    runs = {"churn": churn, "fuzz": fuzz, "million": million}
    names = [given.run] if given.run else list(runs)
    results = [runs[name](given) for name in names]  # each is run, whatever the others say
    return 0 if all(results) else 1


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description="Run long, and count what is left.")
    parser.add_argument("run", nargs="?", choices=["churn", "fuzz", "million"])
    parser.add_argument("--runtime", choices=RUNTIMES, help="one only; else all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0, help="of churn, each time")
    parser.add_argument("--engine", choices=["direct", "httpx"], help="churn: one only; else both")
    parser.add_argument("--tls", action="store_true", default=None, help="churn: TLS only")
    parser.add_argument("--plain", dest="tls", action="store_false", help="churn: no TLS")
    parser.add_argument("--bytes", type=int, default=10_000_000, help="of fuzz")
    parser.add_argument("--requests", type=int, default=1_000_000, help="of million")
    return parser.parse_args()


def on(runtime: str, waiting: Any, blocking: Any, *args: Any) -> Any:
    """Run something of both colours on a runtime."""
    if runtime == "threads":
        return blocking(*args)
    return anyio.run(partial(waiting, *args), backend=runtime)


def runtimes(given: argparse.Namespace) -> Sequence[str]:
    return [given.runtime] if given.runtime else RUNTIMES


# Churn.


def churn(given: argparse.Namespace) -> bool:
    """Let callers be cancelled at random, over each engine, plain and over TLS."""
    good = True
    engines = [given.engine] if given.engine else ["direct", "httpx"]
    ways = [False, True] if given.tls is None else [given.tls]
    with emulator("rally", ["--tickets=100", "--latency=0.01"]) as ready:
        for tls in ways:
            with reached(ready, tls=tls) as options:
                for engine in engines:
                    for runtime in runtimes(given):
                        # The options are made anew each time: limits are shared by nobody.
                        told = {**options, "transport": engine, "limits": Limits()}
                        run = partial(on, runtime, churned, churn_blocking)
                        what = f"{runtime}, {engine}{', TLS' if tls else ''}"
                        good &= held(what, run(given.seconds, given.seed, told))
        if given.engine != "direct":
            good &= fall(given, ready)
    return good


async def churned(seconds: float, seed: int, options: dict[str, Any]) -> Tally:
    """Churn, and count what else still runs in the loop afterwards."""
    before = len(anyio.get_running_tasks())
    tally = await churn_waiting(seconds, seed, options)
    await anyio.sleep(0.1)  # what was told to end may end
    tally.tasks = len(anyio.get_running_tasks()) - before
    return tally


@contextmanager
def reached(ready: Mapping[str, str], *, tls: bool) -> Generator[dict[str, Any]]:
    """Give the options of a client that reaches the emulator, over TLS if wanted."""
    options: dict[str, Any] = {"api_key": ready["api_key"], "concurrency": SLOTS}
    if not tls:
        yield {**options, "server": ready["url"]}
        return
    with terminated(int(ready["url"].rpartition(":")[2])) as (url, authority):
        yield {**options, "server": url, "verify": authority}


def fall(given: argparse.Namespace, ready: Mapping[str, str]) -> bool:
    """Take our limiter away, and let httpx's pool queue instead: the negative control."""
    good = True
    for runtime in [name for name in runtimes(given) if name != "threads"]:
        limits = httpx.Limits(max_connections=SLOTS)
        pool = httpx.AsyncHTTPTransport(limits=limits, trust_env=False)
        with reached(ready, tls=False) as options:
            told = {**options, "concurrency": None, "transport": pool, "limits": Limits()}
            seconds = min(given.seconds, 10.0)
            good &= fell(runtime, on(runtime, churned, None, seconds, given.seed, told))
    return good


def held(what: str, tally: Tally) -> bool:
    """Print and judge a run: nothing may be left."""
    gc.collect()
    # The runtimes keep idle threads of their own for a while; ours are the blocking one's.
    ours = [thread for thread in threading.enumerate() if isinstance(thread, Task)]
    sockets = open_sockets()
    print(
        f"{what}: {tally.completed} completed, {tally.cancelled} cancelled, "
        f"{tally.failed} failed; then {tally.plain} of 10 plain requests; left: "
        f"{tally.inside} slots, {tally.queued} queued, {tally.tasks} tasks, {len(ours)} threads, "
        f"{sockets} sockets",
        flush=True,
    )
    for complaint in sorted(tally.complaints):
        print(f"  {complaint}")
    enough = tally.completed >= LEAST and tally.cancelled >= LEAST
    left = (tally.inside, tally.queued, tally.tasks, len(ours), sockets, tally.failed)
    return enough and not any(left) and tally.plain == 10


def fell(runtime: str, tally: Tally) -> bool:
    """Print and judge the control: without our limiter, plain requests must fail."""
    print(
        f"{runtime}, negative control without our gate: {tally.plain} of 10 plain requests "
        f"({'; '.join(sorted(tally.complaints)) or 'no complaint'})",
        flush=True,
    )
    return tally.plain < 10


def open_sockets() -> int:
    """Count this process's sockets; each loop's own are gone with it."""
    folder = Path("/proc/self/fd")
    links = [link.readlink().as_posix() for link in folder.iterdir() if link.is_symlink()]
    return sum(1 for link in links if link.startswith("socket:"))


# Fuzz.


def fuzz(given: argparse.Namespace) -> bool:
    """Send broken answers to the direct engine, and compare what it makes of them with h11."""
    good = True
    for runtime in runtimes(given):
        found: Findings = on(runtime, fuzz_waiting, fuzz_blocking, given.seed, given.bytes)
        print(f"{runtime}: {found}", flush=True)
        for fault in found.faults():
            print(f"  {fault}")
        good &= found.is_clean
    return good


# A million.


def million(given: argparse.Namespace) -> bool:
    """Send very many requests through one client, and watch the process."""
    good = True
    for runtime in runtimes(given):
        with serving() as served:
            growth: Growth = on(runtime, million_waiting, million_blocking, given.requests, served)
        print(f"{runtime}: {growth}", flush=True)
        good &= growth.is_flat
    return good


if __name__ == "__main__":
    sys.exit(main())
