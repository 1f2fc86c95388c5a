"""Where the command begins: before anything that an extra brings is imported."""

from __future__ import annotations

import sys
from importlib.metadata import version
from importlib.util import find_spec

# What the command line itself stands on; what a single command needs besides, it says itself.
NEEDED = {"typer": "cli", "rich": "cli"}

DONE, FAILED, MISUSE, PARTLY_FAILED, INTERRUPTED = 0, 1, 2, 3, 130


def main() -> int:
    """Run the command; return the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        print(f"twofold {version('twofold')}")
        return DONE
    lacking = missing_extra(NEEDED)
    if lacking is not None:
        print(lacking, file=sys.stderr)
        return MISUSE
    try:
        from .app import run

        return run()
    except KeyboardInterrupt:  # while all of it was imported
        return INTERRUPTED


def missing_extra(needed: dict[str, str]) -> str | None:
    """Return the sentence that says what to install, or None if everything is there."""
    extras = sorted({extra for module, extra in needed.items() if find_spec(module) is None})
    if not extras:
        return None
    return f"this needs more than is installed: pip install 'twofold[{','.join(extras)}]'"
