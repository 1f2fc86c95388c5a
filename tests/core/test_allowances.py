from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.policy.bucket import Bucket, Heard
from twofold.core.request import Origin, Reply, Request
from twofold.core.text.headers import Headers
from twofold.core.text.retry_after import LONGEST
from twofold.core.text.structured import Item, items
from twofold.core.wire.allowances import MENTIONED, MOST_SPELLINGS, SPELLINGS, heard

ASKED = Request("GET", Origin("https", "api.example", 443), "/")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
WALL = NOON.timestamp()
DATE = format_datetime(NOON, usegmt=True)


def reply(*pairs: tuple[str, str], status: int = 200, wall: float = WALL) -> Reply:
    return Reply(status, Headers(pairs), b"", ASKED, wall)


def said(*pairs: tuple[str, str], status: int = 200, wall: float = WALL) -> Heard | None:
    return heard(reply(*pairs, status=status, wall=wall))


def test_most_answers_say_nothing() -> None:
    plain = (("Content-Type", "application/json"), ("X-Request-Id", "7"), ("Retry", "?"))
    for status in (200, 204, 304, 400, 403, 500, 503):
        assert said(*plain, status=status) is None


@pytest.mark.parametrize("reset", ["30", str(int(WALL) + 30), f"{WALL + 30:.3f}"])
@pytest.mark.parametrize("prefix", ["RateLimit-", "X-RateLimit-", "x-rate-limit-", "RATELIMIT-"])
def test_the_older_fields_are_read_with_seconds_and_with_moments(prefix: str, reset: str) -> None:
    fields = ((f"{prefix}Limit", "100"), (f"{prefix}Remaining", "42"), (f"{prefix}Reset", reset))
    assert said(*fields) == Heard(limit=100, remaining=42, reset=30.0)


def test_the_resource_is_the_bucket() -> None:
    answer = said(
        ("x-ratelimit-limit", "30"),
        ("x-ratelimit-remaining", "29"),
        ("x-ratelimit-used", "1"),
        ("x-ratelimit-reset", str(int(WALL) + 60)),
        ("x-ratelimit-resource", "search"),
    )
    assert answer == Heard(bucket="search", limit=30, remaining=29, reset=60.0)


def test_a_moment_is_compared_with_the_servers_own_clock() -> None:
    fields = (("X-RateLimit-Remaining", "9"), ("X-RateLimit-Reset", str(int(WALL) + 60)))
    skewed = WALL - 86400 * 30
    assert said(*fields, ("Date", DATE), wall=skewed) == Heard(remaining=9, reset=60.0)
    assert said(*fields, ("Date", "yesterday")) == Heard(remaining=9, reset=60.0)


def test_what_was_used_tells_what_is_left() -> None:
    fields = (("X-RateLimit-Limit", "50"), ("X-RateLimit-Used", "20"), ("X-RateLimit-Reset", "9"))
    assert said(*fields) == Heard(limit=50, remaining=30, reset=9.0)


def test_a_field_may_say_more_than_a_number() -> None:
    fields = (
        ("RateLimit-Limit", "10, 10;w=1, 1000;w=3600"),
        ("RateLimit-Remaining", "9"),
        ("RateLimit-Reset", "1"),
    )
    assert said(*fields) == Heard(limit=10, remaining=9, reset=1.0)


def test_the_standard_fields_are_read() -> None:
    policy = ("RateLimit-Policy", '"default";q=100;w=60, "daily";q=1000;w=86400')
    allowed = ("RateLimit", '"default";r=50;t=30;pk=:c29tZW9uZQ==:')
    assert said(policy, allowed) == Heard(limit=100, remaining=50, reset=30.0)


def test_of_several_limits_the_one_that_leaves_least_counts() -> None:
    assert said(
        ("RateLimit-Policy", "burst;q=100;w=60, daily;q=1000;w=86400"),
        ("RateLimit", "burst;r=50;t=30"),
        ("RateLimit", "daily;r=3;t=4000"),
    ) == Heard(limit=1000, remaining=3, reset=4000.0)


def test_a_limit_of_another_unit_is_none_of_requests() -> None:
    policy = ("RateLimit-Policy", '"bytes";q=65535;qu="content-bytes";w=10')
    assert said(policy, ("RateLimit", '"bytes";r=12;t=5')) is None


def test_without_a_reset_the_window_is_the_bound() -> None:
    assert said(
        ("RateLimit-Policy", '"default";q=100;w=60'), ("RateLimit", '"default";r=0')
    ) == Heard(limit=100, remaining=0, reset=60.0)


def test_the_dictionary_of_an_older_draft_is_read() -> None:
    fields = ("RateLimit", "limit=100, remaining=0, reset=50")
    assert said(fields) == Heard(limit=100, remaining=0, reset=50.0)


def test_the_standard_comes_first() -> None:
    standard = ("RateLimit", '"default";r=1;t=2')
    older = (("RateLimit-Remaining", "9"), ("RateLimit-Reset", "9"))
    assert said(*older, standard) == Heard(remaining=1, reset=2.0)
    assert said(*older, ("RateLimit", "???")) == Heard(remaining=9, reset=9.0)


@pytest.mark.parametrize("status", [403, 429, 503])
@pytest.mark.parametrize(
    "hint", ["7", format_datetime(datetime(2026, 11, 21, 12, 0, 7, tzinfo=UTC), usegmt=True)]
)
def test_a_status_with_a_hint_closes_the_bucket(status: int, hint: str) -> None:
    answer = said(("Retry-After", hint), ("Date", DATE), status=status, wall=WALL + 1e5)
    assert answer == Heard(closed=7.0, throttled=True)


@pytest.mark.parametrize("status", [200, 301, 404, 500])
def test_a_hint_beside_another_status_closes_nothing(status: int) -> None:
    assert said(("Retry-After", "7"), status=status) is None


def test_a_throttle_without_a_hint_is_one() -> None:
    assert said(status=429) == Heard(throttled=True)
    assert said(("Retry-After", "soon"), status=429) == Heard(throttled=True)


def test_where_nothing_is_left_the_reset_is_the_hint() -> None:
    fields = (("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "90"))
    for status in (403, 429):
        answer = said(*fields, status=status)
        assert answer == Heard(remaining=0, reset=90.0, closed=90.0, throttled=True)
    answer = said(*fields, ("Retry-After", "5"), status=403)
    assert answer == Heard(remaining=0, reset=90.0, closed=5.0, throttled=True)


def test_where_something_is_left_the_reset_is_no_hint() -> None:
    """A secondary limit: it has nothing to do with the figures."""
    fields = (("X-RateLimit-Remaining", "4000"), ("X-RateLimit-Reset", "3000"))
    answer = said(*fields, status=429)
    assert answer == Heard(remaining=4000, reset=3000.0, throttled=True)
    assert said(*fields, status=403) == Heard(remaining=4000, reset=3000.0)


BAD = ["", " ", "-1", "+1", "NaN", "inf", "1e3", "9" * 400, "0x10", "१", "a", ";", ",", "\0", "1 2"]


@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_number_was_not_said(bad: str) -> None:
    assert said(("X-RateLimit-Remaining", bad), ("X-RateLimit-Reset", bad)) is None
    assert said(("RateLimit-Remaining", bad), ("RateLimit-Limit", bad)) is None
    assert said(("Retry-After", bad), status=503) is None
    assert said(("RateLimit", f"default;r={bad};t={bad}")) is None


@pytest.mark.parametrize("reset", ["0", "1", "999999999", str(int(WALL) - 5), "253402300799"])
def test_a_reset_of_the_past_or_of_another_age_is_left_out(reset: str) -> None:
    answer = said(("X-RateLimit-Remaining", "5"), ("X-RateLimit-Reset", reset))
    assert answer == Heard(remaining=5, reset=1.0 if reset == "1" else None)


@pytest.mark.parametrize(
    "date", ["Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "", "?"]
)
def test_a_date_of_another_age_gives_no_hint(date: str) -> None:
    assert said(("Retry-After", date), status=503) is None
    fields = (("X-RateLimit-Remaining", "5"), ("X-RateLimit-Reset", str(int(WALL) + 5)))
    answer = said(*fields, ("Date", date))
    assert answer is not None
    assert answer.reset is None or answer.reset == 5.0


values = st.one_of(
    st.text(max_size=60),
    st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")),
    st.from_regex(r'"?[a-z]{0,3}"?(;[rtqwpk]{1,2}=[-:"?0-9a-z.]{0,9}){0,3}(, ?[a-z=0-9;]{0,9})?'),
    st.integers(-(10**15), 10**18).map(str),
    st.floats().map(str),
    st.sampled_from([*BAD, "0", "1", DATE]),
)
names = st.sampled_from([*sorted(MENTIONED), "Date", "RateLimit", "Retry-After"]) | st.text(
    max_size=20
)


@given(
    pairs=st.lists(st.tuples(names, values), max_size=8),
    status=st.sampled_from([200, 403, 429, 503]) | st.integers(100, 999),
    wall=st.floats(0, 1e11),
)
def test_any_bytes_are_read_and_what_is_heard_is_bounded(
    pairs: list[tuple[str, str]], status: int, wall: float
) -> None:
    """Invariant 2.6: and whatever was heard, somebody may go within the longest hint."""
    answer = said(*pairs, status=status, wall=wall)
    if answer is None:
        return
    for seconds in (answer.reset, answer.closed):
        assert seconds is None or 0.0 <= seconds <= LONGEST
    for figure in (answer.limit, answer.remaining):
        assert figure is None or 0 <= figure < 10**15
    bucket = Bucket()
    bucket.leave(bucket.enter(0.0), answer, 0.0)
    wait = bucket.wait(0.0)
    assert wait < LONGEST + 1
    assert not math.isnan(wait)
    assert bucket.wait(LONGEST + 1) == 0.0


def test_odd_spellings_are_not_remembered_without_end() -> None:
    for number in range(3 * MOST_SPELLINGS):
        assert said((f"X-{number}", "1")) is None
    assert len(SPELLINGS) <= MOST_SPELLINGS
    fields = (("x-RATELIMIT-remaining", "5"), ("X-ratelimit-RESET", "6"))
    assert said(*fields) == Heard(remaining=5, reset=6.0)


bare = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.booleans(),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20),
    st.decimals(-(10**9), 10**9, places=3).map(float),
)


def written(value: str | float) -> str:
    match value:
        case bool():
            return f"?{int(value)}"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case float():
            return f"{value:.3f}"
        case _:
            return str(value)


@given(
    members=st.lists(
        st.tuples(bare, st.dictionaries(st.from_regex(r"\A[a-z*][a-z0-9_.*-]{0,5}\Z"), bare)),
        max_size=5,
    )
)
def test_a_list_is_read_as_it_was_written(
    members: list[tuple[str | float, dict[str, str | float]]],
) -> None:
    text = ", ".join(
        written(value) + "".join(f";{key}={written(given)}" for key, given in parameters.items())
        for value, parameters in members
    )
    assert items(text) == tuple(Item(value, parameters) for value, parameters in members)


@pytest.mark.parametrize(
    "text", ["a b", 'a, "b', "a,", ",a", "a;;b", "a;B=1", "a;b=", "1.2.3", "é", "(a b)", "a=1"]
)
def test_a_field_that_is_no_list_is_ignored_as_a_whole(text: str) -> None:
    assert items(text) == ()


def test_a_key_without_a_value_is_true_and_the_last_of_several_counts() -> None:
    assert items(" *a/b ; x;y=?0;y=1.5\t,\tb") == (
        Item("*a/b", {"x": True, "y": 1.5}),
        Item("b", {}),
    )
