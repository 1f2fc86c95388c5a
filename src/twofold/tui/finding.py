"""Which tickets one looks at: the search, and what it is narrowed by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import anyio.lowlevel
from textual.widgets import Input

from .ordering import SLICE, Order
from .panels import team_text
from .screens import Read
from .views import View, in_usual_order, many

if TYPE_CHECKING:
    from .app import RallyApp

OTHERS = ("/", "Read other types too ...")


class Finding:
    """Finds for one application, among what was read."""

    def __init__(self, app: RallyApp) -> None:
        self._app = app
        self.search = Input(placeholder="id, name, owner, state", id="search")
        self._order = Order.RECENT
        """The order that is wanted: it may still be looked for."""

    def acts(self) -> Mapping[str, Callable[[], object]]:
        return {
            "search": self.open_search,
            "kind": self.kind,
            "span": lambda: self._look(span=self._view.span.next),
            "mine": lambda: self._look(mine=not self._view.mine),
            "order": self.next_order,
            "team": self.show_team,
            "refresh": self._app.reading.refresh,
        }

    @property
    def _view(self) -> View:
        return self._app.showing.view

    def _look(self, **changes: object) -> None:
        self._app.showing.look(**changes)

    @property
    def is_open(self) -> bool:
        """Whether something is searched for."""
        return self.search.has_class("open")

    def open_search(self) -> None:
        self.search.add_class("open")
        self.search.focus()

    def close_search(self) -> None:
        self.search.remove_class("open")
        self.search.value = ""
        self._app.list.focus()

    def next_order(self) -> None:
        """Show the next order; among many it is found while other keys are obeyed."""
        self._order = self._order.next
        if len(self._app.board) <= SLICE:
            self._look(order=self._order)
        else:
            self._app.run_worker(self._bring_into_order(), group="order", exclusive=True)

    async def _bring_into_order(self) -> None:
        for _ in self._app.board.ordering(self._order):
            await anyio.lowlevel.checkpoint()
        self._look(order=self._order)

    def typed(self, words: str) -> None:
        self._look(search=words)

    def kind(self) -> None:
        """Ask for a type; each is told with how many of it are found."""
        counts = self._app.showing.shown.of_kind
        every = [("", f"all ({sum(counts.values())})")]
        each = [(kind, f"{many(kind)} ({counts[kind]})") for kind in in_usual_order([*counts])]
        self._app.asking.one_of("Which tickets", [*every, *each, OTHERS], self._of_kind)

    def _of_kind(self, kind: str) -> None:
        if kind == OTHERS[0]:
            self._app.tuning.types()
        else:
            self._look(kind=kind)

    def show_team(self) -> None:
        self._app.push_screen(Read("Team", team_text(self._app.showing.shown.tickets)))
