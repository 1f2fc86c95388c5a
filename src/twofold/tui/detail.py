"""The pane beside the list.

A long text is cut into lines in a thread, and a later one wins.  The thread is the pane's own and
ends with it: those that Textual and anyio lend are idle until the event loop ends.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from textual.worker import Worker

from ..rally.models import Ticket
from .beside import Beside as Beside
from .drawing import Drawing, Drawings
from .lines_view import LinesView

AT_ONCE = 80  # steps, about a millisecond: most tickets take fewer


class Detail(LinesView):
    """All that is known of one ticket."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.ticket: Ticket | None = None
        """The one to be shown."""
        self._beside = Beside()
        self._drawings = Drawings()
        self._drawing = Drawing(None, self._beside, 0)
        """The latest, of which what is on the screen may be behind."""
        self._behind: Worker[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="twofold-detail")

    def show(self, ticket: Ticket | None, beside: Beside) -> None:
        """Show a ticket, or that there is none; another one is shown from its top."""
        self.ticket, self._beside = ticket, beside
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def on_unmount(self) -> None:
        self._leave_off()
        self._thread.shutdown()

    @property
    def is_whole(self) -> bool:
        """Whether all of what is to be shown is there."""
        return self.lines is self._drawing.lines and self._drawing.is_whole

    def _draw(self) -> None:
        """Draw what is to be shown, unless that is done, or being done."""
        before, width = self._drawing, self.width
        if not width or before.shows(self.ticket, self._beside, width):
            return
        self._leave_off()
        self._drawing = self._drawings.of(self.ticket, self._beside, width)
        is_other = before.ref != self._drawing.ref
        if is_other:
            self.scroll_to(y=0, animate=False, force=True)
        if is_other or before.width != width:
            self.select_nothing()
        self._begin(is_other=is_other)

    def _leave_off(self) -> None:
        self._drawing.stop()
        if self._behind is not None:
            self._behind.cancel()

    def _begin(self, *, is_other: bool) -> None:
        """Draw what is on the screen at once; the same ticket stays as it was until it is."""
        drawing = self._drawing
        drawing.begin(AT_ONCE)
        if is_other or drawing.is_whole or len(drawing.lines) >= self.bottom:
            self.put(drawing.lines)
        if drawing.is_whole:
            self._drawings.keep(drawing)
        else:
            self._behind = self.run_worker(partial(self._go_on, drawing))

    async def _go_on(self, drawing: Drawing) -> None:
        """Draw the rest behind."""
        rest = await asyncio.get_running_loop().run_in_executor(self._thread, drawing.rest)
        is_below = self.lines is drawing.lines and len(drawing.lines) >= self.bottom
        drawing.end(rest)
        self._drawings.keep(drawing)
        self.put(drawing.lines, is_below=is_below)
