"""The application: what is on the screen, and which key does what.

It asks nothing of the server itself: that is the desk's, and of the edits and the reading beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import attrs
from rich.text import Text
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Footer, Input

from ..errors import TwofoldError
from ..rally import AsyncCachingRallyClient, Ticket
from ..rally.pages import page_of
from .asking import Asking
from .board import Board, View, following
from .desk import Desk
from .detail import Beside, Detail
from .edits import Edits
from .files import Files
from .html_text import without_controls
from .keys import ACTIONS, SCHEMES, STANDARD, keys_of, split
from .many import Many
from .panels import explained, help_text, readable, team_text
from .plain_terminal import on_plain_terminal
from .preferences import THEME, Preferences, at_home, preferences_path, save
from .reading import Reading
from .screens import Read
from .status import Status, StatusBar, at, said, why_empty
from .ticket_list import TicketList

AGEING = 1.0  # seconds between two looks at how old the data is
INTERRUPTED = 130  # what a shell expects after Ctrl-C
BOTH = 100  # cells, below which list and details are not side by side


def bindings() -> list[BindingType]:
    return [
        Binding(
            each.keys[STANDARD],
            f"do({each.name!r})",
            each.short or each.text,
            id=each.name,
            show=bool(each.short),
            priority=each.always,
        )
        for each in ACTIONS
    ]


class RallyApp(App[None]):
    """Rally in a terminal.

    `open` makes the client; it is opened, used and closed in one task of the application's own.
    Without `unicode` its lines are drawn in ASCII.  `settled` is called when it has begun, and
    whenever all tickets were read.
    """

    TITLE = "Rally"
    main: Screen[object]
    """The screen beneath all questions; it and what is on it are there once the application is."""
    search: Input
    list: TicketList
    detail: Detail
    bar: StatusBar
    CSS = """
    #search { display: none; height: 3; }
    #search.open { display: block; }
    #tickets { width: 3fr; }
    #detail { width: 2fr; border-left: solid $panel; }
    .narrow #detail { display: none; }
    .narrow.reading #detail { display: block; width: 1fr; border-left: none; }
    .narrow.reading #tickets { display: none; }
    .wide.alone #detail { display: none; }
    """
    BINDINGS = bindings()
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        open: Callable[[], AsyncCachingRallyClient],
        *,
        project: str = "",
        server: str = "",
        preferences: Preferences | None = None,
        unicode: bool = True,
        settled: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__()
        if not unicode:
            self.driver_class = on_plain_terminal(self.driver_class)
        self.HORIZONTAL_BREAKPOINTS = [(0, "narrow"), (BOTH, "wide")]
        self.settled = settled
        self.preferences = Preferences() if preferences is None else preferences
        self.project, self.server = project, server
        self.keys = keys_of(self.preferences.scheme, self.preferences.keys)
        self.board = Board()
        self.view = View()
        self.shown = self.board.show(self.view)
        self.beside: dict[str, Beside] = {}
        self.reading = Reading(self)
        self.desk = Desk(open, self.tell, self.reading.heard)
        self.asking = Asking(self)
        self.edits = Edits(self)
        self.many = Many(self)
        self.files = Files(self)
        self._acts = self._table()

    def compose(self) -> ComposeResult:
        self.main = self.screen
        self.search = Input(placeholder="id, name, owner, state", id="search")
        self.list = TicketList(id="tickets")
        self.detail = Detail(id="detail")
        self.bar = StatusBar()
        yield self.search
        with Horizontal():
            yield self.list
            yield self.detail
        yield self.bar
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.set_keymap(dict(self.keys))
        wanted = self.preferences.theme
        self.theme = wanted if wanted in self.available_themes else THEME
        if self.preferences.trouble:
            self.notify(self.preferences.trouble, severity="warning", timeout=15, markup=False)
        self.list.focus()
        self.run_worker(self.desk.run(self.reading.begin), name="client", exit_on_error=True)
        self.set_interval(AGEING, self.tell)
        self.tell()
        self.settled()

    def on_unmount(self) -> None:
        self.files.close()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every action in the command palette, and what Textual offers beside."""
        for each in ACTIONS:
            pressed = ", ".join(readable(key) for key in split(self.keys[each.name]))
            yield SystemCommand(each.text, pressed, partial(self.action_do, each.name))
        # Textual's own signature leaves out what a screen answers.
        usual = super().get_system_commands(screen)  # pyright: ignore[reportUnknownMemberType]
        yield from usual

    def action_do(self, name: str) -> None:
        self._acts[name]()

    def on_driver_signal_resume(self) -> None:
        """Draw everything: after a stop by the shell nothing of it is there any more."""
        self.refresh(layout=True)

    async def action_quit(self) -> None:
        self.leave()

    def leave(self, code: int = 0) -> None:
        """Leave, and say in the terminal what was not done yet."""
        unfinished = [without_controls(said) for said in self.desk.unfinished]
        message = Text("\n".join(["Left before it was done:", *unfinished])) if unfinished else None
        self.exit(return_code=code, message=message)

    def _table(self) -> Mapping[str, Callable[[], object]]:
        own: dict[str, Callable[[], object]] = {
            "down": lambda: self.list.move(1),
            "up": lambda: self.list.move(-1),
            "page_down": lambda: self.list.move(self.list.page),
            "page_up": lambda: self.list.move(-self.list.page),
            "first": lambda: self.list.move_to(0),
            "last": lambda: self.list.move_to(len(self.list.tickets) - 1),
            "pane": self.other_pane,
            "details": self.toggle_details,
            "search": self.open_search,
            "span": lambda: self.look(span=self.view.span.next),
            "mine": lambda: self.look(mine=not self.view.mine),
            "order": lambda: self.look(order=self.view.order.next),
            "team": self.show_team,
            "refresh": self.reading.refresh,
            "back": self.back,
            "mark": self.mark,
            "mark_all": self.mark_all,
            "copy": self.copy_address,
            "browse": self.browse,
            "palette": self.action_command_palette,
            "theme": self.next_theme,
            "settings": self.settings,
            "help": self.show_help,
            "suspend": self.action_suspend_process,
            "interrupt": partial(self.leave, INTERRUPTED),
            "quit": self.leave,
        }
        return {**own, **self.edits.acts(), **self.many.acts(), **self.files.acts()}

    # What is shown.

    def look(self, **changes: Any) -> None:
        """Look at the board otherwise: another search, span, order."""
        self.view = attrs.evolve(self.view, **changes)
        self.draw()

    def draw(self) -> None:
        """Show what the board has for this view."""
        self.shown = self.board.show(self.view)
        self.list.show(self.shown.tickets)
        self.tell()

    def tell(self) -> None:
        """Bring the status bar up to date."""
        if self.is_running:
            status = Status(
                self.project or at(self.server),
                self.view,
                self.shown,
                len(self.list.marked),
                said(self.desk.freshness),
                self.reading.connection,
                self.desk.doing,
            )
            self.bar.show(status)
            self.list.say_why(why_empty(status))

    def on_ticket_list_moved(self, moved: TicketList.Moved) -> None:
        if self.is_running:
            self.reading.look_at(moved.ticket)
            self.draw_detail()

    def draw_detail(self) -> None:
        ticket = self.list.ticket
        beside = Beside() if ticket is None else self.beside.get(ticket.ref, Beside())
        self.detail.show(ticket, beside)

    def put(self, *tickets: Ticket) -> None:
        """Show what tickets have become."""
        self.board.put(*tickets)
        for ticket in tickets:
            self.list.failed.discard(ticket.ref)
            self._note(ticket, "")
        self.draw()

    def trouble(self, ticket: Ticket, error: TwofoldError) -> None:
        """Show at a ticket what went wrong with it."""
        said = explained(error)
        self._note(ticket, said)
        self.list.failed.add(ticket.ref)
        self.list.refresh()
        self.notify(f"{ticket.formatted_id}: {said}", severity="error", markup=False)
        self.draw_detail()

    def _note(self, ticket: Ticket, trouble: str) -> None:
        known = self.beside.get(ticket.ref)
        if trouble or (known is not None and known.trouble):
            self.beside[ticket.ref] = attrs.evolve(known or Beside(), trouble=trouble)

    # What keys do that asks nothing of the server.

    def open_search(self) -> None:
        self.search.add_class("open")
        self.search.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input is self.search:
            self.look(search=event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input is self.search:
            self.list.focus()

    def back(self) -> None:
        """Leave the search, else the details of a narrow screen, else take all marks away."""
        if self.search.has_class("open"):
            self.search.remove_class("open")
            self.search.value = ""
            self.list.focus()
        elif self.main.has_class("reading"):
            self.toggle_details()
        else:
            self.list.marked.clear()
            self.list.refresh()
            self.tell()

    def toggle_details(self) -> None:
        self.main.toggle_class("reading" if self.main.has_class("narrow") else "alone")
        (self.detail if self.main.has_class("reading") else self.list).focus()

    def mark(self) -> None:
        self.list.mark()
        self.tell()

    def mark_all(self) -> None:
        self.list.mark_all()
        self.tell()

    def other_pane(self) -> None:
        (self.list if self.detail.has_focus else self.detail).focus()

    def copy_address(self) -> None:
        if self.list.ticket is not None:
            address = self.address(self.list.ticket)
            self.copy_to_clipboard(address)
            self.notify(f"Copied {address}", markup=False)

    def browse(self) -> None:
        if self.list.ticket is not None:
            self.open_url(self.address(self.list.ticket))

    def address(self, ticket: Ticket) -> str:
        """Return where a browser finds a ticket."""
        return page_of(ticket, self.server)

    def next_theme(self) -> None:
        names = sorted(self.available_themes)
        self.prefer(theme=following(names, self.theme))
        self.notify(f"Theme {self.theme}", markup=False)

    def prefer(self, **changes: Any) -> None:
        """Have it otherwise from now on, and the next time too."""
        self.preferences = attrs.evolve(self.preferences, **changes)
        self.keys = keys_of(self.preferences.scheme, self.preferences.keys)
        self.set_keymap(dict(self.keys))
        self.theme = self.preferences.theme
        try:
            save(self.preferences)
        except OSError as error:
            said = f"Not saved: {error.strerror}: {error.filename}"
            self.notify(said, severity="error", markup=False)
        else:
            self.preferences = attrs.evolve(self.preferences, trouble="")

    def settings(self) -> None:
        """Ask which keys and which theme are wanted."""
        keys = [(f"scheme {name}", f"Keys: {name}") for name in SCHEMES]
        themes = [(f"theme {name}", f"Theme: {name}") for name in sorted(self.available_themes)]

        def answered(said: str) -> None:
            what, _, value = said.partition(" ")
            self.prefer(**{what: value})

        self.asking.one_of(
            f"Settings, kept in {at_home(preferences_path())}", [*keys, *themes], answered
        )

    def show_team(self) -> None:
        self.push_screen(Read("Team", team_text(self.shown.tickets)))

    def show_help(self) -> None:
        self.push_screen(Read("Keys", help_text(self.keys)))
