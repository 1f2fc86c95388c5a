# SPDX-License-Identifier: MIT
"""Whoever waits for a server is woken by closing and by cancellation, wherever it waits."""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager

import attrs
import pytest
from certificates import Certificates
from raw_server import raw_server
from wire_server import Line, wire_server

from twofold._async.core.client import AsyncClient
from twofold._async.core.transport.direct import DirectTransport
from twofold._runtime.waiting.scopes import current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.policy.limits import Limits
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Origin, Patience, Request
from twofold.errors import Effect, ServerError

pytestmark = pytest.mark.real_time

PATIENT = Patience(connect=30, read=30)
FAR = 10.0
"""Seconds: far from the patience, and from the instant that it should be."""


@attrs.frozen
class Stall:
    """A server at which a caller waits, and how one sees that it does."""

    origin: Origin
    waits: Callable[[], bool]
    effect: Effect = Effect.NONE
    authority: str | bool = True
    first: int = 0
    """How many requests are answered before."""


@contextmanager
def connecting(_: Certificates) -> Generator[Stall]:
    """The queue of a port is full: nobody refuses, and nobody takes the call."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        began = current_time()
        origin = Origin("http", "127.0.0.1", listener.getsockname()[1])
        yield Stall(origin, lambda: current_time() - began > 0.1)
        for filler in fillers:
            filler.close()


@contextmanager
def shaking_hands(_: Certificates) -> Generator[Stall]:
    """A server takes the call, and says nothing while it is greeted."""
    with raw_server(b"") as server:
        origin = attrs.evolve(server.origin, scheme="https")
        yield Stall(origin, lambda: server.connections > 0)


@contextmanager
def reading(_: Certificates) -> Generator[Stall]:
    with raw_server(b"HTTP/1.1 200 OK\r\nContent-Le") as server:
        yield Stall(server.origin, lambda: bool(server.requests), Effect.UNKNOWN)


@contextmanager
def reading_over_a_kept_connection(_: Certificates) -> Generator[Stall]:
    """A server that is silent from the second request of a connection on."""

    def answer_once(line: Line) -> None:
        line.head()
        line.say("HTTP/1.1 200 OK\nContent-Length: 0")
        heard.append(line.head())
        line.head()

    heard: list[str] = []
    with wire_server(answer_once) as server:
        yield Stall(server.origin, lambda: bool(heard), Effect.UNKNOWN, first=1)


@contextmanager
def reading_over_tls(certificates: Certificates) -> Generator[Stall]:
    with raw_server(b"HTTP/1.1 200 OK\r\n", tls=certificates.server("127.0.0.1")) as server:
        waits, authority = (lambda: bool(server.requests)), str(certificates.authority)
        yield Stall(server.origin, waits, Effect.UNKNOWN, authority)


PART = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nsome"


@contextmanager
def in_mid_body(_: Certificates) -> Generator[Stall]:
    with raw_server(PART) as server:
        yield Stall(server.origin, lambda: bool(server.requests), Effect.UNKNOWN)


@contextmanager
def in_mid_body_over_tls(certificates: Certificates) -> Generator[Stall]:
    with raw_server(PART, tls=certificates.server("127.0.0.1")) as server:
        waits, authority = (lambda: bool(server.requests)), str(certificates.authority)
        yield Stall(server.origin, waits, Effect.UNKNOWN, authority)


@contextmanager
def sending(_: Certificates) -> Generator[Stall]:
    """A server that takes the call and never reads what is sent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = current_time()
        origin = Origin("http", "127.0.0.1", listener.getsockname()[1])
        yield Stall(origin, lambda: current_time() - began > 0.2, Effect.UNKNOWN)


Place = Callable[[Certificates], AbstractContextManager[Stall]]
PLACES: list[Place] = [
    *[connecting, shaking_hands, sending],
    *[reading, reading_over_a_kept_connection, reading_over_tls],
    *[in_mid_body, in_mid_body_over_tls],
]
each_place = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)

BODY = b"x" * 30_000_000
"""More than the system takes on for one who does not read."""


def asked(place: Place, stall: Stall) -> Request:
    return Request("PUT", stall.origin, "/", body=BODY if place is sending else b"")


async def until_it_waits(stall: Stall) -> None:
    while not stall.waits():
        await sleep(0.001)
    await sleep(0.02)


@each_place
async def test_closing_wakes_whoever_waits(place: Place, certificates: Certificates) -> None:
    failures: list[ServerError] = []

    async def ask(engine: DirectTransport, request: Request) -> None:
        with pytest.raises(ServerError) as caught:
            await engine.exchange(request, PATIENT)
        failures.append(caught.value)

    with place(certificates) as stall:
        engine = DirectTransport(stall.authority)
        request = asked(place, stall)
        with move_on_after(FAR) as scope:
            for _ in range(stall.first):
                await engine.exchange(request, PATIENT)
            async with create_task_group() as tasks:
                tasks.start_soon(ask, engine, request)
                await until_it_waits(stall)
                await engine.aclose()
        assert not scope.cancelled_caught
        assert [(failure.effect, failure.transient) for failure in failures] == [
            (stall.effect, False)
        ]


@each_place
async def test_cancelling_wakes_whoever_waits(place: Place, certificates: Certificates) -> None:
    with place(certificates) as stall:
        engine = DirectTransport(stall.authority)
        request = asked(place, stall)
        with move_on_after(FAR) as scope:
            for _ in range(stall.first):
                await engine.exchange(request, PATIENT)
            async with create_task_group() as tasks:
                tasks.start_soon(engine.exchange, request, PATIENT)
                await until_it_waits(stall)
                tasks.cancel_scope.cancel()
        assert not scope.cancelled_caught
        await engine.aclose()


@each_place
async def test_patience_ends_every_wait(place: Place, certificates: Certificates) -> None:
    with place(certificates) as stall:
        engine = DirectTransport(stall.authority)
        request = asked(place, stall)
        with move_on_after(FAR) as scope:
            for _ in range(stall.first):
                await engine.exchange(request, PATIENT)
            with pytest.raises(ServerError) as caught:
                await engine.exchange(request, Patience(connect=0.3, read=0.3))
            assert caught.value.effect is stall.effect
            assert caught.value.transient
        assert not scope.cancelled_caught
        await engine.aclose()


@pytest.mark.parametrize("place", [in_mid_body, in_mid_body_over_tls])
async def test_closing_wakes_whoever_draws_a_body(place: Place, certificates: Certificates) -> None:
    drawn: list[bytes] = []

    async def draw(engine: DirectTransport, request: Request) -> None:
        async with engine.open(request, PATIENT) as stream:
            drawn.append(await stream.__anext__())
            with pytest.raises(ServerError) as caught:
                await stream.__anext__()
        assert not caught.value.transient

    with place(certificates) as stall:
        engine = DirectTransport(stall.authority)
        with move_on_after(FAR) as scope:
            async with create_task_group() as tasks:
                tasks.start_soon(draw, engine, asked(place, stall))
                while not drawn:
                    await sleep(0.001)
                await engine.aclose()
        assert not scope.cancelled_caught
        assert drawn == [b"some"]


LOOK = Endpoint("waking.look", "GET", "/", lambda reply: reply.status)


@pytest.mark.parametrize("place", [reading, reading_over_tls, in_mid_body, in_mid_body_over_tls])
@pytest.mark.parametrize("closes", [True, False], ids=["closed", "cancelled"])
async def test_a_call_under_way_ends_with_its_client_or_its_group(
    place: Place, certificates: Certificates, closes: bool
) -> None:
    """Who closes a client wants no other try, though the call could be repeated."""
    failures: list[ServerError] = []

    async def look(client: AsyncClient) -> None:
        with pytest.raises(ServerError) as caught:
            await client.send(LOOK.operation())
        failures.append(caught.value)

    with place(certificates) as stall:
        client = AsyncClient(
            str(stall.origin),
            transport="direct",
            limits=Limits(),
            verify=stall.authority,
            timeout=Timeout(read=30),
        )
        with move_on_after(FAR) as scope:
            async with create_task_group() as tasks:
                tasks.start_soon(look, client)
                await until_it_waits(stall)
                if closes:
                    await client.aclose()
                else:
                    tasks.cancel_scope.cancel()
        assert not scope.cancelled_caught
        assert [len(failure.attempts) for failure in failures] == ([1] if closes else [])
        assert client.statistics().inside == 0
        await client.aclose()


@pytest.mark.parametrize("said", [b"HTTP/1.1 200 OK\r\n", PART], ids=["head", "body"])
async def test_over_httpx_too_a_call_of_a_closed_client_is_not_tried_again(said: bytes) -> None:
    """There a thread is not woken: it is told once the server ends the connection."""
    failures: list[ServerError] = []

    async def look() -> None:
        with pytest.raises(ServerError) as caught:
            await client.send(LOOK.operation())
        failures.append(caught.value)

    with raw_server(said) as server:
        client = AsyncClient(str(server.origin), transport="httpx", limits=Limits())
        with move_on_after(FAR) as scope:
            async with create_task_group() as tasks:
                tasks.start_soon(look)
                await until_it_waits(Stall(server.origin, lambda: bool(server.requests)))
                await client.aclose()
                server.hang_up()
        assert not scope.cancelled_caught
        assert [len(failure.attempts) for failure in failures] == [1]
        assert server.connections == 1
