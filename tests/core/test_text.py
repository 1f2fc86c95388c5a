from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.text.extract import extract
from twofold.core.text.headers import Headers, checked, redacted
from twofold.core.text.quoting import path, query_string, quoted
from twofold.core.text.retry_after import LONGEST, retry_after
from twofold.core.text.secrets import scrubbed
from twofold.errors import ArgumentError

texts = st.text(st.characters(exclude_categories=["Cs"]))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def said(value: str, date: str | None = None) -> Headers:
    pairs = (("Retry-After", value),) + ((("Date", date),) if date else ())
    return Headers(pairs)


@given(value=texts.filter(lambda text: text not in ("", ".", "..")))
def test_a_path_value_is_one_segment_whatever_it_holds(value: str) -> None:
    filled = path("/tickets/{name}/tags", name=value)
    before, segment, after = filled.split("/tickets/")[1].partition("/")[0], filled, filled[-5:]
    assert unquote(before) == value
    assert segment.count("/") == 3
    assert after == "/tags"
    assert not set(before) & set("?#&/ \r\n\0")


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_segment_that_names_another_place_is_refused(value: str) -> None:
    with pytest.raises(ArgumentError, match="name"):
        path("/{name}", name=value)


@given(values=st.dictionaries(texts, texts, max_size=5))
def test_a_query_value_cannot_add_a_parameter(values: dict[str, str]) -> None:
    query = query_string(values)
    pairs = [pair.split("=") for pair in query.split("&")] if values else []
    assert [(unquote(name), unquote(value)) for name, value in pairs] == list(values.items())


def test_spaces_in_a_query_are_percent_encoded() -> None:
    assert query_string({"query": '(Name = "a+b & c")'}) == (
        "query=%28Name%20%3D%20%22a%2Bb%20%26%20c%22%29"
    )


def test_half_a_character_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ArgumentError):
        query_string({"query": "\ud800"})


@given(seconds=st.integers(0, int(LONGEST)))
def test_seconds_are_taken_as_they_are(seconds: int) -> None:
    assert retry_after(said(str(seconds)), 0.0) == seconds


@given(seconds=st.integers(0, 86400), skew=st.integers(-(10**8), 10**8))
def test_a_date_is_compared_with_the_answers_own_date(seconds: int, skew: int) -> None:
    date = format_datetime(NOON, usegmt=True)
    until = format_datetime(NOON + timedelta(seconds=seconds), usegmt=True)
    assert retry_after(said(until, date), NOON.timestamp() + skew) == seconds


def test_a_date_without_a_date_is_compared_with_the_clock() -> None:
    until = format_datetime(NOON + timedelta(seconds=30), usegmt=True)
    assert retry_after(said(until), NOON.timestamp()) == 30


@pytest.mark.parametrize(
    "value",
    ["", "-1", "nan", "inf", "1e3", "+5", "١٢", "soon", "0x10", "9" * 30, "1.5.2",
     "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT",
     "Fri, 99 Dec 2026 23:59:59 GMT", "Thu, 01 Jan 0000 00:00:00 GMT"],
)  # fmt: skip
def test_garbage_is_ignored(value: str) -> None:
    assert retry_after(said(value), NOON.timestamp()) is None


@given(value=st.text(), date=st.none() | st.text(), wall=st.floats(0, 1e11))
def test_the_reader_of_hints_takes_anything(value: str, date: str | None, wall: float) -> None:
    """Invariant 2.6"""
    hint = retry_after(said(value, date), wall)
    assert hint is None or 0 <= hint <= LONGEST


def test_milliseconds_are_understood() -> None:
    assert retry_after(Headers((("retry-after-ms", "1500"),)), 0.0) == 1.5


@given(secret=st.text(min_size=8), before=st.text(), after=st.text())
def test_a_secret_is_taken_out_wherever_it_stands(secret: str, before: str, after: str) -> None:
    assert secret not in scrubbed(before + secret + after, [secret])


def test_the_beginning_of_a_secret_is_taken_out_where_a_text_was_cut() -> None:
    assert scrubbed("the key is _abcdefgh…", ["_abcdefghijkl"]) == "the key is ***…"


def test_secret_fields_are_never_shown() -> None:
    pairs = (("ZSESSIONID", "_key"), ("Authorization", "Basic x"), ("Accept", "*/*"))
    assert redacted(pairs)[:2] == (("ZSESSIONID", "***"), ("Authorization", "***"))
    assert "_key" not in repr(Headers(pairs))


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\0b"])
def test_a_field_that_would_end_early_is_refused(value: str) -> None:
    with pytest.raises(ArgumentError, match="Name"):
        checked((("Name", value),))


def test_a_field_is_found_whatever_its_case() -> None:
    headers = Headers((("Link", "a"), ("LINK", "b")))
    assert headers.get("link") == "a, b"
    assert headers.get("Nothing") is None


def test_an_extract_is_one_line_without_markup() -> None:
    page = b"<html><head><title>x</title></head><body><h1>Sorry,\n</h1>try&nbsp;later</body>"
    assert extract(page) == "Sorry, try later"


@given(body=st.binary(max_size=400))
def test_an_extract_is_short_and_printable(body: bytes) -> None:
    text = extract(body)
    assert len(text) <= 120
    assert text.isprintable()


@given(st.text())
def test_what_is_not_unreserved_is_quoted_byte_by_byte(text: str) -> None:
    assert quoted(text) == quote(text, safe="")
