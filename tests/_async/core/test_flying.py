# SPDX-License-Identifier: MIT
from __future__ import annotations

import random
from collections.abc import Callable

import attrs
import pytest

from twofold._async.core.flying import flown
from twofold._runtime.waiting.scopes import CancelScope, current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import Call, create_task_group
from twofold.core.flight import Flights, FlightStatistics
from twofold.errors import NotFoundError, RetryLaterError, TwofoldError

NOBODY = FlightStatistics(0, 0)


@attrs.define(eq=False)
class Desk:
    """Answers each question after some seconds, with the number of the question."""

    seconds: float = 1.0
    error: Callable[[], Exception] | None = None
    asked: int = 0
    inside: int = 0
    most_inside: int = 0
    flights: Flights = attrs.field(factory=Flights)
    answers: dict[str, object] = attrs.field(factory=dict[str, object])

    async def ask(self) -> int:
        self.asked += 1
        number = self.asked
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            await sleep(self.seconds)
        finally:
            self.inside -= 1
        if self.error is not None:
            raise self.error()
        return number

    async def call(self, name: str, patience: float = 100.0, after: float = 0.0) -> None:
        await sleep(after)
        with move_on_after(patience):
            try:
                self.answers[name] = await flown(self.flights, "key", self.ask, current_time)
            except (TwofoldError, ZeroDivisionError) as error:
                self.answers[name] = error


async def test_many_callers_at_once_ask_once() -> None:
    """Invariant 8.1: N callers are one question, and each is given the answer."""
    desk = Desk()
    async with create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(desk.call, f"{number}")
    assert desk.asked == 1
    assert [*desk.answers.values()] == [1] * 20
    assert desk.flights.statistics() == NOBODY


async def test_who_comes_after_the_answer_asks_anew() -> None:
    """Invariant 8.4."""
    desk = Desk()
    await desk.call("first")
    await desk.call("second")
    assert desk.answers == {"first": 1, "second": 2}


async def test_all_are_given_the_one_object() -> None:
    """Invariant 8.5: so what flies is an answer, which nobody can change."""
    flights, answer = Flights(), ("an", "answer")
    given: list[object] = []

    async def ask() -> object:
        await sleep(1)
        return answer

    async def call() -> None:
        given.append(await flown(flights, "key", ask, current_time))

    async with create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(call)
    assert len(given) == 3
    assert all(each is answer for each in given)


async def test_a_leader_that_is_cancelled_is_replaced_by_the_next() -> None:
    """Invariant 8.2, Rule 14.5: the others do not notice, but for the time."""
    desk = Desk()
    began = current_time()
    async with create_task_group() as tasks:
        tasks.start_soon(desk.call, "leader", 0.5)
        tasks.start_soon(desk.call, "second", 100.0, 0.1)
        tasks.start_soon(desk.call, "third", 100.0, 0.2)
    assert desk.answers == {"second": 2, "third": 2}
    assert desk.most_inside == 1
    assert current_time() - began == pytest.approx(1.5)


async def test_a_follower_that_is_cancelled_disturbs_nobody() -> None:
    """Invariant 8.2."""
    desk = Desk()
    async with create_task_group() as tasks:
        tasks.start_soon(desk.call, "leader")
        tasks.start_soon(desk.call, "impatient", 0.3, 0.1)
        tasks.start_soon(desk.call, "patient", 100.0, 0.2)
    assert desk.answers == {"leader": 1, "patient": 1}
    assert desk.asked == 1


async def test_when_all_are_cancelled_the_flight_is_over() -> None:
    """Invariant 8.3."""
    desk = Desk()
    with CancelScope() as scope:
        async with create_task_group() as tasks:
            for number in range(5):
                tasks.start_soon(desk.call, f"{number}")
            await sleep(0.5)
            scope.cancel()
    assert desk.answers == {}
    assert desk.inside == 0
    assert desk.flights.statistics() == NOBODY
    await desk.call("later")
    assert desk.answers == {"later": desk.asked}


async def test_each_caller_raises_an_error_of_its_own() -> None:
    desk = Desk(error=lambda: RetryLaterError("later", status=429, after=7.0, transient=True))
    async with create_task_group() as tasks:
        tasks.start_soon(desk.call, "leader")
        tasks.start_soon(desk.call, "one", 100.0, 0.1)
        tasks.start_soon(desk.call, "other", 100.0, 0.2)
    leader, one, other = (desk.answers[name] for name in ("leader", "one", "other"))
    assert desk.asked == 1
    assert len({id(leader), id(one), id(other)}) == 3
    for error in (one, other):
        assert isinstance(error, RetryLaterError)
        assert (error.status, error.after, error.message) == (429, 7.0, "later")
        assert error.__cause__ is leader


async def test_what_is_not_an_answer_is_nobody_elses() -> None:
    """A mishap in a caller's own code is no answer: the next one asks for itself."""
    desk = Desk(error=ZeroDivisionError)
    async with create_task_group() as tasks:
        tasks.start_soon(desk.call, "leader")
        tasks.start_soon(desk.call, "follower", 100.0, 0.1)
    assert desk.asked == 2
    assert desk.answers["leader"] is not desk.answers["follower"]
    assert desk.flights.statistics() == NOBODY


def hurried() -> TwofoldError:
    error = NotFoundError("no time left for another attempt")
    error.hurried = True
    return error


async def test_an_error_of_a_leaders_haste_is_not_handed_on() -> None:
    """Followers keep their own deadlines: they may have the time that the leader had not."""
    desk = Desk(error=hurried)
    async with create_task_group() as tasks:
        tasks.start_soon(desk.call, "leader")
        await sleep(0.1)
        tasks.start_soon(desk.call, "follower")
        await sleep(1.2)
        desk.error = None
    assert isinstance(desk.answers["leader"], NotFoundError)
    assert desk.answers["follower"] == 2


async def test_a_forgotten_flight_is_not_joined() -> None:
    desk = Desk()
    async with create_task_group() as tasks:
        tasks.start_soon(desk.call, "before")
        await sleep(0.5)
        desk.flights.forget()
        tasks.start_soon(desk.call, "after")
    assert desk.answers == {"before": 1, "after": 2}


async def test_a_follower_is_told_how_long_it_waited() -> None:
    flights = Flights()
    told: list[float] = []

    async def ask() -> None:
        await sleep(2)

    async def call() -> None:
        await flown(flights, "key", ask, current_time, told.append)

    async with create_task_group() as tasks:
        tasks.start_soon(call)
        await sleep(0.5)
        tasks.start_soon(call)
    assert told == pytest.approx([1.5])


@pytest.mark.parametrize("seed", range(25))
async def test_whoever_is_cancelled_at_random_the_others_are_answered(seed: int) -> None:
    """Invariant 8.1, Invariant 8.2, Invariant 8.3: never two at once, and nobody is left."""
    chance = random.Random(seed)
    desk = Desk()
    patient: list[str] = []
    async with create_task_group() as tasks:
        for number in range(20):
            patience = chance.choice([100.0, round(chance.uniform(0, 2), 2)])
            patient += [f"{number}"] * (patience == 100.0)
            tasks.start_soon(desk.call, f"{number}", patience, round(chance.uniform(0, 4), 2))
    assert {*patient} <= {*desk.answers}
    assert desk.most_inside == 1
    assert desk.inside == 0
    assert desk.flights.statistics() == NOBODY


async def test_a_flight_within_a_flight_of_another_key() -> None:
    flights = Flights()

    async def inner() -> str:
        await sleep(1)
        return "answer"

    def asking(key: str, ask: Call[[], str]) -> Call[[], str]:
        async def call() -> str:
            return await flown(flights, key, ask, current_time)

        return call

    assert await asking("outer", asking("inner", inner))() == "answer"
    assert flights.statistics() == NOBODY
