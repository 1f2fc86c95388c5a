# SPDX-License-Identifier: MIT
"""Rally by user name and password: a session, and one token for all writes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from guarded import AUTHORIZE, KEY, PASSWORD, USER, Guarded, field, moved

from twofold._async.core.store.sqlite import AsyncSQLiteStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.cache.settings import Cache
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.request import Operation, Origin, Request
from twofold.emulators.exchange import Answer
from twofold.errors import CredentialsError, Effect, RequestError, ServerError, TwofoldError
from twofold.events import Event, Redirected
from twofold.rally import Q, operations
from twofold.rally.ids import Located
from twofold.rally.kinds import STORY


def client(server: Guarded, **options: Any) -> AsyncRallyClient:
    given: dict[str, Any] = {
        "server": "http://rally.example",
        "username": USER,
        "password": PASSWORD,
        "transport": InProcessTransport(server),
        "limits": Limits(clock=current_time),
        "retry": Retry(uniform=lambda low, high: high),
    }
    return AsyncRallyClient(**{**given, **options})


async def stories(number: int) -> list[int]:
    """Object ids of the emulator's first stories, which are the same for each that is made so."""
    async with client(Guarded()) as rally:
        found = await rally.get_tickets("story")
    return [story.object_id for story in found][:number]


def write(story: int, points: int = 5) -> Operation[Any]:
    """A write that looks nothing up."""
    return operations.update(Located(STORY, story), {"PlanEstimate": points}, {})


def read(story: int) -> Operation[Any]:
    return operations.get(Located(STORY, story), {})


# Reading


async def test_reads_need_the_password_alone_and_give_what_a_key_gives() -> None:
    server = Guarded()
    async with client(server) as rally:
        found = await rally.get_tickets()
    assert server.authorized == 0
    assert all((field(one, "authorization") or "").startswith("Basic ") for one in server.requests)
    assert not any("key=" in request.target for request in server.requests)
    async with client(Guarded(), username=None, password=None, api_key=KEY) as rally:
        assert await rally.get_tickets() == found


async def test_the_session_is_kept_from_the_first_answer_on() -> None:
    server = Guarded()
    async with client(server) as rally:
        for number in range(1, 4):
            await rally.get_ticket(f"US{number}")
    first, *others = server.cookies()
    assert first is None
    assert len(set(others)) == 1
    assert str(others[0]).startswith("JSESSIONID=")


async def test_a_long_query_goes_as_a_form_and_needs_a_token() -> None:
    server = Guarded()
    names = [f"Story number {number}" for number in range(1000)]
    async with client(server) as rally:
        assert len(await rally.get_tickets("story", query=Q.name.in_(names))) == 0
    assert (server.authorized, server.count("POST"), server.refused) == (1, 1, 0)
    assert "key=" in server.requests[-1].target


async def test_names_and_passwords_of_any_letters_are_sent_as_they_are() -> None:
    """A composed and a decomposed spelling are the same: RFC 7617, section 2.1."""
    for username, password in (("zoë", "Grüße: 日本 🎉"), ("a b", ":"), ("zoe\u0308", "x")):
        composed = username.replace("e\u0308", "ë")
        server = Guarded(username=composed, password=password)
        async with client(server, username=username, password=password) as rally:
            assert (await rally.get_ticket("US1")).formatted_id == "US1"


# Writing


async def test_twelve_first_writes_at_once_fetch_one_token() -> None:
    server, ids = Guarded(latency=1.0), await stories(12)
    async with client(server) as rally, create_task_group() as tasks:
        for story in ids:
            tasks.start_soon(rally.send, write(story))
    assert (server.authorized, server.count("POST"), server.refused) == (1, 12, 0)
    assert all("key=" in request.target for request in server.requests[1:])


async def test_first_writes_beside_first_reads_are_not_refused() -> None:
    """Each read opens a session of its own: the token's must not be replaced by one of them."""
    server, ids = Guarded(latency=1.0), await stories(12)
    async with client(server, concurrency=24) as rally, create_task_group() as tasks:
        for story in ids:
            tasks.start_soon(rally.send, read(story))
            tasks.start_soon(rally.send, write(story))
    assert (server.authorized, server.refused) == (1, 0)
    assert len(server.requests) == 1 + 12 + 12


async def test_one_slot_is_enough_for_a_write_and_its_token() -> None:
    server, ids = Guarded(latency=1.0), await stories(3)
    async with client(server, concurrency=1) as rally, create_task_group() as tasks:
        for story in ids:
            tasks.start_soon(rally.send, write(story))
    assert (server.authorized, len(server.requests)) == (1, 4)


async def test_a_token_that_expires_amid_a_bulk_is_renewed_once_and_no_write_is_lost() -> None:
    """Invariant 10.1"""
    server = Guarded(latency=0.3, token_seconds=1.0)
    async with client(server) as rally:
        found = [f"US{number}" for number in range(1, 41)]
        began = current_time()
        result = await rally.bulk_update_points(found, 13)
        seconds = current_time() - began
        assert result.failed == []
        assert [one.value.points for one in result.succeeded] == [13] * 40
        assert {story.points for story in await rally.get_tickets("story")} == {13}
    refused, renewed = server.refused, server.authorized - 1
    assert 1 <= renewed <= seconds  # each token is good for one
    assert renewed <= refused <= 12 * renewed
    assert server.count("POST", "hierarchicalrequirement/") == 40 + refused


async def test_a_batch_of_writes_whose_token_expired_is_sent_once_more() -> None:
    server, ids = Guarded(token_seconds=5.0), [f"US{number}" for number in range(1, 11)]
    async with client(server) as rally:
        for points in (3, 5):
            result = await rally.bulk_update_points(ids, points, batch=True)
            assert [one.value.points for one in result.succeeded] == [points] * 10
            await sleep(6)
    assert (server.authorized, server.count("POST", "/batch"), server.refused) == (2, 3, 1)


async def test_a_refused_token_is_forgotten_by_whoever_was_sent_with_it_only() -> None:
    """What comes late speaks of the former token: it goes along with the one there is."""
    server, ids = Guarded(latency=1.0, token_seconds=2.5), await stories(3)
    async with client(server) as rally:
        await rally.send(write(ids[0]))
        await sleep(1)
        async with create_task_group() as tasks:
            tasks.start_soon(rally.send, write(ids[1]))
            await sleep(0.9)
            tasks.start_soon(rally.send, write(ids[2]))
    assert (server.authorized, server.refused) == (2, 2)


async def test_a_second_refusal_is_final_and_says_that_nothing_was_done() -> None:
    """Invariant 10.2"""
    server, ids = Guarded(token_seconds=0.0), await stories(1)
    async with client(server) as rally:
        with pytest.raises(CredentialsError, match="Invalid key") as caught:
            await rally.send(write(ids[0]))
    assert (caught.value.status, caught.value.effect) == (200, Effect.NONE)
    assert (server.authorized, server.count("POST")) == (2, 2)


async def test_a_refused_write_is_not_repeated_with_an_api_key() -> None:
    texts = ["Not authorized to perform action: Invalid key"]
    server = Guarded(faults=[{"match": {"method": "POST"}, "fault": "errors", "errors": texts}])
    async with client(server, username=None, password=None, api_key=KEY) as rally:
        with pytest.raises(CredentialsError, match="Invalid key"):
            await rally.update_points("US1", 5)
    assert (server.authorized, server.count("POST")) == (0, 1)


async def test_lacking_a_right_is_no_reason_for_another_token() -> None:
    texts = ["Not authorized to perform action: cannot write here"]
    server = Guarded(faults=[{"match": {"method": "POST"}, "fault": "errors", "errors": texts}])
    async with client(server) as rally:
        with pytest.raises(CredentialsError, match="cannot write here"):
            await rally.update_points("US1", 5)
    assert (server.authorized, server.count("POST")) == (1, 1)


# Sessions


async def test_a_server_that_was_started_anew_costs_one_token() -> None:
    server, ids = Guarded(latency=1.0), await stories(12)
    async with client(server) as rally:
        await rally.send(write(ids[0]))
        server.restart()
        async with create_task_group() as tasks:
            for story in ids:
                tasks.start_soon(rally.send, write(story))
        assert (server.authorized, server.refused) == (2, 12)
        server.restart()
        await rally.send(read(ids[0]))
        await rally.send(write(ids[0]))
    assert (server.authorized, server.refused) == (3, 12)


async def test_a_session_that_the_server_ends_is_not_sent_again() -> None:
    def ends(request: Request, answer: Answer) -> Answer:
        ended = (*answer.headers, ("Set-Cookie", "JSESSIONID=; Max-Age=0; Path=/"))
        return attrs.evolve(answer, headers=ended) if str(ids[1]) in request.target else answer

    server, ids = Guarded(), await stories(2)
    server.change = ends
    async with client(server) as rally:
        await rally.send(write(ids[0]))
        await rally.send(read(ids[1]))
        server.requests.clear()
        await rally.send(write(ids[0]))
    assert server.cookies()[0] is None
    assert (server.count("POST"), server.authorized, server.refused) == (1, 1, 0)


async def test_a_cookie_is_never_kept_beside_an_api_key() -> None:
    """With one, the server would switch to the rules of sessions, and refuse every write."""
    other = Guarded()
    async with client(other) as rally:
        await rally.get_ticket("US1")

    def sets(_: Request, answer: Answer) -> Answer:
        return attrs.evolve(answer, headers=(*answer.headers, *cookies))

    cookies = tuple(
        pair for one in other.answers for pair in one.headers if pair[0] == "Set-Cookie"
    )
    server = Guarded()
    server.change = sets
    async with client(server, username=None, password=None, api_key=KEY) as rally:
        await rally.update_points("US1", 5)
        await rally.update_points("US1", 8)
    assert len(cookies) == 1
    assert set(server.cookies()) == {None}
    assert server.refused == 0


async def test_two_logins_of_one_user_share_their_limit_and_no_session() -> None:
    server, ids, limits = Guarded(latency=1.0), await stories(12), Limits(clock=current_time)
    async with client(server, limits=limits) as one, client(server, limits=limits) as other:
        began = current_time()
        async with create_task_group() as tasks:
            for story in ids:
                tasks.start_soon(one.send, read(story))
                tasks.start_soon(other.send, read(story))
        assert current_time() - began == pytest.approx(2)
        await one.send(write(ids[0]))
        await other.send(write(ids[1]))
    assert (server.authorized, server.refused) == (2, 0)
    assert len({cookie for cookie in server.cookies() if cookie}) == 2


# What goes wrong


async def test_a_wrong_password_is_tried_once() -> None:
    server = Guarded()
    async with client(server, password="wrong") as rally:
        with pytest.raises(CredentialsError, match="401") as caught:
            await rally.get_ticket("US1")
    assert (caught.value.status, caught.value.effect) == (401, Effect.NONE)
    assert len(server.requests) == 1


async def test_of_many_writes_with_a_wrong_password_one_tries_it() -> None:
    """A server locks a user out after a few."""
    server, ids = Guarded(latency=1.0), await stories(12)
    failed: list[TwofoldError] = []

    async def fail(rally: AsyncRallyClient, story: int) -> None:
        with pytest.raises(CredentialsError) as caught:
            await rally.send(write(story))
        failed.append(caught.value)

    async with client(server, password="wrong") as rally:
        async with create_task_group() as tasks:
            for story in ids:
                tasks.start_soon(fail, rally, story)
        assert [request.target for request in server.requests] == [AUTHORIZE]
        assert {error.effect for error in failed} == {Effect.NONE}
        await sleep(20)
        await fail(rally, ids[0])
        assert len(server.requests) == 1
        await sleep(20)
        await fail(rally, ids[0])
        assert len(server.requests) == 2


async def test_a_password_that_is_good_after_all_is_used_at_once() -> None:
    match = {"path": "authorize"}
    faults = [{"match": match, "fault": "status", "status": 401, "nth": [1]}]
    server, ids = Guarded(faults=faults), await stories(1)
    async with client(server) as rally:
        with pytest.raises(CredentialsError, match="401"):
            await rally.send(write(ids[0]))
        with pytest.raises(CredentialsError, match="not tried again so soon"):
            await rally.send(write(ids[0]))
        await rally.send(read(ids[0]))
        await rally.send(write(ids[0]))
    assert (server.authorized, server.count("POST")) == (2, 1)


async def test_a_key_for_reading_writes_once_and_in_vain() -> None:
    server = Guarded(read_only_api_key="_for-reading")
    async with client(server, username=None, password=None, api_key="_for-reading") as rally:
        with pytest.raises(CredentialsError, match="401") as caught:
            await rally.update_points("US1", 5)
    assert caught.value.effect is Effect.NONE
    assert (server.count("POST"), server.authorized) == (1, 0)


TROUBLE = [
    ({"fault": "status", "status": 500}, ServerError),
    ({"fault": "status", "status": 503}, ServerError),
    ({"fault": "status", "status": 403}, CredentialsError),
    ({"fault": "html"}, ServerError),
    ({"fault": "empty"}, ServerError),
    ({"fault": "garbage"}, ServerError),
    ({"fault": "truncated"}, ServerError),
    ({"fault": "cut_after"}, ServerError),
    ({"fault": "errors", "errors": ["Validation error: no"]}, RequestError),
    ({"fault": "status", "status": 200, "body": '{"OperationResult": []}'}, ServerError),
    ({"fault": "status", "status": 200, "body": '["SecurityToken"]'}, ServerError),
]


@pytest.mark.parametrize(("fault", "error"), TROUBLE)
async def test_a_write_whose_token_cannot_be_had_is_not_sent(
    fault: dict[str, Any], error: type[TwofoldError]
) -> None:
    faults = [{"match": {"path": "authorize"}, **fault, "times": 3}]
    server, ids = Guarded(faults=faults), await stories(1)
    async with client(server, retry=Retry(attempts=3)) as rally:
        with pytest.raises(error) as caught:
            await rally.send(write(ids[0]))
        assert caught.value.effect is Effect.NONE
        assert caught.value.operation == "rally.update"
        assert server.count("POST") == 0
        assert server.authorized in (1, 3)
        assert shown(caught.value).isdisjoint(server.secrets())
        while server.authorized < 3:
            with pytest.raises(error):
                await rally.send(write(ids[0]))
        await rally.send(write(ids[0]))
    assert server.count("POST") == 1


async def test_a_cancelled_leader_leaves_the_token_to_who_waits() -> None:
    server, ids = Guarded(latency=1.0), await stories(3)
    done: list[int] = []

    async def patiently(rally: AsyncRallyClient, story: int, seconds: float) -> None:
        with move_on_after(seconds):
            await rally.send(write(story))
            done.append(story)

    async with client(server) as rally, create_task_group() as tasks:
        for story, seconds in zip(ids, (0.5, 100, 100), strict=True):
            tasks.start_soon(patiently, rally, story, seconds)
            await sleep(0.1)
    assert sorted(done) == sorted(ids[1:])
    assert (server.authorized, server.count("POST"), server.refused) == (2, 2, 0)


# Secrets


@pytest.mark.parametrize("status", [302, 307, 308])
async def test_nothing_of_a_login_goes_to_another_origin(status: int) -> None:
    """Though the server repeats the address with the token in it, as a balancer would."""

    def sends_away(request: Request, answer: Answer) -> Answer:
        if request.origin != HOME or request.method == ("POST" if status == 302 else "GET"):
            return answer
        return moved(status, f"http://elsewhere.example{request.target}")

    told: list[Event] = []
    server, ids = Guarded(), await stories(1)
    async with client(server, listener=told.append) as rally:
        await rally.send(write(ids[0]))
        server.change = sends_away
        with pytest.raises(CredentialsError, match="elsewhere"):
            await rally.send((read if status == 302 else write)(ids[0]))
    last = server.requests[-1]
    assert (last.origin.host, last.target.partition("?")[0]) == (
        "elsewhere.example",
        f"/slm/webservice/v2.0/hierarchicalrequirement/{ids[0]}",
    )
    assert field(last, "authorization") is field(last, "cookie") is None
    assert "shallowFetch=" in last.target
    assert "key=" not in last.target
    assert not any(secret in repr(attrs.astuple(last)) for secret in server.secrets())
    assert [event.signed for event in told if isinstance(event, Redirected)] == [False]


HOME = Origin("http", "rally.example", 80)


async def test_a_token_of_another_origin_is_not_used() -> None:
    def sends_away(request: Request, answer: Answer) -> Answer:
        if request.origin == HOME:
            return moved(302, f"http://elsewhere.example{request.target}")
        return Answer(
            200,
            (("Set-Cookie", "JSESSIONID=theirs"),),
            b'{"OperationResult": {"SecurityToken": "theirs"}}',
        )

    server, ids = Guarded(), await stories(1)
    server.change = sends_away
    async with client(server) as rally:
        with pytest.raises(ServerError, match="another server"):
            await rally.send(write(ids[0]))
        server.change = lambda _, answer: answer
        await rally.send(write(ids[0]))
    assert "theirs" not in repr([attrs.astuple(request) for request in server.requests])


async def test_a_redirect_within_the_server_has_one_token() -> None:
    def moves(request: Request, answer: Answer) -> Answer:
        if request.method == "POST" and "moved" not in request.target:
            return moved(307, f"{request.target}&moved=1")
        return answer

    server, ids = Guarded(), await stories(1)
    server.change = moves
    async with client(server) as rally:
        await rally.send(write(ids[0]))
    assert server.requests[-1].target.count("key=") == 1
    assert server.count("POST") == 2


async def test_no_secret_of_a_login_is_ever_shown(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Invariant 10.4: nor in an error or a file, though the server repeats it."""
    caplog.set_level(logging.DEBUG)
    told: list[Event] = []

    def listen(event: Event) -> None:
        told.append(event)
        raise RuntimeError("a listener")

    def repeats(request: Request, answer: Answer) -> Answer:
        sent = [request.target.rpartition("=")[2], str(field(request, "cookie"))]
        said = " ".join([PASSWORD, "a-brand-new-one", *sent, *request.headers[-1]])
        return Answer(500, (("Set-Cookie", "JSESSIONID=a-brand-new-one"),), said.encode())

    errors: list[TwofoldError] = []

    async def fail(operation: Operation[Any]) -> None:
        with pytest.raises(TwofoldError) as caught:
            await rally.send(operation)
        errors.append(caught.value)

    server, ids = Guarded(), await stories(3)
    cache, file = Cache(ttl={"rally.read": 60}), tmp_path / "cache.db"
    # In virtual time a file takes for ever.
    options = {"listener": listen, "cache": cache, "store": AsyncSQLiteStore(file), "timeout": None}
    async with client(server, **options) as rally:
        await rally.get_tickets()
        await rally.send(read(ids[0]))
        await rally.send(write(ids[0]))
        server.restart()
        await rally.send(write(ids[1]))
        server.change = repeats
        await fail(write(ids[2]))
        await fail(read(ids[2]))
        names = [repr(rally), repr(rally.__dict__), repr(rally._session)]
        line = rally._session.line
        names += [repr(line), repr(line.credentials), line.credentials.account]
        held = line.credentials
    secrets = {*server.secrets(), "a-brand-new-one"} - {KEY}
    assert len(secrets) >= 2 + 1 + 2
    texts = [*names, *map(repr, told), *map(str, told), caplog.text, repr(server.requests)]
    texts += [text for error in errors for text in shown(error)]
    texts += [repr(held.sign(server.requests[0])), repr(held.issuer)]
    texts += [path.read_bytes().decode("latin-1") for path in tmp_path.iterdir()]
    assert file.exists()
    for secret in secrets:
        assert not any(secret in text for text in texts)


def shown(error: BaseException) -> set[str]:
    """All that a program could print of an error."""
    texts = {str(error), repr(error), repr(vars(error)), repr(getattr(error, "attempts", ()))}
    for inner in (error.__cause__, error.__context__):
        texts |= shown(inner) if inner is not None else set()
    return texts


# Over a wire


@pytest.mark.real_time
@pytest.mark.parametrize("engine", ["direct", "httpx"])
async def test_both_engines_log_in_and_log_no_secret(
    rally_server: Mapping[str, str], engine: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with AsyncRallyClient(
        server=rally_server["url"],
        username=rally_server["username"],
        password=rally_server["password"],
        transport=engine,
    ) as rally:
        story = await rally.get_ticket("US60")
        for points in (3, 5):
            assert (await rally.update_points(story, points)).points == points
        me = await rally.get_current_user()
        secrets = rally._session.line.credentials.secrets
    assert me.user_name == rally_server["username"]
    assert len(secrets) >= 4
    # This server's password is a word that others log, too.
    assert not any(secret in caplog.text for secret in secrets if secret != "emulated")
