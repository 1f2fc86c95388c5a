"""What a look at the screen tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

import attrs

ESCAPES = re.compile(r"\x1b\[[0-9;:]*m|\x1b[()].|[\x0e\x0f]")
DOING = re.compile(r"  ([|/\\-]) (\S.*?)\s*$")
IDENT = re.compile(r"^[ !*] *([A-Z]{1,3}\d+) ")
AGE = re.compile(r"\d+ (s|min|h|d) old")
COUNTED = re.compile(r"(\d+) of (\d+)")
BORDER, BOX, FRAME, NOTICE = "│", "▊▔", "╭─", "▌"
STATUS, FOOT = -2, -1  # lines


@attrs.frozen
class Look:
    """A screen, line by line, with its colours and without."""

    coloured: Sequence[str]
    lines: Sequence[str]

    @classmethod
    def of(cls, coloured: Sequence[str]) -> Look:
        return cls(coloured, [ESCAPES.sub("", line).rstrip() for line in coloured])

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def status(self) -> str:
        """The line that says what is shown and what is done."""
        return self.lines[STATUS] if len(self.lines) > 1 else ""

    @property
    def foot(self) -> str:
        return self.lines[FOOT] if self.lines else ""

    @property
    def body(self) -> Sequence[str]:
        """All above that line, in colours."""
        return self.coloured[:STATUS]

    @property
    def spinner(self) -> str:
        """How the spinner stands; empty: nothing is done."""
        found = DOING.search(self.status)
        return found[1] if found else ""

    @property
    def doing(self) -> str:
        """What is said to be done."""
        found = DOING.search(self.status)
        return found[2] if found else ""

    @property
    def is_asked(self) -> bool:
        """Whether there is a question above the list."""
        return any(FRAME in line for line in self.lines)

    @property
    def is_searching(self) -> bool:
        """Whether the box for the search is open."""
        return bool(self.lines) and self.lines[0].startswith(BOX)

    @property
    def ticket(self) -> str:
        """The id of the ticket whose details are beside the list."""
        for line in self.lines[:STATUS]:
            if BORDER in line:
                return (line.rpartition(BORDER)[2].split() or [""])[0]
        return ""

    @property
    def rows(self) -> dict[str, str]:
        """What the list says of each ticket, by its id, from above."""
        said = [line.partition(BORDER)[0] for line in self.lines[:STATUS]]
        return {found[1]: line for line in said if (found := IDENT.match(line))}

    def row(self, ident: str) -> str:
        """What the list says of a ticket; empty: it is not on the screen."""
        return self.rows.get(ident, "")


Held: TypeAlias = Callable[[Look], object]
"""Tells whether something holds of a screen."""


def shows(*texts: str) -> Held:
    return lambda look: all(text in look.text for text in texts)


def lacks(*texts: str) -> Held:
    return lambda look: not any(text in look.text for text in texts)


def says(*texts: str) -> Held:
    """Tell whether the line at the foot says something."""
    return lambda look: all(text in look.status for text in texts)


def details(ident: str) -> Held:
    """Tell whether the details are those of a ticket."""
    return lambda look: look.ticket == ident


def moved(before: Look) -> Held:
    """Tell whether the cursor is on another ticket."""
    return lambda look: look.ticket not in ("", before.ticket)


def restated(before: Look) -> Held:
    """Tell whether the line at the foot says something else, the age and the spinner apart."""
    return lambda look: stated(look) != stated(before)


def stated(look: Look) -> str:
    return AGE.sub("", DOING.sub(r" \2", look.status))


def differs(before: Look) -> Held:
    """Tell whether anything above the line at the foot has changed."""
    return lambda look: look.body != before.body


def counts(look: Look) -> tuple[int, int]:
    """Return how many tickets are shown, of how many."""
    found = COUNTED.search(look.status)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def is_whole(look: Look) -> bool:
    """Tell whether everything is shown, as the server has it."""
    shown, total = counts(look)
    return shown == total > 0 and "Live" in look.status and is_quiet(look)


def is_quiet(look: Look) -> bool:
    """Tell whether nothing is done."""
    return bool(look.status) and not look.doing
