# SPDX-License-Identifier: MIT
"""Answers that are read as they come, along the whole line."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import suppress
from threading import Event as Signal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import Scripted, ScriptedServer
from wire_server import Line, wire_server

from twofold._async.core.client import AsyncClient
from twofold._async.core.pipeline import Pipeline
from twofold._async.core.streaming import AsyncStream
from twofold._async.core.transport.in_process import PIECE, InProcessTransport
from twofold._runtime.waiting.scopes import current_time, fail_after, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.cache.settings import Cache
from twofold.core.policy.adaptive import Adaptive
from twofold.core.policy.breaker import Breaker
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Reply, Safety
from twofold.core.text.lines import Splitter
from twofold.core.uploads import upload
from twofold.core.wire.verdict import refusal
from twofold.errors import (
    ArgumentError,
    CredentialsError,
    DeadlineError,
    NotEnteredError,
    NotFoundError,
    OutcomeUnknownError,
    RequestError,
    ServerError,
)
from twofold.events import (
    AttemptEnded,
    CallEnded,
    Event,
    Refusal,
    RetryRefused,
    RetryScheduled,
    Throttled,
)


def read(reply: Reply) -> bytes:
    refused = refusal(reply)
    if refused is not None:
        raise refused
    return reply.body


LOOK = Operation(Endpoint("test.look", "GET", "/thing", read), "/thing")
POST = Operation(Endpoint("test.post", "POST", "/thing", read, Safety.ONCE), "/thing", body=b"y")
PUT = Endpoint("test.put", "PUT", "/thing", read, Safety.REPEATABLE)
BODY = bytes(range(256)) * 1000


def client(server: ScriptedServer, **options: Any) -> AsyncClient:
    given: dict[str, Any] = {
        "transport": InProcessTransport(server),
        "limits": Limits(clock=current_time),
        "retry": Retry(uniform=lambda low, high: high),
        "concurrency": 2,
    }
    return AsyncClient("https://api.example/api", **{**given, **options})


async def drawn(stream: AsyncStream) -> bytes:
    return b"".join([piece async for piece in stream])


async def test_a_body_is_read_piece_by_piece() -> None:
    server = ScriptedServer(Scripted(body=BODY, headers=(("X-Kind", "large"),)))
    api = client(server)
    async with api.open(LOOK) as answer:
        assert (answer.status, answer.headers.get("x-kind")) == (200, "large")
        pieces = [piece async for piece in answer]
    assert b"".join(pieces) == BODY
    assert max(map(len, pieces)) == PIECE
    assert [request.url for request in server.requests] == ["https://api.example/api/thing"]


async def test_a_slot_is_held_until_the_body_is_at_its_end() -> None:
    """Invariant 0.1."""
    api = client(ScriptedServer(Scripted(body=BODY)))
    async with api.open(LOOK) as answer:
        assert api.statistics().inside == 1
        assert await answer.__anext__()
        assert api.statistics().inside == 1
        await drawn(answer)
        assert api.statistics().inside == 0
    assert api.statistics().inside == 0


async def test_a_slot_is_given_back_with_the_block_however_it_is_left() -> None:
    """Invariant 0.1."""
    api = client(ScriptedServer(Scripted(body=BODY)))
    async with api.open(LOOK) as answer:
        async for _ in answer:
            break
    assert api.statistics().inside == 0
    with pytest.raises(KeyError, match="mine"):
        async with api.open(LOOK):
            raise KeyError("mine")
    assert api.statistics().inside == 0
    with move_on_after(1):
        async with api.open(LOOK):
            await sleep(2)
    assert api.statistics().inside == 0


async def test_streams_that_are_read_hold_up_others_at_the_gate() -> None:
    """Invariant 12.2."""
    api = client(ScriptedServer(Scripted(body=BODY)))
    most = 0

    async def follow() -> None:
        nonlocal most
        async with api.open(LOOK) as answer:
            async for _ in answer:
                most = max(most, api.statistics().inside)
                await sleep(1)

    async with create_task_group() as tasks:
        for _ in range(6):
            tasks.start_soon(follow)
    assert most == 2
    assert api.statistics().inside == 0


async def test_what_is_left_over_can_be_read_at_once() -> None:
    api = client(ScriptedServer(Scripted(body=BODY)))
    async with api.open(LOOK) as answer:
        first = await answer.__anext__()
        assert first + await answer.read() == BODY
        assert await answer.read() == b""
    async with api.open(LOOK) as answer:
        with pytest.raises(ServerError, match="more than 100 bytes"):
            await answer.read(most=100)


async def test_nothing_can_be_read_once_the_block_is_left() -> None:
    api = client(ScriptedServer(Scripted(body=BODY)))
    async with api.open(LOOK) as answer:
        pass
    with pytest.raises(NotEnteredError):
        await answer.read()


@pytest.mark.parametrize(
    ("status", "error", "sent"), [(404, NotFoundError, 1), (401, CredentialsError, 1)]
)
async def test_an_answer_without_success_is_the_error_of_its_operation(
    status: int, error: type[Exception], sent: int
) -> None:
    server = ScriptedServer(Scripted(status, b"<h1>Sorry</h1>"))
    api = client(server)
    with pytest.raises(error, match=r"Sorry.*test\.look"):
        async with api.open(LOOK):
            raise AssertionError("the block began")
    assert len(server.requests) == sent
    assert api.statistics().inside == 0


async def test_what_fails_before_the_body_is_tried_again() -> None:
    events: list[Event] = []
    server = ScriptedServer(Scripted(502), Scripted(cut="after"), Scripted(body=BODY))
    api = client(server, listener=events.append)
    began = current_time()
    async with api.open(LOOK) as answer:
        assert current_time() - began == pytest.approx(0.1 + 0.2)
        assert await drawn(answer) == BODY
    assert len(server.requests) == 3
    assert [event.status for event in events if isinstance(event, AttemptEnded)] == [502, None, 200]
    assert len([event for event in events if isinstance(event, RetryScheduled)]) == 2
    (ended,) = [event for event in events if isinstance(event, CallEnded)]
    assert ended.error is None


async def test_a_write_that_counts_is_opened_once() -> None:
    server = ScriptedServer(Scripted(cut="after"))
    with pytest.raises(OutcomeUnknownError):
        async with client(server).open(POST):
            pass
    assert len(server.requests) == 1


async def test_a_redirect_is_followed_before_the_body() -> None:
    server = ScriptedServer(
        Scripted(307, b"there", headers=(("Location", "/api/other"),)), Scripted(body=b"here")
    )
    async with client(server).open(LOOK) as answer:
        assert await answer.read() == b"here"
    assert [request.target for request in server.requests] == ["/api/thing", "/api/other"]


async def test_an_answer_that_its_operation_takes_for_none_of_error_can_be_read() -> None:
    lenient = Operation(Endpoint("test.lenient", "GET", "/thing", lambda reply: reply), "/thing")
    async with client(ScriptedServer(Scripted(404, b"none"))).open(lenient) as answer:
        assert (answer.status, await answer.read()) == (404, b"none")
    async with client(ScriptedServer(Scripted(404, b"x" * 2_000_000))).open(lenient) as answer:
        with pytest.raises(ServerError, match="more than 1048576"):
            await answer.read()


async def test_the_time_allowed_counts_until_the_header_is_there() -> None:
    """Invariant 1.1, Invariant 1.3."""
    api = client(ScriptedServer(Scripted(after=5.0)))
    with pytest.raises(DeadlineError):
        async with api.open(LOOK, timeout=2):
            pass
    assert current_time() == pytest.approx(2)
    async with api.open(LOOK, timeout=6) as answer:
        await sleep(100)
        assert await answer.read() == b"{}"
    assert api.statistics().inside == 0


async def test_a_limit_is_heard_of_before_the_body_is_read() -> None:
    events: list[Event] = []
    told = Scripted(
        body=BODY, headers=(("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "30"))
    )
    api = client(ScriptedServer(told, Scripted()), listener=events.append)
    began = current_time()
    async with api.open(LOOK) as answer:
        assert await api.send(LOOK) == b"{}"
        assert current_time() - began == pytest.approx(30, abs=1.1)
        assert await drawn(answer) == BODY
    assert not [event for event in events if isinstance(event, Throttled)]


async def test_an_adaptive_limit_and_a_breaker_count_a_stream_once() -> None:
    """Invariant 0.1, Invariant 5.2."""
    api = client(ScriptedServer(Scripted(body=BODY)), concurrency=Adaptive(), breaker=Breaker())
    for _ in range(5):
        async with api.open(LOOK) as answer:
            assert api.statistics().inside == 1
            await answer.__anext__()
    member = api._line.member
    assert member.ceiling is not None
    assert member.ceiling.inside == 0
    assert api.statistics().inside == 0


async def test_after_a_write_that_was_opened_the_cache_finds_nothing_older() -> None:
    kept = Scripted(body=b"old", headers=(("Cache-Control", "max-age=60"),))
    server = ScriptedServer(kept, Scripted(body=b"done"), Scripted(body=b"new"))
    api = client(server, cache=Cache())
    assert await api.send(LOOK) == await api.send(LOOK) == b"old"
    async with api.open(PUT.operation(body=b"x")) as answer:
        assert await answer.read() == b"done"
    assert await api.send(LOOK) == b"new"


# Lines.


NEWLINES = re.compile(rb"\r\n|\r|\n")


@given(st.lists(st.sampled_from([b"\r", b"\n", b"a", b"bc", "\u00e9\u2028".encode()])), st.data())
async def test_lines_are_those_of_the_whole_however_it_is_cut(
    pieces: list[bytes], data: st.DataObject
) -> None:
    body = b"".join(pieces)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(body)))))
    splitter = Splitter("utf-8", "strict", 1000)
    lines: list[str] = []
    for begin, end in zip([0, *cuts], [*cuts, len(body)], strict=True):
        lines += splitter.feed(body[begin:end])
    lines += splitter.end()
    assert lines == [line.decode() for line in body.splitlines()]
    assert len(lines) in (len(NEWLINES.split(body)), len(NEWLINES.split(body)) - 1)


async def test_lines_come_as_they_are_complete() -> None:
    api = client(ScriptedServer(Scripted(body=b"one\r\ntwo\n\nfour\rfive")))
    async with api.open(LOOK) as answer:
        assert [line async for line in answer.lines()] == ["one", "two", "", "four", "five"]
    async with api.open(LOOK) as answer:
        async for line in answer.lines():
            assert line == "one"
            break


@pytest.mark.parametrize(
    ("encoding", "errors", "lines"),
    [("utf-8", "replace", ["caf\ufffd"]), ("latin-1", "strict", ["caf\u00e9"])],
)
async def test_an_encoding_is_the_readers_to_say(
    encoding: str, errors: str, lines: list[str]
) -> None:
    api = client(ScriptedServer(Scripted(body=b"caf\xe9\n")))
    async with api.open(LOOK) as answer:
        assert [line async for line in answer.lines(encoding=encoding, errors=errors)] == lines


async def test_what_cannot_be_a_line_is_an_error() -> None:
    api = client(ScriptedServer(Scripted(body=b"caf\xe9\nand more of it")))
    async with api.open(LOOK) as answer:
        with pytest.raises(ServerError, match="not of the encoding utf-8"):
            await answer.lines().__anext__()
    async with api.open(LOOK) as answer:
        with pytest.raises(ServerError, match="longer than 10 characters"):
            assert [line async for line in answer.lines(encoding="latin-1", most=10)] == []
    async with api.open(LOOK) as answer:
        with pytest.raises(ArgumentError, match="morse"):
            answer.lines(encoding="morse")


# Bodies that are sent piece by piece.  Workers draw them, which virtual time takes for idleness:
# so there are no deadlines.


async def test_every_attempt_sends_the_same_body() -> None:
    """Invariant 2.5."""
    server = ScriptedServer(Scripted(502), Scripted(cut="after"), Scripted(body=b"done"))
    file = io.BytesIO(b"head" + BODY)
    file.seek(4)
    assert await client(server, timeout=None).send(PUT.operation(body=upload(file))) == b"done"
    assert [request.body for request in server.requests] == [BODY] * 3


async def test_what_comes_from_an_iterator_is_sent_once_and_the_error_says_so() -> None:
    """Invariant 2.5."""
    events: list[Event] = []
    server = ScriptedServer(Scripted(502))
    body = upload(iter([b"a", b"b"]))
    with pytest.raises(ServerError) as caught:
        await client(server, timeout=None, listener=events.append).send(PUT.operation(body=body))
    assert len(server.requests) == 1
    assert "its body came from an iterator: it cannot be sent again" in caught.value.__notes__
    (refused,) = [event for event in events if isinstance(event, RetryRefused)]
    assert refused.reason is Refusal.BODY


async def test_an_iterator_follows_no_redirect() -> None:
    server = ScriptedServer(Scripted(307, headers=(("Location", "/api/other"),)))
    with pytest.raises(RequestError, match="cannot be sent again"):
        await client(server, timeout=None).send(PUT.operation(body=upload(iter([b"a"]))))
    assert len(server.requests) == 1


async def test_a_pipe_that_was_not_drawn_from_is_sent_by_a_later_attempt() -> None:
    server = ScriptedServer(Scripted(body=b"done"))
    api, busy = client(server, concurrency=1, timeout=None), Timeout(total=0.5, attempt=0.5)
    body = upload(iter([b"a", b"b"]))
    async with api.open(LOOK):
        with pytest.raises(DeadlineError):
            await api.send(PUT.operation(body=body), timeout=busy)
    assert await api.send(PUT.operation(body=body)) == b"done"
    assert server.requests[-1].body == b"ab"


async def test_what_drawing_raises_leaves_the_call_as_it_is() -> None:
    def pieces() -> Any:
        yield b"a"
        raise OSError("the disk is gone")

    api = client(ScriptedServer(), timeout=None)
    with pytest.raises(OSError, match="the disk is gone"):
        await api.send(PUT.operation(body=upload(pieces())))
    assert api.statistics().inside == 0


async def test_progress_tells_what_was_sent_and_never_falls() -> None:
    """Invariant 12.6."""
    seen: list[tuple[int, int | None]] = []
    body = upload(BODY * 5, progress=lambda progress: seen.append((progress.done, progress.total)))
    server = ScriptedServer(Scripted(502), Scripted(body=b"done"))
    await client(server).send(PUT.operation(body=body))
    assert seen[0] == (0, len(BODY) * 5)
    assert seen[-1] == (len(BODY) * 5, len(BODY) * 5)
    assert seen == sorted(seen)


# Real sockets.

ENGINES = ["direct", "httpx"]


def real(server: Any, engine: str, **options: Any) -> AsyncClient:
    given: dict[str, Any] = {
        "transport": engine,
        "proxy": None,
        "limits": Limits(),
        "retry": Retry(base=0.001, throttle_base=0.001),
    }
    return AsyncClient(str(server.origin), **{**given, **options})


LARGE = 64 * 1024 * 1024


def endless(sent: list[int]) -> Callable[[Line], None]:
    def talk(line: Line) -> None:
        line.head()
        line.say(f"HTTP/1.1 200 OK\nContent-Length: {LARGE}")
        for _ in range(LARGE // 65536):
            line.wire.sendall(b"x" * 65536)
            sent.append(65536)

    return talk


@pytest.mark.real_time
@pytest.mark.parametrize("engine", ENGINES)
async def test_a_server_cannot_send_far_ahead_of_a_slow_reader(engine: str) -> None:
    sent: list[int] = []
    with wire_server(endless(sent)) as server:
        api = real(server, engine)
        async with api.open(LOOK) as answer:
            async for _ in answer:
                for _ in range(100):
                    before = sum(sent)
                    await sleep(0.02)
                    if before == sum(sent):
                        break
                break
            assert 0 < sum(sent) < LARGE / 2
        assert api.statistics().inside == 0
        await api.aclose()


@pytest.mark.real_time
@pytest.mark.parametrize("engine", ENGINES)
async def test_a_body_that_breaks_off_is_an_error_of_the_call(engine: str) -> None:
    events: list[Event] = []

    def talk(line: Line) -> None:
        line.head()
        line.say("HTTP/1.1 200 OK\nContent-Length: 10", b"12345")

    with wire_server(talk) as server:
        api = real(server, engine, listener=events.append)
        async with api.open(LOOK) as answer:
            assert await answer.__anext__() == b"12345"
            with pytest.raises(ServerError, match=r"lost.*test\.look") as caught:
                await answer.__anext__()
            with pytest.raises(ServerError, match="lost"):
                await answer.read()
            assert api.statistics().inside == 0
        assert server.connections == 1
        await api.aclose()
    assert len(caught.value.attempts) == 1
    (ended,) = [event for event in events if isinstance(event, CallEnded)]
    assert ended.error is caught.value
    assert [event.error for event in events if isinstance(event, AttemptEnded)] == [caught.value]


@pytest.mark.real_time
@pytest.mark.parametrize("engine", ENGINES)
async def test_a_silence_within_the_body_is_bounded(engine: str) -> None:
    """Invariant 1.1."""

    def talk(line: Line) -> None:
        line.head()
        line.say("HTTP/1.1 200 OK\nContent-Length: 10", b"12345")
        line.head()

    with wire_server(talk) as server:
        api = real(server, engine, timeout=Timeout(read=0.2))
        async with api.open(LOOK) as answer:
            with pytest.raises(ServerError, match="lost"):
                await answer.read()
        await api.aclose()


def receiving(line: Line) -> None:
    while head := line.head():
        name = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        body = line.chunks() if name is None else line.body(int(name[1]))
        text = f"{len(body)} {hash(body)} {'chunks' if name is None else 'length'}".encode()
        line.say(f"HTTP/1.1 200 OK\nContent-Length: {len(text)}", text)


@pytest.mark.real_time
@pytest.mark.parametrize("engine", ENGINES)
async def test_a_body_is_framed_by_what_is_known_of_its_length(engine: str) -> None:
    body = BODY * 20

    def pieces() -> Any:
        for at in range(0, len(body), 100_000):
            yield body[at : at + 100_000]

    with wire_server(receiving) as server:
        api = real(server, engine)
        told = f"{len(body)} {hash(body)}"
        for given, framed in [
            (upload(body), "length"),
            (upload(io.BytesIO(body)), "length"),
            (upload(pieces()), "chunks"),
            (upload(pieces(), length=len(body)), "length"),
        ]:
            assert await api.send(PUT.operation(body=given)) == f"{told} {framed}".encode()
        assert (await api.send(PUT.operation(body=upload(b"")))).startswith(b"0 ")
        assert (await api.send(PUT.operation(body=upload(iter([]))))).startswith(b"0 ")
        assert server.connections == 1
        await api.aclose()


def refusing(line: Line) -> None:
    line.head()
    line.body(100_000)
    line.say("HTTP/1.1 413 Content Too Large\nContent-Length: 5", b"sorry")
    with suppress(OSError):
        while line.wire.recv(1 << 20):
            pass


@pytest.mark.real_time
@pytest.mark.parametrize("engine", ENGINES)
async def test_a_server_that_refuses_in_the_midst_of_a_body_is_heard(engine: str) -> None:
    def pieces() -> Any:
        for _ in range(2000):
            yield b"x" * 100_000

    with wire_server(refusing) as server:
        api = real(server, engine)
        with pytest.raises(RequestError, match=r"413.*sorry"):
            await api.send(PUT.operation(body=upload(pieces(), length=200_000_000)))
        await api.aclose()


@pytest.mark.real_time
async def test_a_server_that_refuses_and_listens_no_more_is_heard() -> None:
    drawn: list[int] = []

    def talk(line: Line) -> None:
        line.head()
        line.say("HTTP/1.1 413 Content Too Large\nContent-Length: 5", b"sorry")
        gone.wait(10)

    def pieces() -> Any:
        for _ in range(2000):
            drawn.append(1)
            yield b"x" * 100_000

    gone = Signal()
    with wire_server(talk) as server:
        api = real(server, "direct")
        with pytest.raises(RequestError, match=r"413.*sorry"):
            await api.send(PUT.operation(body=upload(pieces(), length=200_000_000)))
        gone.set()
        await api.aclose()
    assert len(drawn) < 1500


@pytest.mark.real_time
@pytest.mark.parametrize("engine", ENGINES)
async def test_a_large_body_is_sent_over_tls(engine: str, certificates: Any) -> None:
    with wire_server(receiving, certificates.server("127.0.0.1")) as server:
        api = real(server, engine, verify=str(certificates.authority), timeout=Timeout(read=5))
        body = BODY * 100
        told = await api.send(PUT.operation(body=upload(body)))
        assert told == f"{len(body)} {hash(body)} length".encode()
        await api.aclose()


@pytest.mark.real_time
@pytest.mark.parametrize("engine", ENGINES)
async def test_a_body_that_cannot_be_drawn_leaves_half_a_request_and_no_connection(
    engine: str,
) -> None:
    seen: list[bytes] = []

    def talk(line: Line) -> None:
        line.head()
        seen.append(line.body(1000))

    def pieces() -> Any:
        yield b"a" * 10
        raise OSError("the disk is gone")

    with wire_server(talk) as server:
        api = real(server, engine)
        with pytest.raises(OSError, match="the disk is gone"):
            await api.send(PUT.operation(body=upload(pieces(), length=1000)))
        with fail_after(5):
            while not seen:
                await sleep(0.01)
        await api.aclose()
    assert seen == [b"a" * 10]


@pytest.mark.real_time
@pytest.mark.parametrize("engine", ENGINES)
async def test_a_kept_connection_that_was_closed_does_not_take_a_pipe_along(engine: str) -> None:
    """Invariant 2.5."""

    def talk(line: Line) -> None:
        line.head()
        line.say("HTTP/1.1 200 OK\nContent-Length: 2", b"ok")
        line.head()

    with wire_server(talk) as server:
        api = real(server, engine, retry=None)
        assert await api.send(LOOK) == b"ok"
        with pytest.raises(ServerError):
            await api.send(PUT.operation(body=upload(iter([b"x"] * 10))))
        assert server.connections == 1
        await api.aclose()


async def test_a_line_opens_streams_itself() -> None:
    api = client(ScriptedServer(Scripted(body=BODY)))
    line: Pipeline = api._line
    async with line.open(LOOK) as answer:
        assert await drawn(answer) == BODY
