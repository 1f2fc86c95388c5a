from __future__ import annotations

import threading
from collections import deque

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from twofold.core.policy.decision import GO
from twofold.core.policy.gate import Gate, Member, Statistics, Ticket
from twofold.core.policy.limits import Limits
from twofold.core.request import Origin

RALLY = Origin("https", "rally.example", 443)


class Spot:
    """A place that remembers being woken."""

    def __init__(self, *, alive: bool = True) -> None:
        self.woken = 0
        self.alive = alive

    def wake(self) -> bool:
        self.woken += 1
        return self.alive


def asked(member: Member) -> tuple[Ticket, Spot]:
    spot = Spot()
    return Ticket(member, spot), spot


def test_a_free_place_is_given_at_once() -> None:
    member = Gate().join("me", 1)
    ticket, spot = asked(member)
    assert member.gate.enter(ticket, 0.0) is GO
    assert spot.woken == 0


def test_a_place_is_handed_to_the_longest_waiting() -> None:
    member = Gate().join("me", 1)
    tickets = [asked(member) for _ in range(3)]
    for ticket, _ in tickets:
        member.gate.enter(ticket, 0.0)
    member.gate.leave(tickets[0][0], 0.0)
    assert [spot.woken for _, spot in tickets] == [0, 1, 0]
    assert member.gate.enter(tickets[1][0], 0.0) is GO
    assert member.gate.statistics("me") == Statistics(inside=1, queued=1, limit=1)


def test_a_place_handed_to_one_that_gave_up_goes_on() -> None:
    member = Gate().join("me", 1)
    (first, _), (second, _), (third, spot) = (asked(member) for _ in range(3))
    for ticket in (first, second, third):
        member.gate.enter(ticket, 0.0)
    member.gate.leave(first, 0.0)
    member.gate.forget(second, 0.0)
    assert spot.woken == 1
    assert member.gate.enter(third, 0.0) is GO


def test_a_place_handed_to_one_that_nobody_can_wake_goes_on() -> None:
    member = Gate().join("me", 1)
    first, (third, spot) = asked(member)[0], asked(member)
    dead = Ticket(member, Spot(alive=False))
    for ticket in (first, dead, third):
        member.gate.enter(ticket, 0.0)
    member.gate.leave(first, 0.0)
    assert spot.woken == 1
    assert member.gate.statistics("me").inside == 1


def test_leaving_twice_gives_back_one_place() -> None:
    member = Gate().join("me", 2)
    ticket, _ = asked(member)
    member.gate.enter(ticket, 0.0)
    member.gate.leave(ticket, 0.0)
    member.gate.leave(ticket, 0.0)
    assert member.gate.statistics("me").inside == 0


def test_accounts_do_not_wait_for_each_other() -> None:
    gate = Gate()
    mine, yours = gate.join("me", 1), gate.join("you", 1)
    assert gate.enter(asked(mine)[0], 0.0) is GO
    assert gate.enter(asked(yours)[0], 0.0) is GO


def test_clients_of_one_account_share_the_largest_limit_among_them() -> None:
    gate = Gate()
    small, large = gate.join("me", 2), gate.join("me", 3)
    inside = [asked(large)[0] for _ in range(2)] + [asked(small)[0]]
    assert all(gate.enter(ticket, 0.0) is GO for ticket in inside)
    waiting, spot = asked(small)
    assert gate.enter(waiting, 0.0) is not GO
    gate.leave(inside[0], 0.0)
    assert spot.woken == 1


def test_a_client_at_its_own_limit_lets_others_pass() -> None:
    gate = Gate()
    small, large = gate.join("me", 1), gate.join("me", 3)
    gate.enter(asked(small)[0], 0.0)
    assert gate.enter(asked(small)[0], 0.0) is not GO
    assert gate.enter(asked(large)[0], 0.0) is GO


def test_a_new_client_with_a_larger_limit_lets_the_waiting_in() -> None:
    gate = Gate()
    first, second = gate.join("me", 2), gate.join("me", 2)
    for member in (first, second):
        gate.enter(asked(member)[0], 0.0)
    waiting, spot = asked(first)
    assert gate.enter(waiting, 0.0) is not GO
    gate.join("me", 5)
    assert spot.woken == 1


def test_no_limit_admits_everybody() -> None:
    member = Gate().join("me", None)
    assert all(member.gate.enter(asked(member)[0], 0.0) is GO for _ in range(1000))


def test_a_gate_lives_as_long_as_its_clients() -> None:
    limits = Limits()
    member = limits.gate(RALLY).join("me", 1)
    assert limits.gate(RALLY) is member.gate
    assert Limits().gate(RALLY) is not member.gate


class Admission(RuleBasedStateMachine):
    """The gate against a naive model: one queue, scanned from its head."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Gate()
        self.limits = [1, 3, 2]
        self.members = [self.gate.join("me", limit) for limit in self.limits]
        self.inside: list[tuple[int, Ticket]] = []
        self.queue: deque[tuple[int, Ticket]] = deque()

    def admissible(self, owner: int) -> bool:
        own = sum(1 for who, _ in self.inside if who == owner)
        return own < self.limits[owner] and len(self.inside) < max(self.limits)

    def settle(self) -> None:
        for entry in list(self.queue):
            if self.admissible(entry[0]):
                self.queue.remove(entry)
                self.inside.append(entry)
                assert entry[1].state == "inside"
                assert self.gate.enter(entry[1], 0.0) is GO

    @rule(owner=st.integers(0, 2))
    def arrive(self, owner: int) -> None:
        ticket = Ticket(self.members[owner], Spot())
        goes = self.gate.enter(ticket, 0.0) is GO
        assert goes == self.admissible(owner)
        (self.inside if goes else self.queue).append((owner, ticket))

    @precondition(lambda self: self.inside)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(self.inside))
        self.inside.remove(entry)
        self.gate.leave(entry[1], 0.0)
        self.settle()

    @precondition(lambda self: self.queue)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        entry = data.draw(st.sampled_from(list(self.queue)))
        self.queue.remove(entry)
        self.gate.forget(entry[1], 0.0)
        self.settle()

    @invariant()
    def the_counts_agree(self) -> None:
        assert self.gate.statistics("me") == Statistics(len(self.inside), len(self.queue), 3)
        assert not any(self.admissible(owner) for owner, _ in self.queue), "a free place, unused"


TestAdmission = Admission.TestCase
TestAdmission.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_threads_lose_no_place() -> None:
    member = Gate().join("me", 3)
    most: list[int] = []

    def come_and_go() -> None:
        for _ in range(300):
            woken = threading.Event()
            ticket = Ticket(member, Waker(woken))
            while member.gate.enter(ticket, 0.0) is not GO:
                assert woken.wait(10)
            most.append(member.inside)
            member.gate.leave(ticket, 0.0)

    threads = [threading.Thread(target=come_and_go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert member.gate.statistics("me") == Statistics(0, 0, 3)
    assert len(most) == 2400
    assert max(most) <= 3


class Waker:
    def __init__(self, event: threading.Event) -> None:
        self.event = event

    def wake(self) -> bool:
        self.event.set()
        return True


@pytest.mark.parametrize("threads", [-1, 1.5, True, "8"])
def test_limits_out_of_range_are_refused_by_name(threads: object) -> None:
    with pytest.raises(ValueError, match="threads"):
        Limits(threads=threads)
