from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from twofold.core.policy.trail import Trail
from twofold.core.request import Page


def walk(pages: Mapping[Any, Page[str]], start: object) -> list[Any]:
    trail, walked = Trail(start), list[Any]()
    while not trail.ended:
        walked.append(trail.cursor)
        trail.follow(pages[trail.cursor])
    return walked


def test_it_ends_where_no_next_page_is_named() -> None:
    assert walk({1: Page(["a"], 2), 2: Page(["b"], 3), 3: Page(["c"])}, 1) == [1, 2, 3]


def test_it_ends_at_a_page_without_items_where_pages_are_counted() -> None:
    assert walk({1: Page(["a"], 2), 2: Page([], 3)}, 1) == [1, 2]


def test_a_page_without_items_that_names_a_token_is_not_the_last() -> None:
    assert walk({None: Page([], "x"), "x": Page(["a"], "y"), "y": Page([])}, None) == [
        *[None, "x", "y"]
    ]


def test_none_may_be_the_first_cursor() -> None:
    assert walk({None: Page(["a"], "x"), "x": Page(["b"])}, None) == [None, "x"]


@given(st.lists(st.integers(0, 9), min_size=10, max_size=10))
def test_it_asks_for_no_page_twice(following: list[int]) -> None:
    walked = walk({n: Page(["item"], after) for n, after in enumerate(following)}, 0)
    assert len(walked) == len(set(walked))
    assert following[walked[-1]] in walked


def test_it_can_be_ended() -> None:
    trail = Trail(1)
    trail.end()
    assert trail.ended
