from __future__ import annotations

import threading

import pytest
from gates import Spot, asked, goes

from twofold.core.policy.decision import GO, Wait
from twofold.core.policy.gate import Gate, Statistics, Ticket
from twofold.core.policy.limits import Limits
from twofold.core.request import Origin

RALLY = Origin("https", "rally.example", 443)


def test_a_free_place_is_given_at_once() -> None:
    member = Gate().join("me", 1)
    ticket, spot = asked(member)
    assert member.gate.enter(ticket, 0.0) is GO
    assert spot.woken == 0


def test_a_place_is_handed_to_the_longest_waiting() -> None:
    """Invariant 4.2"""
    member = Gate().join("me", 1)
    tickets = [asked(member) for _ in range(3)]
    for ticket, _ in tickets:
        member.gate.enter(ticket, 0.0)
    member.gate.leave(tickets[0][0], 0.0)
    assert [spot.woken for _, spot in tickets] == [0, 1, 0]
    assert member.gate.enter(tickets[1][0], 0.0) is GO
    assert member.gate.statistics("me") == Statistics(inside=1, queued=1, limit=1)


def test_a_place_handed_to_one_that_gave_up_goes_on() -> None:
    """Invariant 4.3, Rule 14.5"""
    member = Gate().join("me", 1)
    (first, _), (second, _), (third, spot) = (asked(member) for _ in range(3))
    for ticket in (first, second, third):
        member.gate.enter(ticket, 0.0)
    member.gate.leave(first, 0.0)
    member.gate.forget(second, 0.0)
    assert spot.woken == 1
    assert member.gate.enter(third, 0.0) is GO


def test_a_place_handed_to_one_that_nobody_can_wake_goes_on() -> None:
    """Rule 14.5"""
    member = Gate().join("me", 1)
    first, (third, spot) = asked(member)[0], asked(member)
    dead = Ticket(member, Spot(alive=False))
    for ticket in (first, dead, third):
        member.gate.enter(ticket, 0.0)
    member.gate.leave(first, 0.0)
    assert spot.woken == 1
    assert member.gate.statistics("me").inside == 1


def test_leaving_twice_gives_back_one_place() -> None:
    """Invariant 0.1"""
    member = Gate().join("me", 2)
    tickets = [asked(member)[0] for _ in range(2)]
    assert all(goes(ticket) for ticket in tickets)
    member.gate.leave(tickets[0], 0.0)
    member.gate.leave(tickets[0], 0.0)
    member.gate.forget(tickets[0], 0.0)
    assert member.gate.statistics("me").inside == 1


def test_one_without_a_place_to_wait_at_goes_at_once_or_leaves_no_trace() -> None:
    member = Gate().join("me", 1)
    first, second = Ticket(member), Ticket(member)
    assert goes(first)
    assert isinstance(member.gate.enter(second, 0.0), Wait)
    assert member.gate.statistics("me") == Statistics(1, 0, 1)
    member.gate.leave(first, 0.0)
    assert goes(second)


def test_one_that_cannot_wait_overtakes_nobody() -> None:
    """Invariant 4.2"""
    member = Gate().join("me", 2)
    inside = [asked(member)[0] for _ in range(2)]
    assert all(goes(ticket) for ticket in inside)
    waiting, spot = asked(member)
    assert not goes(waiting)
    member.gate.leave(inside[0], 0.0)
    assert not goes(Ticket(member))
    assert spot.woken == 1
    assert goes(waiting)


def test_accounts_do_not_wait_for_each_other() -> None:
    gate = Gate()
    mine, yours = gate.join("me", 1), gate.join("you", 1)
    assert goes(asked(mine)[0])
    assert goes(asked(yours)[0])


def test_clients_of_one_account_share_the_largest_limit_among_them() -> None:
    gate = Gate()
    small, large = gate.join("me", 2), gate.join("me", 3)
    inside = [asked(large)[0] for _ in range(2)] + [asked(small)[0]]
    assert all(goes(ticket) for ticket in inside)
    waiting, spot = asked(small)
    assert not goes(waiting)
    gate.leave(inside[0], 0.0)
    assert spot.woken == 1


def test_a_client_at_its_own_limit_lets_others_pass() -> None:
    gate = Gate()
    small, large = gate.join("me", 1), gate.join("me", 3)
    gate.enter(asked(small)[0], 0.0)
    assert not goes(asked(small)[0])
    assert goes(asked(large)[0])


def test_the_longest_waiting_goes_first_whatever_client_it_is_of() -> None:
    """Invariant 4.2"""
    gate = Gate()
    one, other = gate.join("me", 1), gate.join("me", 1)
    first = asked(one)[0]
    assert goes(first)
    waiting = [asked(member) for member in (other, one, other)]
    assert not any(goes(ticket) for ticket, _ in waiting)
    order: list[int] = []
    while len(order) < 3:
        gate.leave(first, 0.0)
        (index,) = (i for i, (_, spot) in enumerate(waiting) if spot.woken and i not in order)
        order.append(index)
        first = waiting[index][0]
        assert goes(first)
    assert order == [0, 1, 2]


def test_a_new_client_with_a_larger_limit_lets_the_waiting_in() -> None:
    gate = Gate()
    first, second = gate.join("me", 2), gate.join("me", 2)
    for member in (first, second):
        gate.enter(asked(member)[0], 0.0)
    waiting, spot = asked(first)
    assert not goes(waiting)
    gate.join("me", 5)
    assert spot.woken == 1
    assert goes(waiting)


def test_no_limit_admits_everybody() -> None:
    member = Gate().join("me", None)
    assert all(goes(asked(member)[0]) for _ in range(1000))


def test_keys_take_turns() -> None:
    """The many of one key do not hold up the few of another."""
    member = Gate().join("me", 1)
    inside = asked(member)[0]
    assert goes(inside)
    waiting = [asked(member, key=key) for key in "aaaabac"]
    assert not any(goes(ticket) for ticket, _ in waiting)
    order = ""
    for _ in waiting:
        member.gate.leave(inside, 0.0)
        inside = next(t for t, spot in waiting if spot.woken and t.state == "called")
        assert goes(inside)
        order += str(inside.key)
    assert order == "abcaaaa"


def test_buckets_take_turns_at_the_slots_they_share() -> None:
    member = Gate().join("me", 1)
    inside = asked(member)[0]
    assert goes(inside)
    waiting = [asked(member, bucket=name) for name in ("one", "one", "one", "two")]
    assert not any(goes(ticket) for ticket, _ in waiting)
    order: list[str] = []
    for _ in waiting:
        member.gate.leave(inside, 0.0)
        inside = next(t for t, _ in waiting if t.state == "called")
        assert goes(inside)
        order.append(inside.bucket)
    assert order == ["one", "two", "one", "one"]


def test_a_gate_lives_as_long_as_its_clients() -> None:
    limits = Limits()
    member = limits.gate(RALLY).join("me", 1)
    assert limits.gate(RALLY) is member.gate
    assert Limits().gate(RALLY) is not member.gate


def test_threads_lose_no_place() -> None:
    """Invariant 0.1, Invariant 4.4"""
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
