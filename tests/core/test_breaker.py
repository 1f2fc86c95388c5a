from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from twofold.core.policy.breaker import Breaker, Circuit, State, Verdict
from twofold.errors import ArgumentError


def middle(low: float, high: float) -> float:
    return (low + high) / 2


STEADY = Breaker(open=5.0, longest_open=60.0, uniform=middle)


def told(circuit: Circuit, *verdicts: Verdict, now: float = 0.0, seconds: float = 0.1) -> Circuit:
    for verdict in verdicts:
        assert circuit.blocked_until(now) is None
        circuit.leave(circuit.admit(now), verdict, seconds, now)
    return circuit


def opened(breaker: Breaker = STEADY, now: float = 0.0) -> Circuit:
    return told(Circuit(breaker), *[Verdict.FAILURE] * breaker.calls, now=now)


def test_too_few_calls_prove_nothing() -> None:
    assert told(Circuit(STEADY), *[Verdict.FAILURE] * 9).state is State.CLOSED


def test_it_opens_at_the_share_of_failures() -> None:
    """The tenth call makes them enough, whatever became of that one."""
    five = [Verdict.FAILURE] * 5
    assert told(Circuit(STEADY), *five, *[Verdict.SUCCESS] * 5).state is State.OPEN
    six = [Verdict.SUCCESS] * 6
    assert told(Circuit(STEADY), *six, *[Verdict.FAILURE] * 5).state is State.CLOSED


@pytest.mark.parametrize("share", [0.07, 0.29, 0.1, 1 / 3, 0.57])
def test_a_share_is_met_exactly(share: float) -> None:
    """0.07 * 100 is more than 7, in floating point."""
    calls = 300 if share == 1 / 3 else 100
    failed = round(share * calls)
    circuit = Circuit(Breaker(calls=calls, failures=share))
    told(circuit, *[Verdict.SUCCESS] * (calls - failed), *[Verdict.FAILURE] * (failed - 1))
    assert circuit.state is State.CLOSED
    assert told(circuit, Verdict.FAILURE).state is State.OPEN


def test_old_calls_are_forgotten() -> None:
    circuit = told(Circuit(STEADY), *[Verdict.FAILURE] * 9, now=0.5)
    assert told(circuit, Verdict.FAILURE, now=10.5).state is State.CLOSED


def test_calls_of_the_last_seconds_count_together() -> None:
    circuit = Circuit(STEADY)
    for second in range(9):
        told(circuit, Verdict.FAILURE, now=float(second))
    assert told(circuit, Verdict.FAILURE, now=9.9).state is State.OPEN


def test_slow_calls_open_it_too() -> None:
    breaker = Breaker(slow=2.0, slow_calls=0.5, uniform=middle)
    quick = told(Circuit(breaker), *[Verdict.SUCCESS] * 6, seconds=1.9)
    assert told(quick, *[Verdict.SUCCESS] * 5, seconds=2.0).state is State.CLOSED
    assert told(quick, Verdict.SUCCESS, seconds=2.0).state is State.OPEN


def test_how_long_a_call_took_is_nothing_unless_somebody_says_what_slow_is() -> None:
    assert told(Circuit(STEADY), *[Verdict.SUCCESS] * 20, seconds=1e9).state is State.CLOSED


def test_an_open_circuit_says_when_to_come_back() -> None:
    """Invariant 6.1"""
    circuit = opened(now=100.0)
    assert circuit.blocked_until(100.0) == 105.0
    assert circuit.blocked_until(math.nextafter(105.0, 0.0)) == 105.0
    assert circuit.blocked_until(105.0) is None


def test_it_stays_open_longer_each_time_in_a_row() -> None:
    circuit, now, pauses = opened(), 0.0, list[float]()
    for _ in range(7):
        until = circuit.blocked_until(now)
        assert until is not None
        pauses.append(until - now)
        now = until
        told(circuit, Verdict.FAILURE, now=now)
    assert pauses == pytest.approx([5.0, 10.0, 20.0, 40.0, 50.0, 50.0, 50.0])


def test_after_it_closed_it_opens_for_the_shortest_time_again() -> None:
    circuit = opened()
    told(circuit, Verdict.FAILURE, now=5.0)
    told(circuit, Verdict.SUCCESS, now=15.0)
    assert circuit.state is State.CLOSED
    told(circuit, *[Verdict.FAILURE] * 10, now=15.0)
    assert circuit.blocked_until(15.0) == 20.0


@given(st.floats(0.8, 1.2), st.integers(0, 5000))
def test_the_pause_is_spread_and_never_too_long(factor: float, again: int) -> None:
    pause = Breaker(open=1.0, longest_open=9.0, uniform=lambda low, high: factor).pause(again)
    assert pause == pytest.approx(factor * min(7.5, 2.0 ** min(again, 3)))
    assert pause <= 9.0 * (1 + 1e-12)


def test_clients_that_failed_together_do_not_come_back_together() -> None:
    assert len({opened(Breaker()).blocked_until(0.0) for _ in range(50)}) > 40


def test_a_closed_circuit_has_forgotten_why_it_opened() -> None:
    circuit = opened()
    told(circuit, Verdict.SUCCESS, now=5.0)
    assert told(circuit, *[Verdict.FAILURE] * 9, now=5.0).state is State.CLOSED


def test_half_open_admits_so_many_probes_and_no_more() -> None:
    """Invariant 6.2"""
    circuit = opened(Breaker(probes=3, uniform=middle))
    tickets = [circuit.admit(5.0) for _ in range(3) if circuit.blocked_until(5.0) is None]
    assert len(set(tickets)) == 1
    assert circuit.blocked_until(5.0) is not None
    circuit.leave(tickets[0], Verdict.SUCCESS, 0.1, 6.0)
    assert circuit.blocked_until(6.0) is not None, "one was answered: three in all, not at once"
    circuit.leave(tickets[1], Verdict.SUCCESS, 0.1, 6.0)
    assert circuit.state.name == "HALF_OPEN"
    circuit.leave(tickets[2], Verdict.SUCCESS, 0.1, 6.0)
    assert circuit.state is State.CLOSED


def test_one_failed_probe_opens_it_whatever_the_others_say() -> None:
    """Invariant 6.2, Invariant 6.5"""
    circuit = opened(Breaker(probes=2, uniform=middle))
    first, second = circuit.admit(5.0), circuit.admit(5.0)
    circuit.leave(first, Verdict.FAILURE, 0.1, 6.0)
    assert circuit.blocked_until(6.0) == 16.0
    circuit.leave(second, Verdict.SUCCESS, 0.1, 7.0)
    assert circuit.blocked_until(7.0) == 16.0


def test_a_slow_probe_has_failed_where_slow_calls_count() -> None:
    circuit = opened(Breaker(slow=2.0, uniform=middle))
    circuit.leave(circuit.admit(5.0), Verdict.SUCCESS, 3.0, 8.0)
    assert circuit.state is State.OPEN


@given(st.integers(1, 5), st.integers(1, 20))
def test_a_probe_that_was_cancelled_frees_its_place(probes: int, cancelled: int) -> None:
    """Invariant 6.3, Invariant 0.1"""
    circuit = opened(Breaker(probes=probes, uniform=middle))
    told(circuit, *[Verdict.NONE] * cancelled, now=5.0)
    assert circuit.state is State.HALF_OPEN
    assert told(circuit, *[Verdict.SUCCESS] * probes, now=6.0).state is State.CLOSED


def test_cancellations_never_open_it() -> None:
    """Invariant 6.4"""
    circuit = told(Circuit(STEADY), *[Verdict.NONE] * 1000)
    assert told(circuit, *[Verdict.FAILURE] * 9).state is State.CLOSED


def test_late_results_change_nothing() -> None:
    """Invariant 6.5"""
    circuit = Circuit(STEADY)
    late = [circuit.admit(0.0) for _ in range(20)]
    for generation in late[:10]:
        circuit.leave(generation, Verdict.FAILURE, 1.0, 1.0)
    circuit.leave(late[10], Verdict.SUCCESS, 2.0, 2.0)
    assert circuit.blocked_until(2.0) == 6.0
    probe = circuit.admit(6.0)
    circuit.leave(late[11], Verdict.FAILURE, 7.0, 7.0)
    assert circuit.state is State.HALF_OPEN
    circuit.leave(probe, Verdict.SUCCESS, 1.0, 7.0)
    for generation in [*late[12:], probe, probe]:
        circuit.leave(generation, Verdict.FAILURE, 8.0, 8.0)
    assert told(circuit, *[Verdict.FAILURE] * 9, now=8.0).state is State.CLOSED


def test_forced_open_lets_nothing_go_until_it_is_reset() -> None:
    circuit = Circuit(STEADY)
    late = circuit.admit(0.0)
    circuit.force_open()
    assert circuit.blocked_until(1e12) == math.inf
    circuit.leave(late, Verdict.SUCCESS, 0.1, 1.0)
    assert circuit.state is State.FORCED_OPEN
    circuit.reset(1.0)
    assert told(circuit, Verdict.SUCCESS).state is State.CLOSED


def test_disabled_lets_everything_go_until_it_is_reset() -> None:
    circuit = opened()
    circuit.disable()
    told(circuit, *[Verdict.FAILURE] * 100)
    assert circuit.state is State.DISABLED
    circuit.reset(1.0)
    assert told(circuit, *[Verdict.FAILURE] * 9).state is State.CLOSED


def kept_busy(circuit: Circuit, verdict: Verdict, since: float, until: float) -> float:
    """Let one request follow another, each a tenth of a second long, with no gap between them."""
    now, last = since, circuit.admit(since)
    while now < until and circuit.state is State.CLOSED:
        now += 0.1
        following = circuit.admit(now)
        circuit.leave(last, verdict, 0.1, now)
        last = following
    circuit.leave(last, Verdict.NONE, 0.1, now)
    return now


def test_requests_cut_short_by_their_deadlines_say_together_that_an_origin_is_silent() -> None:
    """Behind a full queue each is sent when little is left of its time."""
    circuit = Circuit(Breaker(silence=5.0))
    assert kept_busy(circuit, Verdict.CUT, 0.0, 60.0) == pytest.approx(6.0, abs=0.2)
    assert circuit.state is State.OPEN


def test_requests_cut_short_say_nothing_while_others_are_answered() -> None:
    circuit = Circuit(Breaker(silence=5.0))
    for now in range(0, 100, 4):
        kept_busy(circuit, Verdict.CUT, float(now), now + 3.9)
        told(circuit, Verdict.SUCCESS, now=now + 3.9)
    assert circuit.state is State.CLOSED


def test_requests_cut_short_say_nothing_when_they_are_few_and_far_between() -> None:
    circuit = Circuit(Breaker(silence=5.0, calls=1))
    for now in range(0, 1000, 3):
        circuit.leave(circuit.admit(float(now)), Verdict.CUT, 0.1, now + 0.1)
    assert circuit.state is State.CLOSED


@pytest.mark.parametrize("jump", [-1e6, -0.5, 1e6])
def test_a_clock_that_jumps_hides_no_silence_for_long(jump: float) -> None:
    circuit = Circuit(Breaker(silence=5.0))
    now = kept_busy(circuit, Verdict.CUT, 2e6, 2e6 + 3)
    assert kept_busy(circuit, Verdict.CUT, now + jump, now + jump + 60) <= now + jump + 7
    assert circuit.state is State.OPEN


@pytest.mark.parametrize("back", [2.0, 3600.0, 1e9])
def test_a_clock_that_is_set_back_keeps_it_open_no_longer_than_its_pause(back: float) -> None:
    circuit = opened(now=1e9)
    now = 1e9 - back
    until = circuit.blocked_until(now)
    assert until is not None
    assert until - now <= 5.0
    assert circuit.blocked_until(until) is None


def test_two_threads_that_read_the_clock_in_turn_shorten_no_pause() -> None:
    """Invariant 6.1"""
    circuit = opened(now=10.0)
    circuit.blocked_until(9.999)
    assert circuit.blocked_until(14.999) == 15.0


@given(st.lists(st.floats(0, 1e15), min_size=1, max_size=30), st.floats(0, 1e6))
def test_whatever_the_clock_did_ten_failures_open_it_and_a_pause_later_it_is_tried(
    jumps: list[float], now: float
) -> None:
    circuit = Circuit(Breaker(uniform=middle))
    for jump in jumps:
        circuit.leave(circuit.admit(jump), Verdict.SUCCESS, 0.1, jump)
    for _ in range(40):  # those before may still count, so half and half
        if circuit.state is State.CLOSED:
            circuit.leave(circuit.admit(now), Verdict.FAILURE, 0.1, now)
    assert circuit.state is State.OPEN
    assert circuit.blocked_until(now + 5.0) is None
    assert told(circuit, Verdict.SUCCESS, now=now + 5.0).state is State.CLOSED


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("calls", 0),
        ("calls", 2.5),
        ("window", 0),
        ("window", math.inf),
        ("failures", 0.0),
        ("failures", 1.01),
        ("failures", True),
        ("failures", math.nan),
        ("slow", 0),
        ("slow", "2"),
        ("slow_calls", -0.5),
        ("open", 0),
        ("open", 61.0),
        ("longest_open", 4.9),
        ("longest_open", None),
        ("probes", 0),
        ("silence", 0),
    ],
)
def test_settings_out_of_range_are_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ArgumentError, match=name):
        Breaker(**{name: value})


class Model:
    """The breaker as one would explain it: it keeps everything, and counts it each time."""

    def __init__(self, breaker: Breaker) -> None:
        self.breaker = breaker
        self.state = State.CLOSED
        self.ended: list[tuple[float, bool, bool]] = []
        self.again = 0
        self.until = 0.0
        self.probes: list[Verdict | None] = []
        self.busy_since = 0.0

    def is_blocked(self, now: float) -> bool:
        return {
            State.CLOSED: False,
            State.DISABLED: False,
            State.FORCED_OPEN: True,
            State.OPEN: now < self.until,
            State.HALF_OPEN: len(self.probes) >= self.breaker.probes,
        }[self.state]

    def close(self) -> None:
        self.state, self.ended = State.CLOSED, []

    def open(self, again: int, now: float) -> None:
        self.state, self.again = State.OPEN, again
        self.until = now + min(self.breaker.longest_open / 1.2, self.breaker.open * 2**again)

    def count(self, failed: bool, slow: bool, now: float) -> None:
        self.ended.append((now, failed, slow))
        tenth = self.breaker.window / 10
        newest = now // tenth
        recent = [call for call in self.ended if newest - call[0] // tenth < 10]
        failures = sum(1 for _, failed, _ in recent if failed)
        slowness = sum(1 for _, _, slow in recent if slow)
        if len(recent) >= self.breaker.calls and (
            failures / len(recent) >= self.breaker.failures
            or (self.breaker.slow and slowness / len(recent) >= self.breaker.slow_calls)
        ):
            self.open(0, now)


SETTINGS = [
    Breaker(calls=3, failures=0.5, open=2.0, longest_open=8.0, uniform=middle),
    Breaker(calls=2, failures=1.0, open=1.0, longest_open=8.0, probes=3, uniform=middle),
    Breaker(calls=4, slow=2.0, slow_calls=0.75, open=4.0, longest_open=9.0, uniform=middle),
]


class Circuits(RuleBasedStateMachine):
    """Invariant 6.6, Invariant 6.1, Invariant 6.2, Invariant 6.3, Invariant 6.4, Invariant 6.5"""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.out: list[tuple[int, int]] = []
        self.epoch = 0
        self.choose(SETTINGS[0])

    @initialize(breaker=st.sampled_from(SETTINGS))
    def choose(self, breaker: Breaker) -> None:
        self.circuit, self.model = Circuit(breaker), Model(breaker)

    @rule(seconds=st.sampled_from([0.25, 0.5, 1.0, 1.75, 3.0, 9.75, 30.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.circuit.state is State.OPEN)
    @rule()
    def wait_as_told(self) -> None:
        self.now = self.circuit.blocked_until(self.now) or self.now

    @rule(wanted=st.integers(1, 4))
    def come(self, wanted: int) -> None:
        for _ in range(wanted):
            if self.model.is_blocked(self.now):
                assert self.circuit.blocked_until(self.now) is not None
                continue
            assert self.circuit.blocked_until(self.now) is None
            if self.model.state is State.OPEN:
                self.model.state, self.model.probes = State.HALF_OPEN, []
                self.epoch += 1
            if self.model.state is State.HALF_OPEN:
                self.model.probes.append(None)
            if not any(epoch == self.epoch for _, epoch in self.out):
                self.model.busy_since = self.now
            self.out.append((self.circuit.admit(self.now), self.epoch))

    @precondition(lambda self: self.out)
    @rule(data=st.data(), verdict=st.sampled_from(Verdict), seconds=st.sampled_from([0.1, 2.5]))
    def go(self, data: st.DataObject, verdict: Verdict, seconds: float) -> None:
        self.end(data.draw(st.sampled_from(self.out)), verdict, seconds)

    @precondition(lambda self: self.out)
    @rule(verdict=st.sampled_from([Verdict.SUCCESS, Verdict.FAILURE, Verdict.CUT]))
    def all_go(self, verdict: Verdict) -> None:
        while self.out:
            self.end(self.out[-1], verdict, 0.1)

    def end(self, ticket: tuple[int, int], verdict: Verdict, seconds: float) -> None:
        self.out.remove(ticket)
        generation, epoch = ticket
        self.circuit.leave(generation, verdict, seconds, self.now)
        if epoch == self.epoch:
            before = self.model.state
            self.tell(self.model, verdict, seconds)
            self.epoch += self.model.state is not before

    def tell(self, model: Model, verdict: Verdict, seconds: float) -> None:
        if verdict is Verdict.SUCCESS:
            model.busy_since = self.now
        if verdict is Verdict.CUT:
            is_silent = self.now - model.busy_since >= model.breaker.silence
            verdict = Verdict.FAILURE if is_silent else Verdict.NONE
        slow = model.breaker.slow is not None and seconds >= model.breaker.slow
        if model.state is State.CLOSED and verdict is not Verdict.NONE:
            model.count(verdict is Verdict.FAILURE, slow, self.now)
        elif model.state is State.HALF_OPEN:
            model.probes.remove(None)
            if verdict is not Verdict.NONE:
                model.probes.append(verdict)
            if verdict is Verdict.FAILURE or (slow and verdict is Verdict.SUCCESS):
                model.open(model.again + 1, self.now)
            elif model.probes == [Verdict.SUCCESS] * model.breaker.probes:
                model.close()

    @precondition(lambda self: self.epoch % 3 == 2)  # or half of all steps would be these
    @rule(turn=st.sampled_from(["force_open", "disable", "reset"]))
    def interfere(self, turn: str) -> None:
        act: dict[str, Callable[[], None]] = {
            "force_open": self.circuit.force_open,
            "disable": self.circuit.disable,
            "reset": lambda: self.circuit.reset(self.now),
        }
        act[turn]()
        self.model.close()
        forced = {"force_open": State.FORCED_OPEN, "disable": State.DISABLED}
        self.model.state = forced.get(turn, State.CLOSED)
        self.epoch += 1

    @precondition(lambda self: self.circuit.state in (State.FORCED_OPEN, State.DISABLED))
    @rule()
    def end_of_interference(self) -> None:
        self.circuit.reset(self.now)
        self.model.close()
        self.epoch += 1

    @invariant()
    def they_agree(self) -> None:
        circuit, model = self.circuit, self.model
        assert circuit.state is model.state
        assert (circuit.blocked_until(self.now) is not None) == model.is_blocked(self.now)
        if model.state is State.OPEN and model.is_blocked(self.now):
            assert circuit.blocked_until(self.now) == model.until

    @invariant()
    def no_more_are_trying_than_may(self) -> None:
        if self.circuit.state is State.HALF_OPEN:
            trying = sum(1 for _, epoch in self.out if epoch == self.epoch)
            assert trying <= self.model.breaker.probes


TestCircuits = Circuits.TestCase
TestCircuits.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
