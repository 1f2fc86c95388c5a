"""Every screen and every action, while the server takes ten seconds for everything."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from twofold.cli.emulated import emulator
from twofold.tui.keys import NAMES

from .changing import (
    Written,
    change_many,
    create,
    set_iteration,
    set_owner,
    set_parent,
    set_points,
    set_states,
    write_texts,
)
from .chosen import Chosen, choose
from .finding import find, have_it_otherwise, mark, move, read_anew
from .keeping import check_screen, check_server
from .leaving import check_left, mode, suspend
from .look import counts, is_whole, says, shows
from .notes import Note, Notes
from .taking import is_saved, take_address, take_files, viewed
from .terminal import is_shell
from .traces import check_traces
from .walk import Walk
from .world import World, opened, world

SERVED = ["--tickets=300", "--seed=7"]
HANGS = 10.0  # seconds
VIEWED = 2
ECHOES, REST = 20, 0.02  # seconds


def journey(notes: Notes) -> None:
    """Read everything once; then tour it all, with what was kept, over a server that hangs."""
    with ExitStack() as kept:
        with emulator("rally", SERVED) as ready:
            chosen = choose(ready)
            there = kept.enter_context(world(ready))
            walk = Walk(kept.enter_context(opened(there)), notes)
            say_cost(walk)
            total = fill(walk, chosen)
        hanging = [*SERVED, f"--latency={HANGS}", f"--port={port(ready)}"]
        with emulator("rally", hanging) as ready:
            tour(walk, there, chosen, ready, total)
        check_traces(walk, there)
    missing = sorted(set(NAMES) - walk.acted)
    notes.check("every action was toured", not missing, ", ".join(missing))


def say_cost(walk: Walk) -> None:
    """Measure what measuring costs: how long a letter takes to its echo by the terminal alone."""
    times: list[float] = []
    walk.terminal.run("cat")
    for number in range(1, ECHOES + 1):
        began = time.perf_counter()
        walk.terminal.type("x")
        walk.terminal.until(shows("x" * number))
        times.append(time.perf_counter() - began)
        time.sleep(REST)
    walk.terminal.press("C-c")
    walk.terminal.until(is_shell)
    what = "measuring itself: a letter to its echo, without an application"
    walk.notes.add(Note(what, held=True, seconds=statistics.median(times)))


def port(ready: Mapping[str, str]) -> str:
    return ready["url"].rpartition(":")[2]


def fill(walk: Walk, chosen: Chosen) -> int:
    """Have everything kept that is read at the start, and what is beside one ticket."""
    walk.start("read everything once", is_whole)
    walk.go_to(chosen.pictured.formatted_id)
    walk.until("its attachments are read", shows("Attachments", " bytes"))
    walk.settle("all is read")
    _, total = counts(walk.look())
    walk.leave("quit", "q", 0)
    return total


def tour(walk: Walk, there: World, chosen: Chosen, ready: Mapping[str, str], total: int) -> None:
    before = mode(walk.terminal)
    written = Written.of(chosen)
    walk.start("the first screen, from what was kept", says(f"{total} of {total}"))
    walk.spins("everything is read")
    for part in (move, find, mark, read_anew, have_it_otherwise):
        part(walk)
    change(walk, written)
    take_files(walk, there, chosen.pictured)
    take_address(walk, there)
    walk.settle("all was answered")
    check_files(walk, there)
    check_screen(walk, written, chosen)
    check_server(walk, written, chosen, ready)
    suspend(walk)
    walk.leave_by("quit", 0)
    check_left(walk, there, before)
    walk.start("once more", says(f"{total + 1} of {total + 1}"))
    walk.leave_by("interrupt", 130)
    check_left(walk, there, before)


def change(walk: Walk, written: Written) -> None:
    changes: tuple[Callable[[Walk, Written], None], ...] = (
        *(set_states, set_points, set_parent, write_texts),
        *(set_owner, set_iteration, change_many),
    )
    for each in changes:
        each(walk, written)
    create(walk)


def check_files(walk: Walk, there: World) -> None:
    walk.until("the file is saved", lambda _: is_saved(there), 5.0)
    opened = viewed(there)
    walk.notes.check("a file and an image were opened", len(opened) == VIEWED, str(opened))
    aside = all(path.is_file() and path.is_relative_to(there.aside) for path in opened)
    walk.notes.check("what is looked at lies aside", aside)
