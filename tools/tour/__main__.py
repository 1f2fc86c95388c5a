"""A tour of the terminal application: `python -m tools.tour [journey|leaving|trouble|login]`.

It runs in tmux, over stand-ins of the server on this machine, in folders of its own.  It prints a
line for each step, and fails if anything did not hold.
"""

from __future__ import annotations

import argparse
import signal
import sys
from functools import partial
from types import FrameType

from .journey import journey
from .leaving import leaving
from .login import login
from .notes import HEAD, Notes
from .terminal import NoTerminalError, found_tmux
from .trouble import MANY, trouble


def main() -> int:
    parser = argparse.ArgumentParser(prog="tour", description="Tour the terminal application.")
    parser.add_argument("part", nargs="*", help="journey, leaving, trouble, login; else all")
    parser.add_argument("--seed", type=int, default=1, help="of random moments")
    parser.add_argument("--tickets", type=int, default=MANY, help="of the large board")
    given = parser.parse_args()
    notes = Notes()
    parts = {
        "journey": partial(journey, notes),
        "leaving": partial(leaving, notes, given.seed),
        "trouble": partial(trouble, notes, given.tickets),
        "login": partial(login, notes),
    }
    signal.signal(signal.SIGTERM, ended)
    try:
        found_tmux()
    except NoTerminalError as error:
        parser.error(str(error))
    print(HEAD)
    for name in given.part or parts:
        print(f"\n{name}")
        parts[name]()
    return notes.conclude()


def ended(number: int, frame: FrameType | None) -> None:
    """End what was begun too, when the tour is told to end."""
    del frame
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
