"""`twofold serve rally --faults`: faults of TCP bring a proxy in front of the emulator."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from cli.commands import COMMAND, LONG, environment, one_line, run

pytestmark = pytest.mark.real_time

USER = "/slm/webservice/v2.0/user"


@contextmanager
def served(
    folder: Path, *faults: object
) -> Generator[tuple[subprocess.Popen[str], Mapping[str, str], httpx.Client]]:
    with subprocess.Popen(
        [*COMMAND, "serve", "rally", "--tickets=7", f"--faults={written(folder, *faults)}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        try:
            assert process.stdout is not None
            ready: dict[str, str] = json.loads(process.stdout.readline())
            key = {"ZSESSIONID": ready["api_key"]}
            with httpx.Client(headers=key, timeout=LONG, trust_env=False) as caller:
                yield process, ready, caller
        finally:
            process.kill()


def written(folder: Path, *faults: object) -> Path:
    path = folder / "faults.json"
    path.write_text(json.dumps(faults), encoding="utf-8")
    return path


def test_one_list_holds_faults_of_the_wire_and_of_the_server(tmp_path: Path) -> None:
    faults = [{"fault": "tcp_short_body", "nth": 1}, {"fault": "status", "status": 503, "nth": 2}]
    with served(tmp_path, *faults) as (_, ready, caller):
        assert ready["url"] == f"http://{ready['server']}"
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
            caller.get(ready["url"] + USER)
        assert caller.get(ready["url"] + USER).status_code == 503
        user = caller.get(ready["url"] + USER).json()["User"]
        assert user["_ref"].startswith(ready["url"])
        statistics = caller.get(ready["direct"] + "/-/emulator/statistics")
        assert statistics.json()["requests"] == 3


def test_a_refused_port_can_be_told_from_the_server_behind_it(tmp_path: Path) -> None:
    with served(tmp_path, {"fault": "tcp_refused"}) as (_, ready, caller):
        with pytest.raises(httpx.ConnectError):
            caller.get(ready["url"] + USER)
        assert caller.get(ready["direct"] + USER).status_code == 200


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_it_quickly_and_quietly_whoever_is_stalled(
    tmp_path: Path, sign: signal.Signals, code: int
) -> None:
    with served(tmp_path, {"fault": "tcp_stall", "at": "body"}) as (process, ready, _):
        host, _, port = ready["server"].partition(":")
        with closing(socket.create_connection((host, int(port)), timeout=LONG)) as line:
            line.sendall(f"GET {USER} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert line.recv(1) == b"H"
            process.send_signal(sign)
            assert process.communicate(timeout=LONG / 4) == ("", "")
            assert process.returncode == code


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ([{"fault": "empty"}, {"fault": "tcp_flood"}], "faults[1].fault"),
        ([{"fault": "tcp_stall"}, {"fault": "flood"}], "faults[1].fault"),
        ([{"fault": "tcp_stall"}, {"fault": "empty"}, {"fault": "status"}], "faults[2].status"),
    ],
)
def test_a_bad_fault_is_named_by_its_place_in_the_file(
    tmp_path: Path, faults: list[object], told: str
) -> None:
    result = run("serve", "rally", "--tickets=7", f"--faults={written(tmp_path, *faults)}")
    assert told in one_line(result, 2)


def test_a_port_that_is_taken_is_a_failure_in_one_line(tmp_path: Path) -> None:
    script = written(tmp_path, {"fault": "tcp_stall"})
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        told = run("serve", "rally", "--tickets=0", f"--port={port}", f"--faults={script}")
    assert "in use" in one_line(told, 1)
