"""Fifty thousand tickets are taken a slice at a time, whatever is done meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from itertools import pairwise
from typing import TypeVar, overload

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tui.tickets import application, defect, story

from twofold.rally import Story
from twofold.rally.kinds import DEFECT, STORY
from twofold.tui.board import Board
from twofold.tui.ordering import SLICE, Order, ordered
from twofold.tui.views import View

T = TypeVar("T")

MANY = 50_000


class Counting(Sequence[Story]):
    """Many stories, each made when it is asked for; counts how often."""

    def __init__(self, length: int) -> None:
        self.asked = 0
        self._length = length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Story: ...
    @overload
    def __getitem__(self, index: slice) -> list[Story]: ...
    def __getitem__(self, index: int | slice) -> Story | list[Story]:
        if isinstance(index, int):
            self.asked += 1
            return story(index)
        found = [story(number) for number in range(self._length)[index]]
        self.asked += len(found)
        return found


def ended(steps: Generator[None, None, T], between: Callable[[], object]) -> T:
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            found: T = stop.value
            return found
        between()


def test_no_step_looks_at_more_than_a_slice_of_the_tickets() -> None:
    tickets, board, seen = Counting(MANY), Board(), [0]
    ended(board.replacing(tickets), lambda: seen.append(tickets.asked))
    assert seen[-1] == MANY == len(board)
    assert max(now - before for before, now in pairwise(seen)) <= SLICE


def test_no_step_of_the_order_looks_at_more_than_a_slice_of_the_tickets() -> None:
    looked = 0

    def key(number: int) -> int:
        nonlocal looked
        looked += 1
        return number % 1013

    def between() -> None:
        nonlocal looked
        # A merge looks at the first of every slice before it gives any.
        assert looked <= SLICE + MANY // SLICE
        looked = 0

    numbers = range(MANY)
    assert ended(ordered(numbers, key), between) == sorted(numbers, key=lambda each: each % 1013)


@given(st.lists(st.integers(0, 5)), st.integers(1, 4))
def test_what_is_equal_stays_in_order(numbers: list[int], length: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twofold.tui.ordering.SLICE", length)
        pairs = list(enumerate(numbers))
        found = ended(ordered(pairs, lambda pair: pair[1]), lambda: None)
    assert found == sorted(pairs, key=lambda pair: pair[1])


def test_nothing_is_seen_before_all_is_there() -> None:
    board = Board()
    board.replace([story(1)])
    lengths: set[int] = set()
    ended(board.replacing([story(number) for number in range(3 * SLICE)]),
          lambda: lengths.add(len(board)))  # fmt: skip
    assert lengths == {1}
    assert len(board) == 3 * SLICE


def test_an_order_that_was_overtaken_by_a_change_is_found_anew() -> None:
    board = Board()
    board.replace([story(number, owner=f"Owner {number % 7}") for number in range(2 * SLICE)])
    steps = board.ordering(Order.OWNER)
    next(steps)
    board.put(story(9 * SLICE, owner="Aaron"))
    ended(steps, lambda: None)
    shown = board.show(View(order=Order.OWNER)).tickets
    assert shown[0].formatted_id == f"US{9 * SLICE}"
    assert len(shown) == 2 * SLICE + 1


@pytest.mark.real_time
async def test_keys_in_a_row_reach_their_order_among_many_too() -> None:
    async with application(latency=600.0, waits=False) as (app, pilot, _):
        app.board.replace([story(number, owner=f"Owner {number % 7}") for number in range(2500)])
        app.draw()
        await pilot.press("o", "o")
        while app.view.order is not Order.OWNER:
            await pilot.pause(0.01)
        owners = [ticket.owner.name or "" for ticket in app.list.tickets if ticket.owner]
        assert owners == sorted(owners)
        assert len(owners) == 2500


def test_what_is_put_and_dropped_meanwhile_stays_so() -> None:
    board = Board()
    board.replace([story(1), story(2)])
    steps = board.replacing([story(1), story(2), story(3)])
    next(steps)
    board.put(story(1, "renamed"), story(9, "created"))
    board.drop("/hierarchicalrequirement/2")
    ended(steps, lambda: None)
    shown = board.show(View()).tickets
    assert [ticket.name for ticket in shown] == ["created", "A story", "renamed"]


def test_what_a_change_has_made_of_a_ticket_is_not_undone_by_an_older_read() -> None:
    board = Board()
    board.put(story(1, "new", version=3))
    board.replace([story(1, "old", version=2)])
    assert [ticket.name for ticket in board.show(View()).tickets] == ["new"]
    board.replace([story(1, "newer", version=4)])
    assert [ticket.name for ticket in board.show(View()).tickets] == ["newer"]


def test_what_was_deleted_does_not_come_back_with_an_older_read_but_with_a_new_one() -> None:
    board = Board()
    board.replace([story(1), story(2)])
    board.drop("/hierarchicalrequirement/1")
    board.replace([story(1), story(2)])
    assert [ticket.formatted_id for ticket in board.show(View()).tickets] == ["US2"]
    board.believe()
    board.replace([story(1), story(2)])
    assert len(board) == 2


def test_tickets_of_another_kind_stay() -> None:
    board = Board()
    board.replace([story(1), story(2)], STORY)
    board.replace([defect(3)], DEFECT)
    board.replace([story(4)], STORY)
    assert [ticket.formatted_id for ticket in board.show(View()).tickets] == ["US4", "DE3"]


@pytest.mark.real_time
async def test_the_cursor_and_the_view_stay_when_all_tickets_are_replaced() -> None:
    async with application() as (app, pilot, _):
        await pilot.press("o", "slash", *"us", "enter", "down", "down")
        ticket, view = app.list.ticket, app.view
        assert ticket is not None
        for _ in app.board.replacing([*app.board.show(View()).tickets, story(1, "us")]):
            await pilot.press("up", "down")
        app.draw()
        assert app.list.ticket is ticket
        assert app.view == view
        assert view.order is Order.STATE
