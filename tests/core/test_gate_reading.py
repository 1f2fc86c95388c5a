"""A request whose answer is still read, as the gate has it."""

from __future__ import annotations

import math

import pytest
from gates import FAILED, FINE, asked, goes, throttled

from twofold.core.policy.adaptive import Adaptive
from twofold.core.policy.breaker import Breaker, State
from twofold.core.policy.decision import Refuse, Wait
from twofold.core.policy.gate import Gate, Member
from twofold.core.policy.rate import Rate


def inside(member: Member) -> int:
    return member.statistics().inside


def test_who_reads_holds_its_place() -> None:
    """Invariant 0.1."""
    member = Gate().join("me", 1)
    reading, waiting = asked(member)[0], asked(member)
    assert goes(reading)
    assert not goes(waiting[0])
    member.gate.hear(reading, 0.0, FINE)
    assert waiting[1].woken == 0
    assert inside(member) == 1
    member.gate.leave(reading, 5.0, FINE)
    assert waiting[1].woken == 1
    assert goes(waiting[0])


def test_leaving_twice_after_reading_gives_back_one_place() -> None:
    """Invariant 0.1."""
    member = Gate().join("me", 2, breaker=Breaker(), rate=None)
    ticket, other = asked(member)[0], asked(member)[0]
    assert goes(ticket)
    assert goes(other)
    for _ in range(2):
        member.gate.hear(ticket, 0.0, FINE)
    for _ in range(2):
        member.gate.leave(ticket, 1.0)
    assert inside(member) == 1


def test_an_adaptive_limit_counts_who_reads_until_it_leaves() -> None:
    """Invariant 5.2."""
    member = Gate().join("me", Adaptive(start=1, most=1))
    assert member.ceiling is not None
    reading, waiting = asked(member)[0], asked(member)
    assert goes(reading)
    assert not goes(waiting[0])
    member.gate.hear(reading, 0.0, FINE)
    assert member.ceiling.inside == 1
    member.gate.leave(reading, 5.0)
    assert waiting[1].woken == 1
    assert goes(waiting[0])
    assert member.ceiling.inside == 1


def test_a_probe_closes_its_circuit_before_its_answer_is_read() -> None:
    member = Gate().join("me", 5, breaker=Breaker())
    assert member.circuit is not None
    now = 0.0
    while member.circuit.state.name == "CLOSED":
        ticket = asked(member)[0]
        assert goes(ticket, now)
        member.gate.leave(ticket, now, FAILED)
        now += 0.01
    now += 1000
    probe = asked(member)[0]
    while member.circuit.state is not State.CLOSED:
        assert goes(probe, now)
        member.gate.hear(probe, now, FINE)
        last, probe = probe, asked(member)[0]
    member.gate.leave(last, now + 100, FAILED)
    assert member.circuit.state is State.CLOSED


def test_what_was_said_of_a_bucket_holds_from_then_on() -> None:
    member = Gate().join("me", 5)
    reading, other = asked(member)[0], asked(member)
    assert goes(reading)
    assert member.gate.hear(reading, 0.0, throttled(10.0))
    assert not goes(other[0], 1.0)
    member.gate.leave(reading, 9.0, throttled(10.0))
    assert goes(other[0], 10.0)
    assert inside(member) == 1


@pytest.mark.parametrize("state", ["new", "left"])
def test_who_is_not_inside_is_not_heard(state: str) -> None:
    member = Gate().join("me", 1)
    ticket = asked(member)[0]
    if state == "left":
        assert goes(ticket)
        member.gate.leave(ticket, 0.0)
    assert member.gate.hear(ticket, 0.0, throttled(10.0)) == ()
    assert goes(asked(member)[0])


def test_who_stands_behind_those_that_a_circuit_refuses_keeps_the_time() -> None:
    """Invariant 4.4: where somebody queues, somebody is told until when."""
    gate, rate = Gate(), Rate(1, per=10)
    guarded = gate.join("me", 5, breaker=Breaker(), rate=rate)
    plain = gate.join("me", 5, rate=rate)
    assert guarded.circuit is not None
    assert goes(asked(guarded)[0])
    first, second = asked(guarded), asked(plain)
    told = gate.enter(first[0], 0.0), gate.enter(second[0], 0.0)
    assert [isinstance(each, Wait) for each in told] == [True, True]
    assert isinstance(told[1], Wait)
    assert told[1].until == math.inf
    gate.force_open(guarded.circuit, 1.0)
    assert isinstance(gate.enter(first[0], 1.0), Refuse)
    assert second[1].woken == 1
    again = gate.enter(second[0], 1.0)
    assert isinstance(again, Wait)
    assert again.until == pytest.approx(10)
