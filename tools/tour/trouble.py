"""A broken world: the server dies, refuses the key, has too much; a settings file is broken."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack

from twofold.cli.emulated import emulator
from twofold.rally import RallyClient, Ticket

from .journey import port
from .leaving import check_left, mode
from .look import Look, counts, is_quiet, is_whole, lacks, moved, says, shows
from .notes import Note, Notes
from .traces import check_traces
from .walk import Walk
from .world import opened, world

SMALL = ["--tickets=300", "--seed=7"]
MANY = 50_000
MARKED = 12
READ = 20
"""Requests after which the key is refused: all that is read at the start, and a few more."""
PATIENCE = 180.0  # seconds
LONG = 30_000  # letters


def trouble(notes: Notes, tickets: int) -> None:
    for part in (dies, refuses, is_broken_in_an_editor, describes_at_length):
        part(notes)
    has_many(notes, tickets)


def dies(notes: Notes) -> None:
    """The server dies during a bulk, and comes back."""
    with ExitStack() as kept:
        with emulator("rally", [*SMALL, "--latency=1"]) as ready:
            there = kept.enter_context(world(ready))
            walk = Walk(kept.enter_context(opened(there)), notes)
            before = mode(walk.terminal)
            walk.start("over a server that will die", is_whole)
            walk.find_stories()
            walk.terminal.press(*["Space"] * MARKED)
            walk.press("mark many, and change them", "b", shows(f"Change {MARKED} tickets"))
            walk.terminal.type("points")
            walk.terminal.until(lacks("Owner"))
            walk.press("points", "enter", shows(f"Points of {MARKED} tickets"))
            walk.terminal.type("8")
            walk.press("send them", "enter", says(f"{MARKED} tickets: points"))
        walk.until("each ticket has an outcome", shows("points:", " failed"), PATIENCE)
        outcomes = walk.look()
        walk.notes.check("what failed is said, and what to do", advised(outcomes))
        walk.press("leave the outcomes", "escape", lacks("points:"))
        walk.scrolls("nobody answers")
        walk.until("the line says that nobody answers", says("no answer"), PATIENCE)
        with emulator("rally", [*SMALL, f"--port={port(ready)}"]):
            walk.press("refresh, when it is there again", "r", lambda look: bool(look.doing), 1.0)
            walk.until("all is there again", lambda look: is_quiet(look) and says("Live")(look))
            walk.leave_by("quit", 0)
        check_left(walk, there, before)


def advised(look: Look) -> bool:
    return any(each in look.text for each in ("do it again", "refresh", "look before you repeat"))


def refuses(notes: Notes) -> None:
    """The key is refused after a while."""
    with ExitStack() as kept:
        ready = kept.enter_context(emulator("rally", SMALL))
        there = kept.enter_context(world(ready))
    faults = [{"nth": list(range(READ, 2000)), "fault": "status", "status": 401}]
    with ExitStack() as kept:
        there = kept.enter_context(world(ready))
        listed = there.folder / "faults.json"
        listed.write_text(json.dumps(faults), "utf-8")
        refusing = [*SMALL, f"--faults={listed}", f"--port={port(ready)}"]
        kept.enter_context(emulator("rally", refusing))
        walk = Walk(kept.enter_context(opened(there)), notes)
        before = mode(walk.terminal)
        walk.start("over a server that will refuse the key", is_whole)
        walk.terminal.press("r")
        walk.terminal.press("r")
        walk.until("it is said that the key is refused", shows("Check RALLY_APIKEY"), PATIENCE)
        walk.find_stories()
        walk.terminal.press("p")
        walk.terminal.until(shows("Points of"))
        walk.clear()
        walk.terminal.type("8")
        walk.terminal.press("Enter")
        walk.until("a write that is refused is said at its ticket", is_marked, PATIENCE)
        walk.scrolls("the key is refused")
        walk.leave_by("quit", 0)
        check_left(walk, there, before)
        check_traces(walk, there)


def is_marked(look: Look) -> bool:
    return any(row.startswith("!") for row in look.rows.values())


def is_broken_in_an_editor(notes: Notes) -> None:
    """The file of preferences is no TOML any more; nor is that of the settings."""
    with (
        emulator("rally", SMALL) as ready,
        world(ready) as there,
        opened(there) as terminal,
    ):
        walk = Walk(terminal, notes)
        before = mode(terminal)
        there.preferences.parent.mkdir(parents=True)
        there.preferences.write_text("theme = [", "utf-8")
        walk.start("a broken tui.toml is said", shows("tui.toml"))
        walk.until("and all is there", is_whole)
        walk.press("the theme can be chosen", "ctrl+t", shows("Theme "), 1.0)
        walk.leave_by("quit", 0)
        broken = there.preferences.with_suffix(".broken.toml")
        walk.notes.check("the broken one is kept", broken.read_text("utf-8") == "theme = [")
        there.preferences.with_name("twofold.toml").write_text("[rally", "utf-8")
        terminal.run("clear; unset RALLY_SERVER")
        walk.start("a broken twofold.toml is said", shows("twofold.toml", "TOML"))
        walk.check_code("it is", 2)
        walk.notes.check("no traceback", "Traceback" not in walk.look().text)
        check_left(walk, there, before)


def describes_at_length(notes: Notes) -> None:
    """A description of 30,000 letters, with images and tables."""
    with emulator("rally", SMALL) as ready:
        ticket = described(ready["url"], ready["api_key"])
        ident = ticket.formatted_id
        with world(ready) as there, opened(there) as terminal:
            walk = Walk(terminal, notes)
            before = mode(terminal)
            walk.start(f"a description of {LONG:,} letters", is_whole)
            walk.terminal.press("/")
            walk.terminal.until(lambda look: look.is_searching)
            walk.type("come upon it", ident, lambda look: look.ticket == ident)
            walk.until("it is shown", shows("Paragraph 0"))
            walk.into_the_list()
            walk.press("edit it", "d", shows("ctrl+s sends it"))
            walk.type("type in it", "abc")
            walk.press("leave it", "escape", shows("escape again"))
            walk.press("leave it", "escape", lacks("escape again"))
            walk.leave_by("quit", 0)
            check_left(walk, there, before)


def described(url: str, key: str) -> Ticket:
    """Give a ticket a long description."""
    image = '<img src="/slm/attachment/1/a%20picture.png" alt="A picture">'
    row = "<tr><td>one</td><td>two</td><td>three</td></tr>"
    pieces: list[str] = []
    while sum(map(len, pieces)) < LONG:
        number = len(pieces)
        pieces.append(f"<p>Paragraph {number} of <b>many</b>.</p>{image}<table>{row * 3}</table>")
    with RallyClient(server=url, api_key=key) as client:
        return client.update_ticket("US150", {"description": "".join(pieces)})


def has_many(notes: Notes, tickets: int) -> None:
    """A board of very many tickets is read, scrolled and searched."""
    began = time.perf_counter()
    with emulator("rally", [f"--tickets={tickets}", "--seed=7"]) as ready:
        took = time.perf_counter() - began
        notes.add(Note(f"(the emulator makes {tickets:,} tickets)", held=True, seconds=took))
        with world(ready) as there, opened(there) as terminal:
            walk = Walk(terminal, notes)
            before = mode(terminal)
            walk.start("the first of very many", lambda look: bool(look.rows))
            walk.scrolls("very many are read")
            walk.until(
                f"all {tickets:,} are there",
                lambda look: counts(look)[1] >= tickets and is_whole(look),
                PATIENCE * 3,
            )
            work_with_many(walk)
            walk.leave_by("quit", 0)
            walk.start("very many, from what was kept", lambda look: counts(look)[1] >= tickets)
            walk.scrolls("they are read again")
            walk.leave_by("quit", 0)
            check_left(walk, there, before)


def work_with_many(walk: Walk) -> None:
    for key in ("pagedown", "down", "end", "home"):
        walk.press("scroll among very many", key, moved(walk.look()))
    walk.press("search among very many", "slash", lambda look: look.is_searching)
    walk.type("search as it is typed", "import 12")
    walk.press("clear the search", "escape", lambda look: not look.is_searching)
    walk.press("order by state", "o", says("by state"))
    walk.press("order by owner", "o", says("by owner"))
    walk.press("team of very many", "t", shows("Mean"))
    walk.press("leave it", "escape", lacks("Mean"))
