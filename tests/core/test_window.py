from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.policy.window import Nothing, Window


@attrs.define(eq=False)
class Place:
    woken: bool = False

    def wake(self) -> bool:
        self.woken = True
        return True


def test_things_are_taken_in_the_order_of_making() -> None:
    window = Window[str](3, makers=2)
    window.put(1, "b")
    window.put(0, "a")
    assert [window.take(), window.take(), window.take()] == ["b", "a", Nothing.YET]


@given(st.permutations(range(6)))
def test_ordered_things_are_taken_in_the_order_of_their_numbers(made: list[int]) -> None:
    window = Window[int](6, makers=1, ordered=True)
    taken: list[int | Nothing] = []
    for number in made:
        window.put(number, number)
        while (thing := window.take()) is not Nothing.YET:
            taken.append(thing)
    assert taken == list(range(6))


def test_the_taker_is_woken_by_what_it_can_take() -> None:
    window, place = Window[str](3, makers=1, ordered=True), Place()
    assert window.take(place) is Nothing.YET
    window.put(1, "b")
    assert not place.woken
    window.put(0, "a")
    assert place.woken


def test_taking_makes_room() -> None:
    window, place = Window[str](1, makers=1), Place()
    assert window.slots.enter()
    assert not window.slots.enter(place)
    window.put(0, "a")
    assert not place.woken
    assert window.take() == "a"
    assert place.woken


def test_who_puts_a_thing_has_entered_for_the_next_if_there_is_room() -> None:
    window, place = Window[str](2, makers=1), Place()
    assert window.slots.enter()
    assert window.put(0, "a")
    assert not window.put(1, "b")
    assert not window.slots.enter(place)
    assert window.take() == "a"
    assert place.woken
    assert window.slots.enter(Place())
    assert not window.slots.enter()


def test_it_ends_when_every_maker_has_stopped() -> None:
    window, place = Window[str](2, makers=2), Place()
    window.put(0, "a")
    window.stop()
    assert window.take() == "a"
    assert window.take(place) is Nothing.YET
    window.stop()
    assert place.woken
    assert [window.take(), window.take()] == [Nothing.EVER, Nothing.EVER]


def test_makers_that_wait_for_room_learn_that_there_is_no_more_to_make() -> None:
    window, places = Window[str](1, makers=3), [Place(), Place()]
    assert window.slots.enter()
    assert not any(window.slots.enter(place) for place in places)
    window.stop()  # nothing was left to make: the next one may look for itself
    assert places[0].woken
    assert window.slots.enter(Place())
    window.stop()
    assert places[1].woken


def test_an_error_comes_after_what_was_made_and_once() -> None:
    window = Window[str](3, makers=2)
    window.put(0, "a")
    window.stop(ValueError("no"))
    window.stop(KeyError("later"))
    assert window.take() == "a"
    with pytest.raises(ValueError, match="no"):
        window.take()
    assert window.take() is Nothing.EVER
