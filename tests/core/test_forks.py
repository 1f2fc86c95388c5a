"""A real fork: the child has fresh gates, locks and connections, and disturbs nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

PROGRAM = """
import os, sys, threading
from twofold import RallyClient
from twofold._runtime.blocking.park import ParkingPlace
from twofold.core.policy.gate import Ticket

rally = RallyClient(concurrency=1)
first = rally.get_ticket("US1")

# The worst moment: another thread holds the only slot, and the lock of the gate.
member = rally._line.member
assert str(member.gate.enter(Ticket(member, ParkingPlace()), 0.0)) == "Go()"
holding, held = threading.Event(), threading.Event()

def hold():
    with member.gate._lock:
        holding.set()
        held.wait()

holder = threading.Thread(target=hold)
holder.start()
holding.wait()
child = os.fork()
if child == 0:
    same = rally.get_ticket("US1") == first and rally.statistics().inside == 0
    os._exit(0 if same else 1)
held.set()
holder.join()
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert rally.statistics().inside == 1, "the parent's slot is its own"
rally.close()
"""


@pytest.mark.real_time
def test_a_child_uses_nothing_of_its_parents(rally_server: Mapping[str, str]) -> None:
    known = {"RALLY_SERVER": rally_server["url"], "RALLY_APIKEY": rally_server["api_key"]}
    # Python 3.12 warns of any fork beside a thread: it is what this is about.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", PROGRAM]
    done = subprocess.run(
        command, env={**os.environ, **known}, timeout=60, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
