"""Callers who ask the same at once: one asks, and all are given what it was answered.

Nothing waits here.  The first caller of a key leads; who comes while it is under way follows, and
waits at a place of its own, in any loop or thread.  It must not know what is asked, nor of whom.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar

import attrs

from ..errors import TwofoldError
from .forks import renewed_in_child
from .policy.slots import Place

E = TypeVar("E", bound=TwofoldError)
P = TypeVar("P", bound=Place)


@attrs.frozen
class FlightStatistics:
    """What is under way, and for how many."""

    flights: int
    waiting: int
    """Callers who are not asking themselves."""


@attrs.frozen
class Landed:
    """What a flight brought: a value, or an error of ours."""

    value: Any
    error: TwofoldError | None


@attrs.define(eq=False)
class Flight:
    """One thing that is asked for all who want it."""

    key: Hashable
    followers: dict[Seat[Any], Place] | None = None
    """Who waits, and where, in the order of their coming; most flights never have any."""


@attrs.define(eq=False)
class Seat(Generic[P]):
    """A caller's part in a flight."""

    flight: Flight
    place: P | None = None
    """Where its caller waits; None: the first one, who never does."""
    leads: bool = False
    landed: Landed | None = None


@attrs.define(eq=False)
class Flights:
    """What is under way, at most once for each key."""

    _flights: dict[Hashable, Flight] = attrs.field(
        factory=lambda: dict[Hashable, Flight](), init=False, repr=False
    )
    _lock: Lock = attrs.field(factory=Lock, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        renewed_in_child(self)

    def renew(self) -> None:
        """Begin anew in a forked child: those who lead are in the parent."""
        self._flights = {}
        self._lock = Lock()

    def board(self, key: Hashable, place: Callable[[], P]) -> Seat[P]:
        """Take a seat in the flight of a key: its leader's if there is none yet."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is None:
                self._flights[key] = flight = Flight(key)
                return Seat(flight, None, True)
            waits_at = place()
            seat = Seat(flight, waits_at)
            if flight.followers is None:
                flight.followers = {}
            flight.followers[seat] = waits_at
            return seat

    def land(self, seat: Seat[Any], value: Any, error: TwofoldError | None = None) -> None:
        """End the flight that this seat leads: every follower is given what it brought."""
        with self._lock:
            seat.leads = False
            followers = seat.flight.followers
            seat.flight.followers = None
            self._end(seat.flight)
        if followers:
            landed = Landed(value, error)
            for follower, waits_at in followers.items():
                follower.landed = landed
                waits_at.wake()  # where nobody can be woken any more, nobody waits

    def leave(self, seat: Seat[Any]) -> None:
        """Leave a flight; if this seat leads it, who waits longest leads on.

        The last one out ends it.  After it landed this changes nothing.
        """
        heir = self._left(seat)
        while heir is not None and not heir[1].wake():
            heir = self._left(heir[0])

    def forget(self, key: Hashable | None = None) -> None:
        """Let callers to come start anew, for one key or for all.

        After a write this is how its author reads it: what is under way may be from before.  Those
        who are aboard already are still served by it.
        """
        with self._lock:
            if key is None:
                self._flights = {}
            else:
                self._flights.pop(key, None)

    def statistics(self) -> FlightStatistics:
        """Count what may still be joined, and who waits for it."""
        with self._lock:
            waiting = sum(len(each.followers or ()) for each in self._flights.values())
            return FlightStatistics(len(self._flights), waiting)

    def _left(self, seat: Seat[Any]) -> tuple[Seat[Any], Place] | None:
        """Take a seat out of its flight; return which one leads in its stead, to be woken."""
        with self._lock:
            followers = seat.flight.followers or {}
            followers.pop(seat, None)
            if not seat.leads:
                return None
            seat.leads = False
            heir = next(iter(followers.items()), None)
            if heir is None:
                self._end(seat.flight)
            else:
                del followers[heir[0]]
                heir[0].leads = True
            return heir

    def _end(self, flight: Flight) -> None:
        if self._flights.get(flight.key) is flight:  # it may have been forgotten
            del self._flights[flight.key]


def fresh(error: E) -> E:
    """Return an error of the same class with the same fields: each caller raises its own."""
    made = type(error).__new__(type(error), *error.args)
    made.args = error.args
    vars(made).update(vars(error))
    if "__notes__" in vars(error):
        made.__notes__ = list(error.__notes__)
    return made
