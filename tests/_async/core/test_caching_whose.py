# SPDX-License-Identifier: MIT
"""Whose answer it is, where neither the credentials nor the URL say all of it; in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from lines import HOME
from scripted import Scripted, ScriptedServer, fields

from twofold._async.core.cache_view import AsyncCacheView
from twofold._async.core.caching import Caching
from twofold._async.core.pipeline import Pipeline
from twofold._async.core.shelf import Shelf
from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.store.store import AsyncStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.cache.settings import Cache
from twofold.core.cache.statistics import Counters
from twofold.core.credentials import Anonymous, HeaderKey
from twofold.core.options import Terms
from twofold.core.policy.limits import Limits
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Reply, Request, Safety
from twofold.core.text.secrets import Secret
from twofold.core.uploads import upload
from twofold.errors import NotFoundError
from twofold.events import CacheOutcome

FRESH = CacheOutcome.FRESH
SHOWN = ("authorization", "cookie", "x-key", "x-who", "accept-language")


def page(request: Request) -> Scripted:
    """Say who asks, and for what, and that it may be kept; never that it varies."""
    given = dict(fields(request.headers))
    said = " ".join(given[name] for name in SHOWN if name in given)
    body = f"{request.method} {said} {request.body.decode()}{request.target}".encode()
    return Scripted(200, body, (("Cache-Control", "max-age=60"),), after=1)


def line(server: ScriptedServer, store: AsyncStore | None = None, **options: Any) -> Pipeline:
    shelf = Shelf(store or AsyncMemoryStore(), Counters(), current_time)
    given: dict[str, Any] = {
        "origin": HOME,
        "base": "",
        "transport": InProcessTransport(server),
        "credentials": Anonymous(),
        "terms": Terms(Timeout(), None),
        "concurrency": 10,
        "limits": Limits(clock=current_time),
        "cache": Caching(Cache(wall=lambda: 1e9 + current_time()), shelf),
    }
    return Pipeline(**{**given, **options})


ME = Endpoint("test.me", "GET", "/me", lambda reply: reply)


async def said(sender: Pipeline, operation: Operation[Reply]) -> bytes:
    return (await sender.send(operation)).body


async def together(*calls: tuple[Pipeline, Operation[Reply]]) -> list[bytes]:
    """What callers are answered who ask at the same moment, in their order."""
    answers = [b""] * len(calls)

    async def ask(index: int) -> None:
        answers[index] = await said(*calls[index])

    async with create_task_group() as tasks:
        for index in range(len(calls)):
            tasks.start_soon(ask, index)
    return answers


CREDENTIALS = [
    ("Authorization", ("Bearer A", "Bearer B")),
    ("Cookie", ("session=A", "session=B")),
    ("X-Key", ("A", "B")),
    ("X-Who", (Secret("A"), Secret("B"))),
]


@pytest.mark.parametrize(("name", "values"), CREDENTIALS)
async def test_clients_whose_fields_name_them_find_only_their_own(
    name: str, values: tuple[str, str]
) -> None:
    """Invariant 9.1"""
    server, store = ScriptedServer(page), AsyncMemoryStore()
    first, second = (line(server, store, headers=((name, value),)) for value in values)
    for _ in range(2):
        assert values[0].encode() in await said(first, ME.operation())
        assert values[1].encode() in await said(second, ME.operation())
    assert len(server.requests) == 2
    await AsyncCacheView(first).clear()
    assert (await second.send(ME.operation())).cached is FRESH
    assert (await first.send(ME.operation())).cached is None


@pytest.mark.parametrize(("name", "values"), CREDENTIALS)
async def test_calls_whose_fields_name_somebody_find_only_their_own(
    name: str, values: tuple[str, str]
) -> None:
    """Invariant 9.1"""
    server = ScriptedServer(page)
    sender = line(server)
    mine, yours = (ME.operation(headers=((name, value),)) for value in values)
    for _ in range(2):
        assert values[0].encode() in await said(sender, mine)
        assert values[1].encode() in await said(sender, yours)
        assert (await said(sender, ME.operation())).startswith(b"GET  /me")
    assert len(server.requests) == 3
    await AsyncCacheView(sender).clear()
    for operation in (mine, yours, ME.operation()):
        assert (await sender.send(operation)).cached is None


@pytest.mark.parametrize(("name", "values"), CREDENTIALS)
async def test_at_one_moment_nobody_is_given_the_answer_to_another(
    name: str, values: tuple[str, str]
) -> None:
    """Invariant 9.1"""
    server = ScriptedServer(page)
    sender = line(server)
    mine, yours = (ME.operation(headers=((name, value),)) for value in values)
    answers = await together((sender, mine), (sender, yours), (sender, mine), (sender, yours))
    assert [answer.split()[-2] for answer in answers] == [
        value.split()[-1].encode() for value in values * 2
    ]
    assert len(server.requests) == 2


def adding(*pairs: tuple[str, str]) -> Callable[[Request], Request]:
    return lambda request: request.with_headers((*request.headers, *pairs))


def moved(request: Request) -> Request:
    return attrs.evolve(request, target="/here")


async def test_a_credential_that_is_prepared_names_who_asks() -> None:
    """Invariant 9.1"""
    server = ScriptedServer(page)
    mine = line(server, prepare=adding(("Authorization", "A")))
    yours = attrs.evolve(mine, prepare=adding(("Authorization", "B")))
    for _ in range(2):
        assert b" A " in await said(mine, ME.operation())
        assert b" B " in await said(yours, ME.operation())
    assert len(server.requests) == 2


async def test_what_was_sent_for_somebody_else_in_the_end_is_not_kept() -> None:
    """Invariant 9.1"""
    server, users = ScriptedServer(page), iter("ABB")

    def as_another(request: Request) -> Request:
        return adding(("Authorization", next(users)))(request)

    sender = line(server, prepare=as_another)
    assert b" B " in await said(sender, ME.operation())
    told = await AsyncCacheView(sender).statistics()
    assert told.entries == 0


async def test_a_write_takes_out_what_anybody_of_the_account_was_answered() -> None:
    """Invariant 9.4"""
    server = ScriptedServer(page)
    sender = line(server)
    mine = ME.operation(headers=(("Authorization", "A"),))
    await sender.send(mine)
    change = Endpoint("test.change", "PUT", "/me", Reply.extract, Safety.REPEATABLE)
    await sender.send(change.operation(headers=(("Authorization", "A"), ("X-CSRF-Token", "t"))))
    assert (await sender.send(mine)).cached is None


async def test_no_field_that_names_somebody_is_in_what_is_kept() -> None:
    """Invariant 10.4"""
    store = AsyncMemoryStore()
    secret = "sesame-open-thyself"
    sender = line(ScriptedServer(Scripted(headers=(("Vary", "X-Key"), ("ETag", '"1"')))), store)
    await sender.send(ME.operation(headers=(("X-Key", secret), ("Authorization", secret))))
    (entry,) = await store.find("anonymous\nGET\nhttps://api.example/me")
    assert secret not in repr(attrs.asdict(entry))


@pytest.mark.parametrize(
    ("one", "other"),
    [({"json": 1}, {"json": 2}), ({"body": b"1"}, {}), ({}, {"body": b"2"})],
)
async def test_a_read_with_a_body_is_answered_by_the_server_alone(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    """Invariant 9.1"""
    server = ScriptedServer(page)
    sender = line(server, credentials=HeaderKey("X-Key", "mine"))
    asked = [ME.operation(**one), ME.operation(**other)]
    wanted = [one.get("body", str(one.get("json", "")).encode()) for one in (one, other)]
    answers = await together(*[(sender, operation) for operation in asked])
    answers += [await said(sender, operation) for operation in asked]
    assert [answer.split()[2] for answer in answers] == [
        bytes(body) + b"/me" for body in wanted * 2
    ]


async def test_a_read_with_a_body_that_is_drawn_is_not_answered_from_the_cache() -> None:
    server = ScriptedServer(page)
    sender = line(server)
    await sender.send(ME.operation())
    with_body = ME.operation(body=upload(b"what is sought"))
    assert (await sender.send(with_body)).cached is None
    assert len(server.requests) == 2


async def test_callers_for_whom_it_is_prepared_otherwise_do_not_fly_together() -> None:
    """Invariant 9.1"""
    server = ScriptedServer(page)
    german = line(server, prepare=adding(("Accept-Language", "de")))
    french = attrs.evolve(german, prepare=adding(("Accept-Language", "fr")))
    here = attrs.evolve(german, prepare=moved)
    calls = [(sender, ME.operation()) for sender in (german, french, here) * 2]
    answers = await together(*calls)
    assert answers == [b"GET de /me", b"GET fr /me", b"GET  /here"] * 2
    assert len(server.requests) == 3


async def test_an_error_is_for_those_alone_for_whom_it_is_prepared_alike() -> None:
    def only_german(request: Request) -> Scripted:
        german = dict(fields(request.headers))["accept-language"] == "de"
        return page(request) if german else Scripted(404, after=1)

    server = ScriptedServer(only_german)
    german = line(server, prepare=adding(("Accept-Language", "de")))
    french = attrs.evolve(german, prepare=adding(("Accept-Language", "fr")))
    found: list[bytes] = []

    async def ask_in_vain() -> None:
        with pytest.raises(NotFoundError):
            await french.send(Endpoint("test.me", "GET", "/me", refusing).operation())

    async def ask() -> None:
        found.append(await said(german, ME.operation()))

    async with create_task_group() as tasks:
        tasks.start_soon(ask_in_vain)
        tasks.start_soon(ask)
    assert found == [b"GET de /me"]


def refusing(reply: Reply) -> Reply:
    if reply.status == 404:
        raise NotFoundError("there is none", status=404)
    return reply


async def test_callers_who_are_traced_apart_fly_together() -> None:
    """Invariant 8.1"""
    server = ScriptedServer(page)
    numbers = iter(range(100))

    def traced(request: Request) -> Request:
        return adding(("traceparent", f"00-{next(numbers):032}-01"))(request)

    sender = line(server, prepare=traced)
    await together(*[(sender, ME.operation())] * 5)
    assert len(server.requests) == 1


async def test_what_is_prepared_for_another_place_is_kept_as_of_there() -> None:
    server = ScriptedServer(page)
    sender = line(server)
    here = attrs.evolve(sender, prepare=moved)
    assert await said(sender, ME.operation()) == b"GET  /me"
    for _ in range(2):
        assert await said(here, ME.operation()) == b"GET  /here"
    assert len(server.requests) == 2
