# SPDX-License-Identifier: MIT
"""The cache in the line, over a scripted origin, in virtual time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from email.utils import formatdate
from typing import Any

import attrs
import pytest
from scripted import Scripted, ScriptedServer, fields

from twofold._async.core.cache_view import AsyncCacheView
from twofold._async.core.caching import Caching
from twofold._async.core.client import AsyncClient
from twofold._async.core.pipeline import Pipeline
from twofold._async.core.shelf import Shelf
from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import CancelScope, current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.cache.settings import Cache
from twofold.core.cache.statistics import CacheStatistics, Counters
from twofold.core.credentials import HeaderKey, Signed, Unchanging
from twofold.core.options import Terms
from twofold.core.policy.breaker import Breaker
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Origin, Reply, Request, Safety
from twofold.core.store.entry import Entry, Usage
from twofold.core.text.headers import Pairs
from twofold.core.wire.verdict import refusal
from twofold.errors import (
    ArgumentError,
    DeadlineError,
    NotFoundError,
    OutcomeUnknownError,
    RetryLaterError,
    ServerError,
    StoreError,
)
from twofold.events import CacheAnswered, CacheOutcome, Event, FlightJoined, StoreFailed

HOME = Origin("https", "api.example", 443)
STEADY = Retry(uniform=lambda low, high: high)
BEGINNING = 1_700_000_000.0

FRESH, STALE = CacheOutcome.FRESH, CacheOutcome.STALE
REVALIDATED, RESCUED, MISS = CacheOutcome.REVALIDATED, CacheOutcome.RESCUED, CacheOutcome.MISS


def wall() -> float:
    """Seconds since 1970, in virtual time."""
    return BEGINNING + current_time()


def accepted(reply: Reply) -> Reply:
    refused = refusal(reply)
    if refused is not None:
        raise refused
    return reply


def get(place: str = "/thing", headers: Pairs = (), **facts: Any) -> Operation[Reply]:
    return Operation(Endpoint("test.get", "GET", place, accepted, **facts), place, headers=headers)


def put(place: str = "/thing", **facts: Any) -> Operation[Reply]:
    endpoint = Endpoint("test.put", "PUT", place, accepted, Safety.REPEATABLE, **facts)
    return Operation(endpoint, place, body=b"x")


LOOK = get()


class Site(ScriptedServer):
    """An origin whose page has a version, a tag for it, and fields that a test sets."""

    def __init__(self, *headers: tuple[str, str], after: float = 0.0) -> None:
        super().__init__(self.page)
        self.version = 1
        self.headers = headers
        self.after = after
        self.script: Callable[[Request], Scripted] | None = None

    def page(self, request: Request) -> Scripted:
        if self.script is not None:
            return self.script(request)
        if request.method != "GET":
            self.version += 1
            return Scripted(204, b"", after=self.after)
        tag = f'"{self.version}"'
        both = (("ETag", tag), ("Date", formatdate(wall(), usegmt=True)), *self.headers)
        if dict(fields(request.headers)).get("if-none-match") == tag:
            return Scripted(304, b"", both, after=self.after)
        return Scripted(200, self.body(request), both, after=self.after)

    def body(self, request: Request) -> bytes:
        key = dict(fields(request.headers)).get("x-api-key")
        return f"{request.target} {self.version} {key}".encode()

    def broken(self, status: int = 503) -> None:
        self.script = lambda request: Scripted(status, b"sorry")


def line(site: ScriptedServer, settings: Cache | None = None, **options: Any) -> Pipeline:
    store = options.pop("store", None) or AsyncMemoryStore()
    chosen = attrs.evolve(settings or Cache(), wall=wall)
    given: dict[str, Any] = {
        "origin": HOME,
        "base": "/api",
        "transport": InProcessTransport(site),
        "credentials": HeaderKey("X-Api-Key", "_mine"),
        "terms": Terms(Timeout(), STEADY),
        "concurrency": 10,
        "limits": Limits(clock=current_time),
        "cache": Caching(chosen, Shelf(store, Counters(), current_time)),
    }
    return Pipeline(**{**given, **options})


async def counts(sender: Pipeline) -> CacheStatistics:
    return await AsyncCacheView(sender).statistics()


async def test_what_is_fresh_is_answered_without_the_server() -> None:
    site = Site(("Cache-Control", "max-age=60"))
    sender = line(site)
    first = await sender.send(LOOK)
    await sleep(7)
    second = await sender.send(LOOK)
    assert len(site.requests) == 1
    assert (first.cached, second.cached) == (None, FRESH)
    assert (second.status, second.body) == (200, first.body)
    assert second.headers.get("age") == "7"
    told = await counts(sender)
    assert (told.hits, told.fresh, told.misses, told.stored, told.entries) == (1, 1, 1, 1, 1)


async def test_a_client_without_a_cache_keeps_nothing() -> None:
    site = Site(("Cache-Control", "max-age=60"))
    sender = line(site, cache=None)
    await sender.send(LOOK)
    await sender.send(LOOK)
    assert len(site.requests) == 2
    assert await counts(sender) == CacheStatistics()
    await AsyncCacheView(sender).clear()


async def test_nothing_is_served_fresh_at_the_end_of_its_life_or_after_it() -> None:
    """Invariant 9.2"""
    site = Site(("Cache-Control", "max-age=10"))
    sender = line(site)
    ages: list[float] = []
    for _ in range(40):
        reply = await sender.send(LOOK)
        if reply.cached is FRESH:
            ages.append(float(reply.headers.get("age") or "nan"))
        await sleep(0.7)
    assert ages
    assert max(ages) < 10
    assert len(site.requests) == 3


async def test_what_has_not_changed_is_not_sent_again() -> None:
    site = Site(("Cache-Control", "max-age=10"))
    sender = line(site)
    first = await sender.send(LOOK)
    await sleep(11)
    second = await sender.send(LOOK)
    third = await sender.send(LOOK)
    assert site.field("if-none-match") == [None, '"1"']
    assert [one.cached for one in (first, second, third)] == [None, REVALIDATED, FRESH]
    assert {one.body for one in (first, second, third)} == {first.body}
    assert second.status == 200
    told = await counts(sender)
    assert (told.revalidated, told.bytes_saved) == (1, len(first.body))


async def test_what_has_changed_takes_the_place_of_what_was_stored() -> None:
    site = Site(("Cache-Control", "max-age=10"))
    sender = line(site)
    await sender.send(LOOK)
    await sleep(11)
    site.version = 2
    assert b" 2 " in (await sender.send(LOOK)).body
    assert b" 2 " in (await sender.send(LOOK)).body
    assert len(site.requests) == 2


async def test_no_body_crosses_from_one_account_to_another() -> None:
    """Invariant 9.1"""
    site = Site(("Cache-Control", "public, max-age=60"))
    mine = line(site)
    yours = mine.acting_as(HeaderKey("X-Api-Key", "_yours"))
    for _ in range(2):
        assert (await mine.send(LOOK)).body.endswith(b"_mine")
        assert (await yours.send(LOOK)).body.endswith(b"_yours")
    assert len(site.requests) == 2


async def test_at_one_moment_no_body_crosses_either() -> None:
    """Invariant 9.1"""
    site = Site(("Cache-Control", "public, max-age=60"), after=1)
    mine = line(site)
    yours = mine.acting_as(HeaderKey("X-Api-Key", "_yours"))
    seen: list[tuple[bytes, bytes]] = []

    async def look(sender: Pipeline, key: bytes) -> None:
        seen.append((key, (await sender.send(LOOK)).body))

    async with create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(look, mine, b"_mine")
            tasks.start_soon(look, yours, b"_yours")
    assert len(seen) == 10
    assert all(body.endswith(key) for key, body in seen)
    assert len(site.requests) == 2


@pytest.mark.parametrize("side", ["request", "answer"])
async def test_no_store_leaves_no_trace(side: str) -> None:
    """Invariant 9.3"""
    forbidding = (("Cache-Control", "no-store, max-age=60"),)
    site = Site(*(forbidding if side == "answer" else (("Cache-Control", "max-age=60"),)))
    sender = line(site)
    operation = get(headers=forbidding if side == "request" else ())
    await sender.send(operation)
    told = await counts(sender)
    assert (told.entries, told.bytes, told.stored) == (0, 0, 0)
    await sender.send(operation)
    assert len(site.requests) == 2


async def test_an_answer_that_comes_to_forbid_storing_takes_out_what_was_stored() -> None:
    """Invariant 9.3"""
    site = Site(("Cache-Control", "max-age=5"))
    sender = line(site)
    await sender.send(LOOK)
    await sleep(6)
    site.headers = (("Cache-Control", "no-store"),)
    assert (await sender.send(LOOK)).cached is REVALIDATED
    assert (await counts(sender)).entries == 0


async def test_the_users_own_word_does_not_overrule_no_store() -> None:
    """Invariant 9.3"""
    site = Site(("Cache-Control", "no-store"))
    sender = line(site, Cache(ttl={"test.get": 60}))
    await sender.send(LOOK)
    assert (await counts(sender)).entries == 0


async def test_the_users_own_word_overrules_the_servers_lifetime_and_is_counted() -> None:
    site = Site(("Cache-Control", "no-cache"))
    sender = line(site, Cache(ttl={"test.get": 60}))
    await sender.send(LOOK)
    await sleep(59)
    assert (await sender.send(LOOK)).cached is FRESH
    await sleep(2)
    assert (await sender.send(LOOK)).cached is REVALIDATED
    assert (await counts(sender)).overrides == 1


async def test_an_endpoints_lifetime_holds_where_the_server_is_silent() -> None:
    site = Site()
    sender = line(site)
    await sender.send(get(ttl=30))
    assert (await sender.send(get(ttl=30))).cached is FRESH
    site.headers = (("Cache-Control", "max-age=0"),)
    await sleep(31)
    await sender.send(get(ttl=30))
    assert (await sender.send(get(ttl=30))).cached is REVALIDATED


@pytest.mark.parametrize("body", [b"", b"\x00\xff" * 500, bytes(range(256)) * 40])
async def test_a_body_is_what_the_origin_sent(body: bytes) -> None:
    """Invariant 9.5"""
    site = Site(("Cache-Control", "max-age=10"))
    site.body = lambda request: body  # type: ignore[method-assign]  # a test's own site
    sender = line(site)
    for outcome in (None, FRESH, REVALIDATED, FRESH):
        reply = await sender.send(LOOK)
        assert reply.cached is outcome
        assert len(reply.body) == len(body)
        assert hashlib.sha256(reply.body).digest() == hashlib.sha256(body).digest()
        if outcome is FRESH:
            await sleep(11)


async def test_many_who_ask_at_once_are_one_request() -> None:
    """Invariant 8.1"""
    site = Site(("Cache-Control", "max-age=60"), after=1)
    told: list[Event] = []
    sender = line(site, listener=told.append)
    async with create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(sender.send, LOOK)
    assert len(site.requests) == 1
    assert sum(isinstance(event, FlightJoined) for event in told) == 19
    assert (await counts(sender)).misses == 20


async def test_one_who_changes_his_value_changes_nobody_elses() -> None:
    """Invariant 8.5"""
    site = Site(("Cache-Control", "max-age=60"), after=1)
    site.body = lambda request: b'{"a": []}'  # type: ignore[method-assign]  # a test's own site
    sender = line(site)
    operation = Operation(Endpoint("test.json", "GET", "/thing", Reply.json), "/thing")
    values: list[Any] = []

    async def look() -> None:
        value = await sender.send(operation)
        value["a"].append(1)
        values.append(value)

    async with create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(look)
    await look()
    assert values == [{"a": [1]}] * 4
    assert len(site.requests) == 1


async def test_after_a_write_nothing_older_is_served() -> None:
    """Invariant 9.4"""
    site = Site(("Cache-Control", "max-age=60"))
    sender = line(site)
    await sender.send(LOOK)
    await sender.send(put())
    assert b" 2 " in (await sender.send(LOOK)).body


async def test_what_was_asked_for_before_a_write_is_not_stored_after_it() -> None:
    """Invariant 9.4"""
    site = Site(("Cache-Control", "max-age=60"), after=10)
    sender = line(site)
    early: list[Reply] = []

    async def look() -> None:
        early.append(await sender.send(LOOK))

    async with create_task_group() as tasks:
        tasks.start_soon(look)
        await sleep(1)
        site.after = 1
        await sender.send(put())
        assert b" 2 " in (await sender.send(LOOK)).body
    assert b" 1 " in early[0].body
    assert b" 2 " in (await sender.send(LOOK)).body


async def test_a_write_takes_out_the_places_its_answer_names_if_they_are_of_its_origin() -> None:
    site = Site(("Cache-Control", "max-age=60"))
    sender = line(site)
    for place in ("/a", "/b", "/c"):
        await sender.send(get(place))
    site.script = lambda request: Scripted(
        201,
        headers=(("Location", "/api/a"), ("Content-Location", "https://other.example/api/b")),
    )
    await sender.send(put("/new"))
    site.script = None
    outcomes = [(await sender.send(get(place))).cached for place in ("/a", "/b", "/c")]
    assert outcomes == [None, FRESH, FRESH]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Scripted(404), FRESH),
        (Scripted(cut="after"), None),
        (Scripted(500), None),
    ],
)
async def test_a_write_that_may_have_happened_counts_and_one_that_was_refused_does_not(
    answer: Scripted, expected: CacheOutcome | None
) -> None:
    site = Site(("Cache-Control", "max-age=60"))
    sender = line(site, terms=Terms(Timeout(), None))
    await sender.send(LOOK)
    site.script = lambda request: answer
    with pytest.raises((NotFoundError, ServerError, OutcomeUnknownError)):
        await sender.send(put())
    site.script = None
    assert (await sender.send(LOOK)).cached is expected


async def test_a_write_that_was_given_up_may_have_happened() -> None:
    """Invariant 9.4"""
    site = Site(("Cache-Control", "max-age=60"))
    sender = line(site)
    await sender.send(LOOK)
    site.after = 10
    with move_on_after(1):
        await sender.send(put())
    site.after = 0
    assert b" 2 " in (await sender.send(LOOK)).body


@pytest.mark.parametrize(
    ("what", "gone"),
    [
        ({"operation": "test.get"}, {"/a", "/b", "/b/c"}),
        ({"tag": "many"}, {"/a"}),
        ({"prefix": "/b"}, {"/b", "/b/c"}),
        ({"prefix": "https://api.example/api/b/"}, {"/b/c"}),
        ({"tag": "unknown", "operation": "test.other"}, set[str]()),
    ],
)
async def test_on_purpose_things_are_taken_out_by_operation_tag_and_prefix(
    what: dict[str, str], gone: set[str]
) -> None:
    """Invariant 9.4"""
    site = Site(("Cache-Control", "max-age=60"))
    sender = line(site)
    yours = sender.acting_as(HeaderKey("X-Api-Key", "_yours"))
    wanted = [get("/a", tags=("many",)), get("/b"), get("/b/c")]
    for operation in wanted:
        await sender.send(operation)
        await yours.send(operation)
    await AsyncCacheView(sender).invalidate(**what)
    found = {one.path for one in wanted if (await sender.send(one)).cached is None}
    assert found == gone
    assert all([(await yours.send(one)).cached is FRESH for one in wanted])


async def test_a_write_takes_out_what_bears_the_tags_it_names() -> None:
    """Invariant 9.4"""
    site = Site(("Cache-Control", "max-age=60"))
    sender = line(site)
    await sender.send(get("/list", tags=("things",)))
    await sender.send(put(invalidates=("things",)))
    assert (await sender.send(get("/list", tags=("things",)))).cached is None


async def test_what_was_asked_for_before_it_was_taken_out_by_tag_is_not_stored() -> None:
    """Invariant 9.4"""
    site = Site(("Cache-Control", "max-age=60"), after=5)
    sender = line(site)
    async with create_task_group() as tasks:
        tasks.start_soon(sender.send, get(tags=("t",)))
        await sleep(1)
        await AsyncCacheView(sender).invalidate(tag="t")
    assert (await counts(sender)).entries == 0


async def test_to_take_out_nothing_is_refused() -> None:
    with pytest.raises(ArgumentError, match="operation, tag or prefix"):
        await AsyncCacheView(line(Site())).invalidate()


async def test_stale_is_answered_at_once_while_the_server_is_asked_aside() -> None:
    site = Site(("Cache-Control", "max-age=5, stale-while-revalidate=60"), after=1)
    async with client(site) as entered:
        await entered.send(LOOK)
        await sleep(10)
        site.version = 2
        began = current_time()
        replies = [await entered.send(LOOK) for _ in range(5)]
        assert current_time() == began
        assert {one.cached for one in replies} == {STALE}
        await sleep(2)
        assert b" 2 " in (await entered.send(LOOK)).body
        assert len(site.requests) == 2


async def test_a_client_that_is_not_entered_asks_before_it_answers() -> None:
    site = Site(("Cache-Control", "max-age=5, stale-while-revalidate=60"), after=1)
    sender = line(site)
    await sender.send(LOOK)
    await sleep(10)
    assert (await sender.send(LOOK)).cached is REVALIDATED


async def test_a_confirmation_that_fails_leaves_what_is_stored() -> None:
    site = Site(("Cache-Control", "max-age=5, stale-while-revalidate=600"))
    async with client(site) as entered:
        await entered.send(LOOK)
        await sleep(10)
        site.broken()
        for _ in range(3):
            assert (await entered.send(LOOK)).cached is STALE
            await sleep(100)
        assert len(site.requests) == 1 + 3 * 3


def client(site: Site, settings: Cache | None = None, **options: Any) -> AsyncClient:
    return AsyncClient(
        "https://api.example/api",
        transport=InProcessTransport(site),
        limits=Limits(clock=current_time),
        retry=STEADY,
        cache=attrs.evolve(settings or Cache(), wall=wall),
        **options,
    )


@pytest.mark.parametrize(
    "trouble",
    [
        Scripted(500),
        Scripted(502),
        Scripted(503),
        Scripted(503, headers=(("Retry-After", "1000"),)),
        Scripted(cut="after"),
        Scripted(after=1000),
    ],
)
async def test_stale_stands_in_for_an_outage_and_says_so(trouble: Scripted) -> None:
    site = Site(("Cache-Control", "max-age=5, stale-if-error=1000"))
    told: list[Event] = []
    sender = line(site, listener=told.append)
    await sender.send(LOOK)
    await sleep(10)
    site.script = lambda request: trouble
    reply = await sender.send(LOOK)
    assert (reply.cached, reply.status) == (RESCUED, 200)
    assert (await counts(sender)).rescued == 1
    assert [e.outcome for e in told if isinstance(e, CacheAnswered)] == [MISS, RESCUED]


async def test_an_open_circuit_is_an_outage() -> None:
    site = Site(("Cache-Control", "max-age=5, stale-if-error=1000"))
    async with client(site, breaker=Breaker(calls=2)) as entered:
        await entered.send(LOOK)
        await sleep(20)
        site.broken(500)
        for _ in range(2):
            with pytest.raises(ServerError):
                await entered.send(get("/other"))
        with pytest.raises(RetryLaterError, match="circuit"):
            await entered.send(get("/other"))
        sent = len(site.requests)
        assert (await entered.send(LOOK)).cached is RESCUED
        assert len(site.requests) == sent


@pytest.mark.parametrize(
    ("says", "trouble"),
    [
        ("max-age=5", Scripted(503)),
        ("max-age=5, stale-if-error=4", Scripted(503)),
        ("max-age=5, stale-if-error=1000, must-revalidate", Scripted(503)),
        ("no-cache, stale-if-error=1000", Scripted(503)),
        ("max-age=5, stale-if-error=1000", Scripted(404)),
        ("max-age=5, stale-if-error=1000", Scripted(401)),
        ("max-age=5, stale-if-error=1000", Scripted(429)),
    ],
)
async def test_stale_stands_in_for_nothing_else(says: str, trouble: Scripted) -> None:
    site = Site(("Cache-Control", says))
    sender = line(site)
    await sender.send(LOOK)
    await sleep(10)
    site.script = lambda request: trouble
    with pytest.raises(Exception, match=str(trouble.status)):
        await sender.send(LOOK)


async def test_the_user_may_allow_what_the_server_does_not_mention() -> None:
    site = Site(("Cache-Control", "max-age=5"))
    sender = line(site, Cache(stale_if_error=60))
    await sender.send(LOOK)
    await sleep(10)
    site.broken()
    assert (await sender.send(LOOK)).cached is RESCUED
    await sleep(60)
    with pytest.raises(ServerError):
        await sender.send(LOOK)


async def test_a_deadline_is_an_outage_but_the_callers_own_is_a_cancellation() -> None:
    """Rule 14.7"""
    site = Site(("Cache-Control", "max-age=5, stale-if-error=1000"))
    sender = line(site, terms=Terms(Timeout(total=3), None))
    await sender.send(LOOK)
    await sleep(10)
    site.after = 100
    assert (await sender.send(LOOK)).cached is RESCUED
    with pytest.raises(DeadlineError):
        await sender.send(get("/other"))
    with move_on_after(1) as scope:
        await sender.send(LOOK)
    assert scope.cancelled_caught


async def test_answers_vary_with_the_fields_that_vary_names() -> None:
    site = Site(("Cache-Control", "max-age=60"), ("Vary", "Accept-Language, X-Api-Key"))
    site.body = lambda request: str(dict(fields(request.headers))).encode()  # type: ignore[method-assign]  # a test's own site
    sender = line(site)
    german, french = (get(headers=(("Accept-Language", word),)) for word in ("de", "fr"))
    for operation in (german, french, LOOK, german, french, LOOK):
        await sender.send(operation)
    assert len(site.requests) == 3
    assert b"'fr'" in (await sender.send(french)).body


async def test_what_varies_with_anything_is_never_used_again() -> None:
    site = Site(("Cache-Control", "max-age=60"), ("Vary", "Accept, *"))
    sender = line(site)
    await sender.send(LOOK)
    await sender.send(LOOK)
    assert len(site.requests) == 2


async def test_what_varies_with_a_field_that_is_added_on_the_way() -> None:
    site = Site(("Cache-Control", "max-age=60"), ("Vary", "X-Tenant"))
    tenant = "a"

    def prepare(request: Request) -> Request:
        return request.with_headers((*request.headers, ("X-Tenant", tenant)))

    sender = line(site, prepare=prepare)
    await sender.send(LOOK)
    tenant = "b"
    assert (await sender.send(LOOK)).cached is None
    tenant = "a"
    assert (await sender.send(LOOK)).cached is FRESH


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("no-cache", REVALIDATED),
        ("no-store", None),
        ("max-age=3", REVALIDATED),
        ("max-age=30", FRESH),
        ("min-fresh=55", REVALIDATED),
        ("min-fresh=50", FRESH),
        ("only-if-cached", FRESH),
        ("max-age=x", REVALIDATED),
    ],
)
async def test_a_request_may_say_what_it_takes(asked: str, expected: CacheOutcome | None) -> None:
    site = Site(("Cache-Control", "max-age=60"))
    sender = line(site)
    await sender.send(LOOK)
    await sleep(10)
    reply = await sender.send(get(headers=(("Cache-Control", asked),)))
    assert reply.cached is expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("max-stale", STALE), ("max-stale=5", STALE), ("max-stale=4", REVALIDATED)],
)
async def test_a_request_may_take_what_is_stale(asked: str, expected: CacheOutcome) -> None:
    site = Site(("Cache-Control", "max-age=5"))
    sender = line(site)
    await sender.send(LOOK)
    await sleep(10)
    assert (await sender.send(get(headers=(("Cache-Control", asked),)))).cached is expected


async def test_a_request_may_forbid_to_ask() -> None:
    site = Site(("Cache-Control", "max-age=5"))
    with pytest.raises(NotFoundError, match="only-if-cached") as caught:
        await line(site).send(get(headers=(("Cache-Control", "only-if-cached"),)))
    assert caught.value.status == 504
    assert site.requests == []


@pytest.mark.parametrize("field", ["If-None-Match", "Range", "If-Modified-Since"])
async def test_a_caller_who_asks_with_a_condition_is_answered_by_the_server(field: str) -> None:
    site = Site(("Cache-Control", "max-age=60"))
    sender = line(site)
    await sender.send(LOOK)
    await sender.send(get(headers=((field, "x"),)))
    assert len(site.requests) == 2


async def test_an_answer_that_was_redirected_is_not_the_places_own() -> None:
    site = Site(("Cache-Control", "max-age=60"))

    def moved(request: Request) -> Scripted:
        if request.target == "/api/thing":
            return Scripted(302, headers=(("Location", "/api/other"),))
        return Scripted(headers=(("Cache-Control", "max-age=60"),))

    site.script = moved
    sender = line(site)
    await sender.send(LOOK)
    await sender.send(LOOK)
    assert len(site.requests) == 4


async def test_a_no_change_that_speaks_of_something_else_is_not_believed() -> None:
    site = Site(("Cache-Control", "max-age=5"))
    sender = line(site)
    await sender.send(LOOK)
    await sleep(10)

    def confused(request: Request) -> Scripted:
        if "if-none-match" in dict(fields(request.headers)):
            return Scripted(304, b"", (("ETag", '"another"'),))
        return Scripted(200, b"whole")

    site.script = confused
    assert (await sender.send(LOOK)).body == b"whole"


async def test_nobody_is_given_a_no_change_he_did_not_ask_for() -> None:
    """Not even one who takes any status for an answer."""
    site = Site(("Cache-Control", "max-age=5"))
    sender = line(site)
    anything = Operation(Endpoint("test.any", "GET", "/thing", lambda reply: reply), "/thing")
    await sender.send(anything)
    await sleep(10)

    def confused(request: Request) -> Scripted:
        if "if-none-match" in dict(fields(request.headers)):
            return Scripted(304, b"", (("ETag", '"another"'),))
        return Scripted(200, b"whole")

    site.script = confused
    assert (await sender.send(anything)).body == b"whole"


async def test_what_one_reading_accepts_another_may_not() -> None:
    site = Site(("Cache-Control", "max-age=60"))
    sender = line(site)
    await sender.send(LOOK)
    picky = Operation(Endpoint("test.json", "GET", "/thing", Reply.json), "/thing")
    site.script = lambda request: Scripted(body=b"[1]")
    assert await sender.send(picky) == [1]


async def test_an_answer_that_is_refused_is_not_stored() -> None:
    site = Site()
    site.script = lambda request: Scripted(404, headers=(("Cache-Control", "max-age=60"),))
    sender = line(site)
    for _ in range(2):
        with pytest.raises(NotFoundError):
            await sender.send(LOOK)
    assert (await counts(sender)).entries == 0


async def test_a_clock_that_goes_back_makes_nothing_fresh_for_longer() -> None:
    site = Site(("Cache-Control", "max-age=60"))
    shift = 0.0
    sender = line(site)
    settings = Cache(wall=lambda: wall() + shift)
    assert sender.cache is not None
    sender = attrs.evolve(sender, cache=attrs.evolve(sender.cache, settings=settings))
    await sender.send(LOOK)
    shift = -3600.0
    assert (await sender.send(LOOK)).cached is REVALIDATED
    shift = 10 * 365 * 86400.0
    assert (await sender.send(LOOK)).cached is REVALIDATED


@attrs.define(eq=False)
class Token(Unchanging):
    """Credentials that are had by a GET, which its server says may be kept."""

    account: str = "token"
    secrets: tuple[str, ...] = ()
    token: str = ""

    def ready(self, operation: Operation[Any], now: float) -> bool:
        return bool(self.token)

    def sign(self, request: Request) -> Signed:
        return Signed(request, 0)

    def renewal(self) -> Generator[Operation[Any], Any, None]:
        reply = yield get("/token")
        self.token = reply.body.decode()


async def test_nothing_of_a_renewal_is_kept() -> None:
    """Invariant 10.4"""
    site = Site(("Cache-Control", "max-age=60"))
    sender = line(site, credentials=Token())
    await sender.send(LOOK)
    assert [request.target for request in site.requests] == ["/api/token", "/api/thing"]
    assert (await counts(sender)).entries == 1
    await sender.acting_as(Token()).send(get("/other"))
    assert site.requests[2].target == "/api/token"


async def test_a_hit_notices_that_its_caller_is_cancelled() -> None:
    """Rule 14.7"""
    site = Site(("Cache-Control", "max-age=60"))
    sender = line(site)
    await sender.send(LOOK)
    with CancelScope() as scope:
        scope.cancel()
        await sender.send(LOOK)
        pytest.fail("what was cancelled went on")
    assert scope.cancelled_caught


class Failing(AsyncMemoryStore):
    """A store whose methods fail when told to."""

    def __init__(self, *methods: str) -> None:
        super().__init__()
        self.failing = set(methods)
        self.asked = 0

    def _may_fail(self, method: str) -> None:
        self.asked += 1
        if method in self.failing:
            raise StoreError("the disk is full")

    async def find(self, key: str) -> tuple[Entry, ...]:
        self._may_fail("find")
        return await super().find(key)

    async def stamp(self, key: str) -> int:
        self._may_fail("stamp")
        return await super().stamp(key)

    async def put(self, entry: Entry, stamp: int) -> None:
        self._may_fail("put")
        await super().put(entry, stamp)

    async def remove(self, key: str) -> None:
        self._may_fail("remove")
        await super().remove(key)

    async def usage(self) -> Usage:
        self._may_fail("usage")
        return await super().usage()


@pytest.mark.parametrize("method", ["find", "stamp", "put", "usage"])
async def test_a_store_that_fails_is_a_miss_and_an_event(method: str) -> None:
    site = Site(("Cache-Control", "max-age=600"))
    told: list[Event] = []
    store = Failing(method)
    sender = line(site, store=store, listener=told.append)
    for _ in range(3):
        assert (await sender.send(LOOK)).status == 200
    assert await counts(sender)
    failures = [event for event in told if isinstance(event, StoreFailed)]
    assert len(failures) == 1  # it is left alone for a while
    assert isinstance(failures[0].error, StoreError)
    store.failing.clear()
    await sleep(5)
    await sender.send(LOOK)
    assert (await sender.send(LOOK)).cached is FRESH
    assert (await counts(sender)).errors == 1


async def test_what_could_not_be_taken_out_is_not_believed_until_it_is() -> None:
    """Invariant 9.4"""
    site = Site(("Cache-Control", "max-age=600"))
    store = Failing()
    sender = line(site, store=store)
    await sender.send(LOOK)
    store.failing.add("remove")
    await sender.send(put())
    for _ in range(3):
        assert b" 2 " in (await sender.send(LOOK)).body
        await sleep(4)
    store.failing.clear()
    assert b" 2 " in (await sender.send(LOOK)).body
    assert (await sender.send(LOOK)).cached is FRESH


async def test_a_read_that_is_given_up_leaves_nothing_and_the_next_one_leads_on() -> None:
    """Invariant 8.2, Invariant 8.3"""
    site = Site(("Cache-Control", "max-age=60"), after=5)
    sender = line(site)
    with move_on_after(1):
        await sender.send(LOOK)
    assert (await counts(sender)).entries == 0
    done: list[Reply] = []

    async def look(patience: float) -> None:
        with move_on_after(patience):
            done.append(await sender.send(LOOK))

    async with create_task_group() as tasks:
        tasks.start_soon(look, 2)
        await sleep(1)
        tasks.start_soon(look, 100)
    assert len(done) == 1
    assert sender.cache is not None
    assert sender.cache.flights.statistics().flights == 0
