"""What is written into the documentation: the tables, below what says how they were made."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from .measuring import Row, as_markdown
from .plot import drawn

MEASURED = ("anyio", "trio", "httptools", "httpx", "httpx2", "aiohttp", "pyreqwest", "requests")

HEAD = """\
# Benchmarks

<!-- Written by `nox -s bench -- {names} --write {path}`: do not edit. -->

Printed by `nox -s bench -- {names}`: medians of {rounds} interleaved rounds, on {machine}.
With {versions}.
A figure depends on the machine; a ratio of two from the same run much less.
"""

ENGINE = """\
# The engine, measured

<!-- Written by `nox -s bench -- engine --write {path}`: do not edit. -->

`nox -s bench -- engine` measures the direct engine, with the whole line and a model decoded, beside what people use, which read the body and stop there.
All ask a server in another process for the same kilobyte of JSON, in turns of a quarter of a second; a figure is the median of {rounds} turns.
*As fast as* is the ratio of requests a second; CPU is that of the client's process for one request, and in brackets how many times ours that is.
Both the client and the server were on {machine}.
With {versions}.
Read the ratios rather than the figures; what is not met says so.

![Requests a second of each client, on asyncio, on trio and in threads]({picture})
"""  # noqa: E501 - a sentence a line

TIME = """\
## Where the time goes

`python -m tools.bench.profile asyncio` (or `trio`, `threads`) prints this.
A profiler charges calls more than what they do, so a share is a hint and no measure.
"""


def machine(load: float) -> str:
    """Describe what all this runs on; `load` is what it had to do before."""
    return (
        f"{os.cpu_count()} cores with a load of {load:.1f} before it began, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


def versions() -> str:
    return ", ".join(f"{name} {version(name)}" for name in MEASURED)


def tables(found: Mapping[str, Sequence[Row]]) -> str:
    return "\n".join(f"## {name}\n\n{as_markdown(rows)}\n" for name, rows in found.items())


def write(path: Path, found: Mapping[str, Sequence[Row]], *, rounds: int, load: float) -> None:
    """Write a page of tables; that of the engine alone has a picture beside it, and a profile."""
    told = {"rounds": rounds, "machine": machine(load), "versions": versions()}
    if list(found) != ["engine"]:
        head = HEAD.format(names=" ".join(found), path=path.as_posix(), **told)
        path.write_text(f"{head}\n{tables(found)}", encoding="utf-8")
        return
    table = as_markdown(found["engine"])
    picture = path.with_suffix(".svg")
    picture.write_text(drawn(table), encoding="utf-8")
    intro = ENGINE.format(picture=picture.name, path=path.as_posix(), **told)
    profiles = "\n".join(profile(runtime) for runtime in ("asyncio", "trio", "threads"))
    path.write_text(f"{intro}\n{table}\n\n{TIME}\n{profiles}", encoding="utf-8")


def profile(runtime: str) -> str:
    """Profile in a process of its own: what was measured here left its traces."""
    command = [sys.executable, "-m", "tools.bench.profile", runtime]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
