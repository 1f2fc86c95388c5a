# SPDX-License-Identifier: MIT
"""The bytes of a call on the wire, the same over either engine; over real sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from raw_server import RawServer, raw_server

from twofold._async.core.client import AsyncClient
from twofold.core.credentials import HeaderKey
from twofold.core.policy.limits import Limits
from twofold.core.request import Endpoint, Operation, Reply, Request
from twofold.core.text.headers import Pairs
from twofold.errors import ArgumentError, RequestError, TwofoldError

pytestmark = [pytest.mark.real_time, pytest.mark.parametrize("engine", ["direct", "httpx"])]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def itself(reply: Reply) -> Reply:
    return reply


LOOK = Endpoint("test.look", "GET", "/thing", itself)


async def asked(
    server: RawServer, engine: Any, operation: Operation[Reply], base: str = "", **options: Any
) -> tuple[str, list[tuple[str, str]]]:
    """What the server was asked last: the target, and the fields with names in lower case."""
    limits = Limits()
    options = {"transport": engine, "retry": None, "limits": limits, **options}
    client = AsyncClient(f"{server.origin}{base}", **options)
    try:
        await client.send(operation)
    finally:
        await client.aclose()
    first, *lines = server.requests[-1].decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
    fields = [line.partition(": ") for line in lines]
    return first.split(" ")[1], [(name.lower(), value) for name, _, value in fields]


async def test_a_calls_own_field_takes_the_place_of_the_clients(engine: str) -> None:
    own = (("accept", "application/json"), ("User-Agent", "mine"), ("X-Many", "1"), ("X-Many", "2"))
    with raw_server(OK) as server:
        headers = (("Accept", "text/plain"), ("X-Shop", "1"))
        _, fields = await asked(server, engine, LOOK.operation(headers=own), headers=headers)
        host = str(server.origin).removeprefix("http://")
    wanted = [("accept", "application/json"), ("user-agent", "mine"), ("x-shop", "1")]
    wanted += [("x-many", "1"), ("x-many", "2"), ("host", host)]
    assert sorted(pair for pair in fields if pair[0] != "accept-encoding") == sorted(wanted)


async def test_a_clients_own_field_takes_the_place_of_the_usual_one(engine: str) -> None:
    with raw_server(OK) as server:
        headers = (("user-agent", "mine"),)
        _, fields = await asked(server, engine, LOOK.operation(), headers=headers)
    assert [value for name, value in fields if name == "user-agent"] == ["mine"]


@pytest.mark.parametrize("name", ["Host", "Content-Length"])
async def test_the_engines_own_fields_cannot_be_given(engine: str, name: str) -> None:
    given: Pairs = ((name, "9"),)

    def adding(request: Request) -> Request:
        return request.with_headers((*request.headers, *given))

    with raw_server(OK) as server:
        with pytest.raises(ArgumentError, match=name):
            await asked(server, engine, LOOK.operation(headers=given))
        with pytest.raises(ArgumentError, match=name):
            await asked(server, engine, LOOK.operation(), headers=given)
        with pytest.raises(RequestError):
            await asked(server, engine, LOOK.operation(), prepare=adding)
        assert not server.requests


@pytest.mark.parametrize(
    "said", ["/caf\N{LATIN SMALL LETTER E WITH ACUTE}".encode(), b"/caf%C3%A9", b"/caf\xe9"]
)
async def test_a_redirect_beyond_ascii_leads_to_one_place(engine: str, said: bytes) -> None:
    moved = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + said + b"\r\n\r\n"
    with raw_server(moved) as server:
        with pytest.raises(TwofoldError, match="redirected more than"):
            await asked(server, engine, LOOK.operation())
        assert server.requests[1].startswith(b"GET /caf%C3%A9 ")


@pytest.mark.parametrize(
    ("base", "operation", "target"),
    [
        ("/b\xe4se", LOOK.operation(), "/b%C3%A4se/thing"),
        ("/b%C3%A4se/", LOOK.operation(), "/b%C3%A4se/thing"),
        ("", attrs.evolve(LOOK, template="/k\xe4se").operation(), "/k%C3%A4se"),
        ("/\N{SNOWMAN}", LOOK.operation(query={"a": "\xe4"}), "/%E2%98%83/thing?a=%C3%A4"),
    ],
)
async def test_an_address_beyond_ascii_is_percent_encoded(
    engine: str, base: str, operation: Operation[Reply], target: str
) -> None:
    with raw_server(OK) as server:
        assert (await asked(server, engine, operation, base))[0] == target


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (b"X-Name: caf\xc3\xa9\r\n", "caf\xe9"),
        (b"X-Name: caf\xe9\r\n", "caf\xe9"),
        (b"X-Name: caf\xc3\xa9\r\nX-Other: \xe9\r\n", "caf\xc3\xa9"),
    ],
)
async def test_fields_beyond_ascii_are_read_alike(engine: str, fields: bytes, wanted: str) -> None:
    read: list[str | None] = []

    def name(reply: Reply) -> Reply:
        read.append(reply.headers.get("x-name"))
        return reply

    with raw_server(OK.replace(b"\r\n\r\n", b"\r\n" + fields + b"\r\n")) as server:
        await asked(server, engine, attrs.evolve(LOOK, read=name).operation())
    assert read == [wanted]


AWKWARD = ["hunter\\2\N{EURO SIGN}", 'it\'s "hunter2"\N{EURO SIGN}']


@pytest.mark.parametrize("key", AWKWARD)
async def test_a_key_that_cannot_be_sent_is_not_shown(engine: str, key: str) -> None:
    """Invariant 10.4"""
    with raw_server(OK) as server:
        with pytest.raises(RequestError) as caught:
            await asked(server, engine, LOOK.operation(), credentials=HeaderKey("X-Me", key))
        assert not server.requests
    error: BaseException | None = caught.value
    while error is not None:
        assert "hunter" not in f"{error}{error!r}{error.__dict__}"
        assert not isinstance(error, UnicodeEncodeError)
        error = error.__cause__


ECHOES: list[Callable[[str], str]] = [str, repr, lambda key: key.encode().hex()]


@pytest.mark.parametrize("echo", ECHOES)
async def test_a_key_that_a_server_repeats_is_not_shown_wherever_it_was_given(
    engine: str, echo: Callable[[str], str]
) -> None:
    """Invariant 10.4"""
    key = "ab/c+d=hunter2"
    body = f"your key {echo(key)} is wrong".encode()
    answer = b"HTTP/1.1 400 No\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    field = (("Authorization", f"Bearer {key}"),)

    def adding(request: Request) -> Request:
        return request.with_headers((*request.headers, *field))

    look = attrs.evolve(LOOK, read=Reply.json)
    with raw_server(answer) as server:
        given: list[tuple[Pairs, dict[str, Any]]] = [
            (field, {}),
            ((), {"headers": field}),
            ((), {"prepare": adding}),
            ((), {"credentials": HeaderKey("X-Me", key)}),
        ]
        for headers, options in given:
            operation = look.operation(headers=headers)
            with pytest.raises(TwofoldError, match=r"\*\*\*") as caught:
                await asked(server, engine, operation, **options)
            assert echo(key) not in f"{caught.value!r}{caught.value.attempts}"
