"""A walk through the application: keys are pressed, and what follows is looked at."""

from __future__ import annotations

import shlex
import sys
import time

import attrs

from twofold.tui.keys import NAMES, STANDARD, split

from .look import NOTICE, STATUS, Held, Look, differs, is_quiet, lacks, moved, says, shows
from .notes import MOST, Note, Notes
from .terminal import PATIENCE, Terminal, is_shell

COMMAND = shlex.join([sys.executable, "-m", "twofold", "rally", "tui"])
START = 60.0  # seconds in which it is there, on a machine that has more to do
LEAVING = 0.5  # seconds
ESCAPE = 0.1
"""Seconds for which Textual waits whether an escape begins another key: a terminal such as this
cannot say, one that speaks Kitty's protocol does."""
SPINNING = 3.0  # seconds in which something is begun
NOTICED = 20.0  # seconds for which a notice stays
SETTLED = 600.0  # seconds in which all that was asked for is done

NAMED = {
    "pagedown": "NPage", "pageup": "PPage", "slash": "/", "plus": "+", "comma": ",",
    "question_mark": "?", "backspace": "BSpace",
}  # fmt: skip
"""Keys that tmux calls otherwise; of others, only the first letter is a capital."""


@attrs.define
class Walk:
    """One walk, with what was noted on it."""

    terminal: Terminal
    notes: Notes
    acted: set[str] = attrs.field(factory=set[str])
    """Actions whose key was pressed."""

    def act(self, name: str, held: Held, what: str = "", most: float = MOST) -> None:
        """Press the key of an action; what must hold then must not have held before."""
        self.acted.add(name)
        self.press(what or NAMES[name].text, key_of(name), held, most)

    def press(self, what: str, key: str, held: Held, most: float = MOST) -> None:
        most += ESCAPE if key == "escape" else 0.0
        if held(self.look()):
            self.notes.check(what, held=False, said="it was so before the key")
        worked, began = self.terminal.worked, time.perf_counter()
        self.terminal.press(called(key))
        is_so = self.terminal.until(held, PATIENCE / 10) is not None
        took, worked = time.perf_counter() - began, max(0.0, self.terminal.worked - worked)
        said = "" if is_so else self.seen()
        self.notes.add(Note(what, is_so and took <= most, key, took, worked, said))

    def type(self, what: str, text: str, held: Held | None = None) -> None:
        """Type letters, each of which changes the screen; then something holds."""
        times: list[tuple[float, float]] = []
        for letter in text:
            before, worked, began = self.look(), self.terminal.worked, time.perf_counter()
            self.terminal.type(letter)
            self.terminal.until(differs(before), PATIENCE / 10)
            times.append((time.perf_counter() - began, self.terminal.worked - worked))
        took, worked = max(times)
        is_so = held is None or self.terminal.until(held, PATIENCE / 10) is not None
        said = "" if is_so else self.seen()
        self.notes.add(Note(what, is_so and took <= MOST, text, took, worked, said))

    def clear(self) -> None:
        """Empty the line that is asked for; who types does so one key after another."""
        before = self.look()
        self.terminal.press("C-u")
        self.terminal.until(differs(before), 1.0)

    def calm(self) -> None:
        """Wait until no notice covers anything."""
        self.terminal.until(lacks(NOTICE), NOTICED)

    def until(self, what: str, held: Held, patience: float = SETTLED) -> bool:
        """Wait for something that the server has to answer for."""
        took = self.terminal.until(held, patience)
        said = self.seen() if took is None else ""
        return self.notes.add(Note(what, took is not None, seconds=took, said=said))

    def spins(self, what: str) -> None:
        """Check that the spinner moves between two looks."""
        self.terminal.until(lambda look: look.spinner, SPINNING)
        before = self.look()
        moved = self.terminal.until(lambda look: look.spinner not in ("", before.spinner), 1.0)
        self.notes.check(f"the spinner moves: {what}", before.spinner and moved, before.doing)

    def scrolls(self, what: str) -> None:
        """Check that the list goes on moving, whatever is done."""
        first = next(iter(self.look().rows), "")
        away, back = ("home", "end") if self.look().ticket != first else ("end", "home")
        for key in (away, back):
            self.press(f"the list moves: {what}", key, moved(self.look()))

    def go_to(self, ident: str) -> None:
        """Search for a ticket, and put the cursor on it."""
        self.come_back()
        if self.look().is_searching:
            self.terminal.press("Escape")
            self.terminal.until(lambda look: not look.is_searching)
        self.terminal.press("/")
        self.terminal.until(lambda look: look.is_searching)
        self.terminal.type(ident)
        self.terminal.until(lambda look: list(look.rows) == [ident] and look.ticket == ident)
        self.into_the_list()

    def find_stories(self) -> None:
        """Have stories alone on the list."""
        self.terminal.press("/")
        self.terminal.until(lambda look: look.is_searching)
        self.terminal.type("us1")
        self.terminal.until(says("/us1"))
        self.into_the_list()

    def come_back(self) -> None:
        """Leave whatever is still asked: a step that failed does not spoil the next."""
        for _ in range(3):
            if not self.look().is_asked:
                return
            self.terminal.press("Escape")
            self.terminal.until(lambda look: not look.is_asked, 1.0)

    def into_the_list(self) -> None:
        """Leave the box of the search for what it found; its frame looks otherwise then."""
        frame = self.look().coloured[0]
        self.terminal.press("Enter")
        self.terminal.until(lambda look: look.coloured[0] != frame)

    def start(self, what: str, held: Held, *options: str) -> bool:
        self.terminal.run(shlex.join([*shlex.split(COMMAND), *options]))
        return self.until(what, held, START)

    def leave(self, what: str, key: str, code: int) -> None:
        """Leave, and check what a shell is told, and that the terminal is its own again."""
        self.press(what, key, is_shell, LEAVING)
        self.check_code(what, code)

    def leave_by(self, name: str, code: int) -> None:
        """Leave by the key of an action."""
        self.acted.add(name)
        self.leave(NAMES[name].text, key_of(name), code)

    def check_code(self, what: str, code: int) -> None:
        self.terminal.until(is_shell)
        self.terminal.run("echo code=$?=")
        told = self.terminal.until(shows(f"\ncode={code}="), 5.0)
        self.notes.check(f"{what}: code {code}", told is not None, "" if told else self.seen())

    def settle(self, what: str) -> None:
        self.until(what, lambda look: is_quiet(look) and says(" of ")(look))

    def look(self) -> Look:
        return self.terminal.look()

    def seen(self) -> str:
        """Return what there was instead, shortened."""
        lines = [line.strip() for line in self.look().lines if line]
        return "saw: " + " / ".join([*lines[STATUS : STATUS + 1], *lines])[:400]


def key_of(name: str) -> str:
    return split(NAMES[name].keys[STANDARD])[0]


def called(key: str) -> str:
    """Return what tmux calls a key."""
    if key.startswith("ctrl+"):
        return f"C-{key.removeprefix('ctrl+')}"
    return NAMED.get(key, key if len(key) == 1 else key.capitalize())
