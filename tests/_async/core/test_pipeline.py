# SPDX-License-Identifier: MIT
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from lines import HOME, KEY, LOOK, POST, PUT, STEADY, Token
from scripted import Script, Scripted, ScriptedServer

from twofold._async.core.pipeline import Pipeline
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time, fail_after, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.credentials import Anonymous, HeaderKey
from twofold.core.options import Terms
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Reply, Request
from twofold.errors import (
    ArgumentError,
    ConflictError,
    CredentialsError,
    DeadlineError,
    Effect,
    NotFoundError,
    OutcomeUnknownError,
    RequestError,
    RetryLaterError,
    ServerError,
    TwofoldError,
)
from twofold.events import (
    AttemptEnded,
    AttemptStarted,
    CallEnded,
    CallStarted,
    Event,
    Redirected,
    RetryScheduled,
)

LOST = Scripted(cut="after")


def line(server: ScriptedServer, **options: Any) -> Pipeline:
    retry, timeout = options.pop("retry", STEADY), options.pop("timeout", Timeout())
    given: dict[str, Any] = {
        "origin": HOME,
        "base": "/api",
        "transport": InProcessTransport(server),
        "credentials": HeaderKey("X-Api-Key", KEY),
        "terms": Terms(timeout, retry),
        "concurrency": 3,
        "limits": Limits(clock=current_time),
    }
    return Pipeline(**{**given, **options})


async def test_a_call_returns_what_was_read() -> None:
    server = ScriptedServer(Scripted(body=b'{"points": 1.10}'))
    value = await line(server).send(LOOK)
    assert str(value["points"]) == "1.10"
    assert [request.url for request in server.requests] == ["https://api.example/api/thing"]


@pytest.mark.parametrize("operation", [LOOK, PUT])
async def test_a_lost_answer_is_asked_for_again(operation: Operation[Any]) -> None:
    server = ScriptedServer(LOST, LOST, Scripted())
    began = current_time()
    assert await line(server).send(operation) == {}
    assert current_time() - began == pytest.approx(0.1 + 0.2)
    assert len({request.body for request in server.requests}) == 1
    assert len(server.requests) == 3


async def test_a_write_that_counts_is_sent_once_and_its_outcome_is_unknown() -> None:
    server = ScriptedServer(LOST)
    with pytest.raises(OutcomeUnknownError, match=r"test\.post") as caught:
        await line(server).send(POST)
    assert len(server.requests) == 1
    assert caught.value.effect is Effect.UNKNOWN
    assert isinstance(caught.value.__cause__, ServerError)


@pytest.mark.parametrize(
    ("status", "operation", "error", "sent"),
    [
        (400, LOOK, RequestError, 1),
        (401, LOOK, CredentialsError, 1),
        (403, PUT, CredentialsError, 1),
        (404, LOOK, NotFoundError, 1),
        (408, LOOK, ServerError, 3),
        (408, POST, OutcomeUnknownError, 1),
        (409, PUT, ConflictError, 1),
        (412, PUT, ConflictError, 1),
        (421, POST, ServerError, 3),
        (425, POST, ServerError, 3),
        (429, LOOK, RetryLaterError, 3),
        (429, POST, RetryLaterError, 3),
        (500, LOOK, ServerError, 1),
        (500, PUT, ServerError, 1),
        (500, POST, OutcomeUnknownError, 1),
        (502, LOOK, ServerError, 3),
        (502, PUT, ServerError, 3),
        (502, POST, OutcomeUnknownError, 1),
        (503, LOOK, ServerError, 3),
        (524, PUT, ServerError, 3),
    ],
)
async def test_every_status_has_its_error_and_its_number_of_attempts(
    status: int, operation: Operation[Any], error: type[TwofoldError], sent: int
) -> None:
    server = ScriptedServer(Scripted(status, b"<h1>Sorry</h1>"))
    with pytest.raises(error) as caught:
        await line(server).send(operation)
    assert type(caught.value) is error
    assert len(server.requests) == sent
    assert caught.value.status == status
    assert caught.value.operation == operation.name
    assert [one.status for one in caught.value.attempts] == [status] * sent
    assert "Sorry" in caught.value.message


async def test_the_last_real_error_is_raised_with_the_history_of_all() -> None:
    server = ScriptedServer(Scripted(502), LOST, Scripted(404))
    with pytest.raises(NotFoundError) as caught:
        await line(server).send(LOOK)
    assert [one.status for one in caught.value.attempts] == [502, None, 404]
    assert [one.waited for one in caught.value.attempts] == pytest.approx([0, 0.1, 0.2])
    assert caught.value.effect is Effect.NONE


async def test_a_write_whose_first_answer_was_lost_has_an_unknown_effect() -> None:
    with pytest.raises(NotFoundError) as caught:
        await line(ScriptedServer(LOST, Scripted(404))).send(PUT)
    assert caught.value.effect is Effect.UNKNOWN


async def test_a_hint_of_the_server_is_waited_for() -> None:
    server = ScriptedServer(Scripted(429, headers=(("Retry-After", "7"),)), Scripted())
    began = current_time()
    await line(server).send(LOOK)
    assert current_time() - began == pytest.approx(7 + 0.7)


async def test_a_hint_beyond_patience_fails_at_once_and_says_when_to_come_back() -> None:
    server = ScriptedServer(Scripted(429, headers=(("Retry-After", "3600"),)))
    with pytest.raises(RetryLaterError) as caught:
        await line(server).send(LOOK)
    assert len(server.requests) == 1
    assert caught.value.retry_at is not None
    assert caught.value.retry_at.tzinfo is not None


async def test_the_whole_call_ends_at_its_deadline() -> None:
    """Invariant 1.1, Invariant 1.3"""
    server = ScriptedServer(Scripted(after=10))
    began = current_time()
    with pytest.raises(DeadlineError, match=r"test\.look") as caught:
        await line(server, timeout=Timeout(total=4)).send(LOOK)
    assert current_time() - began == pytest.approx(4)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.effect is Effect.NONE
    assert server.left_early == 1


async def test_a_write_under_way_at_the_deadline_has_an_unknown_effect() -> None:
    with pytest.raises(DeadlineError) as caught:
        await line(ScriptedServer(Scripted(after=10)), timeout=Timeout(total=4)).send(POST)
    assert caught.value.effect is Effect.UNKNOWN


async def test_a_pause_that_would_outlast_the_deadline_is_not_begun() -> None:
    server = ScriptedServer(Scripted(429, headers=(("Retry-After", "30"),)))
    began = current_time()
    with pytest.raises(RetryLaterError):
        await line(server, timeout=Timeout(total=20)).send(LOOK)
    assert current_time() == began


async def test_the_callers_own_deadline_bounds_pauses_too() -> None:
    server = ScriptedServer(Scripted(429, headers=(("Retry-After", "30"),)))
    began = current_time()
    with pytest.raises(RetryLaterError), fail_after(20):
        await line(server).send(LOOK)
    assert current_time() == began


async def test_the_callers_own_deadline_stays_a_cancellation_of_its_own() -> None:
    """Invariant 1.3, Rule 14.7"""
    with pytest.raises(TimeoutError) as caught, fail_after(2):
        await line(ScriptedServer(Scripted(after=10))).send(LOOK)
    assert not isinstance(caught.value, DeadlineError)


async def test_one_attempt_that_takes_too_long_is_given_up_and_repeated() -> None:
    server = ScriptedServer(Scripted(after=50), Scripted(after=1))
    began = current_time()
    await line(server, timeout=Timeout(total=100, attempt=5)).send(LOOK)
    assert current_time() - began == pytest.approx(5 + 0.1 + 1)


async def test_silence_is_a_lost_answer() -> None:
    server = ScriptedServer(Scripted(after=50))
    with pytest.raises(ServerError, match="silence"):
        await line(server, timeout=Timeout(read=5)).send(LOOK)
    assert len(server.requests) == 3


async def test_no_retry_means_one_attempt() -> None:
    server = ScriptedServer(LOST)
    with pytest.raises(ServerError):
        await line(server, retry=None).send(LOOK)
    assert len(server.requests) == 1


class Counting(ScriptedServer):
    """Knows how many requests are under way at once."""

    def answer(self, request: Request, now: float) -> Scripted:
        self.ends = [end for end in getattr(self, "ends", []) if end > now]
        answer = super().answer(request, now)
        self.ends.append(now + answer.after)
        self.most_inside = max(self.most_inside, len(self.ends))
        return answer


async def test_never_more_requests_at_once_than_the_gate_admits() -> None:
    server = Counting(Scripted(after=1))
    sender = line(server)
    began = current_time()
    async with create_task_group() as tasks:
        for _ in range(9):
            tasks.start_soon(sender.send, LOOK)
    assert server.most_inside == 3
    assert current_time() - began == pytest.approx(3)


async def test_clients_of_one_account_share_their_slots_and_others_do_not() -> None:
    server = Counting(Scripted(after=1))
    limits = Limits(clock=current_time)
    other = HeaderKey("X-Api-Key", "_somebody_else")
    senders = [
        line(server, limits=limits),
        line(server, limits=limits),
        line(server, limits=limits, credentials=other),
    ]
    async with create_task_group() as tasks:
        for sender in senders * 4:
            tasks.start_soon(sender.send, LOOK)
    assert server.most_inside == 6


async def test_nothing_is_held_during_a_pause() -> None:
    """Invariant 0.2"""
    server = ScriptedServer(LOST, Scripted(after=0.01), Scripted())
    sender = line(server, concurrency=1, retry=Retry(base=10, uniform=lambda low, high: high))
    began = current_time()
    ended: list[float] = []

    async def call() -> None:
        await sender.send(LOOK)
        ended.append(current_time() - began)

    async with create_task_group() as tasks:
        tasks.start_soon(call)
        await sleep(1)
        tasks.start_soon(call)
    assert ended == pytest.approx([1.01, 10])


async def test_a_cancelled_call_gives_its_slot_back() -> None:
    """Invariant 0.1"""
    server = ScriptedServer(Scripted(after=100), Scripted())
    sender = line(server, concurrency=1)
    with move_on_after(1):
        await sender.send(LOOK)
    assert server.left_early == 1
    assert await sender.send(LOOK) == {}
    assert sender.member.gate.statistics(sender.credentials.account).inside == 0


async def test_credentials_are_signed_for_their_own_origin_only() -> None:
    away = Scripted(302, headers=(("Location", "https://elsewhere.example/x?y=1"),))
    server = ScriptedServer(away, Scripted())
    await line(server).send(LOOK)
    assert [str(request.origin) for request in server.requests] == [
        "https://api.example",
        "https://elsewhere.example",
    ]
    assert server.field("x-api-key") == [KEY, None]


async def test_a_redirect_at_home_is_signed_again() -> None:
    server = ScriptedServer(Scripted(307, headers=(("Location", "/other"),)), Scripted())
    await line(server).send(PUT)
    assert server.field("x-api-key") == [KEY, KEY]
    assert [(request.method, request.target, request.body) for request in server.requests] == [
        ("PUT", "/api/thing", b"x"),
        ("PUT", "/other", b"x"),
    ]


async def test_see_other_drops_the_body() -> None:
    server = ScriptedServer(Scripted(303, headers=(("Location", "/done"),)), Scripted())
    await line(server).send(POST)
    assert [(request.method, request.body) for request in server.requests] == [
        ("POST", b"y"),
        ("GET", b""),
    ]


@pytest.mark.parametrize(
    "place", ["http://api.example/", "ftp://x/", "https://u:p@x/", "https://["]
)
async def test_a_redirect_to_an_unsafe_place_is_not_followed(place: str) -> None:
    server = ScriptedServer(Scripted(302, headers=(("Location", place),)))
    with pytest.raises(RequestError, match="not followed"):
        await line(server).send(LOOK)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302])
async def test_a_write_that_is_moved_is_not_followed_and_may_have_been_done(status: int) -> None:
    moved = Scripted(status, headers=(("Location", "/login"),))
    server = ScriptedServer(moved)
    with pytest.raises(OutcomeUnknownError, match="not followed") as caught:
        await line(server).send(POST)
    assert caught.value.effect is Effect.UNKNOWN
    with pytest.raises(RequestError, match="not followed") as repeatable:
        await line(ScriptedServer(moved)).send(PUT)
    assert repeatable.value.effect is Effect.UNKNOWN
    assert len(server.requests) == 1


SEE_OTHER = Scripted(303, headers=(("Location", "/done"),))


@pytest.mark.parametrize("write", [POST, PUT])
@pytest.mark.parametrize(
    "trouble", [Scripted(429, headers=(("Retry-After", "1"),)), Scripted(503), LOST, Scripted(401)]
)
async def test_a_write_that_was_answered_with_where_to_read_on_is_not_sent_again(
    write: Operation[Any], trouble: Scripted
) -> None:
    server = ScriptedServer(SEE_OTHER, trouble, Scripted(body=b'{"token": "new"}'))
    assert await line(server, credentials=Token("old")).send(write) == {"token": "new"}
    assert [(request.method, request.target) for request in server.requests[:2]] == [
        (write.endpoint.method, "/api/thing"),
        ("GET", "/done"),
    ]
    assert [request.method for request in server.requests].count(write.endpoint.method) == 1 + (
        write is POST and trouble.status == 401  # the token's own
    )


@pytest.mark.parametrize(
    "answer",
    [Scripted(404), Scripted(500), Scripted(429), LOST, Scripted(302), Scripted(body=b"{")],
)
async def test_what_became_of_a_write_is_unknown_if_what_it_leads_to_cannot_be_read(
    answer: Scripted,
) -> None:
    server = ScriptedServer(SEE_OTHER, answer)
    with pytest.raises(OutcomeUnknownError) as caught:
        await line(server).send(POST)
    assert caught.value.effect is Effect.UNKNOWN
    assert [request.method for request in server.requests].count("POST") == 1


async def test_the_time_that_ends_after_a_write_was_answered_leaves_it_unknown() -> None:
    server = ScriptedServer(SEE_OTHER, Scripted(after=99))
    with pytest.raises(DeadlineError) as caught:
        await line(server, timeout=Timeout(total=5)).send(POST)
    assert caught.value.effect is Effect.UNKNOWN
    assert [request.method for request in server.requests].count("POST") == 1


async def test_redirects_come_to_an_end() -> None:
    server = ScriptedServer(Scripted(302, headers=(("Location", "/again"),)))
    with pytest.raises(ServerError, match="more than 10"):
        await line(server).send(LOOK)
    assert len(server.requests) == 11


async def test_no_secret_is_in_an_error_an_event_or_a_repr() -> None:
    """Invariant 10.4"""
    echo = Scripted(401, f"your key {KEY} is wrong, your key {KEY[:12]}".encode())
    told: list[Event] = []
    sender = line(ScriptedServer(echo), listener=told.append)
    with pytest.raises(CredentialsError) as caught:
        await sender.send(LOOK)
    shown = [str(caught.value), repr(caught.value), repr(caught.value.attempts), repr(sender)]
    shown += [repr(event) for event in told]
    assert not any(KEY in text or KEY[:12] in text for text in shown)
    assert KEY not in caught.value.args[0]


async def test_a_body_that_is_not_json_is_the_servers_failure_and_of_unknown_effect() -> None:
    page = Scripted(body=b"<html><body>Maintenance</body></html>")
    with pytest.raises(ServerError, match="Maintenance"):
        await line(ScriptedServer(page)).send(LOOK)
    with pytest.raises(OutcomeUnknownError, match="Maintenance"):
        await line(ScriptedServer(page)).send(POST)


async def test_an_answer_of_a_shape_that_nobody_foresaw_is_typed() -> None:
    def picky(reply: Reply) -> Any:
        return reply.json()["missing"]["deeper"]

    operation = Operation(Endpoint("test.picky", "GET", "/", picky), "/")
    with pytest.raises(ServerError, match="unexpected shape"):
        await line(ScriptedServer(Scripted(body=b"[]"))).send(operation)


async def test_the_answer_itself_can_be_had() -> None:
    reply = await line(ScriptedServer(Scripted(body=b"[1]", headers=(("X", "y"),)))).raw(LOOK)
    assert (reply.status, reply.body, reply.headers.get("x")) == (200, b"[1]", "y")
    with pytest.raises(NotFoundError):
        await line(ScriptedServer(Scripted(404))).raw(LOOK)


async def test_a_listener_hears_the_whole_call_in_order() -> None:
    told: list[Event] = []
    moved = Scripted(302, headers=(("Location", "/b"),))
    await line(ScriptedServer(LOST, moved, Scripted()), listener=told.append).send(LOOK)
    assert [type(event) for event in told] == [
        CallStarted,
        AttemptStarted,
        AttemptEnded,
        RetryScheduled,
        AttemptStarted,
        Redirected,
        AttemptStarted,
        AttemptEnded,
        CallEnded,
    ]
    assert len({event.call for event in told}) == 1
    assert [event.attempt for event in told] == [0, 1, 1, 1, 2, 2, 2, 2, 2]


async def test_a_listener_that_raises_is_never_felt(caplog: pytest.LogCaptureFixture) -> None:
    def broken(event: Event) -> None:
        raise RuntimeError("listener")

    assert await line(ScriptedServer(), listener=broken).send(LOOK) == {}
    assert "a listener failed" in caplog.text


async def test_prepare_may_add_a_field_to_every_request() -> None:
    def traced(request: Request) -> Request:
        return attrs.evolve(request, headers=(*request.headers, ("traceparent", "00-1")))

    server = ScriptedServer(LOST, Scripted())
    await line(server, prepare=traced).send(LOOK)
    assert server.field("traceparent") == ["00-1", "00-1"]


async def test_a_field_that_would_end_early_is_refused_before_anything_is_sent() -> None:
    server = ScriptedServer()
    with pytest.raises(ArgumentError):
        await line(server).send(attrs.evolve(LOOK, headers=(("X", "a\r\nY: b"),)))
    assert server.requests == []


def issuing(valid: Callable[[str], bool]) -> Script:
    """Issue tokens t1, t2, ... and answer those that are valid."""
    issued = 0

    def answer(request: Request) -> Scripted:
        nonlocal issued
        if request.target == "/api/token":
            issued += 1
            return Scripted(body=b'{"token": "t%d"}' % issued, after=1)
        token = dict(request.headers).get("Authorization", "")
        return Scripted(after=1) if valid(token) else Scripted(401)

    return answer


async def test_credentials_are_made_ready_before_the_gate_and_only_once() -> None:
    """Invariant 10.1"""
    server = ScriptedServer(issuing(lambda token: token == "t1"))
    token = Token()
    sender = line(server, credentials=token, concurrency=10)
    began = current_time()
    async with create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(sender.send, LOOK)
    assert token.renewals == 1
    assert current_time() - began == pytest.approx(2)
    assert server.field("x-api-key") == [KEY, None, None, None, None, None]


async def test_a_refused_token_is_renewed_once_and_the_call_sent_again() -> None:
    server = ScriptedServer(issuing(lambda token: token == "t2"))
    token = Token(token="old")
    sender = line(server, credentials=token)
    with pytest.raises(CredentialsError) as caught:
        await sender.send(POST)
    assert token.renewals == 1
    assert len(caught.value.attempts) == 1
    token.token = ""
    assert await sender.send(POST) == {}


async def test_a_renewal_that_fails_fails_the_call_and_the_next_caller_tries() -> None:
    server = ScriptedServer(Scripted(401), issuing(lambda token: True))
    token = Token()
    sender = line(server, credentials=token)
    with pytest.raises(CredentialsError):
        await sender.send(LOOK)
    assert await sender.send(LOOK) == {}
    assert token.renewals == 2


async def test_a_cancelled_renewal_is_taken_over_by_the_next_in_line() -> None:
    """Invariant 10.3"""
    server = ScriptedServer(issuing(lambda token: True))
    sender = line(server, credentials=Token())
    done: list[str] = []

    async def call(name: str, patience: float) -> None:
        with move_on_after(patience):
            await sender.send(LOOK)
            done.append(name)

    async with create_task_group() as tasks:
        tasks.start_soon(call, "impatient", 0.5)
        await sleep(0.1)
        tasks.start_soon(call, "patient", 100)
    assert done == ["patient"]


async def test_another_account_goes_the_same_line_with_its_own_slots() -> None:
    server = ScriptedServer()
    sender = line(server)
    await sender.acting_as(Anonymous()).send(LOOK)
    assert server.field("x-api-key") == [None]
    assert sender.acting_as(Anonymous()).member.gate is sender.member.gate
