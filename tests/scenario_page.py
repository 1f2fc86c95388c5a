"""What comes of the scenario of every method: committed, so that a change of it can be reviewed.

`python tests/scenario_page.py` writes it anew.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from twofold.emulators.rally.dates import START
from twofold.emulators.rally.emulator import RallyEmulator

PAGE = Path(__file__).resolve().parent / "rally" / "scenario.jsonl"
WRITE = "write it: python tests/scenario_page.py"


def emulator() -> RallyEmulator:
    """A server whose ids and times are always the same."""
    return RallyEmulator(tickets=28, seed=3, clock=lambda: START)


def lines() -> list[str]:
    """What comes of it in threads; the tests compare all others with that."""
    from _sync.rally.scenario import play
    from minutes import Minutes

    from twofold import MockRallyClient

    minutes = Minutes()
    with tempfile.TemporaryDirectory() as folder:
        play(MockRallyClient(emulator=emulator()), minutes, Path(folder))
    return minutes.lines


if __name__ == "__main__":
    PAGE.write_text("".join(f"{line}\n" for line in lines()), encoding="utf-8")
