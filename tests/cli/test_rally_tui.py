"""The application in a real terminal: it leaves it as it found it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
import pytest

from twofold.cli.rally_tui import NEEDED

pytestmark = pytest.mark.real_time

PATIENCE = 60.0  # seconds


@attrs.define
class Terminal:
    """A terminal of 100 by 30, and what was written to it."""

    keyboard: int
    screen: int
    written: bytes = b""

    def read_until(self, text: bytes) -> None:
        until = time.monotonic() + PATIENCE
        while text not in self.written:
            assert time.monotonic() < until, self.written[-2000:]
            self.read()

    def read(self) -> None:
        if select.select([self.keyboard], [], [], 0.1)[0]:
            self.written += os.read(self.keyboard, 65536)

    def press(self, keys: bytes) -> None:
        os.write(self.keyboard, keys)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    keyboard, screen = pty.openpty()
    termios.tcsetwinsize(screen, (30, 100))
    yield Terminal(keyboard, screen)
    os.close(keyboard)
    os.close(screen)


@pytest.mark.parametrize(("leave", "code"), [(b"q", 0), (b"\x03", 130)])
def test_the_terminal_is_as_it_was_and_no_process_is_left(
    terminal: Terminal,
    rally_server: Mapping[str, str],
    leave: bytes,
    code: int,
    tmp_path: Path,
) -> None:
    before = termios.tcgetattr(terminal.screen)
    process = subprocess.Popen(
        [sys.executable, "-m", "twofold", "rally", "tui"],
        stdin=terminal.screen,
        stdout=terminal.screen,
        stderr=terminal.screen,
        start_new_session=True,
        env={
            **os.environ,
            "TERM": "xterm-256color",
            "RALLY_SERVER": rally_server["url"],
            "RALLY_APIKEY": rally_server["api_key"],
            "XDG_CACHE_HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path),
        },
    )
    try:
        terminal.read_until(b"Live")
        terminal.press(b"\x1b[B")
        terminal.press(leave)
        while process.poll() is None:
            terminal.read()
    finally:
        process.kill()
        process.wait()
    assert process.returncode == code
    assert termios.tcgetattr(terminal.screen) == before
    assert b"\x1b[?1049l" in terminal.written
    assert rally_server["api_key"].encode() not in terminal.written
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or rally_server["api_key"].encode() not in path.read_bytes()


def test_without_the_extra_it_says_what_to_install() -> None:
    assert set(NEEDED) == {"textual"}
    hidden = "import sys; sys.modules['textual'] = None; from twofold.cli.entry import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", hidden, "rally", "tui", "--demo"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "twofold[tui]" in ended.stderr
