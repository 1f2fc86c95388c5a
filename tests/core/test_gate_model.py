"""The whole gate against what must hold whatever happens, found by looking at everybody each time.

The model keeps no queue and no meter: it has the list of all who came and the list of all grants,
and after each step goes through both.  Its driver asks again only when it was woken or the time
came that it was told, so a wake-up that is lost shows as somebody who could go and does not.
"""

from __future__ import annotations

import math
from typing import Any

import attrs
from gates import Spot
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from twofold.core.policy.adaptive import Adaptive, Load
from twofold.core.policy.breaker import Breaker, Verdict
from twofold.core.policy.bucket import Heard
from twofold.core.policy.decision import GO, Refuse, Wait
from twofold.core.policy.gate import Gate, Member, Ticket
from twofold.core.policy.rate import Rate
from twofold.core.policy.seen import Seen

RATE = Rate(3, 10.0, burst=3)
BREAKER = Breaker(calls=4, window=100.0, open=5.0, uniform=lambda low, high: 1.0)
ADAPTIVE = Adaptive(start=1, least=1, most=3)

ROUNDING = 1e-5  # seconds: what a policy adds to its waits, lest they fall short

ALL_KINDS: list[dict[str, Any]] = [
    {"account": "me", "concurrency": 2, "rate": RATE, "breaker": BREAKER},
    {"account": "me", "concurrency": 3, "rate": RATE, "breaker": BREAKER},
    {"account": "me", "concurrency": 2},
    {"account": "you", "concurrency": ADAPTIVE},
    {"account": "they", "concurrency": ADAPTIVE, "breaker": BREAKER},
]

# Fewer kinds meet more often.
RATED: list[dict[str, Any]] = [
    {"account": "me", "concurrency": 1, "rate": RATE},
    {"account": "me", "concurrency": 2, "rate": RATE},
]
PLAIN: list[dict[str, Any]] = [{"account": "me", "concurrency": 2}] * 2

SEEN = {
    "fine": Seen(200, Verdict.SUCCESS, Load.FINE, 0.1),
    "failed": Seen(502, Verdict.FAILURE, Load.OVERLOADED, 0.1),
    "refused": Seen(404, Verdict.SUCCESS, Load.LATENCY_ONLY, 0.1),
    "cancelled": None,
    "throttled": Seen(
        429, Verdict.SUCCESS, Load.OVERLOADED, 0.1, Heard(closed=5.0, throttled=True)
    ),
}


@attrs.define(eq=False, repr=False)
class Visitor:
    """One request, and what its owner was told last."""

    ticket: Ticket
    spot: Spot
    arrival: int
    due: float = math.inf
    heard_of: int = 0
    """How often its owner noticed that it was woken."""

    def __repr__(self) -> str:
        return f"<{self.arrival}: {self.ticket.state}>"

    @property
    def member(self) -> Member:
        return self.ticket.member

    @property
    def is_waiting(self) -> bool:
        return self.ticket.state == "queued"

    @property
    def is_counted(self) -> bool:
        return self.ticket.state in ("called", "inside")

    @property
    def shares(self) -> object:
        """Whom it shares bucket and rate with."""
        return (self.member.account, self.ticket.bucket, self.member.rate)


@attrs.frozen
class Grant:
    """One that was let go, and when."""

    visitor: Visitor
    at: float


class WholeGate(RuleBasedStateMachine):
    """Invariant 0.1, Invariant 4.2, Invariant 4.3, Invariant 4.4, Invariant 4.5, Invariant 4.6"""

    clients = ALL_KINDS
    buckets: tuple[str, ...] = ("", "search")
    outcomes: tuple[str, ...] = tuple(SEEN)

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.gate = Gate()
        self.members = [
            self.gate.join(
                client["account"],
                client["concurrency"],
                breaker=client.get("breaker"),
                rate=client.get("rate"),
            )
            for client in self.clients
        ]
        self.all: list[Visitor] = []
        self.grants: list[Grant] = []
        self.throttles: list[tuple[object, float]] = []
        self.arrivals = 0

    # What may happen

    @rule(
        which=st.integers(0, 4),
        second=st.booleans(),
        key=st.sampled_from([None, "a", "b"]),
        weight=st.sampled_from([1, 1, 1, 2, 3]),
    )
    def arrive(self, which: int, second: bool, key: str | None, weight: int) -> None:
        self.arrivals += 1
        spot = Spot()
        member, bucket = self.choose(which, second=second)
        ticket = Ticket(member, spot, bucket, weight, key)
        visitor = Visitor(ticket, spot, self.arrivals)
        self.all.append(visitor)
        self.ask(visitor)

    @rule(count=st.integers(2, 6), which=st.integers(0, 4))
    def crowd(self, count: int, which: int) -> None:
        for _ in range(count):
            self.arrive(which, False, None, 1)

    @rule(
        which=st.integers(0, 4),
        second=st.booleans(),
    )
    def look_in(self, which: int, second: bool) -> None:
        """One that does not wait goes at once or leaves no trace."""
        before = self.states()
        member, bucket = self.choose(which, second=second)
        visitor = Visitor(Ticket(member, None, bucket), Spot(), self.arrivals + 1)
        if self.gate.enter(visitor.ticket, self.now) is GO:
            self.arrivals += 1
            self.all.append(visitor)
        else:
            assert visitor.ticket.state in ("new", "refused")
            assert visitor.ticket not in visitor.member.account.tickets()
        self.note_granted(before)

    @precondition(lambda self: self.inside)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        seen = data.draw(st.sampled_from(self.outcomes))
        visitor = data.draw(st.sampled_from(self.inside))
        before = self.states()
        self.gate.leave(visitor.ticket, self.now, SEEN[seen])
        if seen == "throttled":
            self.throttles.append((self.bucket_of(visitor), self.now + 5.0))
        self.note_granted(before)

    @precondition(lambda self: self.outside)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        visitor = data.draw(st.sampled_from(self.outside))
        was = visitor.ticket.state
        before = self.states()
        self.gate.forget(visitor.ticket, self.now)
        if was == "called":
            self.grants = [grant for grant in self.grants if grant.visitor is not visitor]
        self.note_granted(before)

    @precondition(lambda self: self.woken)
    @rule(data=st.data())
    def come(self, data: st.DataObject) -> None:
        """Whoever was woken asks, in any order."""
        self.ask(data.draw(st.sampled_from(self.woken)))

    @rule(seconds=st.floats(0.0, 12.0))
    def let_time_pass(self, seconds: float) -> None:
        """Whoever was woken asks before, and whoever was told a time asks then."""
        end = self.now + seconds
        while True:
            while self.woken:
                self.ask(self.woken[0])
            due = min((visitor.due for visitor in self.waiting), default=math.inf)
            if due > end:
                break
            self.now = max(self.now, due)
            self.ask(next(visitor for visitor in self.waiting if visitor.due == due))
        self.now = end

    # What is looked at

    def choose(self, which: int, *, second: bool) -> tuple[Member, str]:
        bucket = self.buckets[second % len(self.buckets)]
        return self.members[which % len(self.members)], bucket

    @property
    def waiting(self) -> list[Visitor]:
        return [visitor for visitor in self.all if visitor.is_waiting]

    @property
    def inside(self) -> list[Visitor]:
        return [visitor for visitor in self.all if visitor.ticket.state == "inside"]

    @property
    def outside(self) -> list[Visitor]:
        states = ("queued", "called", "refused")
        return [visitor for visitor in self.all if visitor.ticket.state in states]

    @property
    def woken(self) -> list[Visitor]:
        return [visitor for visitor in self.outside if visitor.spot.woken > visitor.heard_of]

    def states(self) -> dict[Visitor, bool]:
        return {visitor: visitor.is_counted for visitor in self.all}

    def bucket_of(self, visitor: Visitor) -> object:
        return (visitor.member.account, visitor.ticket.bucket)

    def ask(self, visitor: Visitor) -> None:
        visitor.heard_of = visitor.spot.woken
        was_called = visitor.ticket.state == "called"
        before = self.states()
        decision = self.gate.enter(visitor.ticket, self.now)
        if was_called and decision is not GO:
            # What it was given, it gave back.
            self.grants = [grant for grant in self.grants if grant.visitor is not visitor]
        match decision:
            case Wait(until):
                assert until > self.now
                visitor.due = until
            case Refuse(error):
                assert visitor.member.circuit is not None
                assert error.retry_at is not None
                self.gate.forget(visitor.ticket, self.now)
            case _:
                assert visitor.ticket.state == "inside"
                self.check_throttles(visitor)
        if not was_called or decision is not GO:
            before.pop(visitor)
        self.note_granted(before)

    def note_granted(self, before: dict[Visitor, bool]) -> None:
        granted = [
            visitor for visitor in self.all if visitor.is_counted and not before.get(visitor)
        ]
        for visitor in granted:
            self.grants.append(Grant(visitor, self.now))
            self.check_order(visitor)
            self.check_throttles(visitor)
        self.check_nobody_waits_in_vain()

    def check_order(self, visitor: Visitor) -> None:
        """Nobody of the same lane who came before could have gone in its place."""
        for other in self.waiting:
            if other.arrival < visitor.arrival and other.ticket.key == visitor.ticket.key:
                same = (
                    other.member is visitor.member and other.ticket.bucket == visitor.ticket.bucket
                )
                assert not same, "overtaken"
                if other.shares == visitor.shares:
                    assert not other.member.has_room(), "overtaken by another client's"

    def check_throttles(self, visitor: Visitor) -> None:
        for bucket, until in self.throttles:
            if bucket == self.bucket_of(visitor):
                assert self.now >= until - ROUNDING, "sent between a throttle and its hint"

    def check_nobody_waits_in_vain(self) -> None:
        """Of those who share bucket and rate, somebody is kept by time; or all, by slots."""
        about_to_ask = [v.shares for v in self.waiting if v.due <= self.now or v in self.woken]
        for shares in {visitor.shares for visitor in self.waiting}.difference(about_to_ask):
            able = [
                visitor
                for visitor in self.waiting
                if visitor.shares == shares
                and visitor.member.has_room()
                and visitor.member.account.has_room()
            ]
            assert not able or any(self.is_kept_by_time(visitor) for visitor in able)

    def is_kept_by_time(self, visitor: Visitor) -> bool:
        server = visitor.ticket.queue.quota.server
        if server is not None and server.wait(self.now) > 0:
            return True
        rate = visitor.member.rate
        if rate is None:
            return False
        went = sum(
            grant.visitor.ticket.weight
            for grant in self.grants
            if grant.visitor.shares == visitor.shares and grant.at > self.now - rate.per - ROUNDING
        )
        return went + visitor.ticket.weight > rate.limit

    # What always holds

    @invariant()
    def the_counts_agree(self) -> None:
        """Invariant 0.1"""
        for name in ("me", "you", "they"):
            counted = [v for v in self.all if v.is_counted and self.name(v) == name]
            queued = [v for v in self.waiting if self.name(v) == name]
            seen = self.gate.statistics(name)
            assert (seen.inside, seen.queued) == (len(counted), len(queued))

    @invariant()
    def no_limit_is_exceeded(self) -> None:
        for member in self.members:
            counted = [v for v in self.all if v.is_counted and v.member is member]
            assert len(counted) == member.inside <= member.most
        most = max(member.most for member in self.members if self.account(member) == "me")
        assert self.gate.statistics("me").inside <= most

    @invariant()
    def no_window_sees_more_than_the_rate_allows(self) -> None:
        limited = [grant for grant in self.grants if grant.visitor.member.rate is not None]
        for first in limited:
            within = [
                grant.visitor.ticket.weight
                for grant in limited
                if grant.visitor.shares == first.visitor.shares
                and first.at <= grant.at < first.at + RATE.per
            ]
            assert sum(within) <= RATE.limit

    @invariant()
    def nobody_waits_at_a_circuit_that_is_open(self) -> None:
        for visitor in self.waiting:
            circuit = visitor.member.circuit
            assert circuit is None or circuit.blocked_until(self.now) is None

    @invariant()
    def half_open_admits_one(self) -> None:
        """Invariant 6.2"""
        circuit = self.members[0].circuit
        if circuit is not None and circuit.state.value == "half_open":
            probes = [
                visitor
                for visitor in self.all
                if visitor.is_counted
                and visitor.member.circuit is circuit
                and visitor.ticket.generation == circuit.generation
            ]
            assert len(probes) <= 1
            # Nobody is out, and nobody else may try: then it would be stuck.
            assert (circuit.blocked_until(self.now) is None) == (not probes)

    @invariant()
    def somebody_keeps_the_time(self) -> None:
        """Invariant 4.4"""
        for visitor in self.waiting:
            if visitor in self.woken or not visitor.member.has_room():
                continue
            if not visitor.member.account.has_room():
                continue
            wait = visitor.ticket.queue.wait(visitor.ticket.weight, self.now)
            if wait < math.inf:
                keepers = [
                    other
                    for other in self.waiting
                    if other.shares == visitor.shares
                    and (other.due < math.inf or other in self.woken)
                ]
                assert keepers

    def teardown(self) -> None:
        """Everybody leaves or gives up: nothing is left."""
        for visitor in self.all:
            if visitor.ticket.state == "inside":
                self.gate.leave(visitor.ticket, self.now, SEEN["fine"])
        for visitor in self.all:
            self.gate.forget(visitor.ticket, self.now)
        for member in self.members:
            assert member.inside == member.account.inside == member.account.queued == 0
            assert member.ceiling is None or member.ceiling.inside == 0
            for quota in member.account.quotas.values():
                assert quota.inside == 0
                assert quota.server is None or quota.server.inside == 0
            assert not member.account.turns
            assert all(not queue.lanes for queue in member.account.queues.values())
        assert not self.gate._hall.turns

    def name(self, visitor: Visitor) -> str:
        return self.account(visitor.member)

    def account(self, member: Member) -> str:
        return str(self.clients[self.members.index(member)]["account"])


class RatedGate(WholeGate):
    """Invariant 4.1, Invariant 4.3"""

    clients = RATED
    buckets = ("",)


class ThrottledGate(WholeGate):
    """Invariant 4.6"""

    clients = PLAIN
    buckets = ("",)
    outcomes = ("fine", "throttled")


TestWholeGate = WholeGate.TestCase
TestWholeGate.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestRatedGate = RatedGate.TestCase
TestRatedGate.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestThrottledGate = ThrottledGate.TestCase
TestThrottledGate.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
