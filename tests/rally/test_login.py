"""The state of a login, told what came back; it waits for nothing and asks no clock."""

from __future__ import annotations

import base64
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from twofold.core.credentials import Credentials, Signed, step
from twofold.core.request import Endpoint, Operation, Origin, Reply, Request, Safety
from twofold.core.text.headers import Headers
from twofold.errors import ArgumentError, CredentialsError, ServerError
from twofold.rally.login import PAUSE, Login
from twofold.rally.passwords import basic
from twofold.rally.tokens import AUTHORIZE, read_token, with_key

HOME = Origin("https", "rally.example", 443)
LOOK = Request("GET", HOME, "/slm/webservice/v2.0/defect?start=1")
POST = Request("POST", HOME, "/slm/webservice/v2.0/defect/1", (("Accept", "*/*"),), b"{}")


def login() -> Login:
    return Login("ann", "s:cret")


def reply(signed: Signed, *cookies: str, status: int = 200, body: bytes = b"{}") -> Reply:
    pairs = tuple(("Set-Cookie", cookie) for cookie in cookies)
    return Reply(status, Headers(pairs), body, signed.request)


def token(text: str) -> bytes:
    return b'{"OperationResult": {"Errors": [], "SecurityToken": "%s"}}' % text.encode()


def heard(of: Credentials, request: Request, *cookies: str, now: float = 0, **said: Any) -> Signed:
    """Send a request and hear the answer to it."""
    signed = of.sign(request)
    of.heard(signed, reply(signed, *cookies, **said), now)
    return signed


def issued(of: Login, text: str, *cookies: str, now: float = 0) -> None:
    heard(of.issuer, LOOK, *cookies, now=now, body=token(text))


def headers(of: Login, request: Request = LOOK) -> dict[str, str]:
    return dict(of.sign(request).request.headers)


def is_ready(of: Login, request: Request = POST, now: float = 0) -> bool:
    safety = Safety.SAFE if request.method == "GET" else Safety.ONCE
    endpoint = Endpoint("test", request.method, "/", read_token, safety)
    return of.ready(Operation(endpoint, "/"), now)


# Names and passwords


@pytest.mark.parametrize(
    ("username", "password", "said"),
    [
        ("ann", "s:cret", "ann:s:cret"),
        ("zoë", "Grüße 日本 🎉", "zoë:Grüße 日本 🎉"),
        ("zoe\u0308", "e\u0308", "zoë:ë"),
        ("a b", " ", "a b: "),
    ],
)
def test_they_are_sent_as_composed_utf8(username: str, password: str, said: str) -> None:
    """RFC 7617, section 2.1"""
    assert base64.b64decode(basic(username, password)).decode() == said


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("a:b", "secret-1"),
        ("", "secret-1"),
        ("ann", ""),
        ("ann\n", "secret-1"),
        ("ann", "secret-1\r\nX-Evil: 1"),
        ("ann", "secret-1\0"),
        ("ann", "secret-1\x7f"),
        ("ann", "secret-1\ud800"),
    ],
)
def test_what_cannot_be_said_is_refused_and_not_shown(username: str, password: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Login(username, password)
    error: BaseException | None = caught.value
    assert "secret-1" not in repr(error) + str(error)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_the_account_is_the_users_whatever_the_password() -> None:
    assert Login("ann", "1").account == Login("ann", "2").account
    assert Login("ann", "1").account != Login("bob", "1").account
    assert "ann" not in Login("ann", "1").account


def test_nothing_secret_is_in_its_repr() -> None:
    mine = login()
    issued(mine, "a-token", "JSESSIONID=a-session")
    text = repr(mine) + repr(mine.issuer) + repr(mine.sign(POST)) + repr(mine._held)
    assert {"s:cret", basic("ann", "s:cret"), "a-token", "a-session"} <= set(mine.secrets)
    assert not any(secret in text for secret in mine.secrets)


def test_short_cookies_that_name_no_session_are_no_secrets() -> None:
    mine = login()
    heard(mine, LOOK, "SUBBUCKETID=100", "JSESSIONID=1", "ticket=12345678")
    assert {"1", "12345678"} <= set(mine.secrets)
    assert "100" not in mine.secrets


# Cookies and tokens


def test_only_writes_need_a_token_and_carry_it() -> None:
    mine = login()
    assert is_ready(mine, LOOK)
    assert not is_ready(mine, POST)
    issued(mine, "t/1", "JSESSIONID=1")
    assert is_ready(mine, POST)
    assert mine.sign(LOOK).request.target == LOOK.target
    assert mine.sign(POST).request.target == f"{POST.target}?key=t%2F1"
    assert headers(mine, POST)["Cookie"] == "JSESSIONID=1"
    assert headers(mine, POST)["Accept"] == "*/*"


def test_what_is_to_be_sent_once_stays_so_when_it_is_signed() -> None:
    request = Request("POST", POST.origin, "/", body=b"x", once=True)
    signed = login().sign(request).request
    assert (signed.once, signed.body) == (True, b"x")


def test_a_token_takes_the_place_of_another_one() -> None:
    assert with_key("/a?key=old&b=1&key=x", "new") == "/a?b=1&key=new"
    assert with_key("/a", "new") == "/a?key=new"


def test_a_request_has_one_field_of_cookies() -> None:
    mine = login()
    heard(mine, LOOK, "JSESSIONID=1")
    theirs = LOOK.with_headers((("cookie", "sso=x"),))
    fields = [pair for pair in mine.sign(theirs).request.headers if pair[0].lower() == "cookie"]
    assert fields == [("Cookie", "sso=x; JSESSIONID=1")]


def test_the_first_of_several_sessions_stays() -> None:
    mine = login()
    first, second = mine.sign(LOOK), mine.sign(LOOK)
    mine.heard(second, reply(second, "JSESSIONID=2"), 0)
    mine.heard(first, reply(first, "JSESSIONID=1"), 0)
    assert headers(mine)["Cookie"] == "JSESSIONID=2"


def test_the_session_of_a_token_takes_the_place_of_any() -> None:
    mine = login()
    asked, look = mine.issuer.sign(LOOK), mine.sign(LOOK)
    mine.heard(look, reply(look, "JSESSIONID=1", "other=x"), 0)
    mine.issuer.heard(asked, reply(asked, "JSESSIONID=2", body=token("t")), 0)
    assert headers(mine)["Cookie"] == "JSESSIONID=2"
    late = mine.sign(LOOK)
    mine.heard(look, reply(look, "JSESSIONID=3"), 0)
    assert mine.sign(LOOK) == late
    assert is_ready(mine)


def test_another_session_has_another_token() -> None:
    mine = login()
    issued(mine, "t", "JSESSIONID=1")
    heard(mine, LOOK, "JSESSIONID=1", "other=x")
    assert is_ready(mine)
    heard(mine, LOOK, "JSESSIONID=2")
    assert not is_ready(mine)
    issued(mine, "t2")
    assert headers(mine, POST)["Cookie"] == "other=x; JSESSIONID=2"


def test_only_who_was_sent_with_a_token_can_have_it_forgotten() -> None:
    mine = login()
    issued(mine, "t1", "JSESSIONID=1")
    old = mine.sign(POST)
    assert mine.refused(old.version, 0)
    assert not is_ready(mine)
    issued(mine, "t2")
    assert mine.refused(old.version, 0)
    assert is_ready(mine)


def test_a_write_that_lost_its_token_on_the_way_may_be_sent_again() -> None:
    """Between being ready and being signed another one's refusal may have come."""
    mine = login()
    issued(mine, "t1", "JSESSIONID=1")
    mine.refused(mine.sign(POST).version, 0)
    bare = mine.sign(POST)
    assert "key=" not in bare.request.target
    issued(mine, "t2")
    assert mine.refused(bare.version, 0)
    assert is_ready(mine)


def test_trouble_at_the_gateway_changes_no_session() -> None:
    mine = login()
    issued(mine, "t", "JSESSIONID=1")
    heard(mine, LOOK, status=502)
    assert is_ready(mine)
    assert headers(mine)["Cookie"] == "JSESSIONID=1"


# A password that is refused


def test_a_refused_password_leaves_no_session_and_is_not_mended() -> None:
    mine = login()
    issued(mine, "t", "JSESSIONID=1")
    signed = heard(mine, POST, "JSESSIONID=anonymous", status=401, now=100)
    assert not mine.refused(signed.version, 100)
    assert "Cookie" not in headers(mine)
    assert not is_ready(mine, now=100)
    with pytest.raises(CredentialsError, match="not tried again so soon"):
        step(mine.renewal(), None, None)


def test_it_is_tried_again_later_or_once_it_is_good() -> None:
    mine = login()
    heard(mine, LOOK, status=401, now=100)
    assert not is_ready(mine, now=100 + PAUSE)
    assert step(mine.renewal(), None, None) == AUTHORIZE.operation()
    heard(mine, LOOK, status=401, now=200)
    heard(mine, LOOK, status=502, now=201)
    assert not is_ready(mine, now=201)
    with pytest.raises(CredentialsError):
        step(mine.renewal(), None, None)
    heard(mine, LOOK, now=202)
    assert step(mine.renewal(), None, None) == AUTHORIZE.operation()


def test_a_renewal_that_brought_no_token_fails() -> None:
    mine = login()
    renewal = mine.renewal()
    step(renewal, None, None)
    with pytest.raises(ServerError, match="another server"):
        step(renewal, "a token of nobody", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"OperationResult": []}',
        token(""),
        token("t" * 5000),
        b'{"OperationResult": {"SecurityToken": 7}}',
        b'{"OperationResult": {"Errors": [], "SecurityToken": "half-a-tok',
        b'{"SecurityToken": "elsewhere"}',
    ],
)
def test_what_is_no_token_is_not_taken_nor_shown(body: bytes) -> None:
    mine = login()
    signed = heard(mine.issuer, LOOK, body=body)
    assert not is_ready(mine)
    with pytest.raises(ServerError, match="without a token") as caught:
        read_token(reply(signed, body=body))
    assert "tok" not in str(caught.value).replace("without a token", "")
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


# Sharing


def test_threads_may_share_it() -> None:
    """Whatever comes in which order, a token goes with the session that it was issued in."""
    mine = login()

    def work(number: int) -> list[tuple[str, str]]:
        seen: list[tuple[str, str]] = []
        for turn in range(200):
            name, late = f"{number}.{turn}", mine.sign(LOOK)
            issued(mine, f"t{name}", f"JSESSIONID=t{name}")
            mine.heard(late, reply(late, f"JSESSIONID=read{name}"), 0)
            signed = mine.sign(POST).request
            key = signed.target.partition("key=")[2]
            if key:
                seen.append((key, dict(signed.headers)["Cookie"]))
            mine.refused(turn, 0)
        return seen

    with ThreadPoolExecutor(4) as threads:
        seen = [pair for part in threads.map(work, range(4)) for pair in part]
    assert seen
    assert all(cookie == f"JSESSIONID={key}" for key, cookie in seen)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_goes_on_with_the_session() -> None:
    mine = login()
    issued(mine, "t", "JSESSIONID=1")
    mine._lock.acquire()
    child = os.fork()
    if not child:
        heard(mine, LOOK, "other=x")
        os._exit(0 if headers(mine)["Cookie"] == "JSESSIONID=1; other=x" else 1)
    mine._lock.release()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_it_cannot_be_written_to_a_file() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(login())
