"""The fault proxy, seen from a raw socket: exactly which bytes, FIN or RST a caller gets."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from functools import partial
from urllib.parse import urlsplit

import anyio
import anyio.abc
import attrs
import pytest
from anyio.from_thread import start_blocking_portal

from twofold.emulators.fault_proxy import FaultProxy

pytestmark = pytest.mark.real_time

LONG = 10.0
"""Seconds that nobody in these tests may ever wait."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
ANSWER = HEAD + b"0123456789"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"
GET = b"GET /a%20b?c=d HTTP/1.1\r\nHost: x\r\n\r\n"
POST_HEAD = b"POST /e HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
POST = POST_HEAD + b"hello"

FIN, RST = "FIN", "RST"


@attrs.define
class Server:
    """Answers each request with the same bytes, and remembers what came."""

    answer: bytes = ANSWER
    ends: bool = False
    """Whether it hangs up after an answer."""
    requests: list[bytes] = attrs.field(factory=list[bytes], init=False)
    open: int = attrs.field(default=0, init=False)

    async def serve(self, stream: anyio.abc.SocketStream) -> None:
        self.open += 1
        came = b""
        try:
            async with stream:
                while not (self.ends and self.requests):
                    came = await self._answer(came + await stream.receive(), stream)
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            assert came == b""
        finally:
            self.open -= 1

    async def _answer(self, came: bytes, stream: anyio.abc.SocketStream) -> bytes:
        if came == POST_HEAD or not came.endswith((b"\r\n\r\n", b"hello")):
            return came
        self.requests.append(came)
        await stream.send(self.answer)
        return b""


@attrs.frozen
class Running:
    """A proxy in front of a server, in a loop of their own."""

    proxy: FaultProxy
    server: Server
    address: tuple[str, int]
    stop: Callable[[], object]

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=LONG)

    def ask(self, request: bytes = GET) -> tuple[bytes, str]:
        """Send a request over a connection of its own; return all that came, and how it ended."""
        try:
            line = self.connect()
        except ConnectionResetError:  # a reset so early is told when connecting
            return b"", RST
        with closing(line):
            try:
                line.sendall(request)
            except ConnectionResetError:  # or when sending
                return b"", RST
            return to_the_end(line)

    def wait_for_pairs(self, number: int) -> None:
        until(lambda: self.server.open == number)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def to_the_end(line: socket.socket) -> tuple[bytes, str]:
    came = b""
    try:
        while data := line.recv(1000):
            came += data
    except ConnectionResetError:
        return came, RST
    return came, FIN


def exactly(line: socket.socket, size: int) -> bytes:
    came = b""
    while len(came) < size:
        data = line.recv(size - len(came))
        assert data
        came += data
    return came


def assert_silent(line: socket.socket) -> None:
    line.settimeout(0.05)
    with pytest.raises(TimeoutError):
        line.recv(1)
    line.settimeout(LONG)


@pytest.fixture(params=["asyncio", "trio"])
def loop(request: pytest.FixtureRequest) -> str:
    backend: str = request.param
    return backend


@contextmanager
def running(
    loop: str, *faults: object, server: Server | None = None, behind: int = 0
) -> Generator[Running]:
    server = server or Server()
    with start_blocking_portal(loop) as portal, closing(FaultProxy(faults)) as proxy:
        place = urlsplit(proxy.url)

        async def serve(*, task_status: anyio.abc.TaskStatus[Callable[[], object]]) -> None:
            listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
            port = behind or listener.extra(anyio.abc.SocketAttribute.local_port)
            async with listener, anyio.create_task_group() as tasks:
                tasks.start_soon(listener.serve, server.serve)
                tasks.start_soon(proxy.run, f"http://127.0.0.1:{port}")
                task_status.started(tasks.cancel_scope.cancel)

        future, cancel = portal.start_task(serve)
        stop = partial(portal.call, cancel)
        try:
            yield Running(proxy, server, (str(place.hostname), int(place.port or 0)), stop)
        finally:
            stop()
            future.result(LONG)


@pytest.mark.parametrize("answer", [ANSWER, CHUNKED + CHUNKS, b"HTTP/1.1 204 No\r\n\r\n"])
def test_without_a_fault_bytes_pass_as_they_are_and_the_connection_is_kept(
    loop: str, answer: bytes
) -> None:
    with running(loop, server=Server(answer)) as at, closing(at.connect()) as line:
        for request in (GET, POST, GET):
            line.sendall(request)
            assert exactly(line, len(answer)) == answer
        assert at.server.requests == [GET, POST, GET]
        assert at.server.open == 1


def test_a_request_in_pieces_and_two_in_one_piece_pass_too(loop: str) -> None:
    with running(loop) as at, closing(at.connect()) as line:
        for byte in POST:
            line.sendall(bytes([byte]))
        assert exactly(line, len(ANSWER)) == ANSWER
        line.sendall(GET + GET)
        assert exactly(line, 2 * len(ANSWER)) == 2 * ANSWER
        assert at.server.requests == [POST, GET, GET]


def test_an_answer_that_lasts_until_the_connection_ends_is_passed_on_with_its_end(
    loop: str,
) -> None:
    with running(loop, server=Server(b"HTTP/1.0 200 OK\r\n\r\nall", ends=True)) as at:
        assert at.ask() == (b"HTTP/1.0 200 OK\r\n\r\nall", FIN)


@pytest.mark.parametrize(
    ("fault", "shown", "end", "arrived"),
    [
        ("tcp_cut_before", b"", FIN, 0),
        ("tcp_reset_before", b"", RST, 0),
        ("tcp_cut_after", b"", FIN, 1),
        ("tcp_short_body", ANSWER[:-5], FIN, 1),
        ("tcp_reset_body", ANSWER[:-5], RST, 1),
    ],
)
def test_a_fault_shows_exactly_so_much_and_ends_exactly_so(
    loop: str, fault: str, shown: bytes, end: str, arrived: int
) -> None:
    with running(loop, {"fault": fault}) as at:
        assert at.ask() == (shown, end)
        assert len(at.server.requests) == arrived
        at.wait_for_pairs(0)


def test_half_of_a_chunked_body_ends_in_the_midst_of_it(loop: str) -> None:
    with running(loop, {"fault": "tcp_short_body"}, server=Server(CHUNKED + CHUNKS)) as at:
        assert at.ask() == (CHUNKED + CHUNKS[: len(CHUNKS) // 2], FIN)


@pytest.mark.parametrize(
    ("place", "shown"),
    [({}, b""), ({"at": "head"}, b""), ({"at": "body"}, HEAD), ({"at": "mid_body"}, ANSWER[:-5])],
)
def test_a_stall_is_silence_until_the_caller_leaves_and_then_both_ends_go(
    loop: str, place: dict[str, str], shown: bytes
) -> None:
    with running(loop, {"fault": "tcp_stall", **place}) as at:
        with closing(at.connect()) as line:
            line.sendall(POST)
            assert exactly(line, len(shown)) == shown
            assert_silent(line)
            assert at.server.open == 1
            assert at.server.requests == [POST]
        at.wait_for_pairs(0)


@pytest.mark.parametrize(("place", "at_once"), [("head", 0), ("body", len(HEAD))])
def test_what_trickles_comes_byte_by_byte_and_whole(loop: str, place: str, at_once: int) -> None:
    fault = {"fault": "tcp_trickle", "seconds": 0.005, "at": place, "times": 1}
    with running(loop, fault) as at, closing(at.connect()) as line:
        line.sendall(GET)
        assert exactly(line, at_once) == ANSWER[:at_once]
        began = time.monotonic()
        assert exactly(line, len(ANSWER) - at_once) == ANSWER[at_once:]
        assert time.monotonic() - began >= 0.005 * (len(ANSWER) - at_once - 1)
        line.sendall(GET)
        assert exactly(line, len(ANSWER)) == ANSWER


def test_a_caller_who_leaves_what_trickles_takes_the_servers_connection_along(loop: str) -> None:
    with running(loop, {"fault": "tcp_trickle", "seconds": LONG}) as at:
        with closing(at.connect()) as line:
            line.sendall(GET)
            at.wait_for_pairs(1)
        at.wait_for_pairs(0)


def test_a_reset_at_connect_strikes_the_connections_that_are_named(loop: str) -> None:
    with running(loop, {"fault": "tcp_reset_at_connect", "nth": [1, 3]}) as at:
        for _ in range(2):
            assert at.ask(b"") == (b"", RST)
            with closing(at.connect()) as line:
                line.sendall(GET)
                assert exactly(line, len(ANSWER)) == ANSWER
        assert len(at.server.requests) == 2


def test_who_is_refused_is_refused_by_a_closed_port(loop: str) -> None:
    with running(loop, {"fault": "tcp_refused"}) as at:
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                at.connect()
        assert at.server.open == 0


def test_the_port_closes_behind_a_connection_and_opens_again(loop: str) -> None:
    with running(loop, {"fault": "tcp_refused", "nth": 2, "seconds": 0.3}) as at:
        with closing(at.connect()) as first:
            until(lambda: not is_open(at))
            first.sendall(GET)
            assert exactly(first, len(ANSWER)) == ANSWER
            until(lambda: is_open(at))
            with closing(at.connect()) as second:
                second.sendall(GET)
                assert exactly(second, len(ANSWER)) == ANSWER


def is_open(at: Running) -> bool:
    try:
        at.connect().close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.parametrize(
    ("match", "struck"),
    [
        ({"method": "post"}, [POST]),
        ({"path": "a b?c=d"}, [GET]),
        ({"body": "ell"}, [POST]),
        ({"body": "ell", "method": "GET"}, []),
        ({}, [GET, POST]),
    ],
)
def test_a_fault_strikes_the_requests_that_it_matches(
    loop: str, match: dict[str, str], struck: list[bytes]
) -> None:
    with running(loop, {"fault": "tcp_cut_before", "match": match}) as at:
        for request in (GET, POST):
            with closing(at.connect()) as line:
                line.sendall(request)
                assert (line.recv(1) == b"") is (request in struck)


def test_requests_are_counted_over_all_connections_and_the_first_fault_wins(loop: str) -> None:
    faults = [
        {"fault": "tcp_cut_after", "nth": 3},
        {"fault": "tcp_cut_before", "nth": [2, 3, 4, 5], "times": 3},
    ]
    with running(loop, *faults) as at:
        seen = [len(at.server.requests) for _ in range(5) if is_cut(at)]
        assert seen == [1, 2, 2]
        assert len(at.server.requests) == 3


def is_cut(at: Running) -> bool:
    with closing(at.connect()) as line:
        line.sendall(GET)
        return line.recv(1) == b""


def test_a_server_that_hangs_up_takes_the_callers_connection_along(loop: str) -> None:
    with running(loop, server=Server(ends=True)) as at:
        assert at.ask() == (ANSWER, FIN)


def test_an_answer_that_the_server_breaks_off_is_broken_off_at_the_same_byte(loop: str) -> None:
    with running(loop, server=Server(ANSWER[:-3], ends=True)) as at:
        assert at.ask() == (ANSWER[:-3], FIN)


def test_what_is_no_http_is_refused(loop: str) -> None:
    with running(loop) as at:
        came, _ = at.ask(b"what?\r\n\r\n")
        assert came.startswith(b"HTTP/1.1 400 ")
        assert at.server.requests == []


def test_a_caller_who_asks_whether_to_go_on_is_told_so(loop: str) -> None:
    asking = POST_HEAD.replace(b"Host", b"Expect: 100-continue\r\nHost")
    with running(loop) as at, closing(at.connect()) as line:
        line.sendall(asking)
        go_on = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert exactly(line, len(go_on)) == go_on
        line.sendall(b"hello")
        assert exactly(line, len(ANSWER)) == ANSWER


def test_a_server_that_is_not_there_is_a_reset(loop: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with running(loop, behind=unused.getsockname()[1]) as at:
            assert at.ask(b"") == (b"", RST)


def test_when_it_stops_every_connection_ends_at_once(loop: str) -> None:
    faults = [
        {"fault": "tcp_stall", "nth": 1},
        {"fault": "tcp_trickle", "seconds": LONG, "nth": 2},
        {"fault": "tcp_refused", "nth": 4},
    ]
    with running(loop, *faults) as at:
        lines = [at.connect() for _ in range(3)]
        lines[0].sendall(GET)
        until(lambda: len(at.server.requests) == 1)
        lines[1].sendall(GET)
        until(lambda: len(at.server.requests) == 2)
        at.wait_for_pairs(3)
        at.stop()
        for line in lines:
            with closing(line):
                assert to_the_end(line)[0] == b""
        at.wait_for_pairs(0)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (
            {"fault": "tcp_flood"},
            r"faults\[1\]\.fault: must be one of tcp_cut_before, .*tcp_refused",
        ),
        ({"fault": "tcp_stall", "at": "end"}, r"faults\[1\]\.at: must be one of head, body, mid"),
        ({"fault": "tcp_trickle", "at": "mid_body", "seconds": 1}, r"\.at: "),
        ({"fault": "tcp_trickle"}, r"\.seconds: must be seconds"),
        ({"fault": "tcp_refused", "nth": [1, 2]}, r"\.nth: must be a whole number"),
        ({"fault": "tcp_refused", "match": {}}, r"\.match: is not a field here"),
        (
            {"fault": "tcp_cut_before", "match": {"object": "US1"}},
            r"\.match\.object: is not a field",
        ),
        ({"fault": "tcp_cut_before", "seconds": 1}, r"\.seconds: is not a field here"),
        ({"fault": "tcp_cut_before", "times": 0}, r"\.times: "),
    ],
)
def test_a_bad_fault_is_refused_with_its_place(fault: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        FaultProxy([{"fault": "cut_before"}, fault])


def test_a_port_that_is_taken_is_an_error() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken, pytest.raises(OSError):
        FaultProxy([], port=taken.getsockname()[1])
