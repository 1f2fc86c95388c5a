"""The server's queue, held against a model that looks at every moment."""

from __future__ import annotations

import heapq

import attrs
import pytest
from emulators.rally.desk import Desk
from hypothesis import given
from hypothesis import strategies as st

from twofold.emulators.rally.line import Line, Stay

# Eighths of a second: exact in binary, so that ends and arrivals can fall together.
EIGHTHS = st.integers(0, 40).map(lambda count: count / 8)
ARRIVALS = st.lists(st.tuples(EIGHTHS, EIGHTHS.filter(bool)), min_size=1, max_size=60)
PLACES = st.integers(1, 12)


@attrs.define
class Caller:
    stay: Stay
    gone: float

    def is_served(self, moment: float) -> bool:
        return self.stay.begin <= moment < min(self.stay.end, self.gone)

    def is_unanswered(self, moment: float) -> bool:
        return self.stay.arrival <= moment < min(self.stay.end, self.gone)


@given(PLACES, ARRIVALS)
def test_without_leavers_it_is_a_queue_before_so_many_servers(
    places: int, arrivals: list[tuple[float, float]]
) -> None:
    line, now = Line(places), 0.0
    free = [0.0] * places
    ends: list[float] = []
    peak = 0
    for gap, seconds in arrivals:
        now += gap
        stay = line.arrive(seconds, now)
        begin = max(now, heapq.heappop(free))
        heapq.heappush(free, begin + seconds)
        assert (stay.arrival, stay.begin, stay.end) == (now, begin, begin + seconds)
        ends = [end for end in ends if end > now] + [stay.end]
        peak = max(peak, len(ends))
        assert line.in_flight(now) == len(ends)
    assert (line.requests, line.peak) == (len(arrivals), peak)


@given(PLACES, ARRIVALS, st.data())
def test_with_leavers_the_limit_and_the_order_hold(
    places: int, arrivals: list[tuple[float, float]], data: st.DataObject
) -> None:
    line, now = Line(places), 0.0
    callers: list[Caller] = []
    peak = 0
    for gap, seconds in arrivals:
        now += gap
        waiting = [caller for caller in callers if caller.is_unanswered(now)]
        for caller in (
            data.draw(st.lists(st.sampled_from(waiting), unique_by=id)) if waiting else []
        ):
            line.leave(caller.stay, now)
            caller.gone = now
        staying = [caller for caller in callers if caller.is_unanswered(now)]
        assert line.in_flight(now) == len(staying)
        stay = line.arrive(seconds, now)
        assert all(caller.stay.begin <= stay.begin for caller in staying)
        if len(staying) < places and all(caller.stay.begin <= now for caller in staying):
            assert stay.begin == now
        callers.append(Caller(stay, gone=float("inf")))
        peak = max(peak, len(staying) + 1)
    assert line.peak == peak
    for moment in {caller.stay.begin for caller in callers}:
        assert sum(caller.is_served(moment) for caller in callers) <= places


def test_one_who_leaves_makes_room_for_those_to_come() -> None:
    line = Line(2)
    stays = [line.arrive(10.0, 0.0) for _ in range(2)]
    line.leave(stays[0], 1.0)
    assert line.arrive(10.0, 1.0).begin == 1.0
    queued = line.arrive(10.0, 2.0)
    assert queued.begin == 10.0
    line.leave(queued, 3.0)
    assert line.arrive(10.0, 3.0).begin == 10.0


def test_one_who_comes_never_overtakes_one_who_waits() -> None:
    line = Line(2)
    served = [line.arrive(10.0, 0.0) for _ in range(2)]
    waiting = [line.arrive(10.0, 0.0) for _ in range(2)]
    for stay in (*served, waiting[1]):
        line.leave(stay, 1.0)
    # The place is free, but the one who waits was told 10.
    assert line.arrive(10.0, 2.0).begin == waiting[0].begin == 10.0


def test_leaving_late_or_twice_changes_nothing() -> None:
    line = Line(1)
    stay = line.arrive(1.0, 0.0)
    line.leave(stay, 5.0)
    line.leave(stay, 5.0)
    assert line.in_flight(5.0) == 0


def test_a_clock_that_is_read_late_does_not_turn_time_back() -> None:
    line = Line(1)
    line.arrive(1.0, 5.0)
    assert line.arrive(1.0, 4.9).begin == 6.0


def test_a_clock_that_goes_far_back_is_another_one() -> None:
    line = Line(1)
    line.arrive(1.0, 5000.0)
    assert line.arrive(1.0, 7.0).begin == 7.0
    assert line.in_flight(7.5) == 1


def test_an_end_within_the_clocks_grain_has_come() -> None:
    line = Line(1)
    end = line.arrive(0.1, 1e6).end
    assert line.in_flight(end - 1e-9) == 0
    assert line.arrive(0.1, end - 1e-9).begin == end - 1e-9


COST = {"latency": 0.5, "per_object": 0.25, "concurrency": 2}


def test_a_request_costs_its_latency_and_its_objects() -> None:
    desk = Desk(**COST)
    assert desk.send("GET", "/defect", pagesize=4).after == 1.5
    assert desk.send("GET", "/user").after == 0.75
    assert desk.send("GET", "/defect", query='(Name = "")').after == 0.75 + 0.5
    desk.now += 100
    assert desk.send("POST", "/tag/create", {"Tag": {"Name": "x"}}).after == 0.75
    assert desk.send("GET", "/defect", headers=(("a", "b"),)).after == 0.5
    desk.now += 100
    assert desk.send("DELETE", "/tag/1").after == 0.75


def test_what_is_beyond_the_limit_waits_and_counts_for_the_peak() -> None:
    desk = Desk(**COST)
    assert [desk.send("GET", "/user").after for _ in range(5)] == [0.75, 0.75, 1.5, 1.5, 2.25]
    assert desk.statistics() == {"requests": 5, "peak_in_flight": 5, "in_flight": 5}
    desk.now += 0.75
    assert desk.statistics()["in_flight"] == 3
    assert desk.statistics("POST") == {"requests": 5, "peak_in_flight": 5, "in_flight": 3}
    assert desk.statistics() == {"requests": 0, "peak_in_flight": 3, "in_flight": 3}
    desk.now += 10
    assert desk.statistics("DELETE")["in_flight"] == 0
    assert desk.statistics() == {"requests": 0, "peak_in_flight": 0, "in_flight": 0}


def test_a_caller_who_hung_up_is_not_in_flight() -> None:
    desk = Desk(**COST)
    answers = [desk.send("GET", "/user") for _ in range(3)]
    desk.emulator.left(answers[0], desk.now)
    desk.emulator.left(answers[0], desk.now)
    assert desk.statistics()["in_flight"] == 2
    assert desk.statistics()["peak_in_flight"] == 3


def test_statistics_take_no_other_method() -> None:
    assert Desk(tickets=0).send("PUT", "/-/emulator/statistics").status == 405


@pytest.mark.parametrize(
    "wrong",
    [
        {"tickets": -1},
        {"latency": -0.1},
        {"latency": float("nan")},
        {"per_object": float("inf")},
        {"concurrency": 0},
        {"fetch_depth": 0},
        {"largest_page": 0},
    ],
)
def test_a_wrong_option_is_named(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError) as caught:
        Desk(**wrong)
    assert next(iter(wrong)) in str(caught.value)
