"""Benchmarks: `python -m tools.bench [NAME ...]` prints a table of ratios for each.

Contenders take turns within one run, so that a busy minute strikes them all, and what counts is the
ratio of their medians.  No test asserts any of it.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from . import batches, cache, engine, line, policies, primitives, rally, startup, tui
from .measuring import Row
from .pages import tables, write

SUBJECTS: dict[str, Callable[[int], list[Row]]] = {
    "startup": startup.rows,
    "batches": batches.rows,
    "primitives": primitives.rows,
    "policies": policies.rows,
    "line": line.rows,
    "cache": cache.rows,
    "rally": rally.rows,
    "engine": engine.rows,
    "tui": tui.rows,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="Measure, and print tables.")
    parser.add_argument("subjects", nargs="*", metavar="NAME", help=", ".join(SUBJECTS))
    parser.add_argument("--rounds", type=int, default=5, help="how often each contender runs")
    parser.add_argument("--write", type=Path, help="also write this page of the docs")
    given = parser.parse_args()
    unknown = set(given.subjects) - SUBJECTS.keys()
    if unknown or given.rounds < 1:
        parser.error(
            f"there is no {', '.join(unknown)}" if unknown else "rounds must be at least 1"
        )
    load = os.getloadavg()[0]
    found: dict[str, list[Row]] = {}
    for name in given.subjects or SUBJECTS:
        found[name] = SUBJECTS[name](given.rounds)
        print(tables({name: found[name]}), flush=True)
    if given.write is not None:
        write(given.write, found, rounds=given.rounds, load=load)


if __name__ == "__main__":
    main()
