"""Rally: the complete read and a bulk of updates, beside one at a time and beside plain httpx."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from typing import Any

import httpx

from twofold import AsyncRallyClient, RallyClient
from twofold.cli.emulated import emulator
from twofold.core.policy.limits import Limits
from twofold.rally.kinds import USUAL
from twofold.rally.names import fields_of
from twofold.rally.sizes import FIRST_PAGE

from .measuring import Row, interleaved, medians, on

TICKETS = 14_000
TOTALS = (8_000, 4_000, 2_000)
LATENCY = 0.15
PER_OBJECT = 0.0005
AT_ONCE = 12
UPDATED = [f"US{number}" for number in range(1, 101)]
STATES = ("Defined", "Completed")

Ready = Mapping[str, str]


def rows(rounds: int) -> list[Row]:
    arguments = [
        f"--tickets={TICKETS}",
        "--seed=1",
        f"--latency={LATENCY}",
        f"--per-object={PER_OBJECT}",
    ]
    with emulator("rally", arguments) as ready:
        read = medians(interleaved(readers(ready), rounds))
        update = medians(interleaved(updaters(ready), rounds))
    return [
        *shown("read of 14,000 tickets", read, ideal_read(), 1.25),
        *shown("100 updates by FormattedID", update, ideal_update(), 1.15),
    ]


def ideal_read() -> float:
    """The model's ideal: a first page of each type, then the longest of twelve balanced ones."""
    left = [total - FIRST_PAGE for total in TOTALS]
    fits = (size for size in count(1) if sum(math.ceil(rows / size) for rows in left) <= AT_ONCE)
    return 2 * LATENCY + (FIRST_PAGE + next(fits)) * PER_OBJECT


def ideal_update() -> float:
    """Two rounds of look-ups at most, then nine rounds of twelve."""
    return 2 * LATENCY + 9 * (LATENCY + PER_OBJECT)


def shown(what: str, seconds: Mapping[str, float], ideal: float, most: float) -> list[Row]:
    ours = ("asyncio", "trio", "blocking")
    beside = [name for name in seconds if name not in ours]
    return [
        Row(f"{what}: the model's ideal", f"{ideal:.2f} s"),
        *(
            Row(
                f"{what}, {name}",
                f"{seconds[name]:.2f} s = {seconds[name] / ideal:.2f}x",
                f"at most {most:g}x",
                seconds[name] <= most * ideal,
            )
            for name in ours
        ),
        *(
            Row(f"{what}, {name}: beside asyncio", f"{seconds[name] / seconds['asyncio']:.1f}x")
            for name in beside
        ),
    ]


def options(ready: Ready, concurrency: int = AT_ONCE) -> dict[str, Any]:
    return {
        "server": ready["url"],
        "api_key": ready["api_key"],
        "concurrency": concurrency,
        "limits": Limits(),
    }


def readers(ready: Ready) -> dict[str, Callable[[], float]]:
    return {
        "asyncio": on("asyncio", read, ready, AT_ONCE),
        "trio": on("trio", read, ready, AT_ONCE),
        "blocking": partial(blocking_read, ready),
        "plain httpx, gather, semaphore of 5": on("asyncio", plain_read, ready),
        "one at a time": on("asyncio", read, ready, 1),
    }


def updaters(ready: Ready) -> dict[str, Callable[[], float]]:
    return {
        "asyncio": on("asyncio", update, ready, AT_ONCE),
        "trio": on("trio", update, ready, AT_ONCE),
        "blocking": partial(blocking_update, ready),
        "plain httpx, gather, semaphore of 5": on("asyncio", plain_update, ready),
        "one at a time": on("asyncio", update, ready, 1),
    }


async def read(ready: Ready, concurrency: int) -> float:
    async with AsyncRallyClient(**options(ready, concurrency)) as rally:
        began = time.perf_counter()
        found = await rally.get_tickets(pages=AT_ONCE)
        return complete(len(found), began)


def blocking_read(ready: Ready) -> float:
    with RallyClient(**options(ready)) as rally:
        began = time.perf_counter()
        return complete(len(rally.get_tickets()), began)


async def update(ready: Ready, concurrency: int) -> float:
    async with AsyncRallyClient(**options(ready, concurrency)) as rally:
        began = time.perf_counter()
        result = await rally.bulk_update_state(UPDATED, STATES[int(began) % 2])
        return complete(len(result.succeeded), began, len(UPDATED))


def blocking_update(ready: Ready) -> float:
    with RallyClient(**options(ready)) as rally:
        began = time.perf_counter()
        result = rally.bulk_update_state(UPDATED, STATES[int(began) % 2])
        return complete(len(result.succeeded), began, len(UPDATED))


def complete(count: int, began: float, wanted: int = TICKETS) -> float:
    """Return the seconds; a figure of something incomplete would be worthless."""
    seconds = time.perf_counter() - began
    if count != wanted:
        raise RuntimeError(f"{count} of {wanted} came")
    return seconds


def plain(ready: Ready) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"{ready['url']}/slm/webservice/v2.0",
        headers={"ZSESSIONID": ready["api_key"]},
        timeout=60,
    )


async def plain_read(ready: Ready) -> float:
    """What people write: pages of 200, gathered, five at a time."""
    slots = asyncio.Semaphore(5)
    async with plain(ready) as client:

        async def page(path: str, fields: str, start: int) -> dict[str, Any]:
            async with slots:
                said: dict[str, str | int] = {"fetch": fields, "order": "ObjectID", "start": start}
                answer = await client.get(f"/{path}", params={**said, "pagesize": 200})
                content: dict[str, Any] = answer.raise_for_status().json()["QueryResult"]
                return content

        async def every(path: str, fields: str) -> int:
            first = await page(path, fields, 1)
            starts = range(201, first["TotalResultCount"] + 1, 200)
            others = await asyncio.gather(*(page(path, fields, start) for start in starts))
            return sum(len(one["Results"]) for one in (first, *others))

        began = time.perf_counter()
        counts = await asyncio.gather(*(every(kind.path, fields_of(kind)) for kind in USUAL))
        return complete(sum(counts), began)


async def plain_update(ready: Ready) -> float:
    """What people write: look each one up, update it, five at a time."""
    slots = asyncio.Semaphore(5)
    async with plain(ready) as client:

        async def one(name: str, state: str) -> int:
            async with slots:
                said = {"query": f'(FormattedID = "{name}")', "fetch": "ObjectID"}
                found = await client.get("/hierarchicalrequirement", params=said)
                number = found.json()["QueryResult"]["Results"][0]["ObjectID"]
                body = {"HierarchicalRequirement": {"ScheduleState": state}}
                answer = await client.post(f"/hierarchicalrequirement/{number}", json=body)
                return int(not answer.json()["OperationResult"]["Errors"])

        began = time.perf_counter()
        done = await asyncio.gather(*(one(name, STATES[int(began) % 2]) for name in UPDATED))
        return complete(sum(done), began, len(UPDATED))
