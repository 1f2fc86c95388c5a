"""A server of so much capacity, and callers who always want more: time is a heap of events."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable
from random import Random

import attrs

from twofold.core.policy.adaptive import AdaptiveLimit, Load

REFUSAL = 0.005
"""Seconds it takes a server to say no."""


@attrs.define(eq=False)
class Simulation:
    """Work for `capacity(now)` at once; beyond that a server queues, or refuses.

    `service(random, now)` is how long one takes once it is being worked on.  `wanted(now)` bounds
    what callers would have under way if they were let.
    """

    limit: AdaptiveLimit
    capacity: Callable[[float], int]
    service: Callable[[Random, float], float]
    refuses: bool
    random: Random
    wanted: Callable[[float], float] = lambda now: float("inf")
    now: float = 0.0
    inside: int = 0
    worked_on: int = 0
    queue: deque[float] = attrs.field(factory=lambda: deque[float]())
    coming: list[tuple[float, int, str, float]] = attrs.field(
        factory=lambda: list[tuple[float, int, str, float]]()
    )
    numbers: itertools.count[int] = attrs.field(factory=itertools.count)
    seen: list[tuple[float, int]] = attrs.field(factory=lambda: list[tuple[float, int]]())
    """The limit after each answer."""
    most_over: int = 0
    """By how much an admission exceeded the limit, at most."""

    def run(self, until: float) -> Simulation:
        self.admit()
        while self.coming and self.coming[0][0] < until:
            self.now, _, kind, sent = heapq.heappop(self.coming)
            self.inside -= 1
            self.worked_on -= kind == "answer"
            load = Load.FINE if kind == "answer" else Load.OVERLOADED
            self.limit.sample(self.now - sent, load, self.now)
            self.seen.append((self.now, self.limit.limit))
            self.admit()
        return self

    def admit(self) -> None:
        self.work_on_queue()
        while self.inside < min(self.limit.limit, self.wanted(self.now)):
            self.inside += 1
            self.most_over = max(self.most_over, self.inside - self.limit.limit)
            self.limit.entered(self.inside)
            if self.refuses and self.worked_on >= self.capacity(self.now):
                self.expect("refusal", REFUSAL, self.now)
            else:
                self.queue.append(self.now)
                self.work_on_queue()

    def work_on_queue(self) -> None:
        while self.queue and self.worked_on < self.capacity(self.now):
            self.worked_on += 1
            self.expect("answer", self.service(self.random, self.now), self.queue.popleft())

    def expect(self, kind: str, after: float, sent: float) -> None:
        heapq.heappush(self.coming, (self.now + after, next(self.numbers), kind, sent))

    def average(self, since: float, until: float) -> float:
        """The limit between two moments, on average of the time."""
        total, last = 0.0, since
        limit = next(limit for at, limit in reversed(self.seen) if at <= since)
        for at, following in self.seen:
            if since < at <= until:
                total, last, limit = total + (at - last) * limit, at, following
        return (total + (until - last) * limit) / (until - since)
