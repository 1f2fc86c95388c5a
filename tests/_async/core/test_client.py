# SPDX-License-Identifier: MIT
"""A client as others build theirs: an address, credentials, defaults, and what its user chose."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from scripted import Scripted, ScriptedServer

from twofold import (
    AsyncClient,
    AsyncMemoryStore,
    AsyncOptions,
    Cache,
    Endpoint,
    HeaderKey,
    Limits,
    Page,
    Rate,
    Reply,
    Request,
    Safety,
)
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time
from twofold.errors import ArgumentError, CredentialsError, DeadlineError


def read(reply: Reply) -> Any:
    return reply.json()


def read_page(reply: Reply) -> Page[str]:
    return Page(**reply.json())


LOOK = Endpoint("test.look", "GET", "/shelves/{shelf}/things", read_page)
ADD = Endpoint("test.add", "POST", "/shelves/{shelf}/things", read, Safety.ONCE)


def client(server: ScriptedServer, **options: Any) -> AsyncClient:
    given: dict[str, Any] = {
        "transport": InProcessTransport(server),
        "limits": Limits(clock=current_time),
    }
    return AsyncClient("https://shop.example/api/", **{**given, **options})


async def test_operations_go_below_the_path_of_the_address() -> None:
    server = ScriptedServer()
    async with client(server) as shop:
        await shop.send(ADD.operation(query={"q": "a b"}, json={"n": Decimal("1.10")}, shelf="x/y"))
    (request,) = server.requests
    assert request.url == "https://shop.example/api/shelves/x%2Fy/things?q=a%20b"
    assert request.body == b'{"n":1.10}'
    assert server.field("content-type") == ["application/json"]


async def test_a_body_of_json_may_have_a_type_of_its_own() -> None:
    server = ScriptedServer()
    async with client(server) as shop:
        own = (("content-type", "application/merge-patch+json"),)
        await shop.send(ADD.operation(json={}, headers=own, shelf="x"))
    assert server.field("content-type") == ["application/merge-patch+json"]


async def test_credentials_and_header_fields_go_with_every_request() -> None:
    server = ScriptedServer()
    key, fields = HeaderKey("X-Key", "_secret"), (("X-Shop", "mine"),)
    async with client(server, credentials=key, headers=fields) as shop:
        await shop.send(ADD.operation(shelf="x"))
    assert (server.field("x-key"), server.field("x-shop")) == (["_secret"], ["mine"])


async def test_options_of_the_user_come_before_those_of_the_kind() -> None:
    server = ScriptedServer(Scripted(after=20))
    defaults = {"user_agent": "shop/1", "timeout": 5}
    async with client(server, defaults=defaults, timeout=3) as shop:
        began = current_time()
        with pytest.raises(DeadlineError):
            await shop.send(ADD.operation(shelf="x"))
        assert current_time() - began == pytest.approx(3)
    assert server.field("user-agent") == ["shop/1"]


@pytest.mark.parametrize(
    "wrong",
    [{"timeuot": 3}, {"timeout": -1}, {"defaults": {"timeuot": 3}}, {"defaults": {"timeout": -1}}],
)
async def test_a_wrong_option_is_refused_by_its_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match="time"):
        client(ScriptedServer(), **wrong)


WRONG: dict[str, list[Any]] = {
    "retry": [3, "often"],
    "rate": [5, "10/s", Rate],
    "breaker": [True, 0.5],
    "concurrency": [0, True, 2.5, "many"],
    "hedge": [0.1, True],
    "cache": [60, True],
    "store": ["cache.db", {}],
    "timeout": [0, -1, "long"],
    "transport": ["carrier pigeon", 3],
    "verify": [1, ""],
    "proxy": [8080, "ftp://x"],
    "limits": [12],
    "listener": [3, "log"],
    "background": [1],
    "prepare": [1],
    "user_agent": [3, "a\r\nB: c", "a\0"],
    "strict": ["very", 5],
}


def test_every_option_has_something_that_it_refuses() -> None:
    assert set(WRONG) == set(AsyncOptions.__annotations__)


@pytest.mark.parametrize(
    ("option", "value"), [(option, value) for option, values in WRONG.items() for value in values]
)
def test_an_option_of_a_wrong_kind_is_refused_by_its_name(option: str, value: Any) -> None:
    beside: dict[str, Any] = {"cache": Cache()} if option == "store" else {}
    with pytest.raises(ArgumentError, match=f"^{option} must"):
        AsyncClient("https://api.example", **beside, **{option: value})


@pytest.mark.parametrize("option", [*WRONG])
async def test_none_is_off_or_not_given_for_every_option(option: str) -> None:
    options: dict[str, Any] = {option: None}
    await AsyncClient("https://api.example", **options).aclose()


def test_a_store_without_a_cache_is_refused() -> None:
    with pytest.raises(ArgumentError, match="give cache"):
        AsyncClient("https://api.example", store=AsyncMemoryStore())


@pytest.mark.parametrize(
    "address",
    ["", "ftp://x?secret", "https://user:secret@x", "https://x/?secret", "https://x/a b?secret"],
)
async def test_an_address_that_is_none_is_refused_without_its_secret(address: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        AsyncClient(address)
    assert "secret" not in str(refused.value)


class Shelf(ScriptedServer):
    """Has three pages of two."""

    def answer(self, request: Request, now: float) -> Scripted:
        super().answer(request, now)
        number = int(request.target.rpartition("=")[2])
        following = number + 1 if number < 3 else None
        page = {"items": [f"{number}a", f"{number}b"], "next": following}
        return Scripted(body=json.dumps(page).encode())


async def test_pages_are_asked_for_by_their_cursors_as_they_are_needed() -> None:
    server = Shelf()
    async with client(server) as shop:
        things = shop.pages(lambda n: LOOK.operation(query={"page": str(n)}, shelf="x"), 1)
        assert await things.first() == "1a"
        assert len(server.requests) == 1
        assert await things.all() == ["1a", "1b", "2a", "2b", "3a", "3b"]


async def test_the_terms_of_a_listing_are_checked_before_anything_is_sent() -> None:
    server = Shelf()
    async with client(server) as shop:
        with pytest.raises(ArgumentError, match="timeout"):
            shop.pages(lambda n: LOOK.operation(shelf=str(n)), 1, timeout=0)
    assert not server.requests


async def test_a_reply_that_is_refused_is_the_error_its_operation_names() -> None:
    def judged(reply: Reply) -> str:
        raise CredentialsError("closed on Sundays", status=reply.status)

    closed = Endpoint("test.closed", "GET", "/", judged)
    async with client(ScriptedServer()) as shop:
        with pytest.raises(CredentialsError, match=r"closed on Sundays \(test.closed\)"):
            await shop.send(closed.operation())
