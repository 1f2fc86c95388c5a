"""The world that the application is run in: folders of its own, and a server on this machine."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from .terminal import Terminal, terminal

WITH_KEY, WITH_PASSWORD = "key", "password"

ENDING = 5.0  # seconds

BROWSER = """#!/bin/sh
echo "$1" >> "$TOUR_OPENED"
"""


@attrs.frozen
class World:
    """Where everything is; nothing of it is the user's own."""

    folder: Path
    ready: Mapping[str, str]
    """What the server said of itself."""

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def aside(self) -> Path:
        """Where temporary files come."""
        return self.folder / "aside"

    @property
    def downloads(self) -> Path:
        return self.home / "Downloads"

    @property
    def preferences(self) -> Path:
        return self.home / "config" / "twofold" / "tui.toml"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def opened(self) -> str:
        """What a browser was told to open."""
        path = self.folder / "opened"
        return path.read_text("utf-8") if path.exists() else ""

    def environment(self, login: str) -> Mapping[str, str]:
        xdg = {
            f"XDG_{name.upper()}_HOME": str(self.home / name)
            for name in ("config", "cache", "data", "state")
        }
        ready = self.ready
        if login == WITH_KEY:
            who = {"RALLY_APIKEY": ready["api_key"]}
        else:
            who = {"RALLY_USERNAME": ready["username"], "RALLY_PASSWORD": ready["password"]}
            who["TEXTUAL_LOG"] = str(self.log)  # which takes time, so not where it is measured
        return {
            **xdg,
            **who,
            "XDG_DOWNLOAD_DIR": str(self.downloads),
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "TMPDIR": str(self.aside),
            "RALLY_SERVER": ready["url"],
            "BROWSER": str(self.folder / "browser"),
            "TOUR_OPENED": str(self.folder / "opened"),
        }


@contextmanager
def world(ready: Mapping[str, str]) -> Generator[World]:
    """Make the folders for the block."""
    with TemporaryDirectory(prefix="tour-", ignore_cleanup_errors=True) as folder:
        made = World(Path(folder), ready)
        made.home.mkdir()
        made.aside.mkdir()
        browser = made.folder / "browser"
        browser.write_text(BROWSER, "utf-8")
        browser.chmod(stat.S_IRWXU)
        yield made
        until_ended(made)


def until_ended(there: World) -> bool:
    """Wait until nothing runs in this world any more; tell whether that came to be."""
    until = time.monotonic() + ENDING
    while processes(there):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def opened(
    there: World, login: str = WITH_KEY, *, columns: int = 120, rows: int = 32
) -> Generator[Terminal]:
    """Open a terminal in this world for the block."""
    with terminal(there.folder, there.environment(login), columns=columns, rows=rows) as made:
        yield made


def processes(there: World) -> Sequence[str]:
    """Return the commands that still run in this world, the terminal's own apart."""
    mark = f"HOME={there.home}".encode()
    found: list[str] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            is_ours = mark in (folder / "environ").read_bytes().split(b"\0")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        except OSError:  # it has ended meanwhile, or is another user's
            continue
        if is_ours and command.split(" ")[0].rpartition("/")[2] not in ("tmux", "bash", "cat"):
            found.append(command)
    return found
