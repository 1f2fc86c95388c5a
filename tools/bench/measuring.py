"""Take turns, take medians, lay out rows."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import anyio
import attrs


@attrs.frozen
class Row:
    """One figure, and the target that it was built for."""

    what: str
    figure: str
    target: str = ""
    met: bool | None = None


def interleaved(
    contenders: Mapping[str, Callable[[], float]], rounds: int
) -> dict[str, list[float]]:
    """Run every contender once a round, in turns; each returns what it measured."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            gc.collect()
            taken[name].append(run())
    return taken


def medians(taken: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: statistics.median(figures) for name, figures in taken.items()}


def timed(call: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def on(backend: str, call: Callable[..., Awaitable[float]], *args: Any) -> Callable[[], float]:
    """Return what runs a measurement on a runtime."""

    def run() -> float:
        return anyio.run(partial(call, *args), backend=backend)

    return run


def at_most(what: str, figure: float, unit: str, most: float) -> Row:
    return Row(what, f"{figure:.3g} {unit}", f"at most {most:g} {unit}", figure <= most)


def as_markdown(rows: Sequence[Row]) -> str:
    lines = ["| what | figure | target | met |", "| --- | ---: | ---: | --- |"]
    verdicts = {True: "yes", False: "**no**", None: ""}
    lines += [f"| {row.what} | {row.figure} | {row.target} | {verdicts[row.met]} |" for row in rows]
    return "\n".join(lines)
