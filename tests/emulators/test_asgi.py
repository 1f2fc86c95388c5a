"""The ASGI application, in virtual time on both runtimes."""

from __future__ import annotations

import json
import math
from collections.abc import MutableMapping
from typing import Any

import anyio
import httpx
import pytest
from emulators.rally.desk import ROOT, Desk, quoted

from twofold.emulators.asgi import DROP, EmulatorApp
from twofold.emulators.exchange import Answer, Incoming

Message = MutableMapping[str, Any]


class Wire:
    """One request on its way through an application, with a caller who may hang up."""

    def __init__(self, app: EmulatorApp, *bodies: bytes, **scope: Any) -> None:
        self._app = app
        self.sent: list[Message] = []
        self._coming, self._heard = anyio.create_memory_object_stream[Message](math.inf)
        for place, body in enumerate(bodies, 1):
            self.come({"type": "http.request", "body": body, "more_body": place < len(bodies)})
        self._scope = {
            "type": "http",
            "method": "GET",
            "path": f"{ROOT}/user",
            "query_string": b"",
            "headers": [],
            "extensions": {},
        } | scope

    def come(self, message: Message) -> None:
        self._coming.send_nowait(message)

    def hang_up(self) -> None:
        self.come({"type": "http.disconnect"})

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    async def run(self) -> None:
        with self._coming, self._heard:
            await self._app(self._scope, self._heard.receive, self._send)


def app_of(desk: Desk) -> EmulatorApp:
    return EmulatorApp(desk.emulator, clock=anyio.current_time)


def keyed(desk: Desk) -> list[tuple[bytes, bytes]]:
    return [(b"zsessionid", desk.emulator.ready.api_key.encode())]


def in_flight(desk: Desk) -> int:
    desk.now = anyio.current_time()
    return desk.statistics()["in_flight"]


async def test_an_answer_comes_when_it_is_due_and_not_before() -> None:
    desk = Desk(latency=2.5)
    begin = anyio.current_time()
    wire = Wire(app_of(desk), b"", headers=keyed(desk))
    await wire.run()
    assert anyio.current_time() - begin == pytest.approx(2.5)
    start, body = wire.sent
    assert start["status"] == 200
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()
    assert json.loads(body["body"])["User"]["Errors"] == []


class Busy:
    """An emulator that needs a second of computing for each answer, and so holds up its loop."""

    def __init__(self) -> None:
        self.now = 0.0
        self.arrivals: list[float] = []

    def answer(self, request: Incoming, now: float) -> Answer:
        self.now += 1
        self.arrivals.append(now)
        return Answer(200)

    def left(self, answer: Answer, now: float) -> None:
        raise AssertionError("nobody leaves")


async def test_requests_that_come_together_have_arrived_together_whatever_each_costs() -> None:
    busy = Busy()
    app = EmulatorApp(busy, clock=lambda: busy.now)
    async with anyio.create_task_group() as tasks:
        for _ in range(12):
            tasks.start_soon(Wire(app, b"").run)
    assert busy.arrivals == [0.0] * 12
    assert busy.now == 12.0


async def test_a_caller_who_hangs_up_frees_the_place() -> None:
    desk = Desk(latency=60)
    wire = Wire(app_of(desk), b"", headers=keyed(desk))
    begin = anyio.current_time()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wire.run)
        await anyio.sleep(1)
        assert in_flight(desk) == 1
        wire.hang_up()
    assert anyio.current_time() - begin == pytest.approx(1)
    assert in_flight(desk) == 0
    assert wire.sent == []


async def test_a_request_that_never_ends_does_not_reach_the_emulator() -> None:
    desk = Desk()
    wire = Wire(app_of(desk))
    wire.come({"type": "http.request", "body": b"half", "more_body": True})
    wire.hang_up()
    await wire.run()
    assert (wire.sent, desk.statistics()["requests"]) == ([], 0)


async def test_a_body_in_pieces_is_put_together() -> None:
    desk = Desk()
    whole = json.dumps({"Tag": {"Name": "in pieces"}}).encode()
    path = f"{ROOT}/tag/create"
    wire = Wire(
        app_of(desk), whole[:5], whole[5:9], whole[9:],
        method="POST", path=path, raw_path=path.encode(), headers=keyed(desk),
    )  # fmt: skip
    await wire.run()
    assert json.loads(wire.sent[1]["body"])["CreateResult"]["Errors"] == []


async def test_a_body_without_bounds_is_refused() -> None:
    desk = Desk()
    app = EmulatorApp(desk.emulator, clock=anyio.current_time, largest_body=10)
    wire = Wire(app, b"12345", b"678901", b"2")
    await wire.run()
    assert (wire.sent[0]["status"], desk.statistics()["requests"]) == (413, 0)


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
async def test_a_cut_drops_the_connection_where_the_server_can(kind: str) -> None:
    desk = Desk(latency=1, faults=[{"fault": kind}])
    begin = anyio.current_time()
    dropped: list[float] = []

    def abort() -> None:
        dropped.append(anyio.current_time() - begin)
        wire.hang_up()

    wire = Wire(app_of(desk), b"", extensions={DROP: {"abort": abort}})
    await wire.run()
    assert wire.sent == []
    assert dropped == pytest.approx([1])


async def test_a_cut_elsewhere_is_an_answer_that_breaks_off() -> None:
    desk = Desk(faults=[{"fault": "cut_before"}])
    wire = Wire(app_of(desk), b"")
    await wire.run()
    start, body = wire.sent
    assert dict(start["headers"])[b"content-length"] == b"1"
    assert (body["body"], body["more_body"]) == (b"", True)


async def test_what_is_not_http_is_not_served() -> None:
    with pytest.raises(NotImplementedError):
        await Wire(app_of(Desk()), type="lifespan").run()


async def test_another_asgi_client_finds_an_awkward_name() -> None:
    desk = Desk(latency=0.25)
    name = 'State = "Open") OR (Name != ""'
    transport = httpx.ASGITransport(app=app_of(desk))
    key = {"ZSESSIONID": desk.emulator.ready.api_key}
    async with httpx.AsyncClient(transport=transport, base_url="http://r", headers=key) as client:
        query = {"query": f"(Name = {quoted(name)})", "fetch": "Name"}
        reply = await client.get(f"{ROOT}/artifact", params=query)
    assert {row["Name"] for row in reply.json()["QueryResult"]["Results"]} == {name}
