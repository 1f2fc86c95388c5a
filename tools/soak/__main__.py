"""Runs of a minute and more: `python -m tools.soak [--seconds 60]` prints what each left behind."""

from __future__ import annotations

import argparse
import gc
import sys
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx

from twofold._runtime.blocking.tasks import Task
from twofold.cli.emulated import emulator
from twofold.core.policy.limits import Limits

from ._async.churn import churn as churn_waiting
from ._sync.churn import churn as churn_blocking
from .tally import SLOTS, Tally

LEAST = 1_000
"""Calls that must have been completed, and cancelled, for a run to say anything."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="soak", description="Churn, and count what is left.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    bad = 0
    with emulator("rally", ["--tickets=100", "--latency=0.01"]) as ready:
        for runtime in ("asyncio", "trio", "blocking"):
            bad += not held(runtime, run(runtime, given.seconds, given.seed, gated(ready)))
        for runtime in ("asyncio", "trio"):
            without = run(runtime, min(given.seconds, 10), given.seed, ungated(ready))
            bad += not fell(runtime, without)
    return 1 if bad else 0


def run(runtime: str, seconds: float, seed: int, options: dict[str, Any]) -> Tally:
    if runtime == "blocking":
        return churn_blocking(seconds, seed, options)
    return anyio.run(partial(churn_waiting, seconds, seed, options), backend=runtime)


def gated(ready: Mapping[str, str]) -> dict[str, Any]:
    return {
        "server": ready["url"],
        "api_key": ready["api_key"],
        "concurrency": SLOTS,
        "limits": Limits(),
    }


def ungated(ready: Mapping[str, str]) -> dict[str, Any]:
    """Take our limiter away, and let httpx's pool queue instead: the negative control."""
    pool = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=SLOTS), trust_env=False)
    return {**gated(ready), "concurrency": None, "transport": pool}


def held(runtime: str, tally: Tally) -> bool:
    """Print and judge a run: nothing may be left."""
    gc.collect()
    # The runtimes keep idle threads of their own for a while; ours are the blocking one's.
    ours = [thread for thread in threading.enumerate() if isinstance(thread, Task)]
    sockets = open_sockets()
    print(
        f"{runtime}: {tally.completed} completed, {tally.cancelled} cancelled, "
        f"{tally.failed} failed; then {tally.plain} of 10 plain requests; left: "
        f"{tally.inside} slots, {tally.queued} queued, {len(ours)} threads, {sockets} sockets",
        flush=True,
    )
    for complaint in sorted(tally.complaints):
        print(f"  {complaint}")
    enough = tally.completed >= LEAST and tally.cancelled >= LEAST
    clean = (tally.inside, tally.queued, len(ours), sockets, tally.failed) == (0, 0, 0, 0, 0)
    return enough and clean and tally.plain == 10


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


if __name__ == "__main__":
    sys.exit(main())
