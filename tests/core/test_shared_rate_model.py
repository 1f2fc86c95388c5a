"""Several processes that share a rate, against what must hold whatever happens.

Each process is a gate; the store is a count and its clock.  What is asked of the store is carried
out at some later moment, and its answer arrives at a later one still, or never; processes die.
The model keeps no count: it has the list of all grants, and looks at every window.
"""

from __future__ import annotations

import math

import attrs
from gates import Spot
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from twofold.core.policy.decision import GO, Lease, Refuse, Wait
from twofold.core.policy.gate import Gate, Member, Ticket
from twofold.core.policy.lease import Claim, Share, Tokens
from twofold.core.policy.lending import Written, lend
from twofold.core.policy.rate import Rate

SHARE = Share("here", "me")
ROUNDING = 1e-3


@attrs.define(eq=False)
class Asked:
    """A claim on its way to the store, or an answer on its way back."""

    claim: Claim
    at: float
    answer: Tokens | None = None


@attrs.define(eq=False, repr=False)
class Visitor:
    """One request, and what its owner was told last."""

    ticket: Ticket
    spot: Spot
    arrival: int
    process: Process
    due: float = math.inf
    heard_of: int = 0
    asked: Asked | None = None

    def __repr__(self) -> str:
        return f"<{self.arrival}: {self.ticket.state}>"

    @property
    def is_woken(self) -> bool:
        return self.asked is None and self.spot.woken > self.heard_of

    @property
    def is_counted(self) -> bool:
        return self.ticket.state in ("called", "inside")


@attrs.define(eq=False)
class Process:
    """One gate, whose clock began at a moment of its own."""

    member: Member
    ahead: float
    visitors: list[Visitor] = attrs.field(factory=lambda: list[Visitor]())

    @property
    def gate(self) -> Gate:
        return self.member.gate

    @property
    def waiting(self) -> list[Visitor]:
        return [visitor for visitor in self.visitors if visitor.ticket.state == "queued"]

    @property
    def inside(self) -> list[Visitor]:
        return [visitor for visitor in self.visitors if visitor.ticket.state == "inside"]


@attrs.frozen
class Grant:
    visitor: Visitor
    at: float


class SharedRate(RuleBasedStateMachine):
    """Invariant 4.1, Invariant 4.2, Invariant 4.3, Invariant 4.4"""

    rate = Rate(40, per=10.0, burst=8, alone=0)

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.store_ahead = 500.0
        self.written: Written | None = None
        self.processes = [self.started(ahead) for ahead in (0.0, 1000.0, 7.5)]
        self.grants: list[Grant] = []
        self.arrivals = 0

    def started(self, ahead: float) -> Process:
        return Process(Gate().join("me", 6, rate=self.rate, share=SHARE), ahead)

    # What may happen

    @rule(which=st.integers(0, 2), weight=st.sampled_from([1, 1, 1, 2, 5]))
    def arrive(self, which: int, weight: int) -> None:
        self.arrivals += 1
        process, spot = self.processes[which], Spot()
        weight = min(weight, self.rate.at_once)
        ticket = Ticket(process.member, spot, weight=weight)
        visitor = Visitor(ticket, spot, self.arrivals, process)
        process.visitors.append(visitor)
        self.ask(visitor)

    @rule(which=st.integers(0, 2), count=st.integers(2, 12))
    def crowd(self, which: int, count: int) -> None:
        for _ in range(count):
            self.arrive(which, 1)

    @rule(which=st.integers(0, 2))
    def look_in(self, which: int) -> None:
        """One that does not wait goes at once or leaves no trace."""
        process = self.processes[which]
        ticket = Ticket(process.member)
        visitor = Visitor(ticket, Spot(), self.arrivals, process)
        if process.gate.enter(ticket, self.now + process.ahead) is GO:
            process.visitors.append(visitor)
        else:
            assert ticket.state in ("new", "unshared")
        self.note_granted()

    @precondition(lambda self: self.inside)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        visitor = data.draw(st.sampled_from(self.inside))
        visitor.process.gate.leave(visitor.ticket, self.now + visitor.process.ahead)
        visitor.process.visitors.remove(visitor)
        self.note_granted()

    @precondition(lambda self: self.outside)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        """Whoever waits, was called, or asks the store."""
        self.forget(data.draw(st.sampled_from(self.outside)))

    @precondition(lambda self: self.woken)
    @rule(data=st.data())
    def come(self, data: st.DataObject) -> None:
        self.ask(data.draw(st.sampled_from(self.woken)))

    @precondition(lambda self: self.under_way(answered=False))
    @rule(data=st.data())
    def carry_out(self, data: st.DataObject) -> None:
        """The store takes its one step."""
        self.step(data.draw(st.sampled_from(self.under_way(answered=False))))

    @precondition(lambda self: self.under_way(answered=True))
    @rule(data=st.data())
    def bring_back(self, data: st.DataObject) -> None:
        self.deliver(data.draw(st.sampled_from(self.under_way(answered=True))))

    @precondition(lambda self: self.under_way())
    @rule(data=st.data(), passes=st.booleans())
    def fail(self, data: st.DataObject, passes: bool) -> None:
        """The store cannot be asked, or its answer is lost."""
        visitor = data.draw(st.sampled_from(self.under_way()))
        visitor.asked = None
        process = visitor.process
        process.gate.unleased(visitor.ticket, self.now + process.ahead, passes=passes)
        self.note_granted()
        self.ask(visitor)

    @rule(which=st.integers(0, 2), seconds=st.sampled_from([1.0, 5.0]))
    def be_throttled(self, which: int, seconds: float) -> None:
        """The server tells one process to pause."""
        process = self.processes[which]
        process.gate.throttle(process.member, "", seconds, self.now + process.ahead)

    @rule(which=st.integers(0, 2))
    def die(self, which: int) -> None:
        """A process ends with all that it has in hand, and another one begins."""
        self.processes[which] = self.started(self.processes[which].ahead + 3.0)

    @rule(seconds=st.floats(0.0, 400.0))
    def restart_the_machine(self, seconds: float) -> None:
        """All processes die, and the clock that they have in common begins anew."""
        for which in range(len(self.processes)):
            self.die(which)
        self.store_ahead -= seconds

    @rule(seconds=st.floats(0.0, 12.0), prompt=st.booleans())
    def let_time_pass(self, seconds: float, prompt: bool) -> None:
        """Whoever was woken asks before, and whoever was told a time asks then."""
        end = self.now + seconds
        while True:
            self.settle(prompt=prompt)
            waiting = [visitor for process in self.processes for visitor in process.waiting]
            due = min((v.due for v in waiting if v.asked is None), default=math.inf)
            if due > end:
                break
            self.now = max(self.now, due)
            self.ask(next(v for v in waiting if v.due == due and v.asked is None))
        self.now = end

    # How it happens

    def settle(self, *, prompt: bool) -> None:
        while True:
            if self.woken:
                self.ask(self.woken[0])
            elif prompt and self.under_way():
                visitor = self.under_way()[0]
                if visitor.asked is not None and visitor.asked.answer is None:
                    self.step(visitor)
                self.deliver(visitor)
            else:
                return

    def step(self, visitor: Visitor) -> None:
        assert visitor.asked is not None
        self.written, visitor.asked.answer = lend(
            self.written, visitor.asked.claim, self.now + self.store_ahead
        )

    def deliver(self, visitor: Visitor) -> None:
        asked, visitor.asked, process = visitor.asked, None, visitor.process
        assert asked is not None
        assert asked.answer is not None
        now = self.now + process.ahead
        process.gate.leased(visitor.ticket, asked.answer, asked.at, now)
        self.note_granted()
        self.ask(visitor)

    def ask(self, visitor: Visitor) -> None:
        visitor.heard_of = visitor.spot.woken
        process, visitor.due = visitor.process, math.inf
        decision = process.gate.enter(visitor.ticket, self.now + process.ahead)
        match decision:
            case Wait(until):
                assert until > self.now + process.ahead
                visitor.due = until - process.ahead
            case Lease(claim):
                assert not any(other.asked for other in process.visitors), "one asks for all"
                visitor.asked = Asked(claim, self.now + process.ahead)
            case Refuse(error):
                assert error.retry_at is not None
                self.forget(visitor)
            case _:
                assert visitor.ticket.state == "inside"
        self.note_granted()

    def forget(self, visitor: Visitor) -> None:
        visitor.process.gate.forget(visitor.ticket, self.now + visitor.process.ahead)
        visitor.process.visitors.remove(visitor)
        # One that was called gives back what it was given.
        self.grants = [grant for grant in self.grants if grant.visitor is not visitor]
        self.note_granted()

    # What is looked at

    @property
    def all(self) -> list[Visitor]:
        return [visitor for process in self.processes for visitor in process.visitors]

    @property
    def inside(self) -> list[Visitor]:
        return [visitor for visitor in self.all if visitor.ticket.state == "inside"]

    @property
    def outside(self) -> list[Visitor]:
        return [visitor for visitor in self.all if visitor.ticket.state != "inside"]

    @property
    def woken(self) -> list[Visitor]:
        return [visitor for visitor in self.outside if visitor.is_woken]

    def under_way(self, answered: bool | None = None) -> list[Visitor]:
        return [
            visitor
            for visitor in self.all
            if visitor.asked is not None and answered in (None, visitor.asked.answer is not None)
        ]

    def note_granted(self) -> None:
        known = {grant.visitor for grant in self.grants}
        for visitor in self.all:
            if visitor.is_counted and visitor not in known:
                self.grants.append(Grant(visitor, self.now))
                self.check_order(visitor)
        self.check_windows()
        self.check_nobody_waits_in_vain()

    def check_order(self, visitor: Visitor) -> None:
        if visitor.ticket.place is not None:
            assert not any(
                other.arrival < visitor.arrival and visitor.process.member.has_room()
                for other in visitor.process.waiting
            ), "overtaken"

    def check_windows(self) -> None:
        """No window that ends now saw more than the rate, and none more than the burst allows."""
        gone = 0
        for grant in reversed(self.grants):
            gone += grant.visitor.ticket.weight
            long = self.now - grant.at
            if long < self.rate.per - ROUNDING:
                assert gone <= self.rate.limit
            if self.rate.interval:
                assert gone <= self.rate.at_once + long / self.rate.interval + ROUNDING, self.grants

    def check_nobody_waits_in_vain(self) -> None:
        """Somebody asks the store, is about to ask, keeps the time, or is a throttle's probe."""
        for process in self.processes:
            is_probed = process.member.statistics().closed and process.inside
            about = [v for v in process.visitors if v.asked or v.is_woken or v.due < math.inf]
            assert about or is_probed or not process.waiting or not process.member.has_room()

    def teardown(self) -> None:
        """In a world that is well again everybody has gone before long."""
        for _ in range(200):
            if not self.all:
                break
            self.let_time_pass(self.rate.per, prompt=True)
            while self.inside:
                visitor = self.inside[0]
                visitor.process.gate.leave(visitor.ticket, self.now + visitor.process.ahead)
                visitor.process.visitors.remove(visitor)
                self.settle(prompt=True)
        assert not self.all
        for process in self.processes:
            account = process.member.account
            assert account.inside == account.queued == 0
            assert not account.turns
            assert all(queue.shared and not queue.shared.asker for queue in account.queues.values())


class SharedCount(SharedRate):
    """Invariant 4.1: where all of the limit may go at once"""

    rate = Rate(6, per=10.0, burst=6, alone=0)


class SharedSteadily(SharedRate):
    """Invariant 4.1: with a burst of one"""

    rate = Rate(11, per=10.0, burst=1, alone=0)


TestSharedRate = SharedRate.TestCase
TestSharedRate.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestSharedCount = SharedCount.TestCase
TestSharedCount.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestSharedSteadily = SharedSteadily.TestCase
TestSharedSteadily.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
