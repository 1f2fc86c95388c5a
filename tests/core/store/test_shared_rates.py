"""One rate, several real processes, one file: what they may send they may send together."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from twofold.core.policy.lease import Claim
from twofold.core.policy.rate import Rate
from twofold.core.store.cache_file import CacheFile
from twofold.errors import StoreError

pytestmark = pytest.mark.real_time

ROOM = 2**20

HAMMER = """
import sys, time
from twofold import SQLiteStore
from twofold.core.policy.gate import Gate, Ticket
from twofold.core.policy.lease import Share
from twofold.core.policy.rate import Rate
from twofold.errors import RetryLaterError
from twofold._sync.core.admission import enter
from twofold._sync.core.leasing import Lessee

path, limit, per, burst, seconds = sys.argv[1], *map(float, sys.argv[2:])
store = SQLiteStore(path, patience=5.0)
claims = []
class Counting:
    scope = store.scope
    def lease(self, claim):
        claims.append(claim)
        return store.lease(claim)
rate = Rate(int(limit), per, burst=int(burst) or None, alone=0)
member = Gate().join("me", None, rate=rate, share=Share(store.scope, "me"))
lessee = Lessee(Counting(), lambda kind, **fields: None)
asked = []
def clock():
    asked.append(time.monotonic())
    return asked[-1]
print("ready", flush=True)
sys.stdin.readline()
until = time.monotonic() + seconds
while time.monotonic() < until:
    try:
        ticket = enter(Ticket(member), clock, lessee=lessee)
    except RetryLaterError:
        time.sleep(0.01)
        continue
    print(asked[-1], flush=True)  # the moment at which the gate let it go
    member.gate.leave(ticket, asked[-1])
    asked.clear()
print("leases", len(claims), flush=True)
"""


def hammer(path: Path, rate: Rate, seconds: float) -> subprocess.Popen[str]:
    sources = Path(__file__).parents[3] / "src"
    terms = (rate.limit, rate.per, rate.burst or 0, seconds)
    return subprocess.Popen(
        [sys.executable, "-c", HAMMER, str(path), *map(str, terms)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(sources)},
    )


def begun(processes: Sequence[subprocess.Popen[str]]) -> None:
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def moments(output: str) -> list[float]:
    return [float(line) for line in output.splitlines() if line[0].isdigit() and "." in line]


@pytest.mark.parametrize("rate", [Rate(300, per=0.5), Rate(40, per=0.5, burst=40)])
def test_no_window_of_several_processes_sees_more_and_one_of_them_is_killed(
    tmp_path: Path, rate: Rate
) -> None:
    """Invariant 4.1: by the one clock that all of them have."""
    processes = [hammer(tmp_path / "rates.db", rate, 3.0) for _ in range(4)]
    begun(processes)
    assert processes[0].stdout is not None
    first = processes[0].stdout.readline()
    processes[0].send_signal(signal.SIGKILL)
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    outputs[0] = first + outputs[0]
    assert [process.returncode for process in processes] == [-signal.SIGKILL, 0, 0, 0]
    each = [moments(output) for output in outputs]
    assert all(each)
    together = sorted(moment for own in each for moment in own)
    assert most_in(together, rate.per) <= rate.limit
    if rate.interval:
        for long in (0.01, 0.05, 0.2, 1.0):
            assert most_in(together, long) <= rate.at_once + long / rate.interval
    leases = sum(int(output.split()[-1]) for output in outputs[1:])
    assert leases < sum(map(len, each[1:])), "not one for each request"


def most_in(sorted_moments: Sequence[float], long: float) -> int:
    most, first = 0, 0
    for number, moment in enumerate(sorted_moments):
        while sorted_moments[first] <= moment - long:
            first += 1
        most = max(most, number - first + 1)
    return most


RATE = Rate(20, per=10)
CLAIM = Claim("x", 20, 10.0, 2)


def test_two_that_have_a_file_open_count_together(tmp_path: Path) -> None:
    now = [1000.0]
    files = [CacheFile(tmp_path / "rates.db", ROOM, 1.0, lambda: now[0]) for _ in range(2)]
    waits = [files[number % 2].lease(CLAIM).parts[0][0] for number in range(6)]
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(5 * RATE.interval, rel=0.2)
    now[0] += 100.0
    assert files[1].lease(CLAIM).parts == ((0.0, 1),)
    for file in files:
        file.close()


def test_a_file_that_knows_no_rates_learns_them(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    file = CacheFile(path, ROOM, 1.0)
    file.usage()
    file.close()
    assert file.lease(CLAIM).parts
    assert file.usage().entries == 0
    file.close()


@pytest.mark.parametrize(
    "counted",
    [
        *["", "nonsense", "{}", "7", "[]", "[[1, 2, 3], null]", '[[["a", 1]], null]'],
        *["[[[NaN, 1]], null]", "[[[1, -5]], null]", "[[[1, 1]], [1]]", "[[[1, 1]], 7]"],
    ],
)
def test_a_count_that_cannot_be_read_is_taken_to_be_used_up(tmp_path: Path, counted: str) -> None:
    path = tmp_path / "rates.db"
    file = CacheFile(path, ROOM, 1.0)
    file.lease(CLAIM)
    file.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE rates SET counted = ?", (counted,))
    waits = [file.lease(CLAIM).parts[0][0] for _ in range(3)]
    assert waits == sorted(waits)
    assert waits[1] > 0
    assert len(json.loads(counts(path)["x"])[0]) == 1
    file.close()


def counts(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as other:
        return dict(other.execute("SELECT name, counted FROM rates").fetchall())


def test_a_count_that_tells_nothing_any_more_is_forgotten(tmp_path: Path) -> None:
    now, path = [1000.0], tmp_path / "rates.db"
    file = CacheFile(path, ROOM, 1.0, lambda: now[0])
    file.lease(CLAIM)
    now[0] += 60.0
    file.lease(Claim("y", 20, 10.0, 2))
    assert set(counts(path)) == {"y"}
    file.close()


def test_a_file_that_is_deleted_is_begun_anew_and_one_that_is_locked_says_so(
    tmp_path: Path,
) -> None:
    path = tmp_path / "rates.db"
    file = CacheFile(path, ROOM, 0.01)
    file.lease(CLAIM)
    path.unlink()
    known = Claim("x", 20, 10.0, 2, again=True)
    assert file.lease(known).parts[0][0] > 0, "whoever had tokens before knows that some went"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as caught:
            file.lease(CLAIM)
        assert caught.value.transient
        other.execute("ROLLBACK")
    assert file.lease(CLAIM).parts
    file.close()
