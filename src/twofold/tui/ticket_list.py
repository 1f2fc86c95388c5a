"""The list of tickets: only the lines that are on the screen are ever drawn."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ..rally.models import Ticket
from .columns import Column, columns
from .controls import in_one_line, without_controls

TYPES = ("story", "defect", "task", "testcase", "testset", "defectsuite", "portfolioitem")


class TicketList(ScrollView, can_focus=True, inherit_bindings=False):
    """Tickets, one a line; the cursor is on one of them, and any may be marked."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "ticket-list--head",
        "ticket-list--cursor",
        "ticket-list--failed",
        *(f"ticket-list--{kind}" for kind in TYPES),
    }
    DEFAULT_CSS = """
    TicketList { overflow-x: hidden; overflow-y: scroll; }
    TicketList > .ticket-list--head { text-style: bold; color: $text-muted; }
    TicketList > .ticket-list--cursor { background: $boost; text-style: bold; }
    TicketList:focus > .ticket-list--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground;
    }
    TicketList > .ticket-list--failed { color: $text-error; }
    TicketList > .ticket-list--story { color: $text-primary; }
    TicketList > .ticket-list--defect { color: $text-error; }
    TicketList > .ticket-list--task { color: $text-success; }
    TicketList > .ticket-list--testcase { color: $text-secondary; }
    TicketList > .ticket-list--testset { color: $text-secondary; }
    TicketList > .ticket-list--defectsuite { color: $text-warning; }
    TicketList > .ticket-list--portfolioitem { color: $text-accent; }
    """

    class Moved(Message):
        """The cursor is on another ticket, or on the same as it is now, or on none."""

        def __init__(self, ticket: Ticket | None) -> None:
            super().__init__()
            self.ticket = ticket

    cursor: reactive[int] = reactive(0, repaint=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tickets: Sequence[Ticket] = ()
        self.marked: set[str] = set()
        self.failed: set[str] = set()
        """Tickets of which the last change failed."""
        self._why = ""
        self._is_placed = False
        """Whether the cursor was ever moved: until then it stays on the first line."""

    @property
    def ticket(self) -> Ticket | None:
        """The one under the cursor."""
        return self.tickets[self.cursor] if self.cursor < len(self.tickets) else None

    def show(self, tickets: Sequence[Ticket]) -> None:
        """Show these; the cursor stays on its ticket, or where it was if that is gone."""
        before = self.ticket if self._is_placed else None
        self.tickets = tickets
        self._measure()
        at = self._place_of(before)
        self.set_reactive(TicketList.cursor, at)
        self._come_to(at)

    def say_why(self, why: str) -> None:
        """Have it said why there is no ticket, if there is none."""
        if why != self._why:
            self._why = why
            if not self.tickets:
                self.refresh()

    def _place_of(self, ticket: Ticket | None) -> int:
        now = self.ticket
        if ticket is not None and now is not None and now.ref == ticket.ref:
            return self.cursor
        if ticket is not None:
            for place, each in enumerate(self.tickets):
                if each.ref == ticket.ref:
                    return place
        return max(0, min(self.cursor, len(self.tickets) - 1))

    def move(self, by: int) -> None:
        self.move_to(self.cursor + by)

    def move_to(self, place: int) -> None:
        self._is_placed = True
        self.cursor = max(0, min(place, len(self.tickets) - 1))

    def go_to(self, ref: str) -> None:
        """Put the cursor on a ticket, if it is shown."""
        for place, ticket in enumerate(self.tickets):
            if ticket.ref == ref:
                self.move_to(place)

    def watch_cursor(self, before: int, now: int) -> None:
        if before != now:
            self._come_to(now)

    def _come_to(self, place: int) -> None:
        # With the line above it, since the titles cover the first line of the screen.
        self.scroll_to_region(Region(0, place, 1, 2), animate=False, force=True)
        self.refresh()
        self.post_message(self.Moved(self.ticket))

    @property
    def page(self) -> int:
        return max(1, self.size.height - 2)

    def mark(self) -> None:
        """Mark the ticket under the cursor, or take its mark away, and go to the next."""
        if self.ticket is not None:
            self.marked ^= {self.ticket.ref}
            self.move(1)
            self.refresh()

    def mark_all(self) -> None:
        """Mark all that are shown; if they are, none."""
        shown = {ticket.ref for ticket in self.tickets}
        self.marked = set() if shown <= self.marked else self.marked | shown
        self.refresh()

    def _measure(self) -> None:
        self.virtual_size = Size(self._width, len(self.tickets) + 1)

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    def on_resize(self) -> None:
        self._measure()

    def on_click(self, event: Click) -> None:
        line = event.y + self.scroll_offset.y - 1
        if 0 <= line < len(self.tickets):
            self.move_to(line)

    def render_line(self, y: int) -> Strip:
        line = y + self.scroll_offset.y
        width = self._width
        if y == 0:
            return self._strip([column.title for column in self._columns], self._head, width)
        # The first line of the screen always shows the titles, so a ticket hides behind it.
        place = line - 1
        if place >= len(self.tickets):
            return self._line_of_why(place).adjust_cell_length(width, self.rich_style)
        ticket = self.tickets[place]
        said = [column.say(ticket) for column in self._columns]
        return self._strip(said, self._style(place, ticket), width, self._sign(ticket))

    def _line_of_why(self, place: int) -> Strip:
        """Return a line of why there is no ticket, as wide as the list."""
        lines = wrap(without_controls(self._why), max(10, self._width - 4))
        said = lines[place] if not self.tickets and place < len(lines) else ""
        return Strip([Segment(f"  {said}", self.rich_style)])

    @property
    def _columns(self) -> Sequence[Column]:
        return columns(self._width)

    @property
    def _head(self) -> Style:
        return self.get_component_rich_style("ticket-list--head")

    def _style(self, place: int, ticket: Ticket) -> Style:
        if place == self.cursor:
            return self.get_component_rich_style("ticket-list--cursor")
        if ticket.ref in self.failed:
            return self.get_component_rich_style("ticket-list--failed")
        kind = ticket.ref.split("/")[1]
        kind = "story" if kind not in TYPES else kind
        return self.get_component_rich_style(f"ticket-list--{kind}")

    def _sign(self, ticket: Ticket) -> str:
        if ticket.ref in self.failed:
            return "! "
        return "* " if ticket.ref in self.marked else "  "

    def _strip(self, said: Sequence[str], style: Style, width: int, sign: str = "  ") -> Strip:
        fixed = sum(column.cells for column in self._columns)
        rest = max(1, width - fixed - len(sign))
        cells = [
            set_cell_size(in_one_line(text), (column.cells or rest) - 1) + " "
            for text, column in zip(said, self._columns, strict=True)
        ]
        return Strip([Segment(sign + "".join(cells), style)]).adjust_cell_length(width, style)
