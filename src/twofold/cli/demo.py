"""`twofold demo`: the main job on every runtime, each against an emulator of its own."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, TypeAlias

import anyio
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bars
from rich.table import Table

from ..demo.figures import REFUSED, TICKETS, Figures, answers_are_equal, broken_promises
from ..progress import Progress, ProgressCallback
from .emulated import emulator
from .entry import DONE, FAILED, MISUSE, missing_extra
from .output import messages

NEEDED = {"trio": "trio", "uvicorn": "emulators", "httptools": "emulators"}

LATENCY = 0.05
PER_OBJECT = 0.0001

Watch: TypeAlias = Callable[[str], ProgressCallback]
Job: TypeAlias = Callable[[str, str, Watch], Figures]


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Read 14,000 tickets and update 100, on asyncio, on trio and blocking, and compare.

    Each runtime has a fresh emulator in a process of its own, with the same data, which takes 50 ms
    for a request and 0.1 ms for an object, and serves twelve requests at once.
    """
    lacking = missing_extra(NEEDED)
    if lacking is not None:
        typer.echo(lacking, err=True)
        raise typer.Exit(MISUSE)
    errors = messages()
    runs = {runtime: run(runtime, job, errors) for runtime, job in jobs().items()}
    if as_json:
        print(json.dumps(report(runs)))
    else:
        Console(force_terminal=sys.stdout.isatty()).print(table(runs))
    broken = broken_promises(runs)
    for sentence in broken:
        errors.print(sentence, style="red")
    if not broken and not as_json:
        print("The three answers are equal, and every check held.")
    raise typer.Exit(FAILED if broken else DONE)


def jobs() -> dict[str, Job]:
    """Return the main job for each runtime: twice the source, once what was made of it."""
    from .._async.demo.job import main_job as waiting_job
    from .._sync.demo.job import main_job as blocking_job

    def on(backend: str) -> Job:
        def start(address: str, api_key: str, watch: Watch) -> Figures:
            return anyio.run(waiting_job, address, api_key, watch, backend=backend)

        return start

    return {"asyncio": on("asyncio"), "trio": on("trio"), "blocking": blocking_job}


def run(runtime: str, job: Job, errors: Console) -> Figures:
    with faults_file() as faults, emulator("rally", arguments(faults)) as ready:
        with watching(runtime, errors) as watch:
            return job(ready["url"], ready["api_key"], watch)


def arguments(faults: Path) -> list[str]:
    return [
        f"--tickets={TICKETS}",
        "--seed=1",
        "--fixed-clock",
        f"--latency={LATENCY}",
        f"--per-object={PER_OBJECT}",
        f"--faults={faults}",
    ]


@contextmanager
def faults_file() -> Generator[Path]:
    """Write the faults of the bulk: three tickets whose updates are refused, whoever asks."""
    refused = [
        {
            "match": {"object": f"US{index + 1}", "method": "POST"},
            "fault": "errors",
            "errors": [f"Validation error: US{index + 1} is locked"],
        }
        for index in REFUSED
    ]
    with tempfile.TemporaryDirectory(prefix="twofold-demo-") as folder:
        path = Path(folder, "faults.json")
        path.write_text(json.dumps(refused), encoding="utf-8")
        yield path


@contextmanager
def watching(runtime: str, errors: Console) -> Generator[Watch]:
    """Show live progress on stderr; nothing at all where nobody could see it move."""
    columns = (TextColumn(f"{runtime:>8}  {{task.description}}"), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bars:

        def watch(phase: str) -> ProgressCallback:
            return partial(show, bars, bars.add_task(phase, total=None))

        yield watch


def show(bars: Bars, task: TaskID, progress: Progress) -> None:
    bars.update(task, completed=progress.done, total=progress.total)


def report(runs: dict[str, Figures]) -> dict[str, object]:
    return {
        "equal": answers_are_equal(runs),
        "runtimes": {runtime: figures.as_json() for runtime, figures in runs.items()},
    }


def table(runs: dict[str, Figures]) -> Table:
    """Lay out the figures: a row for each runtime and phase."""
    columns = ("runtime", "job", "items", "failed", "requests", "in flight", "seconds", "speedup")
    shown = Table(*columns, title=f"{TICKETS:,} tickets, read and updated on three runtimes")
    for column in shown.columns[2:]:
        column.justify = "right"
    for runtime, figures in runs.items():
        for phase, row in figures.as_json().items():
            shown.add_row(runtime, phase, *cells(row))
        shown.add_section()
    return shown


def cells(row: dict[str, float]) -> list[str]:
    items = row.get("items", row.get("succeeded", 0) + row.get("failed", 0))
    return [
        f"{items:,}",
        str(row.get("failed", 0)),
        str(row["requests"]),
        str(row["peak_in_flight"]),
        f"{row['seconds']:.2f}",
        f"{row['speedup']:.1f}x" if "speedup" in row else "",
    ]
