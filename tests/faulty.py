"""An emulator behind the fault proxy: the ticket or the text of a call brings its trouble."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import attrs
import httpx
from emulators.rally.desk import Desk
from fault_table import BEHIND_A_REQUEST, Case

TICKETS, SEED = 700, 3
FRESH = 20
"""How often a fault that strikes once can be met, while one server lives."""
STATISTICS = "/-/emulator/statistics"


@attrs.frozen
class Target:
    """What a call is to name, so that its fault strikes."""

    ref: str
    text: str


@attrs.frozen
class FaultyServer:
    ready: Mapping[str, str]
    refs: list[str]
    _drawn: dict[tuple[str, str], Iterator[int]] = attrs.field(
        factory=dict[tuple[str, str], Iterator[int]], init=False
    )

    def target(self, case: Case, operation: str, *, once: bool) -> Target:
        """Return a target that is struck always, or a fresh one that is struck once."""
        at = next(self._drawn.setdefault((case.name, operation), count(1))) if once else 0
        assert at <= FRESH
        return Target(self.refs[place(case, at)], text(case, at))

    def forget(self) -> None:
        """Begin to count requests anew."""
        httpx.post(self.ready["direct"] + STATISTICS, trust_env=False)

    def arrived(self) -> int:
        counters = httpx.get(self.ready["direct"] + STATISTICS, trust_env=False).json()
        requests: int = counters["requests"]
        return requests


@contextmanager
def faulty_server(
    folder: Path, faults: list[dict[str, object]] | None = None
) -> Generator[FaultyServer]:
    """Serve the faults of the table, or those given, in a process of its own."""
    from twofold.cli.emulated import emulator

    refs = stories()
    script = folder / "faults.json"
    script.write_text(json.dumps(struck(refs) if faults is None else faults), encoding="utf-8")
    options = [f"--tickets={TICKETS}", f"--seed={SEED}", f"--faults={script}"]
    with emulator("rally", options) as ready:
        yield FaultyServer(ready, refs)


def stories() -> list[str]:
    """Return where the stories of that emulator are: the same seed gives the same."""
    rows = Desk(tickets=TICKETS, seed=SEED).rows("/hierarchicalrequirement")
    return [f"/hierarchicalrequirement/{row['ObjectID']}" for row in rows]


def struck(refs: list[str]) -> list[dict[str, object]]:
    return [
        {**case.fault, "match": match, **({"nth": 1} if at else {})}
        for case in BEHIND_A_REQUEST
        for at in range(FRESH + 1)
        for match in (
            {"method": "GET", "path": refs[place(case, at)]},
            {"method": "POST", "path": refs[place(case, at)]},
            {"method": "POST", "body": f'"{text(case, at)}"'},
        )
    ]


def place(case: Case, at: int) -> int:
    return BEHIND_A_REQUEST.index(case) * (FRESH + 1) + at


def text(case: Case, at: int) -> str:
    return f"{case.name} {at}"
