"""One flight for callers on asyncio, on trio and in plain threads at once."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import anyio
import pytest
import trio

from twofold._async.core import flying as waiting
from twofold._runtime.blocking import scopes
from twofold._sync.core import flying as blocking
from twofold.core.flight import Flights, FlightStatistics

CALLS = 60
KEYS = 3


class Desk:
    """Answers take two milliseconds; it knows how many questions of a key are asked at once."""

    def __init__(self) -> None:
        self.flights = Flights()
        self.inside = Counter[int]()
        self.asked = 0
        self.too_many = 0
        self.answered = Counter[str]()
        self.given_up = Counter[str]()
        self.lock = threading.Lock()

    def begin(self, key: int) -> None:
        with self.lock:
            self.asked += 1
            self.inside[key] += 1
            self.too_many += self.inside[key] > 1

    def end(self, key: int) -> None:
        with self.lock:
            self.inside[key] -= 1

    async def ask(self, key: int) -> int:
        self.begin(key)
        try:
            await anyio.sleep(0.002)
        finally:
            self.end(key)
        return key

    def ask_blocking(self, key: int) -> int:
        self.begin(key)
        try:
            scopes.sleep(0.002)
        finally:
            self.end(key)
        return key

    def note(self, name: str, *, answered: bool) -> None:
        with self.lock:
            (self.answered if answered else self.given_up)[name] += 1

    async def call(self, name: str, seed: int) -> None:
        chance = random.Random(f"{name}{seed}")
        key, answers = chance.randrange(KEYS), list[int]()
        await anyio.sleep(chance.uniform(0, 0.02))
        with anyio.move_on_after(chance.choice([10, 0.001, 0.003])) as scope:
            lead = partial(self.ask, key)
            answers.append(await waiting.flown(self.flights, key, lead, time.monotonic))
        assert answers == [key] or scope.cancelled_caught
        self.note(name, answered=bool(answers))

    def call_blocking(self, seed: int) -> None:
        chance = random.Random(f"threads{seed}")
        key, answers = chance.randrange(KEYS), list[int]()
        scopes.sleep(chance.uniform(0, 0.02))
        with scopes.move_on_after(chance.choice([10, 0.001, 0.003])) as scope:
            lead = partial(self.ask_blocking, key)
            answers.append(blocking.flown(self.flights, key, lead, time.monotonic))
        assert answers == [key] or scope.cancelled_caught
        self.note("threads", answered=bool(answers))

    async def calls(self, name: str) -> None:
        async with anyio.create_task_group() as tasks:
            for seed in range(CALLS):
                tasks.start_soon(self.call, name, seed)


@pytest.mark.real_time
def test_callers_of_every_runtime_share_a_flight() -> None:
    """Invariant 8.1, Invariant 8.2, Invariant 8.3."""
    desk = Desk()
    runs: list[Callable[[], object]] = [
        lambda: asyncio.run(desk.calls("asyncio")),
        lambda: trio.run(desk.calls, "trio"),
        *[lambda seed=seed: desk.call_blocking(seed) for seed in range(20)],
    ]
    threads = [threading.Thread(target=run) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert desk.too_many == 0
    assert desk.flights.statistics() == FlightStatistics(0, 0)
    ended = desk.answered + desk.given_up
    assert (ended["asyncio"], ended["trio"], ended["threads"]) == (CALLS, CALLS, 20)
    assert 0 < desk.asked < CALLS * 2 + 20
