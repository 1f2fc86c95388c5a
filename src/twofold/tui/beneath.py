"""What lies beneath a question: the application, dimmed."""

from __future__ import annotations

import math
import time

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from textual.renderables.background_screen import BackgroundScreen

STILL = 0.2  # seconds for which what lies beneath a question is not drawn anew


class Beneath:
    """What lies beneath a question, dimmed.

    Textual would dim it anew for every letter that is typed above it, which takes longer than all
    else that a key does.
    """

    def __init__(self) -> None:
        self._drawn: list[Segment] = []
        self._size: tuple[int, int] = (0, 0)
        self._until = -math.inf
        self.screen: BackgroundScreen | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        now, size = time.monotonic(), (options.max_width, options.max_height)
        if self.screen is not None and (now >= self._until or size != self._size):
            self._drawn = list(console.render(self.screen, options))
            self._size, self._until = size, now + STILL
        yield from self._drawn
