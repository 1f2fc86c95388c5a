# SPDX-License-Identifier: MIT
"""The engine over httpx: real sockets, and transports that a user hands in."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from socks import socks

from twofold._async.core.transport.choice import chosen
from twofold._async.core.transport.httpx_engine import HttpxTransport
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time, move_on_after
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.options import UNSET
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Origin, Patience, Request
from twofold.errors import (
    ArgumentError,
    CredentialsError,
    DeadlineError,
    Effect,
    OutcomeUnknownError,
    RequestError,
    ServerError,
    TwofoldError,
)

HOME = Origin("http", "api.example", 80)
ASKED = Request("POST", HOME, "/a%2Fb?q=%28x%29", (("X-Mine", "1"),), b"body")
PATIENT = Patience(connect=5, read=5)
QUICK = Retry(base=0.001, cap=0.001)

real = pytest.mark.real_time


def client(server: Mapping[str, str], **options: Any) -> AsyncRallyClient:
    given: dict[str, Any] = {
        "server": server["url"],
        "api_key": server["api_key"],
        "limits": Limits(),
    }
    return AsyncRallyClient(**{**given, "retry": QUICK, **options})


async def test_a_transport_that_is_handed_in_gets_the_request_as_it_is() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, headers=[("A", "1"), ("A", "2")], content=b"hello")

    engine = chosen(httpx.MockTransport(answer), True, UNSET).engine
    reply = await engine.exchange(ASKED, PATIENT)
    assert (reply.status, reply.body, reply.headers.get("a")) == (201, b"hello", "1, 2")
    assert seen[0].url.raw_path == b"/a%2Fb?q=%28x%29"
    assert seen[0].headers["x-mine"] == "1"
    assert seen[0].headers["host"] == "api.example"
    assert seen[0].read() == b"body"


async def test_a_compressed_answer_is_expanded() -> None:
    body = gzip.compress(b"x" * 1000)
    engine = HttpxTransport(
        given=httpx.MockTransport(
            lambda request: httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=body)
        )
    )
    assert (await engine.exchange(ASKED, PATIENT)).body == b"x" * 1000


async def test_an_answer_that_is_too_large_is_given_up() -> None:
    body = gzip.compress(b"x" * 100_000)
    answer = httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=body)
    engine = HttpxTransport(given=httpx.MockTransport(lambda request: answer), most=50_000)
    with pytest.raises(ServerError, match="more than 50000 bytes"):
        await engine.exchange(ASKED, PATIENT)


@pytest.mark.parametrize(
    ("raised", "error", "effect"),
    [
        (httpx.ConnectError("refused"), ServerError, Effect.NONE),
        (httpx.ConnectTimeout("slow"), ServerError, Effect.NONE),
        (httpx.ProxyError("no"), ServerError, Effect.NONE),
        (httpx.ReadError("reset"), ServerError, Effect.UNKNOWN),
        (httpx.ReadTimeout("silence"), ServerError, Effect.UNKNOWN),
        (httpx.WriteError("broken pipe"), ServerError, Effect.UNKNOWN),
        (httpx.RemoteProtocolError("what?"), ServerError, Effect.UNKNOWN),
        (httpx.DecodingError("not gzip"), ServerError, Effect.UNKNOWN),
        (httpx.LocalProtocolError("bad header"), RequestError, Effect.NONE),
        (httpx.UnsupportedProtocol("gopher"), RequestError, Effect.NONE),
        (OSError("out of files"), ServerError, Effect.UNKNOWN),
    ],
)
async def test_every_failure_is_ours_and_says_what_the_server_may_have_done(
    raised: Exception, error: type[TwofoldError], effect: Effect
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise raised

    engine = HttpxTransport(given=httpx.MockTransport(fail))
    with pytest.raises(error) as caught:
        await engine.exchange(ASKED, PATIENT)
    assert type(caught.value) is error
    assert caught.value.effect is effect
    assert caught.value.__cause__ is raised


def test_what_is_no_transport_is_refused() -> None:
    with pytest.raises(ArgumentError, match="transport"):
        chosen(3, True, UNSET)
    with pytest.raises(ArgumentError, match="verify"):
        chosen("httpx", "", UNSET)
    with pytest.raises(ArgumentError, match="proxy"):
        chosen("httpx", True, "user:secret@host")


@real
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_tickets_come_through_a_socks_proxy(
    rally_server: Mapping[str, str], host: str
) -> None:
    with socks() as proxy:
        address = rally_server["url"].replace("127.0.0.1", host)
        async with client({**rally_server, "url": address}, proxy=proxy.address) as rally:
            assert (await rally.get_ticket("US1")).formatted_id == "US1"
    assert {asked for asked, _ in proxy.asked} == {host}


@real
async def test_tickets_come_over_a_socket(rally_server: Mapping[str, str]) -> None:
    async with client(rally_server) as rally:
        tickets = await rally.get_tickets(page_size=50)
    assert len(tickets) == 700


@real
async def test_a_client_that_is_neither_entered_nor_closed_works(
    rally_server: Mapping[str, str],
) -> None:
    rally = client(rally_server)
    assert (await rally.get_ticket("US1")).formatted_id == "US1"
    assert (await rally.get_ticket("US2")).formatted_id == "US2"


@real
async def test_a_closed_client_opens_again(rally_server: Mapping[str, str]) -> None:
    rally = client(rally_server)
    await rally.get_ticket("US1")
    await rally.aclose()
    await rally.aclose()
    assert (await rally.get_ticket("US1")).formatted_id == "US1"
    await rally.aclose()


@real
async def test_a_dropped_connection_is_tried_again_and_then_told(
    rally_server: Mapping[str, str],
) -> None:
    async with client(rally_server) as rally:
        ref = (await rally.get_tickets("story", where={"FormattedID": "US90"}))[0]
        with pytest.raises(ServerError, match="lost") as caught:
            await rally.get_ticket(ref)
    assert [one.status for one in caught.value.attempts] == [None] * 3


@real
async def test_a_comment_whose_answer_is_lost_is_sent_once(
    rally_server: Mapping[str, str],
) -> None:
    async with client(rally_server) as rally:
        with pytest.raises(OutcomeUnknownError) as caught:
            await rally.add_comment("US91", "the answer is lost")
    assert len(caught.value.attempts) == 1


@real
async def test_a_deadline_ends_a_request_under_way(rally_server: Mapping[str, str]) -> None:
    async with client(rally_server) as rally:
        place = (await rally.get_tickets("story", where={"FormattedID": "US92"}))[0]
        began = current_time()
        with pytest.raises(DeadlineError):
            await rally.get_ticket(place, timeout=0.5)
        with pytest.raises(ServerError, match=r"within 0\.3 s|lost"):
            await rally.get_ticket(place, timeout=Timeout(total=20, attempt=0.3), retry=None)
        with move_on_after(0.3) as scope:
            await rally.get_ticket(place)
        assert scope.cancelled_caught
        assert current_time() - began < 10


@real
async def test_two_bad_gateways_are_overcome(rally_server: Mapping[str, str]) -> None:
    async with client(rally_server, retry=Retry(attempts=9, base=0.001)) as rally:
        place = (await rally.get_tickets("story", where={"FormattedID": "US93"}))[0]
        assert (await rally.get_ticket(place)).formatted_id == "US93"


@real
async def test_a_page_in_place_of_json_is_a_typed_error(
    rally_server: Mapping[str, str],
) -> None:
    async with client(rally_server) as rally:
        place = (await rally.get_tickets("story", where={"FormattedID": "US94"}))[0]
        with pytest.raises(ServerError, match="not JSON"):
            await rally.get_ticket(place)


@real
async def test_a_wrong_key_is_refused(rally_server: Mapping[str, str]) -> None:
    async with client(rally_server, api_key="_wrong") as rally:
        with pytest.raises(CredentialsError):
            await rally.get_ticket("US1")


@real
async def test_a_port_where_nobody_answers_is_a_typed_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        here = {"url": f"http://127.0.0.1:{unused.getsockname()[1]}", "api_key": "_key"}
        async with client(here) as rally:
            with pytest.raises(ServerError, match="cannot be reached") as caught:
                await rally.add_comment("/task/1", "never sent")
    assert len(caught.value.attempts) == 3
    assert caught.value.effect is Effect.NONE


@real
async def test_more_callers_than_slots_all_get_through(
    rally_server: Mapping[str, str],
) -> None:
    found: list[str] = []
    async with client(rally_server, concurrency=3) as rally:

        async def look(number: int) -> None:
            found.append((await rally.get_ticket(f"US{number}")).formatted_id)

        async with create_task_group() as tasks:
            for number in range(1, 21):
                tasks.start_soon(look, number)
    assert sorted(found) == sorted(f"US{number}" for number in range(1, 21))
