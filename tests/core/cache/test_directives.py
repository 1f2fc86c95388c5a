"""`Cache-Control` and dates: whatever a server sends is read, and garbage makes nothing fresh."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.cache.dates import http_date
from twofold.core.cache.directives import LARGEST, directives
from twofold.core.cache.freshness import freshness
from twofold.core.cache.wishes import wishes


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("max-age=60", 60),
        ("Max-Age=60", 60),
        ('max-age="60"', 60),
        ('private="a, max-age=1", max-age=60', 60),
        (r'x="\", max-age=1", max-age=60', 60),
        ("no-cache, ,max-age=60,", 60),
        ("max-age=60, max-age=60", 60),
        ("max-age=60, max-age=70", 0),
        ("max-age", 0),
        ("max-age=", 0),
        ("max-age=-1", 0),
        ("max-age=1.5", 0),
        ("max-age=60s", 0),
        ("max-age=٣", 0),
        ("max-age = 60", 0),
        ('max-age"60"', 0),
        ("max-age=" + "9" * 5000, LARGEST),
        ("s-maxage=60", None),
        ('x=", max-age=60', 60),
        ("", None),
        (None, None),
    ],
)
def test_seconds_are_read_and_what_is_no_number_is_none_at_all(
    text: str | None, seconds: float | None
) -> None:
    assert directives(text).seconds("max-age") == seconds


@given(st.text())
def test_the_reading_takes_any_text(text: str) -> None:
    read = directives(text)
    assert all(name == name.lower() for name in read.values)
    seconds = read.seconds("max-age")
    assert seconds is None or 0 <= seconds <= LARGEST


@given(st.text(alphabet='a=",\\ ;-'), st.sampled_from(["no-store", "no-cache"]))
def test_no_garbage_before_it_hides_a_word_that_forbids(before: str, word: str) -> None:
    is_open = before.replace("\\\\", "").replace('\\"', "").count('"') % 2 == 1 or "\\" in before
    if not is_open:
        assert word in directives(f"{before}, {word}")


def test_a_long_value_is_read_in_no_time() -> None:
    for text in ('"' * 100_000, "," * 100_000, 'a="' + "\\" * 100_000, 'a=" ' * 30_000):
        assert directives(text).seconds("max-age") is None
    assert directives("max-age=1," * 50_000).seconds("max-age") == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777),
        ("sun, 06 nov 1994 08:49:37 gmt", 784111777),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777),
        ("Sun Nov  6 08:49:37 1994", 784111777),
        ("Thu, 01 Jan 1970 00:00:00 UTC", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 253402300799),
        ("Sun, 06 Nov 1994 08:49:60 GMT", 784111799),
        ("Sun, 06 Nov 1994 08:49:37 AEST", None),
        ("Sun, 06 Nov 1994 08:49:37 +0100", None),
        ("Sun, 06 Nov 1994 8:49:37 GMT", None),
        ("Sun, 32 Nov 1994 08:49:37 GMT", None),
        ("Sun 06 Nov 1994 08:49:37 GMT", None),
        ("0", None),
        ("", None),
    ],
)
def test_dates_are_read_strictly(text: str, expected: float | None) -> None:
    assert http_date(text) == expected


fields = st.lists(
    st.tuples(
        st.sampled_from(["Cache-Control", "Age", "Date", "Expires", "Last-Modified", "ETag"]),
        st.text(max_size=30)
        | st.sampled_from(["-1", "99999999999999999999", "Thu, 01 Jan 1970 00:00:00 GMT", "0"]),
    ),
    max_size=6,
).map(tuple)


@given(fields, st.floats(0, 2e9), st.floats(0, 2e9), st.floats(0, 4e9))
def test_ages_and_lifetimes_of_any_fields_are_bounded_and_never_negative(
    pairs: tuple[tuple[str, str], ...], requested: float, received: float, now: float
) -> None:
    read = freshness(200, pairs, requested, received)
    assert read.age(now) >= 0
    assert 0 <= read.initial_age < math.inf
    assert read.explicit is None or 0 <= read.explicit <= LARGEST
    assert 0 <= read.heuristic <= 86400


@given(
    st.lists(
        st.tuples(st.sampled_from(["Cache-Control", "Pragma", "Range"]), st.text(max_size=30))
    ).map(tuple)
)
def test_the_wishes_of_any_request_are_read(pairs: tuple[tuple[str, str], ...]) -> None:
    wished = wishes(pairs)
    assert wished.oldest >= 0
    assert wished.remaining >= 0
    assert wished.staleness >= 0


def test_pragma_counts_where_nothing_newer_is_said() -> None:
    assert wishes((("Pragma", "no-cache"),)).confirm
    assert not wishes((("Pragma", "no-cache"), ("Cache-Control", "max-age=60"))).confirm
