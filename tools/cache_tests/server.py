"""The package's own server, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

READY = re.compile(r"Listening on .*:(\d+)/")


@contextmanager
def serving(package: Path) -> Generator[str]:
    """Start the server on a free port; give its URL, and end it afterwards."""
    with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("w") as log:
        # These are how npm hands a package its settings.
        settings = {"protocol": "http", "port": "0", "pidfile": str(Path(folder, "pid"))}
        process = subprocess.Popen(
            ["node", "server/server.mjs"],
            cwd=package,
            env={**os.environ, **{f"npm_config_{key}": text for key, text in settings.items()}},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield f"http://127.0.0.1:{port(process, Path(folder, 'log'))}"
        finally:
            process.terminate()
            process.communicate()


def port(process: subprocess.Popen[str], log: Path) -> int:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    line = process.stdout.readline()
    found = READY.search(line)
    if found is None:
        raise RuntimeError(f"the server did not start: {line}{log.read_text()}")
    return int(found[1])
