"""The application: what it is made of, how it begins, and how it is left.

It asks nothing of the server itself: that is the desk's, and of the edits and the reading beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial

import anyio
from rich.text import Text
from textual.app import ComposeResult, SystemCommand
from textual.containers import Horizontal
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widgets import Footer, Input
from textual.worker import Worker, WorkerError

from ..errors import TwofoldError
from ..rally import AsyncCachingRallyClient, Ticket
from .asking import Asking
from .bindings import bindings, commands
from .board import Board
from .colourless import COLOURLESS
from .desk import Desk
from .detail import Beside, Detail
from .edits import Edits
from .endings import heed_endings
from .files import Files
from .finding import Finding
from .hearing import Hearing
from .html_text import without_controls
from .layout import BREAKPOINTS, CSS
from .looking import Looking
from .many import Many
from .moving import Moving
from .panels import help_text
from .plain_terminal import on_plain_terminal
from .preferences import Preferences
from .reading import Reading
from .screens import Read
from .showing import Showing
from .status import StatusBar
from .ticket_list import TicketList
from .tuning import Tuning
from .turns import InTurn
from .views import View

AGEING = 1.0  # seconds between two looks at how old the data is
LEAVING = 0.4  # seconds that the client may take to end
INTERRUPTED = 130  # what a shell expects after Ctrl-C


class RallyApp(InTurn):
    """Rally in a terminal.

    `open` makes the client; it is opened, used and closed in one task of the application's own.
    Without `unicode` it is drawn in ASCII, without `colour` in none.  `settled` is called when it
    has begun, and whenever all tickets were read.
    """

    TITLE = "Rally"
    main: Screen[object]
    """The screen beneath all questions; it and what is on it are there once the application is."""
    list: TicketList
    detail: Detail
    bar: StatusBar
    CSS = CSS
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
        colour: bool = True,
        settled: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__()
        self.animation_level = "none"  # what a key does is seen at once
        if not unicode:
            self.driver_class = on_plain_terminal(self.driver_class)
        self.no_color = not colour
        self.HORIZONTAL_BREAKPOINTS = [*BREAKPOINTS]
        self.project, self.server, self.settled = project, server, settled
        self.tuning = Tuning(self, preferences or Preferences())
        self.showing = Showing(self)
        self.reading = Reading(self, self.tuning.preferences.kinds)
        self.looking = Looking(self)
        self.hearing = Hearing(self)
        self.desk = Desk(open, self.tell, self.hearing.heard)
        self.asking = Asking(self)
        self.moving = Moving(self)
        self.finding = Finding(self)
        self.edits = Edits(self)
        self.many = Many(self)
        self.files = Files(self)
        self._client: Worker[None] | None = None
        """The one task in which the client lives."""
        self._acts = self._table()

    def compose(self) -> ComposeResult:
        self.main = self.screen
        self.list = TicketList(id="tickets")
        self.detail = Detail(id="detail")
        self.bar = StatusBar()
        yield self.finding.search
        with Horizontal():
            yield self.list
            yield self.detail
        yield self.bar
        yield Footer(show_command_palette=False)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what is taken out of every line: without colour all of it, not shades of grey."""
        return COLOURLESS if self.no_color else super().get_line_filters()

    def on_mount(self) -> None:
        if not self.is_headless:
            heed_endings(self.leave)
        self.tuning.begin()
        self.list.focus()
        work = self.desk.run(self.reading.begin)
        self._client = self.run_worker(work, name="client", exit_on_error=True)
        self.set_interval(AGEING, self.tell)
        self.tell()
        self.settled()

    async def on_unmount(self) -> None:
        """Let the client end what it fetches, and then take away what was fetched."""
        if self._client is not None:
            self._client.cancel()
            with anyio.move_on_after(LEAVING), suppress(WorkerError):
                await self._client.wait()
        self.files.close()

    def _table(self) -> Mapping[str, Callable[[], object]]:
        own: dict[str, Callable[[], object]] = {
            "palette": self.action_command_palette,
            "help": self.show_help,
            "suspend": self.action_suspend_process,
            "interrupt": partial(self.leave, INTERRUPTED),
            "quit": self.leave,
        }
        parts = self.moving, self.finding, self.tuning, self.edits, self.many, self.files
        for part in parts:
            own.update(part.acts())
        return own

    def action_do(self, name: str) -> None:
        self._acts[name]()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every action in the command palette, and what Textual offers beside."""
        own = [*commands(self.keys, self.action_do)]
        # Textual's own signature leaves out what a screen answers.
        usual = super().get_system_commands(screen)  # pyright: ignore[reportUnknownMemberType]
        titles = {each.title for each in own}
        yield from [*own, *(each for each in usual if each.title not in titles)]

    def show_help(self) -> None:
        self.push_screen(Read("Keys", help_text(self.keys)))

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

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input is self.finding.search:
            self.finding.typed(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input is self.finding.search:
            self.list.focus()

    def on_ticket_list_moved(self, moved: TicketList.Moved) -> None:
        if self.is_running:
            self.looking.look_at(moved.ticket)
            self.showing.draw_detail()

    # What its parts ask of one another.

    @property
    def board(self) -> Board:
        return self.showing.board

    @property
    def view(self) -> View:
        return self.showing.view

    @property
    def beside(self) -> dict[str, Beside]:
        return self.showing.beside

    @property
    def keys(self) -> Mapping[str, str]:
        """The keys of every action, as they are now."""
        return self.tuning.keys

    def draw(self) -> None:
        self.showing.draw()

    def tell(self) -> None:
        self.showing.tell()

    def put(self, *tickets: Ticket) -> None:
        self.showing.put(*tickets)

    def trouble(self, ticket: Ticket, error: TwofoldError) -> None:
        self.showing.trouble(ticket, error)
