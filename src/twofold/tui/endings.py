"""Told to end from outside: somebody ends the process, or its terminal is closed.

Then too nothing of ours is left behind, and the terminal, if there is one, is as it was.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from functools import partial

TERMINATED = 128 + signal.SIGTERM  # what a shell expects


def heed_endings(leave: Callable[[int], object]) -> None:
    """Leave when told to end, as long as this loop lasts; on Windows nobody is told so."""
    if sys.platform != "win32":
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, partial(leave, TERMINATED))


def when_hung_up(tidy: Callable[[], object]) -> None:
    """Tidy up when the terminal is closed, and end.

    At once, and not by leaving: what is left to be drawn would be waited for and has no reader.
    """
    if sys.platform == "win32":
        return

    def end(number: int, _: object) -> None:
        tidy()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    signal.signal(signal.SIGHUP, end)
