"""What each policy means at the gate: who waits, who is refused, what is given back."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from gates import FAILED, FINE, asked, goes, throttled

from twofold.core.policy.adaptive import Adaptive, Load
from twofold.core.policy.breaker import Breaker, State, Verdict
from twofold.core.policy.bucket import Heard
from twofold.core.policy.changes import BucketClosed, CircuitChange, LimitChange
from twofold.core.policy.decision import GO, Refuse, Wait
from twofold.core.policy.gate import Gate, Member, Ticket
from twofold.core.policy.rate import Rate
from twofold.core.policy.seen import Seen
from twofold.core.policy.switch import CircuitSwitch
from twofold.errors import ArgumentError, Effect, RetryLaterError

STEADY = Breaker(calls=2, open=5.0, uniform=lambda low, high: 1.0)
TEN_A_MINUTE = Rate(10, 60.0, burst=10)


def waits(ticket: Ticket, now: float) -> Wait:
    decision = ticket.member.gate.enter(ticket, now)
    assert isinstance(decision, Wait)
    return decision


def refused(ticket: Ticket, now: float) -> RetryLaterError:
    decision = ticket.member.gate.enter(ticket, now)
    assert isinstance(decision, Refuse)
    assert isinstance(decision.error, RetryLaterError)
    return decision.error


def opened(gate: Gate, concurrency: int | None = None, now: float = 0.0) -> Member:
    """Return a client whose circuit is open until 5 s after now."""
    member = gate.join("me", concurrency, breaker=STEADY)
    tickets = [asked(member)[0] for _ in range(2)]
    assert all(goes(ticket, now) for ticket in tickets)
    assert gate.leave(tickets[0], now, FAILED) == ()
    assert gate.leave(tickets[1], now, FAILED) == (CircuitChange(State.OPEN),)
    return member


# Rates


def test_who_exceeds_the_rate_waits_and_only_the_first_keeps_the_time() -> None:
    """Invariant 4.4"""
    member = Gate().join("me", None, rate=Rate(2, 10.0))
    assert all(goes(asked(member)[0], at) for at in (0.0, 1.0))
    first, second = asked(member)[0], asked(member)[0]
    assert waits(first, 2.0).until == pytest.approx(10.0)
    told = waits(second, 2.0)
    assert told.until == math.inf
    assert told.earliest == pytest.approx(10.0)
    assert goes(first, 10.1)


def test_when_the_first_goes_the_next_takes_over_the_time() -> None:
    """Invariant 4.4"""
    member = Gate().join("me", None, rate=Rate(2, 10.0))
    assert all(goes(asked(member)[0], at) for at in (0.0, 1.0))
    (first, _), (second, spot) = asked(member), asked(member)
    waits(first, 2.0)
    waits(second, 2.0)
    assert goes(first, 10.1)
    assert spot.woken == 1
    assert waits(second, 10.1).until == pytest.approx(11.0)


def test_when_the_first_gives_up_the_next_takes_over_the_time() -> None:
    """Invariant 4.3, Invariant 4.4"""
    member = Gate().join("me", None, rate=Rate(2, 10.0))
    assert all(goes(asked(member)[0], at) for at in (0.0, 1.0))
    (first, _), (second, spot) = asked(member), asked(member)
    waits(first, 2.0)
    waits(second, 2.0)
    member.gate.forget(first, 3.0)
    assert spot.woken == 1
    assert waits(second, 3.0).until == pytest.approx(10.0)


def test_a_heavy_request_keeps_its_place() -> None:
    """Invariant 4.2"""
    member = Gate().join("me", None, rate=Rate(3, 10.0))
    assert all(goes(asked(member)[0], 0.0) for _ in range(2))
    heavy, light = asked(member, weight=3)[0], asked(member)[0]
    assert waits(heavy, 1.0).until == pytest.approx(10.0)
    waits(light, 1.0)
    assert goes(heavy, 10.1)


def test_a_heavy_request_of_another_key_keeps_its_turn() -> None:
    """Those who take turns do not starve whoever needs much."""
    member = Gate().join("me", None, rate=Rate(3, 10.0))
    assert goes(asked(member)[0], 0.0)
    assert goes(asked(member)[0], 0.0)
    heavy, light = asked(member, weight=3, key="a")[0], asked(member, key="b")[0]
    assert waits(heavy, 1.0).until == pytest.approx(10.0)
    assert waits(light, 1.0).until == math.inf
    assert goes(heavy, 10.1)


def test_a_weight_that_can_never_pass_is_refused_at_once() -> None:
    member = Gate().join("me", None, rate=Rate(3, 10.0))
    ticket = asked(member, weight=4)[0]
    with pytest.raises(ArgumentError, match="weight 4"):
        member.gate.enter(ticket, 0.0)
    assert member.gate.statistics("me").queued == 0


def test_who_waits_for_a_slot_has_taken_nothing_of_the_rate() -> None:
    """All is taken in one instant: a slot, and of the rate, or neither."""
    member = Gate().join("me", 1, rate=TEN_A_MINUTE)
    inside = asked(member)[0]
    assert goes(inside, 0.0)
    waiting = [asked(member)[0] for _ in range(9)]
    assert all(waits(ticket, 0.0).until == math.inf for ticket in waiting)
    for ticket in waiting:
        member.gate.forget(ticket, 1.0)
    member.gate.leave(inside, 1.0)
    for _ in range(9):
        ticket = asked(member)[0]
        assert goes(ticket, 1.0)
        member.gate.leave(ticket, 1.0)


def test_who_waits_for_time_holds_no_slot() -> None:
    gate = Gate()
    limited, free = gate.join("me", 1, rate=Rate(1, 10.0)), gate.join("me", 1)
    first = asked(limited)[0]
    assert goes(first, 0.0)
    gate.leave(first, 0.0)
    waits(asked(limited)[0], 0.0)
    assert goes(asked(free)[0], 0.0)


@pytest.mark.parametrize("rate", [Rate(2, 10.0, burst=2), Rate(4, 10.0, burst=2)])
def test_what_was_called_and_never_came_costs_nothing(rate: Rate) -> None:
    """Invariant 4.3"""
    member = Gate().join("me", 1, rate=rate)
    inside = asked(member)[0]
    assert goes(inside, 0.0)
    called, spot = asked(member)
    waits(called, 0.0)
    member.gate.leave(inside, 0.0)
    assert spot.woken == 1
    member.gate.forget(called, 0.1)
    assert goes(asked(member)[0], 0.2)


def test_clients_with_an_equal_rate_share_it_and_accounts_do_not() -> None:
    gate = Gate()
    one, other = (gate.join("me", None, rate=Rate(1, 10.0)) for _ in range(2))
    assert goes(asked(one)[0], 0.0)
    assert not goes(asked(other)[0], 0.0)
    assert goes(asked(gate.join("you", None, rate=Rate(1, 10.0)))[0], 0.0)


def test_buckets_have_rates_of_their_own() -> None:
    member = Gate().join("me", None, rate=Rate(1, 10.0))
    assert goes(asked(member)[0], 0.0)
    assert goes(asked(member, bucket="search")[0], 0.0)
    assert not goes(asked(member, bucket="search")[0], 0.0)


# The breaker


def test_while_the_circuit_is_open_everybody_is_refused_at_once() -> None:
    """Invariant 6.1"""
    gate = Gate(wall=lambda: 1_000_000.0)
    member = opened(gate)
    error = refused(asked(member)[0], 1.0)
    assert error.retry_at == datetime.fromtimestamp(1_000_004.0, UTC)
    assert (error.effect, error.transient, error.withheld) == (Effect.NONE, False, True)
    assert gate.statistics("me").inside == 0


def test_those_who_queue_are_refused_when_the_circuit_opens() -> None:
    """Invariant 6.1"""
    gate = Gate()
    member = gate.join("me", 2, breaker=STEADY)
    inside = [asked(member)[0] for _ in range(2)]
    assert all(goes(ticket) for ticket in inside)
    waiting = [asked(member) for _ in range(3)]
    assert not any(goes(ticket) for ticket, _ in waiting)
    gate.leave(inside[0], 0.0)
    called = waiting[0][0]
    gate.leave(inside[1], 0.0, FAILED)
    assert goes(called)
    gate.leave(called, 0.0, FAILED)
    for ticket, spot in waiting[1:]:
        assert spot.woken >= 1
        assert refused(ticket, 0.0).retry_at is not None
    assert gate.statistics("me").queued == 0


def test_one_that_was_called_just_before_the_circuit_opened_does_not_go() -> None:
    """Invariant 6.1"""
    gate = Gate()
    member = gate.join("me", 3, breaker=STEADY)
    inside = [asked(member)[0] for _ in range(3)]
    assert all(goes(ticket) for ticket in inside)
    called = asked(member)[0]
    assert not goes(called)
    gate.leave(inside[0], 0.0)
    assert called.state == "called"
    for ticket in inside[1:]:
        gate.leave(ticket, 0.0, FAILED)
    refused(called, 0.0)
    assert gate.statistics("me").inside == 0


def test_one_probe_goes_and_its_answer_decides() -> None:
    """Invariant 6.2"""
    gate = Gate()
    member = opened(gate)
    probe = asked(member)[0]
    assert goes(probe, 5.0)
    assert probe.changes == (CircuitChange(State.HALF_OPEN),)
    refused(asked(member)[0], 5.0)
    assert gate.leave(probe, 6.0, FINE) == (CircuitChange(State.CLOSED),)
    assert goes(asked(member)[0], 6.0)


def test_a_probe_that_is_cancelled_frees_its_place() -> None:
    """Invariant 6.3"""
    gate = Gate()
    member = opened(gate)
    for _ in range(3):
        probe = asked(member)[0]
        assert goes(probe, 5.0)
        gate.leave(probe, 5.0)
    given_up = asked(member)[0]
    assert goes(given_up, 5.0)
    gate.forget(given_up, 5.0)
    assert goes(asked(member)[0], 5.0)


def test_who_waits_for_the_rate_holds_no_probe() -> None:
    gate = Gate()
    limited = gate.join("me", None, breaker=STEADY, rate=Rate(2, 100.0))
    free = gate.join("you", None, breaker=STEADY)
    tickets = [asked(limited)[0] for _ in range(2)]
    assert all(goes(ticket, 0.0) for ticket in tickets)
    for ticket in tickets:
        gate.leave(ticket, 0.0, FAILED)
    waiting, spot = asked(limited)
    assert waits(waiting, 6.0).until == pytest.approx(100.0)
    assert goes(asked(free)[0], 6.0)
    assert spot.woken == 1
    refused(waiting, 6.0)


def test_cancellations_never_open_the_circuit() -> None:
    """Invariant 6.4"""
    gate = Gate()
    member = gate.join("me", None, breaker=STEADY)
    for _ in range(20):
        ticket = asked(member)[0]
        assert goes(ticket)
        gate.leave(ticket, 0.0)
    assert member.statistics().circuit == "closed"


def test_late_failures_do_not_open_a_circuit_that_closed() -> None:
    """Invariant 6.5"""
    gate = Gate()
    member = gate.join("me", None, breaker=STEADY)
    late = [asked(member)[0] for _ in range(5)]
    assert all(goes(ticket) for ticket in late)
    for ticket in late[:2]:
        gate.leave(ticket, 0.0, FAILED)
    probe = asked(member)[0]
    assert goes(probe, 5.0)
    gate.leave(probe, 5.0, FINE)
    for ticket in late[2:]:
        assert gate.leave(ticket, 5.0, FAILED) == ()
    assert goes(asked(member)[0], 5.0)


def test_clients_with_an_equal_breaker_share_the_circuit_whatever_their_account() -> None:
    gate = Gate()
    opened(gate)
    refused(asked(gate.join("you", 1, breaker=STEADY))[0], 1.0)
    assert goes(asked(gate.join("you", 1, breaker=Breaker(calls=3)))[0], 1.0)
    assert goes(asked(gate.join("they", 1))[0], 1.0)


def test_a_circuit_is_turned_by_hand() -> None:
    member = Gate().join("me", 1, breaker=STEADY)
    circuit = CircuitSwitch(member, lambda: 0.0)
    inside, (waiting, spot) = asked(member)[0], asked(member)
    assert goes(inside)
    assert not goes(waiting)
    circuit.force_open()
    assert (circuit.state, spot.woken) == ("forced_open", 1)
    assert refused(waiting, 0.0).retry_at is None
    member.gate.leave(inside, 0.0, FAILED)
    circuit.disable()
    for _ in range(5):
        ticket = asked(member)[0]
        assert goes(ticket)
        member.gate.leave(ticket, 0.0, FAILED)
    circuit.reset()
    assert circuit.state == "closed"
    assert goes(asked(member)[0])


def test_without_a_breaker_there_is_nothing_to_turn() -> None:
    circuit = CircuitSwitch(Gate().join("me", 1), lambda: 0.0)
    assert circuit.state is None
    for turn in (circuit.force_open, circuit.disable, circuit.reset):
        with pytest.raises(ArgumentError, match="no breaker"):
            turn()


# What the server says


def test_a_throttle_closes_the_bucket_for_all_clients_of_the_account() -> None:
    """Invariant 4.6"""
    gate = Gate()
    one, other, stranger = gate.join("me", 5), gate.join("me", 5), gate.join("you", 5)
    ticket = asked(one)[0]
    assert goes(ticket)
    assert gate.leave(ticket, 0.0, throttled(30.0)) == (
        BucketClosed("", pytest.approx(30.0)),  # type: ignore[arg-type] # equal to a float
    )
    assert waits(asked(other)[0], 1.0).until == pytest.approx(30.0)
    assert goes(asked(stranger)[0], 1.0)
    assert goes(asked(other, bucket="search")[0], 1.0)
    assert one.statistics().closed == ("",)


def test_after_a_throttle_one_goes_first_and_then_twice_as_many() -> None:
    """Invariant 4.6"""
    gate = Gate()
    member = gate.join("me", 9)
    ticket = asked(member)[0]
    assert goes(ticket)
    gate.leave(ticket, 0.0, throttled(30.0))
    waiting = [asked(member) for _ in range(7)]
    assert not any(goes(ticket, 1.0) for ticket, _ in waiting)
    assert [goes(ticket, 30.1) for ticket, _ in waiting] == [True] + [False] * 6
    gate.leave(waiting[0][0], 31.0, FINE)
    assert [ticket.state for ticket, _ in waiting].count("called") == 2
    for ticket, _ in waiting[1:3]:
        assert goes(ticket, 31.0)
        gate.leave(ticket, 32.0, FINE)
    assert [ticket.state for ticket, _ in waiting[3:]] == ["called"] * 4


def test_one_that_was_called_just_before_the_throttle_waits_again_in_its_place() -> None:
    """Invariant 4.2, Invariant 4.6"""
    gate = Gate()
    member = gate.join("me", 2)
    inside = [asked(member)[0] for _ in range(2)]
    assert all(goes(ticket) for ticket in inside)
    called, behind = asked(member)[0], asked(member)[0]
    assert not goes(called)
    assert not goes(behind)
    gate.leave(inside[0], 0.0, FINE)
    gate.leave(inside[1], 0.0, throttled(30.0))
    assert waits(called, 0.0).until == pytest.approx(30.0)
    assert goes(called, 30.1)
    assert not goes(behind, 30.1)


def test_a_probe_of_a_bucket_that_is_cancelled_frees_its_place() -> None:
    """Invariant 0.1"""
    gate = Gate()
    member = gate.join("me", 5)
    ticket = asked(member)[0]
    assert goes(ticket)
    gate.leave(ticket, 0.0, throttled(30.0))
    probe, (waiting, spot) = asked(member)[0], asked(member)
    assert goes(probe, 31.0)
    assert waits(waiting, 31.0).until == math.inf
    gate.leave(probe, 32.0)
    assert spot.woken == 1
    assert goes(waiting, 32.0)


def test_a_throttle_that_only_read_understood_closes_the_bucket_too() -> None:
    """Invariant 4.6"""
    gate = Gate()
    member = gate.join("me", 5)
    assert goes(asked(member, bucket="search")[0])
    (change,) = gate.throttle(member, "search", 20.0, 1.0)
    assert isinstance(change, BucketClosed)
    assert waits(asked(member, bucket="search")[0], 2.0).until == pytest.approx(21.0)
    assert goes(asked(member)[0], 2.0)


def test_what_is_used_up_is_waited_for_until_its_reset() -> None:
    gate = Gate()
    member = gate.join("me", 5)
    ticket = asked(member)[0]
    assert goes(ticket)
    told = Heard(limit=100, remaining=0, reset=60.0)
    gate.leave(ticket, 0.0, Seen(200, Verdict.SUCCESS, Load.FINE, 0.1, told))
    assert waits(asked(member)[0], 1.0).until == pytest.approx(60.0)


def test_figures_go_to_the_bucket_that_the_server_names_if_there_is_one() -> None:
    gate = Gate()
    member = gate.join("me", 5)
    search, other = asked(member, bucket="search")[0], asked(member)[0]
    assert goes(search)
    assert goes(other)
    gate.leave(other, 0.0, throttled(30.0, bucket="search"))
    gate.leave(search, 0.0, throttled(40.0, bucket="nobody asked in this one"))
    assert member.statistics().closed == ("search",)
    assert goes(asked(member)[0], 1.0)
    assert waits(asked(member, bucket="search")[0], 1.0).until == pytest.approx(40.0)


# Adaptive limits


def test_an_adaptive_limit_bounds_all_accounts_together() -> None:
    """Invariant 5.2"""
    gate = Gate()
    adaptive = Adaptive(start=2, most=8)
    mine, yours = gate.join("me", adaptive), gate.join("you", adaptive)
    assert goes(asked(mine)[0])
    inside = asked(yours)[0]
    assert goes(inside)
    (waiting, spot), behind = asked(mine), asked(yours)[0]
    assert not goes(waiting)
    assert not goes(behind)
    gate.leave(inside, 1.0, FINE)
    assert spot.woken == 1
    assert goes(waiting, 1.0)
    assert mine.statistics().limit == 2


def test_accounts_take_turns_at_an_adaptive_limit() -> None:
    gate = Gate()
    adaptive = Adaptive(start=1, least=1, most=1)
    members = [gate.join(name, adaptive) for name in ("a", "a", "b")]
    inside = asked(members[0])[0]
    assert goes(inside)
    waiting = [
        asked(member, key=index)[0] for index, member in enumerate([*members[:2] * 2, members[2]])
    ]
    assert not any(goes(ticket) for ticket in waiting)
    order: list[object] = []
    for _ in waiting:
        gate.leave(inside, 0.0)
        inside = next(ticket for ticket in waiting if ticket.state == "called")
        assert goes(inside)
        order.append(inside.member is members[2])
    assert order.index(True) == 1


def test_trouble_lowers_an_adaptive_limit_and_ends_nobody() -> None:
    """Invariant 5.2"""
    gate = Gate()
    member = gate.join("me", Adaptive(start=4))
    inside = [asked(member)[0] for _ in range(4)]
    assert all(goes(ticket) for ticket in inside)
    assert gate.leave(inside[0], 1.0, FAILED) == (LimitChange(3),)
    assert not goes(asked(member)[0], 1.0)
    assert member.statistics().inside == 3


# All of them


def test_everything_is_given_back_exactly_once() -> None:
    """Invariant 0.1"""
    gate = Gate()
    member = gate.join("me", Adaptive(start=2), breaker=STEADY, rate=TEN_A_MINUTE)
    ticket = asked(member)[0]
    assert goes(ticket)
    for _ in range(3):
        gate.leave(ticket, 1.0, FINE)
        gate.forget(ticket, 1.0)
    assert member.ceiling is not None
    assert (member.inside, member.ceiling.inside, member.account.inside) == (0, 0, 0)
    assert member.queues[""].quota.inside == 0
    assert gate.enter(asked(member)[0], 1.0) is GO
