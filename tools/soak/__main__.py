"""Long runs: `python -m tools.soak [churn|fuzz|million|waking]`; without a name, all.

Each prints what it left behind, or got wrong, and fails if that is anything.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from functools import partial

from ..bench.origin import serving
from ._async.fuzz import fuzz as fuzz_waiting
from ._async.million import million as million_waiting
from ._async.waking import waking as waking_waiting
from ._sync.fuzz import fuzz as fuzz_blocking
from ._sync.million import million as million_blocking
from ._sync.waking import waking as waking_blocking
from .churning import churn
from .findings import Findings
from .growth import Growth
from .stalling import PLACES, READ, stalling
from .ways import RUNTIMES, on, runtimes, ways


def main() -> int:
    given = parsed()
    runs = {"churn": churn, "fuzz": fuzz, "million": million, "waking": waking}
    names = [given.run] if given.run else list(runs)
    results = [runs[name](given) for name in names]  # each is run, whatever the others say
    return 0 if all(results) else 1


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description="Run long, and count what is left.")
    parser.add_argument("run", nargs="?", choices=["churn", "fuzz", "million", "waking"])
    parser.add_argument("--runtime", choices=RUNTIMES, help="one only; else all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0, help="of churn, each time")
    parser.add_argument("--engine", choices=["direct", "httpx"], help="churn: one only; else both")
    parser.add_argument("--tls", action="store_true", default=None, help="churn, waking: TLS only")
    parser.add_argument("--plain", dest="tls", action="store_false", help="churn, waking: no TLS")
    parser.add_argument("--bytes", type=int, default=10_000_000, help="of fuzz")
    parser.add_argument("--requests", type=int, default=1_000_000, help="of million")
    return parser.parse_args()


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


def million(given: argparse.Namespace) -> bool:
    """Send very many requests through one client, and watch the process."""
    good = True
    for runtime in runtimes(given):
        with serving() as served:
            growth: Growth = on(runtime, million_waiting, million_blocking, given.requests, served)
        print(f"{runtime}: {growth}", flush=True)
        good &= growth.is_flat
    return good


def waking(given: argparse.Namespace) -> bool:
    """Close clients, and cancel groups, whose calls wait for a silent server."""
    slowest = 0.0
    for tls in ways(given):
        with stalling(tls=tls) as server:
            for runtime in runtimes(given):
                for number, place in enumerate(PLACES):
                    for closes in (True, False):
                        run = partial(on, runtime, partial(waking_waiting, closes=closes))
                        taken = run(partial(waking_blocking, closes=closes), server, number)
                        how = "close()" if closes else "cancelling its group"
                        print(
                            f"{runtime}{', TLS' if tls else ''}, waiting {place}: woken by {how} "
                            f"after {statistics.median(taken) * 1000:.1f} ms, "
                            f"at most {max(taken) * 1000:.1f} ms, beside {READ:g} s of patience",
                            flush=True,
                        )
                        slowest = max(slowest, *taken)
    return slowest < READ / 3


if __name__ == "__main__":
    sys.exit(main())
