"""An emulator in a process of its own, over real sockets."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from emulators.rally.desk import ROOT, Desk

import twofold.emulators
from twofold.emulators.serve import serve

pytestmark = pytest.mark.real_time

SOURCE = str(Path(twofold.emulators.__file__).parents[2])
PROGRAM = """
import json, sys
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.emulators.serve import serve
emulator = RallyEmulator(**json.loads(sys.argv[1]))
ended = serve(emulator, announce=lambda url: print(url, emulator.ready.api_key, flush=True))
print(ended.name, flush=True)
"""
STATISTICS = "/-/emulator/statistics"
LONG = 60.0
"""Seconds that nobody in these tests may ever wait."""


class Serving:
    """A running emulator and its client."""

    def __init__(self, process: subprocess.Popen[str], client: httpx.Client) -> None:
        self.process = process
        self.client = client

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        return self.client.get(ROOT + path, params=parameters)

    def wait_for(self, name: str, value: int) -> None:
        """Look at the statistics until a counter has a value; it must come soon."""
        end = time.monotonic() + LONG / 4
        while self.client.get(STATISTICS).json()[name] != value:
            assert time.monotonic() < end
            time.sleep(0.01)

    def end(self, sign: signal.Signals) -> tuple[str, str]:
        self.process.send_signal(sign)
        return self.process.communicate(timeout=LONG / 4)


@contextmanager
def serving(**options: Any) -> Iterator[Serving]:
    import json

    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, json.dumps({"tickets": 140} | options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": SOURCE},
    ) as process:
        assert process.stdout is not None
        url, key = process.stdout.readline().split()
        headers = {"ZSESSIONID": key}
        with httpx.Client(base_url=url, headers=headers, timeout=LONG, trust_env=False) as client:
            try:
                yield Serving(process, client)
            finally:
                process.kill()


def test_it_answers_over_http_with_its_own_address_in_references() -> None:
    with serving(latency=0.05) as at:
        begin = time.monotonic()
        row = at.get("/defect", query='(FormattedID = "DE3")').json()["QueryResult"]["Results"][0]
        assert time.monotonic() - begin >= 0.05
        assert row["_ref"].startswith(f"{str(at.client.base_url).rstrip('/')}{ROOT}/defect/")
        assert at.client.get(row["_ref"]).json()["Defect"]["FormattedID"] == "DE3"
        assert at.client.get(row["_ref"], headers={"ZSESSIONID": "wrong"}).status_code == 401
        assert at.client.get("/").status_code == 404


def test_it_answers_many_at_once_and_counts_them() -> None:
    with serving(latency=0.5) as at, ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: at.get("/user"), range(8)))
        assert {reply.status_code for reply in replies} == {200}
        assert at.client.post(STATISTICS).json() == {
            "requests": 8,
            "peak_in_flight": 8,
            "in_flight": 0,
        }
        assert at.client.get(STATISTICS).json()["requests"] == 0


def test_a_caller_who_hangs_up_is_noticed_at_once() -> None:
    with serving(latency=LONG) as at:
        with closing(socket.create_connection(("127.0.0.1", at.client.base_url.port or 0))) as line:
            line.sendall(f"GET {ROOT}/user HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            at.wait_for("in_flight", 1)
        at.wait_for("in_flight", 0)


@pytest.mark.parametrize(("kind", "is_done"), [("cut_before", False), ("cut_after", True)])
def test_a_cut_is_a_dropped_connection_without_a_reply(kind: str, is_done: bool) -> None:
    fault = {"match": {"method": "POST"}, "fault": kind, "times": 1}
    with serving(faults=[fault]) as at:
        body = {"Tag": {"Name": "cut"}}
        with pytest.raises(httpx.TransportError) as caught:
            at.client.post(f"{ROOT}/tag/create", json=body)
        assert "without sending a response" in str(caught.value) or "reset" in str(caught.value)
        found = at.get("/tag", query='(Name = "cut")').json()["QueryResult"]
        assert found["TotalResultCount"] == int(is_done)
        _, complaints = at.end(signal.SIGTERM)
        assert complaints == ""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once_whoever_is_waiting(sign: signal.Signals) -> None:
    def ask() -> None:
        with suppress(httpx.TransportError):
            at.get("/user")

    with serving(latency=LONG) as at, ThreadPoolExecutor(3) as threads:
        asking = [threads.submit(ask) for _ in range(3)]
        at.wait_for("in_flight", 3)
        printed, complaints = at.end(sign)
        assert (printed, complaints) == (f"{sign.name}\n", "")
        assert at.process.returncode == 0
        for each in asking:
            each.result(timeout=LONG / 4)


def test_a_port_that_is_taken_is_an_error_and_nothing_is_announced() -> None:
    announced: list[str] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError):
            serve(Desk(tickets=0).emulator, port=port, announce=announced.append)
    assert announced == []
