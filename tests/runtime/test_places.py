"""Parking places are woken from any loop or thread."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from queue import Queue
from typing import TypeVar

import anyio
import pytest

from twofold._runtime.blocking import park as blocking
from twofold._runtime.waiting import park as waiting

pytestmark = pytest.mark.real_time

Place = waiting.ParkingPlace | blocking.ParkingPlace

P = TypeVar("P", waiting.ParkingPlace, blocking.ParkingPlace)

KINDS = ["asyncio", "trio", "threads"]
LONG = 20.0  # seconds after which a wake-up is taken to be lost


def place_for(kind: str) -> Place:
    return blocking.ParkingPlace() if kind == "threads" else waiting.ParkingPlace()


def wait(kind: str, place: Place) -> bool:
    """Wait at a place in a loop of its own, or in this thread."""
    if isinstance(place, blocking.ParkingPlace):
        return place.wait(LONG)
    return anyio.run(place.wait, LONG, backend=kind)


def call(kind: str, function: Callable[[], object]) -> None:
    """Call a function in a loop of its own, or in this thread."""

    async def main() -> None:
        function()

    if kind == "threads":
        function()
    else:
        anyio.run(main, backend=kind)


class Aside(threading.Thread):
    """Does something in another thread, and returns its result where it is joined."""

    def __init__(self, function: Callable[[], object]) -> None:
        super().__init__()
        self._function = function
        self._result: Queue[object] = Queue()
        self.start()

    def run(self) -> None:
        self._result.put(self._function())

    def result(self) -> object:
        self.join(2 * LONG)
        return self._result.get_nowait()


@pytest.mark.parametrize(("waiter", "waker"), list(product(KINDS, KINDS)))
def test_who_waits_is_woken_from_elsewhere(waiter: str, waker: str) -> None:
    place = place_for(waiter)
    started = time.monotonic()
    waiting_aside = Aside(lambda: wait(waiter, place))
    time.sleep(0.05)  # in which the other thread begins to wait; if not, it does not wait at all
    woken: list[bool] = []
    call(waker, lambda: woken.append(place.wake()))
    assert waiting_aside.result() is True
    assert woken == [True]
    assert time.monotonic() - started < LONG / 2


@pytest.mark.parametrize("kind", KINDS)
def test_no_wake_up_is_lost_however_it_falls(kind: str) -> None:
    """Wakes come before, while and after the other begins to wait."""
    count = 300
    places: Queue[Place] = Queue()

    def wake_all() -> bool:
        woken = [places.get(timeout=LONG).wake() for _ in range(count)]
        return all(woken)

    async def wait_in_loop() -> list[bool]:
        return [await published(waiting.ParkingPlace()).wait(LONG) for _ in range(count)]

    def published(place: P) -> P:
        places.put(place)
        return place

    waking = Aside(wake_all)
    if kind == "threads":
        woken = [published(blocking.ParkingPlace()).wait(LONG) for _ in range(count)]
    else:
        woken = anyio.run(wait_in_loop, backend=kind)
    assert all(woken)
    assert waking.result() is True


@pytest.mark.parametrize("kind", ["asyncio", "trio"])
def test_nobody_is_woken_in_a_loop_that_is_gone(kind: str) -> None:
    place = waiting.ParkingPlace()
    assert anyio.run(place.wait, 0, backend=kind) is False
    assert not place.wake()
    assert place.woken
    assert not place.wake()


def test_nobody_is_woken_in_a_loop_that_was_closed_under_him() -> None:
    place = waiting.ParkingPlace()
    loop = asyncio.new_event_loop()
    task = loop.create_task(place.wait())
    loop.call_soon(loop.stop)
    loop.run_forever()
    task.cancel()
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    assert not place.wake()


@pytest.mark.parametrize("kind", KINDS)
def test_places_pass_a_turn_round(kind: str) -> None:
    """One place of each kind in a ring of threads: each, once woken, wakes the next."""
    kinds = [kind, *KINDS]
    places = [place_for(kind) for kind in kinds]

    def wait_and_wake(number: int) -> bool:
        return wait(kinds[number], places[number]) and places[(number + 1) % 4].wake() is not None

    asides = [Aside(partial(wait_and_wake, number)) for number in range(4)]
    places[0].wake()
    assert [aside.result() for aside in asides] == [True] * 4
