"""Neither key nor password nor token is to be found anywhere afterwards."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path

from .walk import Walk
from .world import World

SHORTEST = 8
"""Letters of a secret that is looked for alone: a shorter one is found by chance."""


def secrets(ready: Mapping[str, str], further: Iterable[str] = ()) -> set[bytes]:
    """Return everything that must not be found, as bytes."""
    pair = f"{ready['username']}:{ready['password']}"
    named = {ready["api_key"], pair, base64.b64encode(pair.encode()).decode(), *further}
    return {each.encode() for each in named}


def check_traces(walk: Walk, there: World, further: Iterable[str] = ()) -> None:
    """Look into every file of that world, and at all that came to the screen or was copied."""
    wanted = secrets(there.ready, further)
    files = [path for path in there.folder.rglob("*") if path.is_file()]
    found = [
        f"{path.relative_to(there.folder)}" for path in files if holds(path.read_bytes(), wanted)
    ]
    kinds = sorted({kind(path, there) for path in files})
    what = f"no secret in {len(files)} files: {', '.join(kinds)}"
    walk.notes.check(what, not found, ", ".join(found))
    walk.notes.check("no secret was copied", not holds(walk.terminal.copied.encode(), wanted))


def holds(content: bytes, wanted: set[bytes]) -> bool:
    return any(each in content for each in wanted)


def kind(path: Path, there: World) -> str:
    """Return where a file stands, in a word."""
    return path.relative_to(there.home if path.is_relative_to(there.home) else there.folder).parts[
        0
    ]
