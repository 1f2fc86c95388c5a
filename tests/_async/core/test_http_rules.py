# SPDX-License-Identifier: MIT
"""What a client of HTTP/1.1 owes the other end, over real sockets."""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from threading import Event as ThreadEvent
from threading import Thread

import attrs
import pytest
from certificates import Certificates
from raw_server import RawServer, raw_server, whole

from twofold._async.core.transport.direct import DirectTransport
from twofold._runtime.waiting.homes import home
from twofold._runtime.waiting.scopes import sleep
from twofold.core.request import Origin, Patience, Request
from twofold.errors import ServerError

pytestmark = pytest.mark.real_time

PATIENT = Patience(connect=5, read=5)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def answer(*fields: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Length: 2", *fields, b"", b"ok"])


@contextmanager
def told(talk: Callable[[socket.socket], None]) -> Generator[Origin]:
    """Serve one connection after another, each by a function."""
    listener = socket.create_server(("127.0.0.1", 0))
    talking: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                raw, _ = listener.accept()
                talking.append(raw)
                with raw, suppress(OSError):
                    talk(raw)

    thread = Thread(target=serve)
    thread.start()
    try:
        yield Origin("http", "127.0.0.1", listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for raw in talking:
            with suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)
        thread.join()


async def connections(server: RawServer, *fields: tuple[str, str]) -> int:
    """Ask twice; return how many connections that took."""
    engine = DirectTransport()
    for _ in range(2):
        reply = await engine.exchange(Request("GET", server.origin, "/", fields), PATIENT)
        assert reply.body == b"ok"
    await engine.aclose()
    return server.connections


async def test_a_connection_is_used_again() -> None:
    with raw_server(OK) as server:
        assert await connections(server) == 1


@pytest.mark.parametrize("said", ["close", "Close, x", "keep-alive, close"])
async def test_who_says_that_it_closes_is_not_asked_again_there(said: str) -> None:
    with raw_server(answer(b"Connection: " + said.encode())) as server:
        assert await connections(server) == 2


async def test_who_asks_for_the_end_of_the_connection_gets_it() -> None:
    with raw_server(OK) as server:
        assert await connections(server, ("Connection", "close")) == 2


async def test_http_1_0_is_kept_only_if_it_says_so() -> None:
    old = OK.replace(b"HTTP/1.1", b"HTTP/1.0")
    with raw_server(old) as server:
        assert await connections(server) == 2
    with raw_server(old.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n")) as server:
        assert await connections(server) == 1


@pytest.mark.parametrize(("hint", "number"), [("timeout=1, max=9", 2), ("timeout=60", 1)])
async def test_a_connection_is_given_up_before_the_server_does(hint: str, number: int) -> None:
    with raw_server(answer(b"Keep-Alive: " + hint.encode())) as server:
        assert await connections(server) == number


async def test_an_address_of_version_6_is_reached_and_named_in_brackets() -> None:
    server = RawServer(OK)
    server._listener.close()
    server._listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    port = server._listener.getsockname()[1]
    thread = Thread(target=server.serve)
    thread.start()
    engine = DirectTransport()
    reply = await engine.exchange(Request("GET", Origin("http", "::1", port), "/"), PATIENT)
    assert reply.status == 200
    assert f"\r\nHost: [::1]:{port}\r\n".encode() in server.requests[0]
    await engine.aclose()
    server.close()
    thread.join()


async def test_a_name_that_is_not_ascii_is_sent_as_its_letters_are_looked_up() -> None:
    engine = DirectTransport()
    with pytest.raises(ServerError, match="cannot be reached"):
        await engine.exchange(Request("GET", Origin("http", "b\xfccher.invalid", 80), "/"), PATIENT)


async def test_the_certificate_of_an_address_is_checked(certificates: Certificates) -> None:
    engine = DirectTransport(str(certificates.authority))
    with raw_server(OK, tls=certificates.server("127.0.0.1")) as server:
        assert await body_of(engine, server.origin) == b"ok"
    with raw_server(OK, tls=certificates.server("localhost")) as server:
        with pytest.raises(ServerError, match="CERTIFICATE_VERIFY_FAILED"):
            await body_of(engine, server.origin)
        by_name = attrs.evolve(server.origin, host="localhost")
        assert await body_of(engine, by_name) == b"ok"
    await engine.aclose()


async def body_of(engine: DirectTransport, origin: Origin) -> bytes:
    return (await engine.exchange(Request("GET", origin, "/"), PATIENT)).body


async def test_an_end_that_tls_did_not_announce_is_no_end(certificates: Certificates) -> None:
    # Whoever sits in between could cut off any body that ends with its connection.
    endless = b"HTTP/1.1 200 OK\r\n\r\nabc"
    engine = DirectTransport(str(certificates.authority))
    with raw_server(endless, closes=True, tls=certificates.server("127.0.0.1")) as server:
        with pytest.raises(ServerError, match="without saying so"):
            await body_of(engine, server.origin)
    await engine.aclose()


async def test_an_answer_that_comes_before_the_whole_request_was_sent_is_taken() -> None:
    full = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nfull"

    taken = ThreadEvent()

    def refuse(raw: socket.socket) -> None:
        raw.recv(1000)
        raw.sendall(full)
        taken.wait(10)  # and reads nothing more

    engine = DirectTransport()
    with told(refuse) as origin:
        request = Request("POST", origin, "/", body=b"x" * 30_000_000)
        reply = await engine.exchange(request, PATIENT)
        assert (reply.status, reply.body) == (413, b"full")
        # The rest of that body would be taken for a request.
        (route,) = engine._routes.take(home())
        assert not route.resting
        assert not route.open
        taken.set()


async def test_an_end_that_is_half_an_end_is_one() -> None:
    def say_and_listen(raw: socket.socket) -> None:
        whole(raw)
        raw.sendall(OK)
        raw.shutdown(socket.SHUT_WR)
        raw.settimeout(5)
        assert raw.recv(100) == b""  # the other end lets go too

    engine = DirectTransport()
    with told(say_and_listen) as origin:
        for _ in range(2):
            reply = await engine.exchange(Request("POST", origin, "/", body=b"{}"), PATIENT)
            assert reply.body == b"ok"
            await sleep(0.05)  # for the end to arrive: a write must not be sent into it
        await engine.aclose()


async def test_a_body_is_sent_over_a_kept_connection() -> None:
    engine = DirectTransport()
    with raw_server(OK) as server:
        for n in range(3):
            body = b"%d" % n * 100_000
            await engine.exchange(Request("PUT", server.origin, "/", (), body), PATIENT)
            assert server.requests[n].endswith(body)
        assert server.connections == 1
        await engine.aclose()


async def test_a_write_is_not_sent_again_where_a_kept_connection_broke() -> None:
    def answer_once(raw: socket.socket) -> None:
        whole(raw)
        raw.sendall(OK)
        whole(raw)  # and then it hangs up, with the second request in its hands

    engine = DirectTransport()
    with told(answer_once) as origin:
        await engine.exchange(Request("POST", origin, "/"), PATIENT)
        with pytest.raises(ServerError, match="lost"):
            await engine.exchange(Request("POST", origin, "/"), PATIENT)
        await engine.exchange(Request("POST", origin, "/"), PATIENT)
        with pytest.raises(ServerError, match="lost"):
            await engine.exchange(Request("PUT", origin, "/", once=True), PATIENT)
        for _ in range(2):  # a read may be, and is
            assert (await engine.exchange(Request("GET", origin, "/"), PATIENT)).body == b"ok"
        await engine.aclose()


async def test_connections_at_rest_for_too_long_are_ended() -> None:
    engine = DirectTransport()
    with raw_server(answer(b"Keep-Alive: timeout=1")) as server:
        for _ in range(20):
            await engine.exchange(Request("GET", server.origin, "/"), PATIENT)
        (route,) = engine._routes.take(home())
        assert len(route.open) <= 1
        route.close()
