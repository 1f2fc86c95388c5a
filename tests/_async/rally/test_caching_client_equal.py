# SPDX-License-Identifier: MIT
"""Whatever is read, the client that keeps results gives the same as the one that does not."""

from __future__ import annotations

from typing import Any

import pytest
from switched import Switched

from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.caching.client import AsyncCachingRallyClient
from twofold._async.rally.client import AsyncRallyClient
from twofold._async.rally.methods import anything, histories, people, planning, reads
from twofold._runtime.waiting.scopes import current_time
from twofold._runtime.waiting.tasks import Call
from twofold.core.policy.limits import Limits
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.rally.query.fields import Q

KEY = "_emulated-key-0123456789"

LONG = Q.name.contains("x" * 4000) | Q.name.contains("y" * 4000) | (Q.state == "Accepted")

READS: dict[str, Call[[AsyncRallyClient], object]] = {
    "get_tickets": lambda rally: rally.get_tickets(page_size=20),
    "get_tickets, narrowed": lambda rally: rally.get_tickets(
        ["story", "defect"],
        query=Q.points >= 3,
        order="Name DESC",
        fetch=["Environment", "Parent"],
    ),
    "get_tickets, long": lambda rally: rally.get_tickets("story", query=LONG, page_size=20),
    "get_tickets, none": lambda rally: rally.get_tickets(where={"Name": "there is none"}),
    "search_tickets": lambda rally: rally.search_tickets("US12"),
    "get_ticket": lambda rally: rally.get_ticket("DE3"),
    "get_tickets_by_id": lambda rally: rally.get_tickets_by_id(["DE3", "US1", "F1", "us2"]),
    "get_discussions": lambda rally: rally.get_discussions("US1"),
    "get_revisions": lambda rally: rally.get_revisions("US2"),
    "get_attachments": lambda rally: rally.get_attachments("US1"),
    "get_iterations": lambda rally: rally.get_iterations("current", below=True),
    "get_releases": lambda rally: rally.get_releases(),
    "get_sprint_summary": lambda rally: rally.get_sprint_summary(),
    "get_feature": lambda rally: rally.get_feature("F1"),
    "get_features": lambda rally: rally.get_features(),
    "get_feature_children": lambda rally: rally.get_feature_children("F1"),
    "get_users": lambda rally: rally.get_users(disabled=None),
    "get_current_user": lambda rally: rally.get_current_user(),
    "get_tags": lambda rally: rally.get_tags(archived=None),
    "get_allowed_values": lambda rally: rally.get_allowed_values("story", "ScheduleState"),
    "get_allowed_values, objects": lambda rally: rally.get_allowed_values("feature", "state"),
    "get": lambda rally: rally.get("/workspace/1"),
    "iter_tickets": lambda rally: rally.iter_tickets("story").all(),
    "iter": lambda rally: rally.iter("project", fetch=["Name"]).all(),
}

OWN = (reads.AsyncTicketReads, histories.AsyncHistories, planning.AsyncPlanning)
OTHERS = (people.AsyncPeople, anything.AsyncAnything)


def options(rally: Switched) -> dict[str, Any]:
    return {
        "server": "http://rally.example",
        "api_key": KEY,
        "workspace": "Meridian Engineering",
        "project": "Meridian Platform",
        "transport": InProcessTransport(rally),
        "limits": Limits(clock=current_time),
    }


@pytest.fixture(scope="module")
def rally() -> Switched:
    return Switched(RallyEmulator(tickets=350, seed=3, api_key=KEY))


def test_every_method_that_reads_is_compared() -> None:
    methods = {
        name for each in (*OWN, *OTHERS) for name in vars(each) if name.startswith(("get", "iter"))
    }
    assert methods <= {name.partition(",")[0] for name in READS}


@pytest.mark.parametrize("name", READS)
async def test_what_is_kept_equals_what_the_server_says(rally: Switched, name: str) -> None:
    read, store = READS[name], AsyncMemoryStore()
    async with AsyncRallyClient(**options(rally)) as plain:
        if name == "get":
            workspace = await plain.iter("workspace").first()
            assert workspace is not None
            read = of(workspace.ref)
        wanted = await read(plain)
    async with AsyncCachingRallyClient(**options(rally), store=store) as live:
        assert await read(live) == wanted
    async with AsyncCachingRallyClient(**options(rally), store=store) as kept:
        asked = len(rally.asked)
        given = await read(kept)
    assert given == wanted
    assert repr(given) == repr(wanted)
    assert type(given) is type(wanted)
    assert (len(rally.asked) == asked) is not name.startswith("iter")


def of(ref: str) -> Call[[AsyncRallyClient], object]:
    return lambda rally: rally.get(ref)
