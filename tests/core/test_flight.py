from __future__ import annotations

import os

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from twofold.core.flight import Flights, FlightStatistics, Seat, fresh
from twofold.errors import DeadlineError, Effect, RetryLaterError, ServerError, Try, TwofoldError


@attrs.define(eq=False)
class Place:
    """A place that remembers being woken."""

    alive: bool = True
    woken: int = 0

    def wake(self) -> bool:
        self.woken += 1
        return self.alive


NOBODY = FlightStatistics(0, 0)


def test_the_first_to_come_leads_and_the_others_wait() -> None:
    """Invariant 8.1: there is one flight for a key."""
    flights = Flights()
    leader, first, second = (flights.board("key", Place) for _ in range(3))
    assert [seat.leads for seat in (leader, first, second)] == [True, False, False]
    assert flights.board("other", Place).leads
    assert flights.statistics() == FlightStatistics(flights=2, waiting=2)


def test_what_a_flight_brought_is_given_to_all_and_who_comes_later_starts_anew() -> None:
    """Invariant 8.4: an answer is never given to one who asked after it came."""
    flights = Flights()
    leader, *followers = (flights.board("key", Place) for _ in range(4))
    flights.land(leader, "answer")
    assert [seat.landed and seat.landed.value for seat in followers] == ["answer"] * 3
    assert [seat.place and seat.place.woken for seat in followers] == [1] * 3
    assert flights.statistics() == NOBODY
    assert flights.board("key", Place).leads


def test_a_leader_that_leaves_is_followed_by_who_waits_longest() -> None:
    flights = Flights()
    leader, first, second = (flights.board("key", Place) for _ in range(3))
    flights.leave(leader)
    assert (first.leads, second.leads) == (True, False)
    assert first.place is not None
    assert first.place.woken == 1
    flights.land(first, "answer")
    assert second.landed is not None
    assert leader.landed is None


def test_who_is_promoted_and_gone_hands_on() -> None:
    """Rule 14.5: a wake-up that reaches one who gave up, or whose loop is closed, goes on."""
    flights = Flights()
    leader, cancelled = flights.board("key", Place), flights.board("key", Place)
    dead = flights.board("key", lambda: Place(alive=False))
    last = flights.board("key", Place)
    flights.leave(leader)
    assert cancelled.leads
    flights.leave(cancelled)
    assert not dead.leads
    assert last.leads
    assert flights.statistics() == FlightStatistics(1, 0)


def test_the_last_one_out_ends_the_flight() -> None:
    """Invariant 8.3: nothing is kept."""
    flights = Flights()
    seats = [flights.board("key", Place) for _ in range(3)]
    for seat in reversed(seats):
        flights.leave(seat)
        flights.leave(seat)
    assert flights.statistics() == NOBODY


def test_a_forgotten_flight_serves_those_aboard_and_nobody_else() -> None:
    flights = Flights()
    leader, follower = flights.board("key", Place), flights.board("key", Place)
    flights.forget("key")
    later = flights.board("key", Place)
    assert later.leads
    flights.land(leader, "old")
    assert follower.landed is not None
    assert flights.statistics() == FlightStatistics(1, 0)
    flights.forget()
    assert flights.statistics() == NOBODY
    flights.leave(later)
    flights.forget("no such key")


def test_an_error_made_anew_has_the_class_and_the_fields_of_the_first() -> None:
    first = RetryLaterError(
        "later", status=429, effect=Effect.NONE, texts=["slow down"], after=3.0, transient=True
    )
    first.attempts = (Try(1, 429, 0.5, "later"),)
    first.operation = "test.look"
    first.add_note("noted")
    made = fresh(first)
    assert made is not first
    assert type(made) is RetryLaterError
    assert vars(made) == vars(first)
    assert str(made) == str(first)
    made.add_note("of one caller only")
    assert first.__notes__ == ["noted"]
    assert made.__traceback__ is None


class OddError(TwofoldError):
    """Somebody's own, with arguments of its own."""

    def __init__(self, code: int, *, place: str) -> None:
        super().__init__(f"{code} at {place}")
        self.code = code


@pytest.mark.parametrize(
    "error", [OddError(7, place="here"), DeadlineError("late"), ServerError("lost")]
)
def test_any_error_of_ours_can_be_made_anew(error: TwofoldError) -> None:
    made = fresh(error)
    assert (type(made), made.args, str(made)) == (type(error), error.args, str(error))
    assert vars(made) == vars(error)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_no_flights() -> None:
    flights = Flights()
    flights.board("key", Place)
    flights._lock.acquire()
    child = os.fork()
    if not child:
        os._exit(0 if flights.board("key", Place).leads else 1)
    flights._lock.release()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


class Traffic(RuleBasedStateMachine):
    """Flights against a naive model: a list of those aboard, of whom the first one leads."""

    def __init__(self) -> None:
        super().__init__()
        self.flights = Flights()
        self.aboard: list[list[Seat[Place]]] = []
        self.open: dict[int, list[Seat[Place]]] = {}

    @rule(key=st.integers(0, 2))
    def board(self, key: int) -> None:
        seat = self.flights.board(key, Place)
        if key not in self.open:
            self.open[key] = []
            self.aboard.append(self.open[key])
        self.open[key].append(seat)

    @precondition(lambda self: self.aboard)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        flight = data.draw(st.sampled_from(self.aboard))
        seat = data.draw(st.sampled_from(flight))
        flight.remove(seat)
        self.flights.leave(seat)
        if not flight:
            self.end(flight)

    @precondition(lambda self: self.aboard)
    @rule(data=st.data())
    def land(self, data: st.DataObject) -> None:
        flight = data.draw(st.sampled_from(self.aboard))
        leader, *followers = flight
        answer = object()
        self.flights.land(leader, answer)
        assert all(seat.landed and seat.landed.value is answer for seat in followers)
        assert all(seat.place and seat.place.woken for seat in followers)
        self.flights.leave(leader)
        self.end(flight)

    @rule(key=st.integers(0, 2))
    def forget(self, key: int) -> None:
        self.flights.forget(key)
        self.open.pop(key, None)

    def end(self, flight: list[Seat[Place]]) -> None:
        self.aboard = [each for each in self.aboard if each is not flight]
        self.open = {key: each for key, each in self.open.items() if each is not flight}

    @invariant()
    def one_leads_and_the_others_wait(self) -> None:
        for leader, *followers in self.aboard:
            assert leader.leads
            assert not any(seat.leads or seat.landed for seat in followers)
            assert not any(seat.place and seat.place.woken for seat in followers)

    @invariant()
    def the_counts_agree(self) -> None:
        waiting = sum(len(flight) - 1 for flight in self.open.values())
        assert self.flights.statistics() == FlightStatistics(len(self.open), waiting)


TestTraffic = Traffic.TestCase
TestTraffic.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
