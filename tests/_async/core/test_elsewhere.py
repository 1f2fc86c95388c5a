# SPDX-License-Identifier: MIT
"""What goes along where a redirect, or `prepare`, leads to another origin; in virtual time."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from lines import HOME, KEY, LOOK, POST, STEADY, Token
from scripted import Scripted, ScriptedServer

from twofold._async.core.pipeline import Pipeline
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time
from twofold.core.credentials import HeaderKey
from twofold.core.options import Terms
from twofold.core.policy.limits import Limits
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Operation, Origin, Request
from twofold.core.text.secrets import Secret
from twofold.errors import OutcomeUnknownError, RequestError, RetryLaterError
from twofold.events import Event

ELSEWHERE = Origin("https", "elsewhere.example", 443)
AWAY = Scripted(307, headers=(("Location", "https://elsewhere.example/x"),))
BACK = Scripted(307, headers=(("Location", "https://api.example/back"),))

FIELDS = (
    ("Authorization", "client-secret"),
    ("Accept", "text/plain"),
    ("X-Tenant-Token", "client-secret"),
)


def line(server: ScriptedServer, **options: Any) -> Pipeline:
    given: dict[str, Any] = {
        "origin": HOME,
        "base": "/api",
        "transport": InProcessTransport(server),
        "credentials": HeaderKey("X-Api-Key", KEY),
        "terms": Terms(Timeout(), STEADY),
        "concurrency": 3,
        "limits": Limits(clock=current_time),
    }
    return Pipeline(**{**given, **options})


def sent(request: Request) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers}


@pytest.mark.parametrize("place", ["https://elsewhere.example/x", "https://api.example:444/x"])
@pytest.mark.parametrize("status", [302, 303, 307, 308])
async def test_no_field_that_may_hold_a_credential_leaves_its_origin(
    place: str, status: int
) -> None:
    server = ScriptedServer(Scripted(status, headers=(("Location", place),)), Scripted())
    own = (("Cookie", "call-secret"), ("X-Plain", Secret("call-secret")), ("X-Page", "2"))
    await line(server, headers=FIELDS).send(attrs.evolve(LOOK, headers=own))
    home, away = (sent(request) for request in server.requests)
    assert {*home} == {name.lower() for name, _ in (*FIELDS, *own, ("X-Api-Key", KEY))}
    assert away == {"accept": "text/plain", "x-page": "2"}


async def test_at_home_every_field_goes_along() -> None:
    server = ScriptedServer(Scripted(302, headers=(("Location", "/there"),)), Scripted())
    await line(server, headers=FIELDS).send(LOOK)
    first, second = (sent(request) for request in server.requests)
    assert first == second


async def test_what_was_left_behind_is_not_sent_to_a_third_place_either() -> None:
    server = ScriptedServer(AWAY, BACK, Scripted())
    await line(server, headers=FIELDS).send(LOOK)
    assert [sent(request).get("authorization") for request in server.requests] == [
        "client-secret",
        None,
        None,
    ]
    assert server.field("x-api-key") == [KEY, None, KEY]


def prepared(request: Request) -> Request:
    added = (("X-Tenant-Token", "s3cret"), ("X-Plan", "gold"), ("traceparent", "00-1-2-01"))
    return request.with_headers((*request.headers, *added))


@pytest.mark.parametrize("operation", [LOOK, POST])
async def test_only_the_trace_of_what_is_prepared_goes_elsewhere(operation: Operation[Any]) -> None:
    server = ScriptedServer(AWAY, BACK, Scripted())
    await line(server, prepare=prepared).send(operation)
    home, away, back = (sent(request) for request in server.requests)
    assert away == {"traceparent": "00-1-2-01"}
    assert home["x-tenant-token"] == back["x-tenant-token"] == "s3cret"


async def test_who_prepares_a_request_cannot_change_where_a_redirect_leads() -> None:
    server = ScriptedServer(AWAY, Scripted())
    seen: list[str] = []

    def homing(request: Request) -> Request:
        seen.append(str(request.origin))
        return attrs.evolve(request, origin=HOME, target="/else", body=b"else")

    await line(server, prepare=homing).send(LOOK)
    assert server.requests[1].url == "https://elsewhere.example/x"
    assert server.requests[1].body == b""
    assert seen == ["https://api.example", "https://elsewhere.example"]


async def test_what_is_prepared_for_another_origin_is_not_signed_for_it() -> None:
    server = ScriptedServer(Scripted())
    limits = Limits(clock=current_time)

    def moved(request: Request) -> Request:
        fields = (*request.headers, ("Authorization", "of-elsewhere"), ("X-Plan", "gold"))
        return attrs.evolve(request, origin=ELSEWHERE, headers=fields)

    options = {"headers": (("Cookie", "client-secret"),), "limits": limits, "prepare": moved}
    await line(server, **options).send(LOOK)
    (request,) = server.requests
    assert request.url == "https://elsewhere.example/api/thing"
    assert sent(request) == {"authorization": "of-elsewhere", "x-plan": "gold"}


async def test_the_gate_is_that_of_where_a_request_is_prepared_to_go() -> None:
    throttled = Scripted(429, headers=(("Retry-After", "60"),))
    server = ScriptedServer(throttled, Scripted())
    moves = True

    def moved(request: Request) -> Request:
        return attrs.evolve(request, origin=ELSEWHERE) if moves else request

    sender = line(server, prepare=moved, terms=Terms(Timeout(), None))
    with pytest.raises(RetryLaterError):
        await sender.send(LOOK)
    moves = False
    began = current_time()
    await sender.send(LOOK)
    assert current_time() == began


async def test_a_relative_redirect_is_read_from_where_the_answer_came() -> None:
    server = ScriptedServer(Scripted(302, headers=(("Location", "next"),)), Scripted())

    def moved(request: Request) -> Request:
        return attrs.evolve(request, origin=ELSEWHERE, target="/new/place")

    await line(server, prepare=moved).send(LOOK)
    assert server.requests[1].url == "https://elsewhere.example/new/next"


async def test_a_renewal_is_prepared_too_and_goes_no_further() -> None:
    server = ScriptedServer(AWAY, Scripted(body=b'{"token": "new"}'), Scripted())
    await line(server, credentials=Token(), prepare=prepared).send(LOOK)
    assert [str(request.origin) for request in server.requests] == [
        str(HOME),
        str(ELSEWHERE),
        str(HOME),
    ]
    assert sent(server.requests[1]) == {"traceparent": "00-1-2-01"}


@pytest.mark.parametrize(
    "place",
    [
        "https://u:hunter2@idp.example/cb#access_token=T0K",
        "https://idp.example/cb;session=T0K?code=hunter2",
        "https://u:hunter2?T0K@idp.example/cb",
        "https:u:hunter2@idp.example/cb",
    ],
)
async def test_no_token_in_a_redirect_that_is_not_followed_is_shown(place: str) -> None:
    told: list[Event] = []
    fields = (("Location", place), ("Link", f'<{place}>; rel="next"'))
    server = ScriptedServer(Scripted(302, headers=fields), Scripted(201, headers=fields))
    sender = line(server, listener=told.append)
    with pytest.raises(
        OutcomeUnknownError, match=r"redirecting to https:.*: not followed"
    ) as caught:
        await sender.send(POST)
    reply = await sender.raw(POST)
    shown = [str(caught.value), repr(caught.value.attempts), repr(caught.value.__cause__)]
    shown += [repr(told), repr(reply)]
    assert not any(secret in text for secret in ("hunter2", "T0K") for text in shown)


async def test_a_304_that_the_caller_asked_for_says_so() -> None:
    server = ScriptedServer(Scripted(304, b"", (("ETag", '"a"'),)))
    with pytest.raises(RequestError, match="own condition names has not changed") as caught:
        await line(server).send(attrs.evolve(LOOK, headers=(("If-None-Match", '"a"'),)))
    assert caught.value.status == 304
    assert "redirect" not in str(caught.value)
