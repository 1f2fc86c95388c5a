"""Which writes may go when, held against a model that looks at all of them each time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from random import Random

import attrs
from hypothesis import given
from hypothesis import strategies as st

from twofold.rally.turns import Turns

TOUCHES = st.lists(st.frozensets(st.sampled_from("abcde"), max_size=3), max_size=25)
WORKERS = st.integers(1, 12)
MOST = st.integers(1, 6)
SEEDS = st.integers(0, 1000)


@attrs.define(eq=False)
class Place:
    """Somebody who waits."""

    is_woken: bool = False

    def wake(self) -> bool:
        self.is_woken = True
        return True


@attrs.define
class Course:
    """What happened, step by step, where every request takes as long as chance will have it."""

    touches: Sequence[frozenset[str]]
    workers: int
    most: int
    chance: Random
    ended: list[int] = attrs.field(factory=lambda: list[int]())
    under_way: list[tuple[int, ...]] = attrs.field(factory=lambda: list[tuple[int, ...]]())
    waiting: list[Place] = attrs.field(factory=lambda: list[Place]())

    def run(self) -> None:
        turns = Turns(self.touches)
        idle, home = self.workers, 0
        while home < self.workers:
            while idle:
                idle -= 1
                place = Place()
                taken = turns.take(self.most, place)
                if taken is None:
                    assert not self.may_go()
                    assert not place.is_woken
                    self.waiting.append(place)
                elif not taken:
                    home += 1
                else:
                    self.begin(taken)
            if self.under_way:
                done = self.under_way.pop(self.chance.randrange(len(self.under_way)))
                self.ended += done
                turns.done(done)
                idle += 1
            woken = [place for place in self.waiting if place.is_woken]
            self.waiting = [place for place in self.waiting if not place.is_woken]
            idle += len(woken)
            assert idle or self.under_way or home == self.workers

    def begin(self, taken: tuple[int, ...]) -> None:
        assert len(taken) <= self.most
        for number in taken:
            # Nothing under way touches the same, and all before it that does is done.
            assert not any(self.meet(number, each) for some in self.under_way for each in some)
        for number in taken:
            before = {each for each in range(number) if self.meet(number, each)}
            assert before <= {*self.ended, *taken[: taken.index(number)]}
        self.under_way.append(taken)

    def may_go(self) -> list[int]:
        """What could be begun now, by looking at every write."""
        begun = {*self.ended, *(each for some in self.under_way for each in some)}
        return [
            number
            for number in range(len(self.touches))
            if number not in begun
            and all(each in self.ended for each in range(number) if self.meet(number, each))
        ]

    def meet(self, one: int, other: int) -> bool:
        return one != other and bool(self.touches[one] & self.touches[other])


@given(touches=TOUCHES, workers=WORKERS, most=MOST, seed=SEEDS)
def test_each_goes_once_and_never_beside_one_that_touches_the_same(
    touches: list[frozenset[str]], workers: int, most: int, seed: int
) -> None:
    course = Course(touches, workers, most, Random(seed))
    course.run()
    assert sorted(course.ended) == list(range(len(touches)))
    assert not course.waiting


@given(touches=TOUCHES, workers=WORKERS, seed=SEEDS)
def test_what_touches_the_same_goes_in_the_order_given(
    touches: list[frozenset[str]], workers: int, seed: int
) -> None:
    course = Course(touches, workers, 1, Random(seed))
    course.run()
    for key in "abcde":
        same = [number for number in course.ended if key in touches[number]]
        assert all(one < other for one, other in pairwise(same))


@given(
    lengths=st.lists(st.integers(1, 9), max_size=12), free=st.integers(0, 20), workers=WORKERS,
    seed=SEEDS,
)  # fmt: skip
def test_a_long_row_does_not_wait_for_those_that_are_free(
    lengths: list[int], free: int, workers: int, seed: int
) -> None:
    """Rows of writes, each as long as any other: no order of them would be done sooner."""
    rows = [frozenset({str(row)}) for row, length in enumerate(lengths) for _ in range(length)]
    touches = [*rows, *[frozenset[str]()] * free]
    Random(seed).shuffle(touches)
    turns, rounds = Turns(touches), 0
    while taken := [each for _ in range(workers) for each in turns.take() or ()]:
        turns.done(taken)
        rounds += 1
    assert rounds == max(max(lengths, default=0), math.ceil(len(touches) / workers))


def test_what_is_behind_a_write_goes_along_with_it() -> None:
    one, other = frozenset({"a"}), frozenset({"b"})
    turns = Turns([one, other, one, other, one, other])
    assert turns.take(3) == (0, 2, 4)
    assert turns.take(2) == (1, 3)
    assert turns.take(2) is None
    turns.done((1, 3))
    assert turns.take(2) == (5,)
    assert turns.take(2) == ()


def test_who_waits_is_woken_when_something_is_done_and_when_nothing_is_left() -> None:
    same = frozenset({"a"})
    turns, first, second = Turns([same, same]), Place(), Place()
    assert turns.take() == (0,)
    assert turns.take(1, first) is None
    assert turns.take(1, second) is None
    turns.done((0,))
    assert first.is_woken
    assert second.is_woken
    third = Place()
    assert turns.take() == (1,)
    assert turns.take(1, third) == ()


def test_nothing_to_do_is_nothing_left() -> None:
    assert Turns([]).take() == ()
