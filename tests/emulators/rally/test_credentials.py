"""API keys, passwords, session cookies and write tokens."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from emulators.rally.desk import ROOT, Desk, Request

from twofold.emulators.exchange import Answer

INVALID = "Not authorized to perform action: Invalid key"
Pairs = tuple[tuple[str, str], ...]


@pytest.fixture
def desk() -> Desk:
    return Desk(tickets=14, api_key="_key", username="ann", password="s:cret")


def basic(text: str) -> tuple[str, str]:
    return ("Authorization", "Basic " + base64.b64encode(text.encode()).decode())


ANN = basic("ann:s:cret")


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("ZSESSIONID", "_other"),),
        (("zsessionid", ""),),
        (basic("ann:wrong"),),
        (basic("bob:s:cret"),),
        (("Authorization", "Basic %%%"),),
        (("Authorization", "Bearer _key"),),
        (("Cookie", "JSESSIONID=made-up"),),
    ],
)
def test_who_is_not_known_gets_a_page(desk: Desk, headers: Pairs) -> None:
    answer = desk.send("GET", "/defect", headers=(("Host", "x"), *headers))
    assert answer.status == 401
    assert dict(answer.headers)["Content-Type"].startswith("text/html")
    assert b"<html>" in answer.body


def test_a_key_reads_and_writes_and_gets_no_cookie(desk: Desk) -> None:
    headers = (("zSessionId", "_key"),)
    answer = desk.send("POST", "/tag/create", {"Tag": {"Name": "x"}}, headers=headers, key="None")
    assert json.loads(answer.body)["CreateResult"]["Errors"] == []
    assert "Set-Cookie" not in dict(answer.headers)


def cookie(answer: Answer) -> tuple[str, str]:
    return ("Cookie", dict(answer.headers)["Set-Cookie"].partition(";")[0])


def write(desk: Desk, headers: Pairs, **parameters: Any) -> list[str]:
    body = {"Tag": {"Name": "x"}}
    answer = desk.send("POST", "/tag/create", body, headers=headers, **parameters)
    (result,) = json.loads(answer.body).values()
    errors: list[str] = result["Errors"]
    return errors


def test_a_password_reads_at_once_and_writes_with_cookie_and_token(desk: Desk) -> None:
    read = desk.send("GET", "/defect", headers=(ANN,))
    assert read.status == 200
    assert write(desk, (ANN,)) == [INVALID]
    session = cookie(read)
    granted = json.loads(desk.send("GET", "/security/authorize", headers=(ANN, session)).body)
    token = granted["OperationResult"]["SecurityToken"]
    assert write(desk, (ANN, session)) == [INVALID]
    assert write(desk, (ANN,), key=token) == [INVALID]
    assert write(desk, (ANN, session), key=token) == []
    assert write(desk, (session,), key=token) == []


def test_a_new_token_replaces_the_old_one(desk: Desk) -> None:
    first = desk.send("GET", "/security/authorize", headers=(ANN,))
    session = cookie(first)
    old = json.loads(first.body)["OperationResult"]["SecurityToken"]
    desk.send("GET", "/security/authorize", headers=(ANN, session))
    assert write(desk, (ANN, session), key=old) == [INVALID]


def test_a_session_cookie_beside_a_key_spoils_writes(desk: Desk) -> None:
    session = cookie(desk.send("GET", "/defect", headers=(ANN,)))
    key = ("ZSESSIONID", "_key")
    assert desk.send("GET", "/defect", headers=(key, session)).status == 200
    assert write(desk, (key, session)) == [INVALID]
    assert write(desk, (key,)) == []


def test_a_form_that_stands_for_a_get_needs_the_token_too(desk: Desk) -> None:
    headers = (ANN, ("Content-Type", "application/x-www-form-urlencoded"))
    answer = desk.send("POST", "/defect", b"_method=GET", headers=headers)
    assert json.loads(answer.body)["OperationResult"]["Errors"] == [INVALID]


def test_a_refused_write_changes_nothing(desk: Desk) -> None:
    before = desk.rows("/tag")
    write(desk, (ANN,))
    desk.emulator.answer(Request("POST", f"{ROOT}/tag/create", (), b"{}"), 0.0)
    assert desk.rows("/tag") == before


def test_a_read_only_key_reads_and_never_writes(desk: Desk) -> None:
    """The reference: "A read-only key answers 401 to any write", in HTML."""
    headers = (("ZSESSIONID", desk.emulator.ready.read_only_api_key),)
    assert desk.send("GET", "/defect", headers=headers).status == 200
    form = (*headers, ("Content-Type", "application/x-www-form-urlencoded"))
    assert desk.send("POST", "/defect", b"_method=GET", headers=form).status == 200
    for method, path in (("POST", "/tag/create"), ("DELETE", "/defect/1"), ("POST", "/batch")):
        answer = desk.send(method, path, {"Tag": {"Name": "x"}}, headers=headers)
        assert answer.status == 401
        assert dict(answer.headers)["Content-Type"].startswith("text/html")


def test_a_token_expires_and_the_session_goes_on() -> None:
    """The reference: "A missing, foreign or expired token ... Fetch a new token once"."""
    desk = Desk(tickets=7, username="ann", password="s:cret", token_seconds=60)
    first = desk.send("GET", "/security/authorize", headers=(ANN,))
    session = cookie(first)
    token = json.loads(first.body)["OperationResult"]["SecurityToken"]
    desk.now += 59
    assert write(desk, (ANN, session), key=token) == []
    desk.now += 2
    assert write(desk, (ANN, session), key=token) == [INVALID]
    again = desk.send("GET", "/security/authorize", headers=(ANN, session))
    token = json.loads(again.body)["OperationResult"]["SecurityToken"]
    assert write(desk, (ANN, session), key=token) == []
