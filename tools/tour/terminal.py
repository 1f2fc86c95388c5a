"""A terminal that nobody sits at: tmux, with a server of its own, and a shell in it.

It is asked in control mode, so that neither a key nor a look at the screen costs a process.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import attrs

from .look import Held, Look

PAUSE = 0.002  # seconds between two looks
LONG, SEVERAL = 1.0, 20  # seconds after which looks are that much rarer: it is not a key's effect
PATIENCE = 30.0  # seconds
PANE = "tour:0.0"
PROMPT = "shell> "

OPTIONS = (
    ("-g", "status", "off"),
    ("-g", "window-size", "manual"),
    ("-g", "default-terminal", "tmux-256color"),
    ("-s", "set-clipboard", "on"),
    ("-s", "escape-time", "0"),
)


class NoTerminalError(Exception):
    """There is no tmux, or it does not do what it is told."""


@attrs.frozen
class Terminal:
    """One window with a shell in it."""

    told: IO[str]
    heard: IO[str]
    shell: int
    """Its process."""
    written: Path
    """Keeps all bytes that were ever written to it."""

    def ask(self, *words: str) -> Sequence[str]:
        """Have tmux do something, and return the lines that it answers."""
        print(shlex.join(words), file=self.told, flush=True)
        return answer(self.heard)

    def press(self, *keys: str) -> None:
        """Press keys, as tmux calls them."""
        self.ask("send-keys", "-t", PANE, *keys)

    def type(self, text: str) -> None:
        self.ask("send-keys", "-t", PANE, "-l", "--", text)

    def run(self, command: str) -> None:
        """Type a line into the shell."""
        self.type(command)
        self.press("Enter")

    def look(self) -> Look:
        return Look.of(self.ask("capture-pane", "-p", "-e", "-t", PANE))

    def until(self, held: Held, patience: float = PATIENCE) -> float | None:
        """Look until something holds; return the seconds that it took, None: it never did."""
        began = time.perf_counter()
        while not held(self.look()):
            waited = time.perf_counter() - began
            if waited > patience:
                return None
            time.sleep(PAUSE if waited < LONG else SEVERAL * PAUSE)
        return time.perf_counter() - began

    def resize(self, columns: int, rows: int) -> None:
        self.ask("resize-window", "-t", PANE, "-x", str(columns), "-y", str(rows))

    def of_pane(self, what: str) -> str:
        """Return what tmux knows of the pane under a name such as `pane_pid`."""
        return self.ask("display-message", "-p", "-t", PANE, f"#{{{what}}}")[0]

    @property
    def worked(self) -> float:
        """The seconds for which the application has had a processor; 0: there is none."""
        shell = self.shell
        children = Path(f"/proc/{shell}/task/{shell}/children").read_text("ascii").split()
        if not children:
            return 0.0
        try:
            told = Path(f"/proc/{children[0]}/schedstat").read_text("ascii")
        except OSError:  # it has ended meanwhile
            return 0.0
        return int(told.split()[0]) / 1e9

    @property
    def copied(self) -> str:
        """What was put into the clipboard, all of it."""
        names = self.ask("list-buffers", "-F", "#{buffer_name}")
        return "\n".join(line for name in names for line in self.ask("show-buffer", "-b", name))


def answer(heard: IO[str]) -> Sequence[str]:
    """Read what tmux answers; what it tells unasked stands between answers, and is left out."""
    lines: list[str] = []
    mark = ""
    for line in heard:
        word, _, rest = line.rstrip("\n").partition(" ")
        if mark and rest == mark and word in ("%end", "%error"):
            if word == "%error":
                raise NoTerminalError(" ".join(lines))
            return lines
        if mark:
            lines.append(line.rstrip("\n"))
        elif word == "%begin":
            mark = rest
    raise NoTerminalError("tmux has ended")


def found_tmux() -> str:
    tmux = shutil.which("tmux")
    if tmux is None:
        raise NoTerminalError("the tour needs tmux, and finds none: install it (apt install tmux)")
    return tmux


@contextmanager
def terminal(
    folder: Path, environment: Mapping[str, str], *, columns: int = 120, rows: int = 32
) -> Generator[Terminal]:
    """Open a terminal for the block; its socket stands in the folder, its server ends with it."""
    command = [found_tmux(), "-u", "-f", "/dev/null", "-S", str(folder / "tmux")]
    size = ["-x", str(columns), "-y", str(rows)]
    shell = "exec bash --norc --noprofile"
    subprocess.run(
        [*command, "new-session", "-d", "-s", "tour", *size, shell], env=environment, check=True
    )
    with subprocess.Popen(
        [*command, "-C", "attach", "-t", "tour", "-f", "no-output,ignore-size"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        env=environment,
    ) as control:
        if control.stdin is None or control.stdout is None:
            raise NoTerminalError("tmux gave no pipes")
        opened = Terminal(control.stdin, control.stdout, shell_of(command), folder / "written")
        try:
            answer(opened.heard)  # to having attached
            prepare(opened)
            yield opened
        finally:
            subprocess.run([*command, "kill-server"], env=environment, check=False)
            control.kill()


def shell_of(command: Sequence[str]) -> int:
    asked = [*command, "display-message", "-p", "-t", PANE, "#{pane_pid}"]
    return int(subprocess.run(asked, capture_output=True, check=True).stdout)


def prepare(opened: Terminal) -> None:
    for option in OPTIONS:
        opened.ask("set-option", *option)
    opened.ask("pipe-pane", "-t", PANE, f"exec cat >> {shlex.quote(str(opened.written))}")
    opened.run(f"PS1={shlex.quote(PROMPT)}; clear")
    if opened.until(is_shell) is None:
        raise NoTerminalError("no shell has answered")


def is_shell(look: Look) -> bool:
    """Tell whether the shell waits for a line."""
    return "".join(said(look)[-1:]).endswith(PROMPT.rstrip())


def said(look: Look) -> list[str]:
    return [line for line in look.lines if line]
