"""The public HTTP cache tests: `python -m tools.cache_tests --package DIR`.

Plays every vector of the npm package `http-cache-tests` against the package's own server, on each
runtime, with our client and its cache as the client under test.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from twofold.core.cache.settings import Cache

from .excuses import Excuse, excused
from .page import page
from .results import Results, judged, of_kind
from .running import RUNTIMES, Run
from .server import serving
from .vectors import Suite, Vector, suites

PAGE = Path("docs/explanation/cache-tests.md")

STALE = Cache(stale_if_error=60)


def main() -> int:
    parser = argparse.ArgumentParser(prog="cache_tests", description="Play the HTTP cache tests.")
    parser.add_argument("--package", type=Path, required=True, help="the unpacked npm package")
    parser.add_argument("--runtime", choices=RUNTIMES, action="append", help="default: all three")
    parser.add_argument("--engine", choices=("httpx", "direct"), default="httpx")
    parser.add_argument("--store", choices=("memory", "sqlite"), default="memory")
    parser.add_argument("--only", metavar="ID", help="play one test, and say what became of it")
    parser.add_argument("--write", type=Path, nargs="?", const=PAGE, help=f"write {PAGE}")
    given = parser.parse_args()
    runtimes = given.runtime or list(RUNTIMES)
    with serving(given.package) as base:
        run = Run(base, given.engine, given.store)
        if given.only:
            return only(run, suites(given.package), given.only, runtimes)
        return everything(run, suites(given.package), runtimes, given.write)


def only(run: Run, tests: Sequence[Suite], name: str, runtimes: Sequence[str]) -> int:
    vectors = [vector for suite in tests for vector in suite.tests if vector.id == name]
    for runtime in runtimes:
        for result in run.play(runtime, vectors, Cache()).values():
            print(f"{runtime}: {name} {result.played} {result.why}")
    return 0 if vectors else 1


def everything(
    run: Run, tests: Sequence[Suite], runtimes: Sequence[str], write: Path | None
) -> int:
    vectors = [vector for suite in tests for vector in suite.tests]
    of_stale = [vector for suite in tests if suite.id == "stale" for vector in suite.tests]
    excuses = excused(run.engine, run.store)
    forgiven = for_stale(run, of_stale)
    played: dict[str, Results] = {}
    stale: Results = {}
    good = True
    for runtime in runtimes:
        results = played[runtime] = run.play(runtime, vectors, Cache())
        stale = run.play(runtime, of_stale, STALE)
        good &= told(runtime, vectors, results, excuses)
        good &= told(f"{runtime}, stale_if_error", of_stale, stale, forgiven)
    good &= are_equal(played)
    if write is not None and good:
        shown = page(tests, played[runtimes[0]], stale, excuses, forgiven, run.engine)
        write.write_text(shown, encoding="utf-8")
    return 0 if good else 1


def for_stale(run: Run, vectors: Sequence[Vector]) -> dict[str, Excuse]:
    names = {vector.id for vector in vectors}
    excuses = excused(run.engine, run.store, stale=True)
    return {name: excuse for name, excuse in excuses.items() if name in names}


def told(
    what: str, vectors: Sequence[Vector], results: Results, excuses: Mapping[str, Excuse]
) -> bool:
    """Print what became of a run, and return whether it is good."""
    counts = [
        f"{sum(results[one.id].passed for one in tests)} of {len(tests)} {kind}"
        for kind in ("required", "optimal", "check")
        if (tests := of_kind(vectors, kind))
    ]
    print(f"{what}: passed {', '.join(counts)}; excused {len(excuses)}", flush=True)
    judgement = judged(vectors, results, excuses)
    for name in judgement.failed:
        print(f"  FAILED {name}: {results[name].played}: {results[name].why}")
    for name in judgement.needless:
        print(f"  EXCUSED, BUT PASSED (or unknown) {name}")
    return judgement.is_good


def are_equal(played: Mapping[str, Results]) -> bool:
    """Tell whether all runtimes have the same results, and print where they have not."""
    (first, expected), *others = played.items()
    differing = [
        f"{name}: {first} {expected[name].why}, {runtime} {result.why}"
        for runtime, results in others
        for name, result in results.items()
        if result.passed != expected[name].passed
    ]
    for line in differing:
        print(f"  DIFFERS {line}")
    return not differing


if __name__ == "__main__":
    sys.exit(main())
