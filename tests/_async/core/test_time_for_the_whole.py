# SPDX-License-Identifier: MIT
"""An engine that keeps time ends an exchange by itself, wherever it waits; its line needs no scope.

However often something comes, or can be sent, in between: each silence here is a short one.
"""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import Thread

import attrs
import pytest
from lines import STEADY
from raw_server import raw_server

from twofold._async.core.pipeline import Pipeline
from twofold._async.core.transport.direct import DirectTransport
from twofold._runtime.waiting.scopes import fail_after
from twofold.core.credentials import Anonymous
from twofold.core.options import Terms
from twofold.core.policy.limits import Limits
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Origin, Patience, Request
from twofold.core.uploads import upload
from twofold.core.wire.http1.refusals import Expired
from twofold.errors import DeadlineError, ServerError
from twofold.events import AttemptEnded, CallEnded, Event

pytestmark = pytest.mark.real_time

HURRIED = Patience(connect=30, read=30, total=0.3)
FAR = 10.0
"""Seconds: far from the patience, and from the instant that it should be."""

Talk = Callable[[socket.socket], object]


@contextmanager
def talking(talk: Talk) -> Generator[Origin]:
    """Let a server talk to whoever calls, until that hangs up."""

    def serve() -> None:
        with suppress(OSError):  # closed: the test is over
            while True:
                raw, _ = listener.accept()
                Thread(target=answered, args=(talk, raw), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=serve, daemon=True).start()
        yield Origin("http", "127.0.0.1", listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)


def answered(talk: Talk, raw: socket.socket) -> None:
    with suppress(OSError), raw:
        talk(raw)


def silence(raw: socket.socket) -> None:
    while raw.recv(65536):
        pass


def trickle(raw: socket.socket) -> None:
    raw.recv(65536)
    raw.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        raw.sendall(b"1\r\nx\r\n")
        time.sleep(0.01)  # in a thread of the server


def deafness(raw: socket.socket) -> None:
    raw.settimeout(FAR)
    with suppress(TimeoutError):
        while raw.recv(1, socket.MSG_PEEK):
            time.sleep(0.05)


@attrs.frozen
class Place:
    """Where an exchange waits: what the server does, and what it is sent."""

    talk: Talk
    scheme: str = "http"
    body: bytes = b""
    draws: bool = False

    def request(self, origin: Origin) -> Request:
        drawn = upload(itertools.repeat(b"x" * 1000)) if self.draws else None
        return Request("PUT", attrs.evolve(origin, scheme=self.scheme), "/", (), self.body, drawn)


PLACES = {
    "shaking_hands": Place(silence, "https"),
    "reading": Place(silence),
    "in_mid_body": Place(trickle),
    "sending": Place(deafness, body=b"x" * 30_000_000),
    "drawing": Place(silence, draws=True),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
async def test_the_time_for_the_whole_ends_every_wait(place: Place) -> None:
    engine = DirectTransport()
    with talking(place.talk) as origin, fail_after(FAR):
        with pytest.raises(Expired):
            await engine.exchange(place.request(origin), HURRIED)
        await engine.aclose()


async def test_what_no_time_is_left_for_is_not_sent() -> None:
    engine = DirectTransport()
    with raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as server, fail_after(FAR):
        request = Request("GET", server.origin, "/")
        await engine.exchange(request, HURRIED)
        with pytest.raises(Expired):
            await engine.exchange(request, HURRIED.within(0.0))
        assert len(server.requests) == 1
        await engine.aclose()


LOOK = Operation(Endpoint("whole.look", "GET", "/", lambda reply: reply.status), "/")


def line(origin: Origin, timeout: Timeout, told: list[Event]) -> Pipeline:
    return Pipeline(
        origin=origin,
        base="",
        transport=DirectTransport(),
        credentials=Anonymous(),
        terms=Terms(timeout, attrs.evolve(STEADY, attempts=2, base=0.01)),
        concurrency=1,
        limits=Limits(),
        listener=told.append,
    )


async def test_a_call_ends_with_its_own_time_and_is_no_failed_attempt() -> None:
    told: list[Event] = []
    with talking(silence) as origin, fail_after(FAR):
        sender = line(origin, Timeout(total=0.3), told)
        with pytest.raises(DeadlineError, match=r"0\.3 s") as caught:
            await sender.send(LOOK)
        await sender.transport.aclose()
    assert caught.value.attempts == ()
    assert [event for event in told if isinstance(event, AttemptEnded)] == []
    assert [event.error for event in told if isinstance(event, CallEnded)] == [caught.value]
    assert sender.member.statistics().inside == 0


async def test_an_attempt_that_takes_too_long_is_repeated() -> None:
    with raw_server(b"HTTP/1.1 200 OK\r\nContent-Le") as server, fail_after(FAR):
        sender = line(server.origin, Timeout(total=30, attempt=0.2), [])
        with pytest.raises(ServerError, match=r"did not answer within 0\.2 s") as caught:
            await sender.send(LOOK)
        await sender.transport.aclose()
        assert len(server.requests) == server.connections == 2
    assert len(caught.value.attempts) == 2
    assert caught.value.transient
