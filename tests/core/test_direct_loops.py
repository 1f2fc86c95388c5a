"""The direct engine in loop after loop, in a fork, and in a client that nobody closes."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable

import anyio
import pytest
from raw_server import RawServer, raw_server

from twofold._async.core.client import AsyncClient
from twofold._async.core.transport.direct import DirectTransport
from twofold._sync.core.client import Client
from twofold._sync.core.transport.direct import DirectTransport as BlockingTransport
from twofold.core.policy.limits import Limits
from twofold.core.request import Endpoint, Patience, Request

pytestmark = pytest.mark.real_time

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PATIENT = Patience(connect=5, read=5)
LOOK = Endpoint("look", "GET", "/", lambda reply: reply.body)


def until(holds: Callable[[], bool]) -> None:
    async def wait() -> None:
        while not holds():
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(wait(), 10))


def living(server: RawServer) -> int:
    return sum(raw.fileno() >= 0 for raw in server._open)


def test_each_loop_has_connections_of_its_own_which_end_with_it() -> None:
    engine = DirectTransport()

    async def ask_twice(server: RawServer) -> None:
        for _ in range(2):
            await engine.exchange(Request("GET", server.origin, "/"), PATIENT)

    with raw_server(OK) as server:
        for number, backend in enumerate(["asyncio", "trio", "asyncio"], 1):
            anyio.run(ask_twice, server, backend=backend)
            assert server.connections == number
        until(lambda: not living(server))


def test_a_client_that_nobody_closes_is_closed_when_it_is_collected() -> None:
    with raw_server(OK) as server:
        client = Client(str(server.origin), transport="direct", limits=Limits())
        assert client.send(LOOK.operation()) == b"ok"
        del client
        gc.collect()
        until(lambda: not living(server))

        async def lose() -> None:
            client = AsyncClient(str(server.origin), transport="direct", limits=Limits())
            assert await client.send(LOOK.operation()) == b"ok"
            del client
            gc.collect()
            with anyio.fail_after(10):
                while living(server):
                    await anyio.sleep(0.01)

        for backend in ("asyncio", "trio"):
            anyio.run(lose, backend=backend)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_does_not_use_its_parents_connection() -> None:
    engine = BlockingTransport()
    with raw_server(OK) as server:
        request = Request("GET", server.origin, "/")
        engine.exchange(request, PATIENT)
        child = os.fork()
        if child == 0:
            good = engine.exchange(request, PATIENT).body == b"ok"
            os._exit(0 if good else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert server.connections == 2
        assert engine.exchange(request, PATIENT).body == b"ok"
        assert server.connections == 2
        engine.close()
