"""How the application is left, at any moment and for a while, and what it leaves behind."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack

from twofold.cli.emulated import emulator

from .look import Held, Look, details, says, shows
from .notes import Note, Notes
from .terminal import Terminal, is_shell
from .traces import check_traces
from .walk import COMMAND, LEAVING, Walk, called
from .world import World, opened, processes, until_ended, world

MODES = (
    *("alternate_on", "cursor_flag", "insert_flag", "keypad_cursor_flag", "keypad_flag"),
    *("mouse_all_flag", "mouse_any_flag", "mouse_button_flag", "mouse_sgr_flag"),
    *("origin_flag", "wrap_flag", "pane_current_command"),
)
"""What tmux knows of a terminal that an application may have changed."""

HANGING = ["--tickets=300", "--seed=7", "--latency=10"]
MOMENTS = 20
LATEST = 5.0  # seconds
INTERRUPTED = 130
KEYS = ("down", "i", "r", "o", "1", "p", "c", "escape", "f5", "slash", "f", "plus", "comma", "end")
SIZES = ((40, 10), (300, 100), (40, 10), (120, 32))


def mode(terminal: Terminal) -> Mapping[str, str]:
    """Return how a terminal stands."""
    stty = ["stty", "-F", terminal.of_pane("pane_tty"), "-g"]
    told = subprocess.run(stty, capture_output=True, text=True, check=True)
    return {"stty": told.stdout, **{each: terminal.of_pane(each) for each in MODES}}


def check_left(walk: Walk, there: World, before: Mapping[str, str]) -> None:
    """Check that nothing of the application is left."""
    after = mode(walk.terminal)
    changed = [f"{name}: {value}" for name, value in after.items() if value != before[name]]
    walk.notes.check("the terminal is as it was", not changed, ", ".join(changed))
    running = processes(there)
    walk.notes.check(
        "no process is left, so no thread and no socket", not running, "; ".join(running)
    )
    aside = [str(path.relative_to(there.aside)) for path in there.aside.rglob("*")]
    walk.notes.check("no temporary file is left", not aside, ", ".join(aside))


def suspend(walk: Walk) -> None:
    """Go back to the shell and return, and go on working."""
    ident = walk.look().ticket
    walk.act("suspend", is_stopped, most=LEAVING)
    walk.notes.check("the shell has its terminal", walk.terminal.of_pane("alternate_on") == "0")
    walk.terminal.run("clear; fg")
    walk.until("fg: the screen is there again", details(ident), 5.0)
    walk.press("and goes on", "t", lambda look: "Mean" in look.text)
    walk.press("and goes on", "escape", lambda look: "Mean" not in look.text)


def is_stopped(look: Look) -> bool:
    return "Stopped" in look.text and is_shell(look)


def leaving(notes: Notes, seed: int) -> None:
    """Resize it, and interrupt it at random moments, over a server that hangs."""
    with ExitStack() as kept:
        ready = kept.enter_context(emulator("rally", HANGING))
        there = kept.enter_context(world(ready))
        with opened(there) as terminal:
            leave_often(Walk(terminal, notes), there, seed)
        notes.check("the terminal was closed: nothing runs on", until_ended(there))


def leave_often(walk: Walk, there: World, seed: int) -> None:
    before = mode(walk.terminal)
    walk.start("start over a server that hangs, with nothing kept", says("reading"))
    resize(walk)
    walk.leave_by("quit", 0)
    check_left(walk, there, before)
    chance = random.Random(seed)  # noqa: S311 - the same seed must give the same moments
    for number in range(MOMENTS):
        interrupt(walk, chance, number + 1)
        check_left(walk, there, before)
    check_traces(walk, there)
    walk.start("start, to have the terminal closed", says("reading"))


def resize(walk: Walk) -> None:
    """Have the window small and large while it runs."""
    for columns, rows in SIZES:
        began = time.perf_counter()
        walk.terminal.resize(columns, rows)
        fits = walk.terminal.until(drawn(rows), 5.0)
        took = time.perf_counter() - began
        said = "" if fits is not None else walk.seen()
        walk.notes.add(Note(f"{columns} by {rows}", fits is not None, seconds=took, said=said))
        walk.spins(f"{columns} by {rows}")
        walk.press(f"{columns} by {rows}: help", "question_mark", lambda look: "Keys" in look.text)
        walk.press(f"{columns} by {rows}: leave it", "escape", lambda look: "Move" not in look.text)


def drawn(rows: int) -> Held:
    """Tell whether all of a screen of that height is there."""

    def held(look: Look) -> bool:
        return len(look.lines) == rows and bool(look.status.strip()) and "Quit" in look.foot

    return held


def interrupt(walk: Walk, chance: random.Random, number: int) -> None:
    """Press some keys, and Ctrl-C at some moment, be it while Python is still starting."""
    moment = chance.uniform(0.0, LATEST)
    keys = chance.choices(KEYS, k=6)
    walk.terminal.run(COMMAND)
    until = time.monotonic() + moment
    while time.monotonic() < until:
        if keys and walk.terminal.of_pane("alternate_on") == "1":
            walk.terminal.press(called(keys.pop()))
        time.sleep(0.05)
    where = "in it" if walk.terminal.of_pane("alternate_on") == "1" else "before it is there"
    what = f"Ctrl-C, {number} of {MOMENTS}, after {moment:.2f} s, {where}"
    walk.press(what, "ctrl+c", is_shell, LEAVING)
    has_fallen = shows("Traceback", "twofold")(walk.look())
    walk.notes.check("no traceback", not has_fallen, walk.seen() if has_fallen else "")
    walk.check_code("Ctrl-C", INTERRUPTED)
    walk.terminal.run("clear")
    walk.terminal.until(lambda look: is_shell(look) and "code" not in look.text)
