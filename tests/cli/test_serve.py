"""`twofold serve rally`: ready when it says so, gone when it is told to, clear when it cannot."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest
from cli.commands import COMMAND, LONG, environment, one_line, run

pytestmark = pytest.mark.real_time


@contextmanager
def served(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    with subprocess.Popen(
        [*COMMAND, "serve", "rally", "--tickets=7", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_it_quickly_and_quietly(sign: signal.Signals, code: int) -> None:
    with served() as (process, ready):
        assert set(ready) == {
            *("url", "server", "api_key", "read_only_api_key"),
            *("username", "password", "workspace", "project"),
        }
        assert ready["url"] == f"http://{ready['server']}"
        with httpx.Client(trust_env=False) as caller:
            counters = caller.get(f"{ready['url']}/-/emulator/statistics").json()
        assert counters["requests"] == 0
        process.send_signal(sign)
        # Far away from what it takes, and from the answers that it might wait for.
        assert process.communicate(timeout=LONG / 4) == ("", "")
        assert process.returncode == code


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("{", "cannot be read as JSON"),
        ("{}", "must hold a JSON list"),
        ('[{"fault": "flood"}]', "faults[0]"),
        ('[{"fault": "html", "match": {"object": "US99"}}]', "US99"),
    ],
)
def test_a_bad_list_of_faults_is_misuse_in_one_line(
    tmp_path: Path, content: str, fault: str
) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text(content, encoding="utf-8")
    told = run("serve", "rally", "--tickets=7", f"--faults={faults}")
    assert fault in one_line(told, 2)


def test_a_port_that_is_taken_is_a_failure_in_one_line() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        told = run("serve", "rally", "--tickets=0", f"--port={taken.getsockname()[1]}")
    assert "in use" in one_line(told, 1)


@pytest.mark.parametrize(
    "options", [["--tickets=-1"], ["--port=70000"], ["--faults=/none"], ["-x"]]
)
def test_a_wrong_option_is_misuse(options: list[str]) -> None:
    told = run("serve", "rally", *options)
    assert (told.returncode, told.stdout) == (2, "")
    assert options[0].partition("=")[0] in told.stderr


def test_switches_make_a_server_harder() -> None:
    switches = ("--conflicts", "--latency=0.3", "--token-seconds=0", "--extension=txt")
    with served(*switches) as (_, ready):
        root = f"{ready['url']}/slm/webservice/v2.0"
        login = (ready["username"], ready["password"])
        with httpx.Client(auth=login, timeout=LONG, trust_env=False) as caller:
            said = caller.get(f"{root}/security/authorize").json()
            token = {"key": said["OperationResult"]["SecurityToken"]}
            tag = {"Tag": {"Name": "x"}}
            written = caller.post(f"{root}/tag/create", params=token, json=tag).json()
        assert "Invalid key" in str(written)


def test_further_users_have_keys_and_rights_of_their_own() -> None:
    switches = ("--account=amara.okafor@meridian.example=_amara", "--forbidden-as-403")
    with served(*switches, "--roll-up", "--fetch-depth=1") as (_, ready):
        root = f"{ready['url']}/slm/webservice/v2.0"
        key = {"ZSESSIONID": "_amara"}
        with httpx.Client(headers=key, timeout=LONG, trust_env=False) as caller:
            user = caller.get(f"{root}/user").json()["User"]
            place = {"Workspace": {"Name": "elsewhere"}}
            answer = caller.post(f"{root}/workspace/create", json=place)
        assert user["UserName"] == "amara.okafor@meridian.example"
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("accounts", "fault"),
    [
        (["nobody=_key"], "no user 'nobody'"),
        (["amara.okafor@meridian.example"], "an equals sign and a key"),
        (["a=_key", "b=_key"], "the same key"),
    ],
)
def test_an_account_that_cannot_be_is_misuse_in_one_line(accounts: list[str], fault: str) -> None:
    told = run("serve", "rally", "--tickets=7", *(f"--account={each}" for each in accounts))
    assert fault in one_line(told, 2)


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_printed(option: str) -> None:
    told = run(option)
    assert (told.returncode, told.stdout, told.stderr) == (0, f"twofold {version('twofold')}\n", "")


def test_an_unknown_command_is_misuse() -> None:
    told = run("rully")
    assert (told.returncode, told.stdout) == (2, "")
    assert "rully" in told.stderr
    assert sys.executable not in told.stderr
