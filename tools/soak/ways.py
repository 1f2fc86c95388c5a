"""Which runtimes a run is to take, which ways there; and how it is run on one."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import Any

import anyio

RUNTIMES = ("asyncio", "trio", "threads")


def on(runtime: str, waiting: Any, blocking: Any, *args: Any) -> Any:
    """Run something of both colours on a runtime."""
    if runtime == "threads":
        return blocking(*args)
    return anyio.run(partial(waiting, *args), backend=runtime)


def runtimes(given: argparse.Namespace) -> Sequence[str]:
    return [given.runtime] if given.runtime else RUNTIMES


def ways(given: argparse.Namespace) -> Sequence[bool]:
    """Return whether over TLS, for each way to go."""
    return (False, True) if given.tls is None else (given.tls,)
