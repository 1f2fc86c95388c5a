"""The line at the foot: where one is, what is shown, how old it is, what is being done."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from urllib.parse import urlsplit

import attrs
from rich.text import Text
from textual.widgets import Static

from ..rally.freshness import DataState, Freshness
from .html_text import without_controls
from .keys import split
from .ordering import Order
from .panels import readable
from .views import Shown, Span, View, many

TICK = 0.1  # seconds
ROOMY = 80  # cells, below which it is not said of which project all this is
SPINNER = "|/-\\"


@attrs.frozen
class Status:
    """What the line says."""

    project: str
    view: View
    shown: Shown
    marked: int = 0
    freshness: str = ""
    """Live, Cached with its age, Refreshing, Offline."""
    connection: str = ""
    """What is wrong with it."""
    doing: str = ""
    trouble: str = ""
    """Why something could not be read."""


class StatusBar(Static):
    """Drawn anew when something changes, and while something is being done, so that it moves."""

    DEFAULT_CSS = """
    StatusBar { height: 1; background: $panel; color: $text; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._status: Status | None = None
        self._turns = cycle(SPINNER)

    def on_mount(self) -> None:
        self.set_interval(TICK, self._tick)

    def show(self, status: Status) -> None:
        self._status = status
        self._draw(status)

    def _tick(self) -> None:
        if self._status is not None and self._status.doing:
            self._draw(self._status)

    def _draw(self, status: Status) -> None:
        text = line(status if self.size.width >= ROOMY else attrs.evolve(status, project=""))
        if status.doing:
            text.append(f"  {next(self._turns)} {status.doing}")
        self.update(text, layout=False)


def line(status: Status) -> Text:
    parts = [
        without_controls(status.project),
        f"{len(status.shown.tickets)} of {status.shown.total}",
        *narrowing(status.view, status.shown),
        f"by {status.view.order.value}" if status.view.order is not Order.RECENT else "",
        "mine" if status.view.mine else "",
        f"/{without_controls(status.view.search)}" if status.view.search else "",
        f"{status.marked} marked" if status.marked else "",
        status.freshness,
        status.connection,
    ]
    return Text("  ".join(part for part in parts if part), no_wrap=True, overflow="ellipsis")


def said(freshness: Freshness | None) -> str:
    """Return how current the data is, in words; nothing, if there is none yet."""
    if freshness is None:
        return ""
    state = freshness.state.value.capitalize()
    if freshness.age is None:
        return "" if freshness.state is DataState.LIVE else state
    if freshness.state is DataState.LIVE:
        return state
    return f"{state}, {aged(freshness.age)} old"


def aged(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def narrowing(view: View, shown: Shown) -> list[str]:
    """Return the type and the iteration that are chosen, and how many there are of each."""
    kind, span = view.kind, view.span
    return [
        f"{many(kind)} ({shown.of_kind.get(kind, 0)})" if kind else "",
        f"{span.value} ({shown.of_span[span]})" if span is not Span.ALL else "",
    ]


def at(server: str) -> str:
    """Return the host of a server: what a default project is known by."""
    return urlsplit(server).netloc or server


def why_empty(status: Status, keys: Mapping[str, str]) -> str:
    """Say why no ticket is shown, and what to do."""
    if status.shown.total:
        return f"No ticket matches: {', '.join(ways_out(status.view, keys))}."
    if status.doing:
        return f"{status.doing.capitalize()} ..."
    return f"{status.trouble or 'There are no tickets.'} {first_key(keys, 'refresh')} reads again."


def ways_out(view: View, keys: Mapping[str, str]) -> list[str]:
    """Say which key takes away what a view is narrowed by."""
    narrowed = [
        (view.search, "back", "clears the search"),
        (view.kind, "kind", "shows other types"),
        (view.span is not Span.ALL, "span", "shows other iterations"),
        (view.mine, "mine", "shows those of others"),
    ]
    return [f"{first_key(keys, name)} {says}" for narrows, name, says in narrowed if narrows]


def first_key(keys: Mapping[str, str], action: str) -> str:
    return readable(split(keys[action])[0])
