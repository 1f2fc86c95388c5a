"""With a name and a password there are a session and a token, which are found nowhere either."""

from __future__ import annotations

from contextlib import ExitStack

from twofold.cli.emulated import emulator

from .journey import SERVED, port
from .leaving import check_left, mode
from .look import Look, is_whole, shows
from .notes import Notes
from .tap import tapped
from .traces import check_traces
from .walk import Walk
from .world import WITH_PASSWORD, opened, world

POINTS = "13"


def login(notes: Notes) -> None:
    """Log in, write something, leave; then look for what was said on the line."""
    with ExitStack() as kept:
        ready = kept.enter_context(emulator("rally", SERVED))
        tap = kept.enter_context(tapped(int(port(ready))))
        there = kept.enter_context(world({**ready, "url": tap.url}))
        walk = Walk(kept.enter_context(opened(there, WITH_PASSWORD)), notes)
        before = mode(walk.terminal)
        walk.start("logged in with a password", is_whole)
        walk.find_stories()
        walk.press("points", "p", shows("Points of"))
        walk.clear()
        walk.terminal.type(POINTS)
        walk.terminal.press("Enter")
        walk.until("they are written", is_sized)
        walk.settle("all is read")
        walk.press("its address is copied", "y", shows("Copied"))
        walk.leave("quit", "q", 0)
        check_left(walk, there, before)
        notes.check("a session and a token went over the line", len(tap.tokens) >= 2)
        check_traces(walk, there, tap.tokens)


def is_sized(look: Look) -> bool:
    return f" {POINTS}.0 " in next(iter(look.rows.values()), "")
