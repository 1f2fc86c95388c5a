"""`twofold demo` leaves nothing behind when it is interrupted."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest
from cli.commands import COMMAND, LONG, children, empty, environment, is_there

pytestmark = pytest.mark.real_time


def test_an_interrupted_demo_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(TMPDIR=str(tmp_path)),
    ) as process:
        try:
            emulators = started(process)
            time.sleep(2)  # by now it is at work, on which part of it does not matter
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=LONG / 4)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (130, "", "")
    assert not any(map(is_there, emulators))
    assert empty(tmp_path)


def started(process: subprocess.Popen[str]) -> list[int]:
    """Wait until a process has children, and return them."""
    end = time.monotonic() + LONG / 2
    while time.monotonic() < end:
        found = children(process.pid)
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it started no emulator")
