"""Benchmarks: `python -m tools.bench [NAME ...]` prints a table of ratios for each.

Contenders take turns within one run, so that a busy minute strikes them all, and what counts is the
ratio of their medians.  No test asserts any of it.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from . import batches, cache, engine, line, policies, primitives, rally, startup
from .measuring import Row, as_markdown

SUBJECTS: dict[str, Callable[[int], list[Row]]] = {
    "startup": startup.rows,
    "batches": batches.rows,
    "primitives": primitives.rows,
    "policies": policies.rows,
    "line": line.rows,
    "cache": cache.rows,
    "rally": rally.rows,
    "engine": engine.rows,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="Measure, and print tables.")
    parser.add_argument("subjects", nargs="*", metavar="NAME", help=", ".join(SUBJECTS))
    parser.add_argument("--rounds", type=int, default=5, help="how often each contender runs")
    parser.add_argument("--write", type=Path, help="also write the tables to this Markdown file")
    given = parser.parse_args()
    unknown = set(given.subjects) - SUBJECTS.keys()
    if unknown or given.rounds < 1:
        parser.error(
            f"there is no {', '.join(unknown)}" if unknown else "rounds must be at least 1"
        )
    tables = [header(given.rounds)]
    for name in given.subjects or SUBJECTS:
        tables.append(f"## {name}\n\n{as_markdown(SUBJECTS[name](given.rounds))}")
        print(tables[-1], flush=True)
    if given.write is not None:
        given.write.write_text("\n\n".join(tables) + "\n", encoding="utf-8")


def header(rounds: int) -> str:
    return (
        "# Benchmarks\n\n"
        f"Printed by `nox -s bench`: medians of {rounds} interleaved rounds, on Python "
        f"{platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"anyio {version('anyio')}, trio {version('trio')}, httpx {version('httpx')}.\n"
        "A figure depends on the machine; a ratio of two from the same run much less."
    )


if __name__ == "__main__":
    main()
