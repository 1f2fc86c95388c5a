from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from twofold.errors import ConflictError
from twofold.rally.asking import Rows
from twofold.rally.models import Story, Ticket
from twofold.rally.plan import SMALLEST_FIRST, SMALLEST_PAGE, Span, assembled, rest
from twofold.rally.sizes import LARGEST_PAGE

totals_of = st.lists(st.integers(0, 40_000), min_size=1, max_size=5)


def story(number: int) -> Ticket:
    return Story(
        ref=f"/hierarchicalrequirement/{number}",
        object_id=number,
        formatted_id=f"US{number}",
        name="",
    )


@given(totals=totals_of, first=st.integers(SMALLEST_FIRST, 2000), pages=st.integers(1, 30))
def test_first_pages_and_the_rest_are_every_row_once(
    totals: list[int], first: int, pages: int
) -> None:
    rows = [
        (span.question, row)
        for span in rest(totals, first, pages)
        for row in range(span.start + span.repeated, span.end)
    ]
    wanted = [
        (question, row)
        for question, total in enumerate(totals)
        for row in range(first + 1, total + 1)
    ]
    assert sorted(rows) == wanted


@given(totals=totals_of, first=st.integers(SMALLEST_FIRST, 2000), pages=st.integers(1, 30))
def test_no_page_is_larger_than_the_server_gives(totals: list[int], first: int, pages: int) -> None:
    assert all(0 < span.size <= LARGEST_PAGE for span in rest(totals, first, pages))


@given(totals=totals_of, pages=st.integers(1, 30))
def test_there_are_no_more_pages_than_asked_for_unless_they_would_be_too_large(
    totals: list[int], pages: int
) -> None:
    least = sum(-(-max(total - 200, 0) // (LARGEST_PAGE - 1)) for total in totals)
    assert len(rest(totals, 200, pages)) <= max(pages, least)


@given(totals=totals_of, pages=st.integers(1, 30))
def test_no_single_cut_more_or_less_would_shorten_the_longest_page(
    totals: list[int], pages: int
) -> None:
    left = [max(total - 200, 0) for total in totals]
    spans = rest(totals, 200, pages)
    assume(len(spans) == pages)
    longest = max(span.size - span.repeated for span in spans)
    counts = [sum(span.question == index for span in spans) for index in range(len(totals))]
    for index, count in enumerate(counts):
        if count and -(-left[index] // count) == longest:
            donors = [
                other
                for other, its in enumerate(counts)
                if other != index and its > 1 and -(-left[other] // (its - 1)) < longest - 1
            ]
            assert not donors


def test_the_reference_case() -> None:
    spans = rest([8000, 4000, 2000], 200, 12)
    assert len(spans) == 12
    assert max(span.size for span in spans) == 1267 + 1


def test_small_lists_are_not_cut_to_pieces() -> None:
    assert len(rest([300], 200, 12)) <= 100 // SMALLEST_PAGE + 1


def test_pages_are_joined_in_order_however_they_came() -> None:
    pages = [
        (Span(1, 1, 1), Rows([story(9)], total=1)),
        (Span(0, 2, 2), Rows([story(2), story(3)], total=3)),
        (Span(0, 1, 1), Rows([story(1)], total=3)),
    ]
    assert [ticket.object_id for ticket in assembled(pages, [3, 1])] == [1, 2, 3, 9]


@pytest.mark.parametrize(
    ("numbers", "total", "why"),
    [([1, 2], 3, "2 of 3"), ([1, 1, 2], 3, "twice"), ([1, 2, 3, 4], 3, "4 of 3")],
)
def test_a_list_that_is_not_complete_is_an_error(numbers: list[int], total: int, why: str) -> None:
    page = Rows([story(number) for number in numbers], total=total)
    with pytest.raises(ConflictError, match=why):
        assembled([(Span(0, 1, 200), page)], [total])


@given(totals=totals_of, first=st.integers(SMALLEST_FIRST, 2000), pages=st.integers(1, 30))
def test_every_page_begins_with_the_last_row_of_the_one_before(
    totals: list[int], first: int, pages: int
) -> None:
    ends = dict.fromkeys(range(len(totals)), first)
    for span in rest(totals, first, pages):
        assert span.start == ends[span.question]
        ends[span.question] = span.end - 1


def test_what_two_pages_share_is_there_once() -> None:
    pages = [
        (Span(0, 1, 2), Rows([story(1), story(2)], total=3)),
        (Span(0, 2, 2), Rows([story(2), story(3)], total=3)),
    ]
    assert [ticket.object_id for ticket in assembled(pages, [3])] == [1, 2, 3]


def test_rows_that_moved_are_an_error_though_there_are_as_many_as_before() -> None:
    """Row 1 went and row 4 came: row 3 is on neither page."""
    pages = [
        (Span(0, 1, 2), Rows([story(1), story(2)], total=3)),
        (Span(0, 2, 2), Rows([story(3), story(4)], total=3)),
    ]
    with pytest.raises(ConflictError, match="moved"):
        assembled(pages, [3])


def test_a_total_that_moved_is_an_error() -> None:
    pages = [
        (Span(0, 1, 1), Rows([story(1)], total=2)),
        (Span(0, 2, 1), Rows([story(2)], total=3)),
    ]
    with pytest.raises(ConflictError, match="then 3"):
        assembled(pages, [2])
