"""What was done, how long it took, and whether it held."""

from __future__ import annotations

import attrs

MOST = 0.1  # seconds from a key to a changed screen


@attrs.frozen
class Note:
    """One line of the table."""

    what: str
    held: bool
    key: str = ""
    seconds: float | None = None
    worked: float | None = None
    """Seconds of them for which the application had a processor: what it would take alone."""
    said: str = ""
    """Why it did not hold, or what there is to know."""

    def __str__(self) -> str:
        took, worked = in_ms(self.seconds), in_ms(self.worked)
        held = "held" if self.held else "NOT HELD"
        row = f"{self.what:<58} {self.key:<13} {took:>7} {worked:>5}  {held:<8}  {self.said}"
        return row.rstrip()


HEAD = f"{'step':<58} {'key':<13} {'ms':>7} {'cpu':>5}  held"


def in_ms(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds * 1000:.1f}" if seconds < 0.01 else f"{seconds * 1000:.0f}"


@attrs.define
class Notes:
    """All lines; each is printed as it comes, those that did not hold once more at the end."""

    lines: list[Note] = attrs.field(factory=list[Note])

    def add(self, note: Note) -> bool:
        self.lines.append(note)
        print(note, flush=True)
        return note.held

    def check(self, what: str, held: object, said: str = "") -> bool:
        """Note that something held, or what was there instead."""
        return self.add(Note(what, bool(held), said=said))

    @property
    def failed(self) -> list[Note]:
        return [note for note in self.lines if not note.held]

    def conclude(self) -> int:
        """Print what it comes to; return the code to exit with."""
        times = sorted(note.seconds for note in self.lines if note.key and note.seconds is not None)
        if times:
            middle, last = times[len(times) // 2] * 1000, times[-1] * 1000
            print(f"\n{len(times)} keys: {middle:.0f} ms in the middle, at worst {last:.0f} ms")
        print(f"{len(self.lines)} steps, {len(self.failed)} did not hold")
        for note in self.failed:
            print(note)
        return 1 if self.failed else 0
