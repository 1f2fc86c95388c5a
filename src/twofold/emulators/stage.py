"""One address at which emulators take turns."""

from __future__ import annotations

from .exchange import Answer, Emulator, Incoming

NOBODY = Answer(503, (("Content-Type", "text/html;charset=utf-8"),), b"<h1>Nobody is here</h1>")


class Stage:
    """An emulator that passes everything on to the one that is `playing`."""

    def __init__(self) -> None:
        self.playing: Emulator | None = None

    def answer(self, request: Incoming, now: float) -> Answer:
        playing = self.playing
        return NOBODY if playing is None else playing.answer(request, now)

    def left(self, answer: Answer, now: float) -> None:
        # An answer of an earlier one means nothing to this one, which leaves it at that.
        if self.playing is not None:
            self.playing.left(answer, now)
