from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.policy.slots import Slots


@attrs.define(eq=False)
class Place:
    woken: bool = False

    def wake(self) -> bool:
        assert not self.woken
        self.woken = True
        return True


def test_as_many_may_enter_as_there_are_slots() -> None:
    slots = Slots(2)
    assert [slots.enter(), slots.enter(), slots.enter()] == [True, True, False]
    slots.leave()
    assert slots.enter()


def test_who_leaves_wakes_the_longest_waiting() -> None:
    slots, first, second = Slots(1), Place(), Place()
    assert slots.enter()
    assert not slots.enter(first)
    assert not slots.enter(second)
    slots.leave()
    assert (first.woken, second.woken) == (True, False)


def test_who_was_woken_wakes_the_next_once_inside() -> None:
    slots, first, second = Slots(2), Place(), Place()
    assert [slots.enter(), slots.enter()] == [True, True]
    assert not slots.enter(first)
    assert not slots.enter(second)
    slots.leave()
    slots.leave()
    assert (first.woken, second.woken) == (True, False)
    assert slots.enter(Place())
    assert second.woken


def test_a_place_that_is_given_up_is_not_woken() -> None:
    slots, place = Slots(1), Place()
    assert slots.enter()
    assert not slots.enter(place)
    slots.forget(place)
    slots.leave()
    assert not place.woken


def test_a_wake_up_that_comes_too_late_is_passed_on() -> None:
    slots, first, second = Slots(1), Place(), Place()
    assert slots.enter()
    assert not slots.enter(first)
    assert not slots.enter(second)
    slots.leave()
    slots.forget(first)
    assert second.woken
    assert slots.enter()


@given(size=st.integers(1, 3), steps=st.lists(st.sampled_from(["enter", "leave", "forget"])))
def test_nobody_waits_unwoken_while_there_is_room(size: int, steps: list[str]) -> None:
    slots = Slots(size)
    inside = 0
    waiting: list[Place] = []

    def ask() -> None:
        nonlocal inside
        if slots.enter(place := Place()):
            inside += 1
        else:
            waiting.append(place)

    for step in steps:
        if step == "enter":
            ask()
        elif step == "leave" and inside:
            inside -= 1
            slots.leave()
        elif step == "forget" and waiting:
            slots.forget(waiting.pop())
        asleep = [place for place in waiting if not place.woken]
        assert inside <= size
        assert not asleep or inside == size or len(asleep) < len(waiting)
        if (awake := [place for place in waiting if place.woken]) and step != "leave":
            waiting.remove(awake[0])
            ask()
