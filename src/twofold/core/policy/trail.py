"""Which page of a listing comes next, and when there is none."""

from __future__ import annotations

from typing import Any

from ..request import Page


class Trail:
    """The cursors of one walk through a listing.

    It ends when a page names no next one, or names a cursor that was walked already: a server that
    sends its client in circles would otherwise never be done.  A page without items is the last if
    its pages are counted, by number or by offset; one that names a link or a token goes on.
    """

    def __init__(self, start: Any) -> None:
        self.cursor = start
        """What to ask for; hashable, and None is a cursor like any other here."""
        self.ended = False
        self._walked = {start}

    def follow(self, page: Page[Any]) -> None:
        """Go on to the page after this one."""
        is_past_the_end = not page.items and isinstance(page.next, int)
        if page.next is None or is_past_the_end or page.next in self._walked:
            self.end()
        else:
            self.cursor = page.next
            self._walked.add(page.next)

    def end(self) -> None:
        """Go no further."""
        self.ended = True
