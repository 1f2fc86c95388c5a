"""The application in a real terminal: it leaves it as it found it."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest

from twofold.cli.rally.tui import NEEDED

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

    def read_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.read()

    def press(self, keys: bytes) -> None:
        os.write(self.keyboard, keys)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    keyboard, screen = pty.openpty()
    termios.tcsetwinsize(screen, (30, 100))
    yield Terminal(keyboard, screen)
    os.close(keyboard)
    os.close(screen)


@contextmanager
def application(
    terminal: Terminal, server: Mapping[str, str], home: Path, **environment: str
) -> Generator[subprocess.Popen[bytes]]:
    """Run it until all tickets are there; then the block may press keys."""
    process = subprocess.Popen(
        [sys.executable, "-m", "twofold", "rally", "tui"],
        stdin=terminal.screen,
        stdout=terminal.screen,
        stderr=terminal.screen,
        start_new_session=True,
        env={
            **os.environ,
            "TERM": "xterm-256color",
            "RALLY_SERVER": server["url"],
            "RALLY_APIKEY": server["api_key"],
            "XDG_CACHE_HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            **environment,
        },
    )
    try:
        terminal.read_until(b"Live")
        yield process
        while process.poll() is None:
            terminal.read()
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(("leave", "code"), [(b"q", 0), (b"\x03", 130), (b",\x03", 130)])
def test_the_terminal_is_as_it_was_and_no_process_is_left(
    terminal: Terminal,
    rally_server: Mapping[str, str],
    leave: bytes,
    code: int,
    tmp_path: Path,
) -> None:
    before = termios.tcgetattr(terminal.screen)
    with application(terminal, rally_server, tmp_path) as process:
        terminal.press(b"\x1b[B")
        terminal.press(leave)
    assert process.returncode == code
    assert termios.tcgetattr(terminal.screen) == before
    assert b"\x1b[?1049l" in terminal.written
    assert rally_server["api_key"].encode() not in terminal.written
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or rally_server["api_key"].encode() not in path.read_bytes()


def test_who_is_told_to_end_leaves_the_terminal_as_it_was(
    terminal: Terminal, rally_server: Mapping[str, str], tmp_path: Path
) -> None:
    before = termios.tcgetattr(terminal.screen)
    with application(terminal, rally_server, tmp_path) as process:
        process.terminate()
    assert process.returncode == 128 + signal.SIGTERM
    assert termios.tcgetattr(terminal.screen) == before
    assert b"\x1b[?1049l" in terminal.written


def test_a_terminal_without_unicode_is_written_to_in_ascii(
    terminal: Terminal, rally_server: Mapping[str, str], tmp_path: Path
) -> None:
    with application(terminal, rally_server, tmp_path, LC_ALL="C", NO_COLOR="1"):
        terminal.press(b"+")
        terminal.read_until(b"New")
        terminal.press(b"\x03")
    assert terminal.written.isascii()


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "vt100"}])
def test_without_colour_not_a_code_of_one_is_sent_and_the_cursor_is_seen(
    terminal: Terminal,
    rally_server: Mapping[str, str],
    tmp_path: Path,
    environment: Mapping[str, str],
) -> None:
    with application(terminal, rally_server, tmp_path, **environment):
        terminal.press(b" ")
        terminal.read_until(b"1 marked")
        for opens, said in [(b"?", b"Next page"), (b",", b"Settings"), (b"c", b"Comment on")]:
            terminal.press(opens)
            terminal.read_until(said)
            terminal.press(b"\x1b")
            terminal.read_for(0.5)
        terminal.press(b"q")
    attributes = {
        int(one or 0)
        for each in re.findall(rb"\x1b\[([0-9;:]*)m", terminal.written)
        for one in re.split(rb"[;:]", each)
    }
    assert attributes <= {0, 1, 2, 3, 4, 5, 7, 9}
    assert {1, 4, 7} <= attributes
    assert b"* " in terminal.written


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_what_nothing_can_be_drawn_on_is_refused_and_said(terminal: Terminal, term: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "twofold", "rally", "tui", "--demo"],
        stdin=terminal.screen,
        stdout=terminal.screen,
        stderr=terminal.screen,
        env={**os.environ, "TERM": term},
        check=False,
    )
    terminal.read()
    assert ended.returncode == 2
    assert f"TERM={term}".encode() in terminal.written
    assert b"\x1b" not in terminal.written


def test_without_a_terminal_it_says_that_it_needs_one() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "twofold", "rally", "tui", "--demo"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "needs a terminal" in ended.stderr


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
