"""The task that owns the client: what of several things asked for is done, and when."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
import pytest
from tui.tickets import KEY

from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold.core.policy.limits import Limits
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.errors import NotFoundError, TwofoldError
from twofold.rally import AsyncCachingRallyClient
from twofold.tui.desk import Desk, Job

pytestmark = pytest.mark.real_time


def client() -> AsyncCachingRallyClient:
    return AsyncCachingRallyClient(
        server="http://rally.example",
        api_key=KEY,
        store=AsyncMemoryStore(),
        transport=InProcessTransport(RallyEmulator(tickets=20, seed=3, api_key=KEY)),
        limits=Limits(),
    )


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    made = Desk(client, lambda: None, lambda event: None)
    begun = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(made.run, begun.set)
        await begun.wait()
        yield made
        tasks.cancel_scope.cancel()


def waits(what: str, log: list[str], gate: anyio.Event, *, kind: str = "") -> Job[str]:
    """A job that waits for a gate, and writes down when it begins and how it ends."""

    async def work(client: AsyncCachingRallyClient) -> str:
        log.append(f"{what} begins")
        try:
            await gate.wait()
        except anyio.get_cancelled_exc_class():
            log.append(f"{what} is given up")
            raise
        return what

    def failed(error: TwofoldError) -> None:
        pytest.fail(str(error))

    return Job(what, work, lambda said: log.append(f"{said} is done"), failed, kind)


async def idle(made: Desk) -> None:
    await anyio.wait_all_tasks_blocked()
    while made.under_way:
        await anyio.sleep(0.001)


async def test_of_two_reads_of_one_name_the_later_counts_whenever_it_is_asked() -> None:
    log: list[str] = []
    gate = anyio.Event()
    async with desk() as made:
        made.read("pane", waits("first", log, gate))
        await anyio.wait_all_tasks_blocked()
        made.read("pane", waits("second", log, gate))
        made.read("pane", waits("third", log, gate))
        made.read("other", waits("other", log, gate))
        await anyio.wait_all_tasks_blocked()
        gate.set()
        await idle(made)
    assert [said for said in log if said.endswith("done")] == ["third is done", "other is done"]
    assert "first is given up" in log


async def test_writes_of_one_name_run_one_after_another() -> None:
    log: list[str] = []
    gate = anyio.Event()
    async with desk() as made:
        made.write(["US1"], waits("state 1", log, gate, kind="state"))
        await anyio.wait_all_tasks_blocked()
        made.write(["US1"], waits("state 2", log, gate, kind="state"))
        made.write(["US1"], waits("state 3", log, gate, kind="state"))
        made.write(["US1"], waits("points", log, gate, kind="points"))
        made.write(["US1"], waits("comment", log, gate))
        made.write(["US1"], waits("comment again", log, gate))
        await anyio.wait_all_tasks_blocked()
        assert log == ["state 1 begins"]
        gate.set()
        await idle(made)
    assert [said for said in log if said.endswith("begins")] == [
        "state 1 begins",
        "state 3 begins",
        "points begins",
        "comment begins",
        "comment again begins",
    ]


async def test_what_writes_to_many_waits_for_each_of_them_and_they_for_it() -> None:
    log: list[str] = []
    one, many = anyio.Event(), anyio.Event()
    async with desk() as made:
        made.write(["US1"], waits("one", log, one))
        made.write(["US1", "US2", "US3"], waits("many", log, many))
        made.write(["US3"], waits("three", log, many))
        made.write(["US4"], waits("four", log, many))
        await anyio.wait_all_tasks_blocked()
        assert log == ["one begins", "four begins"]
        assert made.waiting == 2
        one.set()
        while "many begins" not in log:
            await anyio.sleep(0)
        assert made.unfinished == [
            "many: nobody knows whether it was done",
            "three: not begun",
            "four: nobody knows whether it was done",
        ]
        many.set()
        await idle(made)
        assert not made.unfinished
    assert log.index("many is done") < log.index("three begins")


async def test_an_error_is_told_and_what_waits_behind_it_goes_on() -> None:
    told: list[TwofoldError | str] = []

    async def missing(client: AsyncCachingRallyClient) -> str:
        return (await client.get_ticket("US99999")).name

    async def present(client: AsyncCachingRallyClient) -> str:
        return (await client.get_ticket("US1")).formatted_id

    done: Callable[[str], None] = told.append
    async with desk() as made:
        made.write(["x"], Job("looking", missing, done, told.append))
        made.write(["x"], Job("looking", present, done, told.append))
        await idle(made)
    assert isinstance(told[0], NotFoundError)
    assert told[1:] == ["US1"]


async def test_leaving_gives_up_what_is_under_way() -> None:
    log: list[str] = []
    async with desk() as made:
        made.read("pane", waits("read", log, anyio.Event()))
        made.write(["US1"], waits("write", log, anyio.Event()))
        await anyio.wait_all_tasks_blocked()
        assert {job.what for job in made.under_way} == {"read", "write"}
    assert sorted(log) == ["read begins", "read is given up", "write begins", "write is given up"]
    assert not made.under_way
    assert made.freshness is None
    made.read("pane", waits("too late", log, anyio.Event()))
    assert "too late begins" not in log
