# SPDX-License-Identifier: MIT
"""The direct engine beside the one over httpx, against a server that says what it is told to."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
from answers import MOST, REFUSED, WELL_FORMED, Told
from certificates import Certificates
from raw_server import raw_server

from twofold._async.core.client import AsyncClient
from twofold._async.core.transport.choice import chosen
from twofold._async.core.transport.direct import DirectTransport
from twofold._async.core.transport.httpx_engine import HttpxTransport
from twofold._runtime.waiting.scopes import move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.options import UNSET
from twofold.core.request import Origin, Patience, Reply, Request
from twofold.errors import ArgumentError, Effect, RequestError, ServerError
from twofold.events import EngineChosen, Event

pytestmark = pytest.mark.real_time

PATIENT = Patience(connect=5, read=5)


def asked(origin: Origin, told: Told) -> Request:
    body = b"{}" if told.method == "POST" else b""
    return Request(told.method, origin, "/a?b=c", (("X-Mine", "1"),), body)


def seen(reply: Reply) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    return reply.status, tuple((name.lower(), value) for name, value in reply.headers), reply.body


@pytest.mark.parametrize("told", WELL_FORMED, ids=lambda told: told.name)
async def test_both_engines_read_a_well_formed_answer_alike(told: Told) -> None:
    ours, theirs = DirectTransport(most=MOST), HttpxTransport(proxy=None, most=MOST)
    with raw_server(told.answer, closes=told.closes) as server:
        request = asked(server.origin, told)
        first = await ours.exchange(request, PATIENT)
        again = await ours.exchange(request, PATIENT)
        assert server.connections == (2 if told.closes else 1)
        assert seen(first) == seen(again) == seen(await theirs.exchange(request, PATIENT))
        await ours.aclose()
        await theirs.aclose()


@pytest.mark.parametrize("told", REFUSED, ids=lambda told: told.name)
async def test_a_malformed_answer_is_refused_and_its_connection_ended(told: Told) -> None:
    engine = DirectTransport(most=MOST)
    with raw_server(told.answer, closes=told.closes) as server:
        for _ in range(2):
            with pytest.raises(ServerError) as caught:
                await engine.exchange(asked(server.origin, told), PATIENT)
            assert caught.value.effect is Effect.UNKNOWN
        assert server.connections == 2
        await engine.aclose()


async def test_a_kept_connection_that_was_closed_costs_no_attempt() -> None:
    engine = DirectTransport()
    with raw_server(WELL_FORMED[0].answer) as server:
        request = asked(server.origin, WELL_FORMED[0])
        await engine.exchange(request, PATIENT)
        server.hang_up()
        assert (await engine.exchange(request, PATIENT)).status == 200
        assert server.connections == 2
        await engine.aclose()


@pytest.mark.parametrize("text", ["/a b", "/a\r\nB: c", "/a\0", "/caf\ud800"])
async def test_a_path_that_would_end_its_line_is_not_sent(text: str) -> None:
    engine = DirectTransport()
    with raw_server(b"") as server:
        with pytest.raises(RequestError):
            await engine.exchange(Request("GET", server.origin, text), PATIENT)
        assert server.connections == 0


@pytest.mark.parametrize(
    "pair", [("A", "b\r\nC: d"), ("A\nB", "c"), ("A", "b\0"), ("Content-Length", "3")]
)
async def test_a_field_that_would_end_its_line_or_the_body_is_not_sent(
    pair: tuple[str, str],
) -> None:
    engine = DirectTransport()
    with raw_server(b"") as server:
        with pytest.raises(RequestError):
            await engine.exchange(Request("GET", server.origin, "/", (pair,)), PATIENT)
        assert server.connections == 0


async def test_a_server_that_is_silent_is_not_waited_for() -> None:
    engine = DirectTransport()
    with raw_server(b"") as server:
        with pytest.raises(ServerError, match="silent"):
            await engine.exchange(Request("GET", server.origin, "/"), Patience(5, 0.05))
        await engine.aclose()


async def test_a_port_where_nobody_listens_and_a_name_that_nobody_has_are_unreachable() -> None:
    engine = DirectTransport()
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    for origin in (Origin("http", "127.0.0.1", port), Origin("http", "nobody.invalid", 80)):
        with pytest.raises(ServerError, match="cannot be reached") as caught:
            await engine.exchange(Request("GET", origin, "/"), PATIENT)
        assert caught.value.effect is Effect.NONE
        assert caught.value.transient


async def test_a_large_body_arrives_whole() -> None:
    engine = DirectTransport()
    body = bytes(range(256)) * 8000
    with raw_server(WELL_FORMED[0].answer) as server:
        await engine.exchange(Request("POST", server.origin, "/", (), body), PATIENT)
        assert server.requests[0].endswith(b"\r\n\r\n" + body)
        await engine.aclose()


async def test_closing_wakes_whoever_waits_for_an_answer() -> None:
    engine = DirectTransport()
    failures: list[ServerError] = []

    async def ask(request: Request) -> None:
        with pytest.raises(ServerError) as caught:
            await engine.exchange(request, Patience(30, 30))
        failures.append(caught.value)

    with raw_server(b"") as server:
        with move_on_after(10) as scope:
            async with create_task_group() as tasks:
                tasks.start_soon(ask, Request("POST", server.origin, "/"))
                while not server.requests:
                    await sleep(0.001)
                await engine.aclose()
        assert not scope.cancelled_caught
        assert [failure.effect for failure in failures] == [Effect.UNKNOWN]


async def test_cancelling_wakes_whoever_waits_for_an_answer() -> None:
    engine = DirectTransport()
    with raw_server(b"") as server:
        with move_on_after(10) as scope:
            async with create_task_group() as tasks:
                tasks.start_soon(
                    engine.exchange, Request("GET", server.origin, "/"), Patience(30, 30)
                )
                while not server.requests:
                    await sleep(0.001)
                tasks.cancel_scope.cancel()
        assert not scope.cancelled_caught
        await engine.aclose()


# TLS.


async def test_a_certificate_is_checked_against_who_is_trusted_and_the_name(
    certificates: Certificates,
) -> None:
    told = WELL_FORMED[0]
    trusting = DirectTransport(str(certificates.authority))
    with raw_server(told.answer, tls=certificates.server("127.0.0.1")) as server:
        reply = await trusting.exchange(asked(server.origin, told), PATIENT)
        assert reply.status == 200
        await trusting.aclose()
        stranger = DirectTransport()
        await refused(stranger, asked(server.origin, told))
        careless = DirectTransport(verify=False)
        assert (await careless.exchange(asked(server.origin, told), PATIENT)).status == 200
        await careless.aclose()


@pytest.mark.parametrize("kind", ["other.example", "expired"])
async def test_a_certificate_of_another_or_of_yesterday_is_refused(
    certificates: Certificates, kind: str
) -> None:
    told = WELL_FORMED[0]
    tls = certificates.expired("127.0.0.1") if kind == "expired" else certificates.server(kind)
    with raw_server(told.answer, tls=tls) as server:
        await refused(DirectTransport(str(certificates.authority)), asked(server.origin, told))


async def refused(engine: DirectTransport, request: Request) -> None:
    with pytest.raises(ServerError, match="CERTIFICATE_VERIFY_FAILED") as caught:
        await engine.exchange(request, PATIENT)
    assert caught.value.effect is Effect.NONE
    assert not caught.value.transient
    await engine.aclose()


async def test_the_certificates_that_the_environment_names_are_trusted(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    told = WELL_FORMED[0]
    engine = DirectTransport()
    with raw_server(told.answer, tls=certificates.server("127.0.0.1")) as server:
        assert (await engine.exchange(asked(server.origin, told), PATIENT)).status == 200
        await engine.aclose()


# The choice.


async def test_the_engine_is_direct_unless_something_calls_for_httpx(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TWOFOLD_TRANSPORT", raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert isinstance(chosen("auto", True, UNSET).engine, DirectTransport)
    assert isinstance(chosen("auto", True, "http://proxy.example").engine, HttpxTransport)
    assert isinstance(chosen("httpx", True, None).engine, HttpxTransport)
    given = httpx.MockTransport(lambda _: httpx.Response(200))
    assert isinstance(chosen(given, True, UNSET).engine, HttpxTransport)
    with pytest.raises(ArgumentError, match="proxy"):
        chosen("direct", True, "http://proxy.example")
    monkeypatch.setenv("TWOFOLD_TRANSPORT", "httpx")
    assert isinstance(chosen("auto", True, UNSET).engine, HttpxTransport)
    monkeypatch.setenv("TWOFOLD_TRANSPORT", "carrier pigeon")
    with pytest.raises(ArgumentError, match="TWOFOLD_TRANSPORT"):
        chosen("auto", True, UNSET)


async def test_the_choice_is_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TWOFOLD_TRANSPORT", "http_proxy", "https_proxy", "all_proxy", *UPPER):
        monkeypatch.delenv(name, raising=False)
    told: list[Event] = []

    def choice(**options: Any) -> tuple[str, str]:
        AsyncClient("http://api.example", listener=told.append, **options)
        event = told.pop()
        assert isinstance(event, EngineChosen)
        return event.engine, event.reason

    assert choice() == ("direct", "nothing else is needed")
    assert choice(transport="httpx") == ("httpx", "transport says so")
    assert choice(proxy="http://proxy.example") == ("httpx", "proxy says so")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    assert choice() == ("httpx", "the environment names a proxy")
    monkeypatch.setenv("TWOFOLD_TRANSPORT", "direct")
    assert choice() == ("direct", "TWOFOLD_TRANSPORT says so")
    AsyncClient("http://api.example", listener=told.append, transport=DirectTransport())
    assert told == []


UPPER = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.mark.parametrize("module", ["respx", "pytest_httpx", "vcr"])
async def test_who_intercepts_httpx_gets_httpx(
    monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.delenv("TWOFOLD_TRANSPORT", raising=False)
    monkeypatch.setitem(__import__("sys").modules, module, ssl)
    assert isinstance(chosen("auto", True, None).engine, HttpxTransport)


async def test_a_proxy_in_the_environment_means_httpx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWOFOLD_TRANSPORT", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    assert isinstance(chosen("auto", True, UNSET).engine, HttpxTransport)
    assert isinstance(chosen("auto", True, None).engine, DirectTransport)


async def test_a_file_of_certificates_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    engine = DirectTransport(tmp_path / "missing.pem")  # a client refuses it when it is made
    with pytest.raises(ArgumentError, match="missing"):
        await engine.exchange(Request("GET", Origin("https", "127.0.0.1", 1), "/"), PATIENT)
