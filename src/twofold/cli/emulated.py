"""An emulator in a process of its own, for as long as a block lasts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from ..errors import ServerError

PATIENCE = 5.0  # seconds for it to end when it is told to


@contextmanager
def emulator(system: str, arguments: Sequence[str]) -> Generator[Mapping[str, str]]:
    """Start `twofold serve` and give what its ready line says; end it with the block."""
    command = [sys.executable, "-m", "twofold", "serve", system, *arguments]
    # In a session of its own, so that Ctrl-C reaches it through us and in good order.
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield ready(process)
        finally:
            end(process)


def ready(process: subprocess.Popen[str]) -> Mapping[str, str]:
    """Wait for the ready line; a server that ends before it said why on stderr."""
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise ServerError(f"the emulator ended with code {process.wait()} before it was ready")
    said: Mapping[str, str] = json.loads(line)
    return said


def end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
