# SPDX-License-Identifier: MIT
"""Answers drawn piece by piece, from every engine alike."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from typing import Any

import brotli
import pytest
from answers import BODY, WELL_FORMED, Told, chunked, head
from raw_server import raw_server

from twofold._async.core.transport.direct import DirectTransport
from twofold._async.core.transport.engine import Arriving
from twofold._async.core.transport.httpx_engine import HttpxTransport
from twofold.core.request import Origin, Patience, Request
from twofold.errors import ServerError

pytestmark = pytest.mark.real_time

PATIENT = Patience(connect=5, read=5)
MOST, LARGE = 1_000_000, 64_000_000  # bytes

ENGINES: list[Callable[[], Any]] = [DirectTransport, lambda: HttpxTransport(proxy=None)]
each_engine = pytest.mark.parametrize("engine", ENGINES, ids=["direct", "httpx"])


def asked(origin: Origin, told: Told) -> Request:
    return Request(told.method, origin, "/")


async def drawn(stream: Arriving) -> bytes:
    pieces = []
    async for piece in stream:
        assert piece
        pieces.append(piece)
    return b"".join(pieces)


@each_engine
@pytest.mark.parametrize("told", WELL_FORMED, ids=lambda told: told.name)
async def test_a_stream_holds_what_an_exchange_holds(engine: Callable[[], Any], told: Told) -> None:
    transport = engine()
    with raw_server(told.answer, closes=told.closes) as server:
        whole = await transport.exchange(asked(server.origin, told), PATIENT)
        async with transport.open(asked(server.origin, told), PATIENT) as stream:
            assert stream.status == whole.status
            assert list(stream.headers) == list(whole.headers)
            assert await drawn(stream) == whole.body
        await transport.aclose()


@each_engine
async def test_a_connection_is_used_again_once_all_was_drawn(engine: Callable[[], Any]) -> None:
    transport = engine()
    with raw_server(WELL_FORMED[0].answer) as server:
        for _ in range(3):
            async with transport.open(asked(server.origin, WELL_FORMED[0]), PATIENT) as stream:
                assert await drawn(stream) == BODY
        assert server.connections == 1
        await transport.aclose()


@each_engine
async def test_a_connection_is_ended_if_something_was_left(engine: Callable[[], Any]) -> None:
    transport = engine()
    large = head(b"Transfer-Encoding: chunked") + chunked(b"x" * 4_000_000, 50_000)
    with raw_server(large) as server:
        for _ in range(2):
            async with transport.open(Request("GET", server.origin, "/"), PATIENT) as stream:
                async for piece in stream:
                    assert piece.strip(b"x") == b""
                    break
        assert server.connections == 2
        await transport.aclose()


@each_engine
async def test_what_is_larger_than_a_reply_may_be_can_be_drawn(engine: Callable[[], Any]) -> None:
    transport = engine()
    transport.most = 100_000
    large = head(b"Content-Length: 3000000") + b"x" * 3_000_000
    with raw_server(large) as server:
        request = Request("GET", server.origin, "/")
        with pytest.raises(ServerError, match="more than 100000 bytes"):
            await transport.exchange(request, PATIENT)
        async with transport.open(request, PATIENT) as stream:
            assert len(await drawn(stream)) == 3_000_000
        await transport.aclose()


@each_engine
@pytest.mark.parametrize("coding", ["gzip", "br"])
async def test_a_kilobyte_that_stands_for_much_more_is_not_expanded(
    engine: Callable[[], Any], coding: str
) -> None:
    packed = gzip.compress(bytes(LARGE)) if coding == "gzip" else brotli.compress(bytes(LARGE), 0)
    transport = engine()
    transport.most = MOST
    sent = head(b"Content-Length: %d" % len(packed), b"Content-Encoding: %s" % coding.encode())
    with raw_server(sent + packed) as server:
        tracemalloc.start()
        try:
            with pytest.raises(ServerError, match=f"more than {MOST} bytes"):
                await transport.exchange(Request("GET", server.origin, "/"), PATIENT)
            assert tracemalloc.get_traced_memory()[1] < LARGE / 4
        finally:
            tracemalloc.stop()
        await transport.aclose()


@each_engine
@pytest.mark.parametrize("cut", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"])
async def test_an_answer_that_stops_early_is_an_error(
    engine: Callable[[], Any], cut: bytes
) -> None:
    transport = engine()
    with raw_server(cut, closes=True) as server:
        with pytest.raises(ServerError, match="lost"):
            async with transport.open(Request("GET", server.origin, "/"), PATIENT) as stream:
                await drawn(stream)
        await transport.aclose()


@each_engine
async def test_what_its_user_raises_leaves_a_stream_as_it_is(engine: Callable[[], Any]) -> None:
    transport = engine()
    with raw_server(WELL_FORMED[0].answer) as server:
        with pytest.raises(KeyError, match="mine"):
            async with transport.open(asked(server.origin, WELL_FORMED[0]), PATIENT):
                raise KeyError("mine")
        assert (await transport.exchange(asked(server.origin, WELL_FORMED[0]), PATIENT)).body
        await transport.aclose()
