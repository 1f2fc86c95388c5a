"""What the client tells of itself: how it reaches the server, and what it did behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..events import AttemptEnded, Event, RetryScheduled
from ..rally.freshness import DataState, FreshnessChanged, ResultRefreshed
from .panels import of_connection

if TYPE_CHECKING:
    from .app import RallyApp


class Hearing:
    """Hears for one application."""

    def __init__(self, app: RallyApp) -> None:
        self._app = app
        self._has_changed = False
        """Whether something that is shown is another one now."""
        self.connection = ""
        """What is wrong with the connection; empty: nothing that is known."""

    def heard(self, event: Event) -> None:
        """Show what the client did behind: results that are others now are read again."""
        match event:
            case ResultRefreshed():
                self._has_changed |= event.changed
                self._app.call_later(self._look_again_at_all)
            case FreshnessChanged():
                self._app.call_later(self._app.tell)
            case AttemptEnded():
                self.connection = "" if event.error is None else of_connection(event.error)
            case RetryScheduled():
                self.connection = f"{of_connection(event.error)}, again in {event.pause:.0f} s"
            case _:
                pass

    def _look_again_at_all(self) -> None:
        """Read again once, however many results were refreshed at the same time."""
        now = self._app.desk.freshness
        if self._has_changed and now is not None and now.state is not DataState.REFRESHING:
            self._has_changed = False
            self._app.reading.again()
