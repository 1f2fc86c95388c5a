"""Churn over each engine, plain and over TLS; and what its negative control loses."""

from __future__ import annotations

import argparse
import gc
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio

from twofold._runtime.blocking.tasks import Task
from twofold.cli.emulated import emulator
from twofold.core.policy.limits import Limits

from ._async.churn import churn as churn_waiting
from ._sync.churn import churn as churn_blocking
from .control import Pool, fell
from .tally import SLOTS, Tally
from .terminator import terminated
from .ways import on, runtimes, ways

LEAST = 1_000
"""Calls that must have been completed, and cancelled, for a run to say anything."""


def churn(given: argparse.Namespace) -> bool:
    """Let callers be cancelled at random, over each engine, plain and over TLS."""
    good = True
    engines = [given.engine] if given.engine else ["direct", "httpx"]
    with emulator("rally", ["--tickets=100", "--latency=0.01"]) as ready:
        for tls in ways(given):
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
    """Take our limiter away, and let httpx's pool queue instead: the negative control.

    Not in threads: nothing there interrupts who waits in that queue, or in a read.
    """
    good = True
    for runtime in [name for name in runtimes(given) if name != "threads"]:
        pool = Pool()
        with reached(ready, tls=False) as options:
            told = {**options, "concurrency": None, "transport": pool, "limits": Limits()}
            tally = on(runtime, churned, None, min(given.seconds, 10.0), given.seed, told)
        good &= fell(runtime, pool, tally)
    return good


def held(what: str, tally: Tally) -> bool:
    """Print and judge a run: nothing may be left."""
    gc.collect()
    # The runtimes keep idle threads of their own for a while; ours are the blocking one's.
    ours = [thread for thread in threading.enumerate() if isinstance(thread, Task)]
    sockets = open_sockets()
    print(
        f"{what}: {tally.completed} completed, {tally.cancelled} cancelled, "
        f"{tally.failed} failed, {tally.crowds} crowds given up; "
        f"then {tally.plain} of 10 plain requests; left: {tally.inside} slots, "
        f"{tally.queued} queued, {tally.tasks} tasks, {len(ours)} threads, {sockets} sockets",
        flush=True,
    )
    for complaint in sorted(tally.complaints):
        print(f"  {complaint}")
    enough = tally.completed >= LEAST and tally.cancelled >= LEAST
    left = (tally.inside, tally.queued, tally.tasks, len(ours), sockets, tally.failed)
    return enough and not any(left) and tally.plain == 10


def open_sockets() -> int:
    """Count this process's sockets; each loop's own are gone with it."""
    folder = Path("/proc/self/fd")
    links = [link.readlink().as_posix() for link in folder.iterdir() if link.is_symlink()]
    return sum(1 for link in links if link.startswith("socket:"))
