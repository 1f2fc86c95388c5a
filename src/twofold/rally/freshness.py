"""How current what a caching client gives is: said after every read, and told when it changes.

It must not know how anything is kept, nor who asks.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from threading import Lock

import attrs

from ..core.cache.check import is_outage
from ..core.forks import renewed_in_child
from ..errors import TwofoldError
from ..events import Event

# So far the clock may be behind the moment when something was asked: other processes share a file.
TOLERANCE = 2.0


class DataState(enum.Enum):
    """Where what was given last comes from, and what is known of it."""

    LIVE = "live"
    """The server gave it for this very call, or has confirmed it since."""
    CACHED = "cached"
    """It was kept."""
    REFRESHING = "refreshing"
    """It was kept, and is being asked for anew."""
    OFFLINE = "offline"
    """The server cannot be asked, or is not to be: only what is kept can be given."""


@attrs.frozen
class Freshness:
    """How current what a client gave last is."""

    state: DataState
    age: float | None = None
    """Seconds since the server was asked for it; None: nothing was given yet."""


@attrs.frozen(kw_only=True)
class FreshnessChanged(Event):
    """The state of a caching client's data changed, or something kept was given.

    For a status bar: the fields are those of `client.freshness` at this moment.
    """

    state: DataState
    age: float | None


@attrs.frozen(kw_only=True)
class ResultRefreshed(Event):
    """What was given though it was stale was asked for anew, in the background.

    `operation` says what it is.  Who reads it again is given what the server says now.
    """

    changed: bool
    """Whether it is another one than what was given."""
    error: TwofoldError | None = None
    """Why it could not be asked for; None: it was."""


def age(asked: float, now: float) -> float:
    """Return the seconds since something was asked for; infinity if the clock went back since."""
    passed = now - asked
    return math.inf if passed < -TOLERANCE else max(0.0, passed)


@attrs.frozen
class Given:
    """What was given last."""

    key: str
    asked: float
    """When the server was asked for it, in seconds since 1970."""
    is_kept: bool


class Standing:
    """What one client knows of its data and of the way to the server; safe to share.

    `wall` gives the time in seconds since 1970.
    """

    def __init__(self, wall: Callable[[], float], *, is_offline: bool = False) -> None:
        self._wall = wall
        self.is_offline = is_offline
        """Whether the server is not to be asked at all, by its user's word."""
        self._reaches = True
        self._refreshing = 0
        self._given: Given | None = None
        self._told = DataState.LIVE
        self._lock = Lock()
        renewed_in_child(self)

    def renew(self) -> None:
        """Go on in a forked child: what is being refreshed is so in the parent."""
        self._lock = Lock()
        self._refreshing = 0

    def now(self) -> Freshness:
        """Say how current what was given last is."""
        given = self._given
        return Freshness(self._state(given), None if given is None else self._age(given))

    def given(self, key: str, asked: float, *, is_kept: bool) -> None:
        """Take note of what was given, and when the server was asked for it."""
        self._given = Given(key, asked, is_kept)

    def confirmed(self, key: str, asked: float) -> None:
        """Take note that the server would say the same now; of what was given last only."""
        given = self._given
        if given is not None and given.key == key:
            self._given = Given(key, asked, is_kept=False)

    def refreshing(self, step: int) -> None:
        """Take note that something begins (1) or ends (-1) to be asked for anew."""
        with self._lock:
            self._refreshing = max(0, self._refreshing + step)

    def answered(self) -> None:
        """Take note that the server was heard."""
        self._reaches = True

    def failed(self, error: TwofoldError) -> None:
        """Take note of a call that failed; a refusal is an answer too."""
        self._reaches = not is_outage(error)

    def news(self, *, of_kept: bool = False) -> Freshness | None:
        """Return what is to be told; None: nothing, the state is that which was told last."""
        with self._lock:
            found = self.now()
            is_new = found.state is not self._told
            self._told = found.state
            return found if is_new or of_kept else None

    def _state(self, given: Given | None) -> DataState:
        if self.is_offline or not self._reaches:
            return DataState.OFFLINE
        if self._refreshing:
            return DataState.REFRESHING
        return DataState.CACHED if given is not None and given.is_kept else DataState.LIVE

    def _age(self, given: Given) -> float:
        return age(given.asked, self._wall())
