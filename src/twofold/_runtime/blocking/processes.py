"""Other programs, run to their end."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from os import PathLike
from selectors import EVENT_WRITE, DefaultSelector
from subprocess import DEVNULL, PIPE, CompletedProcess, Popen, TimeoutExpired
from typing import IO

from .park import Event
from .scopes import checkpoint
from .tasks import unwrapped_task_group

__all__ = ["run_process"]

PATIENCE = 5.0  # seconds a process is given to end by itself, before it is killed
CHUNK = 64 * 1024
SLICE = 0.1  # seconds between two looks whether anybody still wants the output


def run_process(
    argv: Sequence[str],
    *,
    input: bytes | None = None,
    check: bool = True,
    cwd: str | PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
) -> CompletedProcess[bytes]:
    """Run a program to its end and return what it wrote.

    Without `input` it reads an empty file, never the terminal.  If cancelled it is asked to
    terminate, and killed if it does not within five seconds; it has ended before this returns.
    With `check` an exit code other than 0 raises `subprocess.CalledProcessError`.
    """
    checkpoint()
    stdin = DEVNULL if input is None else PIPE
    with (
        Popen(argv, stdin=stdin, stdout=PIPE, stderr=PIPE, cwd=cwd, env=env) as process,  # noqa: S603
        unwrapped_task_group() as tasks,
    ):
        talk = Talk(process)
        try:
            if input is not None:
                tasks.start_soon(talk.tell, taken_stdin(process), input)
            tasks.start_soon(talk.hold)
            talk.over.wait()
        except BaseException:
            talk.unwanted = True
            end(process)
            raise
    done = CompletedProcess(argv, process.returncode, *talk.heard)
    if check:
        done.check_returncode()
    return done


class Talk:
    """What goes in and out of a process, held in threads of its own."""

    def __init__(self, process: Popen[bytes]) -> None:
        self._process = process
        self.heard: tuple[bytes, bytes] = (b"", b"")
        self.over = Event()
        self.unwanted = False

    def hold(self) -> None:
        """Listen until the process closes its output, or nobody wants to hear any more.

        A process that has ended may have left its output open to others that it started.
        """
        while not self.unwanted:
            with suppress(TimeoutExpired):
                self.heard = self._process.communicate(timeout=SLICE)
                return self.over.set()
        return None

    def tell(self, pipe: IO[bytes], input: bytes) -> None:
        """Write the input as fast as it is read, until all is written or nobody reads any more.

        `communicate` would do it, but forgets the input when its time-out passes (Python 3.11).
        """
        left = memoryview(input)
        os.set_blocking(pipe.fileno(), False)
        with suppress(BrokenPipeError), pipe, DefaultSelector() as selector:
            selector.register(pipe, EVENT_WRITE)
            while left and not (self.unwanted or self.over.is_set()):
                if selector.select(SLICE):
                    left = left[os.write(pipe.fileno(), left[:CHUNK]) :]


def taken_stdin(process: Popen[bytes]) -> IO[bytes]:
    """Take the process's input away from its object, which would close it."""
    pipe, process.stdin = process.stdin, None
    assert pipe is not None  # noqa: S101 - it was asked for
    return pipe


def end(process: Popen[bytes]) -> None:
    """End a process, gently if it lets us; wait until it has ended."""
    process.terminate()
    try:
        with suppress(TimeoutExpired):
            process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()
