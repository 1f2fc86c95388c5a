"""What a rate costs that processes share: a lease of the store, and a grant out of what it gave."""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from twofold._sync.core.admission import enter
from twofold._sync.core.leasing import Lessee
from twofold._sync.core.store.sqlite import SQLiteStore
from twofold.core.policy.gate import Gate, Ticket
from twofold.core.policy.lease import Claim, Share
from twofold.core.policy.rate import Rate
from twofold.core.store.cache_file import CacheFile
from twofold.events import Event

from .measuring import Row, interleaved, medians

TIMES = 2_000
CONTENDERS = 3

# More than any of them uses; leases of it are held for 50 ms.
AMPLE = Rate(1_000_000, burst=100_000)
CLAIM = Claim("bench", 1_000_000, 1.0, 100_000)

HAMMER = """
import sys, time
from twofold.core.policy.lease import Claim
from twofold.core.store.cache_file import CacheFile
file = CacheFile(sys.argv[1], 2**20, 10.0)
print("ready", flush=True)
while True:
    file.lease(Claim("bench", 1_000_000, 1.0, 100_000))
    time.sleep(0.0005)
"""


@contextmanager
def contender(path: Path) -> Generator[None]:
    """Have another process lease from a file, about a thousand times a second."""
    with subprocess.Popen(
        [sys.executable, "-c", HAMMER, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            next(iter(process.stdout or ()))
            yield
        finally:
            process.kill()


def leases(path: Path, clock: Callable[[], float]) -> float:
    """Return what a lease takes by a clock, in microseconds."""
    file = CacheFile(path, 2**20, 10.0)
    file.lease(CLAIM)
    began = clock()
    for _ in range(TIMES):
        file.lease(CLAIM)
    taken = clock() - began
    file.close()
    return taken / TIMES * 1e6


def leases_beside_others(path: Path) -> float:
    with ExitStack() as others:
        for _ in range(CONTENDERS):
            others.enter_context(contender(path))
        return leases(path, time.perf_counter)


def unheard(kind: type[Event], **fields: Any) -> None:
    """Nobody listens."""


def grants(path: Path | None) -> float:
    """Return the CPU of a request at the gate, leases included; None: the rate is not shared."""
    store = None if path is None else SQLiteStore(path)
    share = None if store is None else Share(store.scope, "bench")
    lessee = None if store is None else Lessee(store, unheard)
    member = Gate().join("me", 10, rate=AMPLE, share=share)
    began = time.process_time()
    for _ in range(10 * TIMES):
        ticket = enter(Ticket(member), time.monotonic, lessee=lessee)
        member.gate.leave(ticket, time.monotonic())
    taken = time.process_time() - began
    if store is not None:
        store.close()
    return taken / (10 * TIMES) * 1e6


def rows(rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        names = itertools.count()

        def fresh(measure: Callable[[Path], float]) -> float:
            return measure(Path(folder, f"{next(names)}.db"))

        figures = medians(
            interleaved(
                {
                    "lease": partial(fresh, partial(leases, clock=time.process_time)),
                    "beside others": partial(fresh, leases_beside_others),
                    "own": partial(grants, None),
                    "shared": partial(fresh, grants),
                },
                rounds,
            )
        )
    return [
        Row("a lease of tokens from a file", f"{figures['lease']:.3g} us CPU"),
        Row(
            f"the same while {CONTENDERS} other processes lease from it",
            f"{figures['beside others']:.3g} us",
        ),
        Row(
            "a grant at the gate: a rate of the process, one that processes share, leases included",
            f"{figures['own']:.3g} us, {figures['shared']:.3g} us CPU",
        ),
    ]
