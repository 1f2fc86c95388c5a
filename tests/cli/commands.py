"""The command line as a user runs it: a process of its own, its output in pipes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from twofold.cli.entry import main

ROOT = "/slm/webservice/v2.0"
COMMAND = (sys.executable, "-m", "twofold")
LONG = 60.0
"""Seconds that nobody in these tests may ever wait."""

STRANGE = ("RALLY_", "TWOFOLD_", "PYTHON")


def environment(**variables: str) -> dict[str, str]:
    """Return this machine's environment without settings of ours, and a wish for colour."""
    own = {name: text for name, text in os.environ.items() if not name.startswith(STRANGE)}
    # Colour is asked for, and must not come: the output is in a pipe.
    return {**own, "FORCE_COLOR": "1", "TWOFOLD_CONFIG": os.devnull + "/none", **variables}


def run(*arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; what it prints is UTF-8 and free of control sequences."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=stdin.encode(),
        capture_output=True,
        timeout=LONG,
        env=environment(**variables),
        check=False,
    )
    told = subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )
    assert "\x1b" not in told.stdout + told.stderr
    assert "Traceback" not in told.stderr
    return told


class Rally:
    """Runs `twofold rally` against one server, with its key."""

    def __init__(self, ready: Mapping[str, str]) -> None:
        self.url = ready["url"]
        self.variables = {"RALLY_SERVER": ready["url"], "RALLY_APIKEY": ready["api_key"]}

    def __call__(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        told = run("rally", *arguments, stdin=stdin, **self.variables)
        assert self.variables["RALLY_APIKEY"] not in told.stdout + told.stderr
        return told

    def rows(self, *arguments: str, stdin: str = "", code: int = 0) -> list[dict[str, Any]]:
        """Run a command that ends with a code, and return its rows."""
        told = self(*arguments, "--format", "json", stdin=stdin)
        assert told.returncode == code, told.stderr
        rows: list[dict[str, Any]] = json.loads(told.stdout)
        return rows


class Inside(Rally):
    """Runs `twofold rally` against one server in this process: a tenth of what a start takes."""

    def __init__(
        self,
        ready: Mapping[str, str],
        monkeypatch: pytest.MonkeyPatch,
        capture: pytest.CaptureFixture[bytes],
    ) -> None:
        super().__init__(ready)
        self.around = monkeypatch
        self.capture = capture

    def __call__(
        self, *arguments: str, stdin: str = "", is_terminal: bool = False
    ) -> subprocess.CompletedProcess[str]:
        command = ["twofold", "rally", *arguments]
        with self.around.context() as around:
            for name in (name for name in os.environ if name.startswith(STRANGE[:2])):
                around.delenv(name)
            for name, text in environment(**self.variables).items():
                around.setenv(name, text)
            around.setattr(sys, "argv", command)
            around.setattr(sys, "stdin", Typed(stdin, is_terminal))
            self.capture.readouterr()
            code = main()
        said = self.capture.readouterr()
        told = subprocess.CompletedProcess(command, code, said.out.decode(), said.err.decode())
        assert "\x1b" not in told.stdout + told.stderr
        assert self.variables["RALLY_APIKEY"] not in told.stdout + told.stderr
        return told


class Typed(io.TextIOWrapper):
    """What is typed, or comes through a pipe."""

    def __init__(self, text: str, is_terminal: bool) -> None:
        super().__init__(io.BytesIO(text.encode()), "utf-8")
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


def changed(server: Rally, ref: str, body: Mapping[str, Any]) -> None:
    """Write to an object beside the command."""
    headers = {"ZSESSIONID": server.variables["RALLY_APIKEY"]}
    with httpx.Client(headers=headers, trust_env=False) as caller:
        answer = caller.post(f"{server.url}{ROOT}{ref}", json=dict(body))
    assert answer.json()["OperationResult"]["Errors"] == []


def one_line(told: subprocess.CompletedProcess[str], code: int) -> str:
    """Check that a command failed with a code and one line of explanation; return the line."""
    assert (told.returncode, told.stdout) == (code, ""), told
    assert told.stderr.startswith("twofold: ")
    assert told.stderr.count("\n") == 1
    return told.stderr


def children(pid: int) -> list[int]:
    """Return the processes that a process started and that are still there."""
    return [child for child, parent in parents() if parent == pid]


def parents() -> Iterator[tuple[int, int]]:
    """Yield every process with its parent, from where the kernel lists them; elsewhere from ps."""
    if not Path("/proc/self/status").exists():
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
        )
        for line in listed.stdout.splitlines():
            child, parent = map(int, line.split())
            yield child, parent
        return
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):  # it has ended meanwhile
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
            yield int(fields["Pid"]), int(fields["PPid"])


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def empty(folder: Path) -> bool:
    return not list(folder.iterdir())
