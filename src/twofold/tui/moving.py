"""Where one is on the screen: on which ticket, in which pane, which tickets are marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..rally import Ticket
from ..rally.pages import page_of

if TYPE_CHECKING:
    from .app import RallyApp


class Moving:
    """Moves for one application; nothing of it asks the server."""

    def __init__(self, app: RallyApp) -> None:
        self._app = app

    def acts(self) -> Mapping[str, Callable[[], object]]:
        return {
            "down": lambda: self._app.list.move(1),
            "up": lambda: self._app.list.move(-1),
            "page_down": lambda: self._app.list.move(self._app.list.page),
            "page_up": lambda: self._app.list.move(-self._app.list.page),
            "first": lambda: self._app.list.move_to(0),
            "last": lambda: self._app.list.move_to(len(self._app.list.tickets) - 1),
            "pane": self.other_pane,
            "details": self.toggle_details,
            "back": self.back,
            "mark": self.mark,
            "mark_all": self.mark_all,
            "copy": self.copy_address,
            "browse": self.browse,
        }

    def other_pane(self) -> None:
        app = self._app
        (app.list if app.detail.has_focus else app.detail).focus()

    def toggle_details(self) -> None:
        main = self._app.main
        main.toggle_class("reading" if main.has_class("narrow") else "alone")
        (self._app.detail if main.has_class("reading") else self._app.list).focus()

    def back(self) -> None:
        """Leave the search, else the details of a narrow screen, else take all marks away."""
        if self._app.finding.is_open:
            self._app.finding.close_search()
        elif self._app.main.has_class("reading"):
            self.toggle_details()
        else:
            self._app.list.marked.clear()
            self._app.list.refresh()
            self._app.tell()

    def mark(self) -> None:
        self._app.list.mark()
        self._app.tell()

    def mark_all(self) -> None:
        self._app.list.mark_all()
        self._app.tell()

    def copy_address(self) -> None:
        if self._app.list.ticket is not None:
            address = self.address(self._app.list.ticket)
            self._app.copy_to_clipboard(address)
            self._app.notify(f"Copied {address}", markup=False)

    def browse(self) -> None:
        if self._app.list.ticket is not None:
            address = self.address(self._app.list.ticket)
            self._app.open_url(address)
            self._app.notify(f"Opening {address}", markup=False)

    def address(self, ticket: Ticket) -> str:
        """Return where a browser finds a ticket."""
        return page_of(ticket, self._app.server)
