"""Which tickets are shown, and in which order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tui.tickets import defect, story

from twofold.tui.board import Board
from twofold.tui.ordering import Order
from twofold.tui.views import Span, View


def board(*tickets: object) -> Board:
    made = Board()
    made.replace(tickets)  # type: ignore[arg-type]
    return made


def ids(made: Board, view: View) -> list[str]:
    return [ticket.formatted_id for ticket in made.show(view).tickets]


def test_what_changed_last_comes_first() -> None:
    assert ids(board(story(1), story(3), story(2)), View()) == ["US3", "US2", "US1"]


def test_every_word_of_a_search_must_be_found_wherever_it_stands() -> None:
    made = board(
        story(1, "Fix the Login page", owner="Mia Wallin"),
        story(2, "Login", owner="Otto"),
        story(3, "Other", schedule_state="Defined"),
    )
    assert ids(made, View(search="LOGIN")) == ["US2", "US1"]
    assert ids(made, View(search="mia login")) == ["US1"]
    assert ids(made, View(search="defi")) == ["US3"]
    assert ids(made, View(search="us3")) == ["US3"]
    assert ids(made, View(search="nowhere")) == []


def test_spans_are_counted_whichever_of_them_is_shown() -> None:
    made = board(
        story(1, iteration="Sprint 1"),
        story(2, iteration="Sprint 2"),
        story(3, iteration="of another project"),
        defect(4),
    )
    made.spans = {"Sprint 1": Span.PAST, "Sprint 2": Span.CURRENT}
    shown = made.show(View(span=Span.CURRENT))
    assert [ticket.formatted_id for ticket in shown.tickets] == ["US2"]
    assert shown.of_span == {
        Span.ALL: 4, Span.CURRENT: 1, Span.FUTURE: 0, Span.PAST: 1, Span.BACKLOG: 1,
    }  # fmt: skip
    assert ids(made, View(span=Span.BACKLOG)) == ["DE4"]


def test_mine_are_those_of_the_one_who_is_logged_in() -> None:
    made = board(story(1, owner="Mia"), story(2, owner="Otto"), story(3))
    made.me = made.show(View(search="mia")).tickets[0].owner.ref  # type: ignore[union-attr]
    assert ids(made, View(mine=True)) == ["US1"]


def test_what_has_no_owner_comes_after_those_that_have() -> None:
    made = board(story(1), story(2, owner="Zoe"), story(3, owner="adam"), story(4, owner="Adam"))
    assert ids(made, View(order=Order.OWNER)) == ["US4", "US3", "US2", "US1"]


def test_a_ticket_that_changed_takes_the_place_of_what_it_was() -> None:
    made = board(story(1, "old"), story(2))
    made.put(story(1, "new"))
    assert ids(made, View(search="new")) == ["US1"]
    assert ids(made, View(search="old")) == []
    assert len(made) == 2
    made.drop("/hierarchicalrequirement/1")
    made.drop("/hierarchicalrequirement/1")
    assert ids(made, View()) == ["US2"]


@given(
    st.lists(st.tuples(st.integers(1, 30), st.sampled_from(["alpha", "beta", "alpha beta"]))),
    st.sampled_from(["", "a", "alpha", "beta alpha", "us1"]),
    st.sampled_from(list(Order)),
)
def test_no_order_loses_or_repeats_what_a_search_finds(
    changes: list[tuple[int, str]], search: str, order: Order
) -> None:
    made, latest = Board(), {}
    for number, name in changes:
        made.put(story(number, name))
        latest[f"US{number}"] = f"us{number} {name}"
    wanted = {
        name for name, words in latest.items() if all(word in words for word in search.split())
    }
    found = ids(made, View(search=search, order=order))
    assert len(found) == len(wanted)
    assert set(found) == wanted
