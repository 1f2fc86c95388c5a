"""The lines of one ticket, drawn as far as they are needed at once, and to the end behind.

It knows no screen.  What goes on behind goes on in a thread: it leaves off at once when it is no
longer wanted, and lets the application have its turn again and again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from typing import TypeAlias

import attrs

from ..rally.models import Ticket
from .beside import Beside
from .ticket_text import described
from .wrapping import Line, Step

TURN = 128  # steps, one or two milliseconds
PAUSE = 0.0002  # seconds: a thread that only computes has Python's lock for 5 ms at a time
MOST = 20_000  # lines that are kept

Key: TypeAlias = tuple[str | None, int]
"""A ticket's ref, and a width."""


@attrs.define(eq=False)
class Drawing:
    """What is known of a ticket, as lines of a width."""

    ticket: Ticket | None
    beside: Beside
    width: int
    lines: list[Line] = attrs.field(factory=list[Line], init=False)
    """As many as are drawn, from the first."""
    is_whole: bool = attrs.field(default=False, init=False)
    _steps: Iterator[Step] = attrs.field(init=False)
    _is_stopped: bool = attrs.field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self._steps = described(self.ticket, self.beside, self.width)

    @property
    def ref(self) -> str | None:
        return None if self.ticket is None else self.ticket.ref

    @property
    def key(self) -> Key:
        return self.ref, self.width

    def shows(self, ticket: Ticket | None, beside: Beside, width: int) -> bool:
        return self.ticket is ticket and self.width == width and self.beside == beside

    def begin(self, most: int) -> None:
        """Draw the first lines, in so many steps at most."""
        for step in islice(self._steps, most):
            most -= 1
            if step is not None:
                self.lines.append(step)
        self.is_whole = most > 0

    def rest(self) -> list[Line]:
        """Return the lines that are not drawn yet; of one that is stopped, some of them."""
        found: list[Line] = []
        for number, line in enumerate(self._steps, 1):
            if self._is_stopped:
                break
            if line is not None:
                found.append(line)
            if number % TURN == 0:
                time.sleep(PAUSE)
        return found

    def end(self, rest: list[Line]) -> None:
        self.lines += rest
        self.is_whole = True

    def stop(self) -> None:
        """Have it left off, in whatever thread it is drawn."""
        self._is_stopped = True


@attrs.define(eq=False)
class Drawings:
    """The last ones that are whole."""

    most: int = MOST
    """How many lines they have together, at most."""
    _kept: dict[Key, Drawing] = attrs.field(factory=dict[Key, Drawing], init=False)
    """What was wanted last is last."""
    _count: int = attrs.field(default=0, init=False)

    def of(self, ticket: Ticket | None, beside: Beside, width: int) -> Drawing:
        """Return a drawing, as far as it is drawn."""
        new = Drawing(ticket, beside, width)
        known = self._kept.get(new.key)
        if known is None or not known.shows(ticket, beside, width):
            return new
        self._kept[known.key] = self._kept.pop(known.key)
        return known

    def keep(self, drawing: Drawing) -> None:
        if drawing.key in self._kept:
            self._forget(drawing.key)
        self._kept[drawing.key] = drawing
        self._count += len(drawing.lines)
        while self._count > self.most:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: Key) -> None:
        self._count -= len(self._kept.pop(key).lines)
