"""Cookies: what a server sets, replaces and deletes, and what it cannot make us send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.request import Origin, Reply, Request
from twofold.core.text.headers import Headers, checked
from twofold.rally.cookies import LONGEST, LONGEST_OF_ALL, MOST, Cookies

HOME = Origin("https", "rally.example", 443)
NOW = 1_800_000_000.0


def reply(*fields: str, target: str = "/slm/webservice/v2.0/defect?start=1") -> Reply:
    """An answer with `Set-Cookie` fields, in the year 2027."""
    pairs = (("Content-Type", "text/plain"), *(("set-cookie", field) for field in fields))
    return Reply(200, Headers(pairs), b"", Request("GET", HOME, target), wall=NOW)


def after(*fields: str, of: str = "") -> str:
    pairs = (each.partition("=") for each in of.split("; ") if each)
    cookies = Cookies(tuple((name, value) for name, _, value in pairs))
    return cookies.after(reply(*fields)).text


def test_what_is_set_is_sent_until_it_is_replaced() -> None:
    assert after("JSESSIONID=1f; Path=/slm; Secure; HttpOnly", "SUBBUCKETID=100") == (
        "JSESSIONID=1f; SUBBUCKETID=100"
    )
    assert after("JSESSIONID=2", of="JSESSIONID=1; other=x") == "other=x; JSESSIONID=2"


def test_an_answer_without_news_leaves_the_very_cookies() -> None:
    cookies = Cookies((("JSESSIONID", "1"), ("other", "x")))
    assert cookies.after(reply()) is cookies
    assert cookies.after(reply("JSESSIONID=1; Path=/")) is cookies


@pytest.mark.parametrize(
    "how",
    [
        "Max-Age=0",
        "max-age=-1",
        "Expires=Thu, 01-Jan-1970 00:00:10 GMT",
        "expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/",
        "Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
    ],
)
def test_what_is_over_is_deleted(how: str) -> None:
    assert after(f"a=1; {how}", of="a=1; b=2") == "b=2"
    assert after(f"c=1; {how}", of="a=1") == "a=1"


@pytest.mark.parametrize(
    "how",
    [
        "Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "Expires=Fri, 01 Jan 2100 00:00:00 GMT",
        "Expires=some day",
        "Max-Age=soon",
        f"Max-Age={'9' * 5000}",
    ],
)
def test_what_is_not_over_stays(how: str) -> None:
    assert after(f"a=1; {how}") == "a=1"


@pytest.mark.parametrize(
    ("path", "is_kept"),
    [
        ("/", True),
        ("/slm", True),
        ("/slm/webservice/v2.0/", True),
        ("/slm/webservice/v2.0/defect", True),
        ("", True),
        ("nonsense", True),
        ("/login", False),
        ("/sl", False),
        ("/slm/webservice/v2.0/defect/1", False),
    ],
)
def test_a_cookie_for_another_place_is_not_ours(path: str, is_kept: bool) -> None:
    assert after(f"a=1; Path={path}") == ("a=1" if is_kept else "")


@pytest.mark.parametrize(
    "field",
    [
        "",
        ";",
        "a",
        "=1",
        "a b=1",
        "a=1\r\nX-Evil: 1",
        "a=\0",
        "a=ü",
        f"a={'x' * LONGEST}",
    ],
)
def test_what_is_no_cookie_is_left_alone(field: str) -> None:
    assert after(field, of="b=2") == "b=2"


def test_values_are_taken_as_they_are() -> None:
    assert after('a="1, 2"; HttpOnly') == 'a="1, 2"'
    assert after("a=b=c==") == "a=b=c=="
    assert after("a=") == "a="


def test_a_server_cannot_fill_the_memory_or_push_the_session_out() -> None:
    many = after(*(f"c{number}=x" for number in range(100)), of="JSESSIONID=1")
    assert many.count("=") == MOST
    assert many.startswith("JSESSIONID=1; ")
    assert many.endswith("c99=x")
    large = after(*(f"c{number}={'x' * 1000}" for number in range(9)), of="JSESSIONID=1")
    assert len(large) <= LONGEST_OF_ALL + 2 * MOST
    assert large.startswith("JSESSIONID=1; ")


FIELDS = st.lists(st.text() | st.from_regex(r"\w+=[ -~]*(; [ -~]*){0,3}"), max_size=30)


@given(FIELDS, FIELDS)
def test_whatever_is_set_can_be_sent_and_is_bounded(first: list[str], second: list[str]) -> None:
    cookies = Cookies().after(reply(*first)).after(reply(*second))
    checked((("Cookie", cookies.text),))
    assert cookies.text.isascii()
    assert len(cookies.pairs) == len(dict(cookies.pairs)) <= MOST
    assert len(cookies.text) <= LONGEST_OF_ALL + 3 * MOST
    assert cookies.after(reply(*second)) == cookies


def test_values_are_not_shown() -> None:
    cookies = Cookies().after(reply("JSESSIONID=secret-one; Path=/"))
    assert repr(cookies) == "Cookies(pairs=['JSESSIONID'])"
    assert cookies.session == "secret-one"
