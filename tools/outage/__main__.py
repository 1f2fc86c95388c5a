"""Prints what became of an outage: `python -m tools.outage [--dead 60]`; all time is virtual."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Literal

import anyio
import attrs
import httpx
import httpx_retries

from twofold.core.policy.breaker import Breaker
from twofold.testing.clocks import virtual_backend, virtual_threads

from ._async import callers as waiting
from ._sync import callers as blocking
from .story import Death, Outage, Tale

BREAKER = Breaker(open=1.0, longest_open=8.0)
ATTEMPTS = 3

MOST_WITHOUT, MOST_WITH, LONGEST_RECOVERY = 1.13, 0.1, 10.0


@attrs.frozen
class Row:
    """A client on a runtime, and what it told."""

    client: str
    runtime: str
    tale: Tale
    most: float = math.inf
    """Requests a call that it may send."""

    @property
    def holds(self) -> bool:
        late = self.most < math.inf and self.tale.recovery > LONGEST_RECOVERY
        return self.tale.requests_a_call <= self.most and not late


def main() -> int:
    parser = argparse.ArgumentParser(prog="outage", description="Simulate an outage.")
    parser.add_argument("--dead", type=float, default=Outage().dead, help="seconds")
    given = parser.parse_args()
    bad = 0
    for outage in (
        Outage(Death.REFUSING, dead=given.dead),
        Outage(Death.SILENT, dead=given.dead),
        Outage(Death.SILENT, dead=given.dead, capacity=120.0),
    ):
        sys.stdout.write("\n".join(head(outage)) + "\n")
        for row in rows(outage):
            sys.stdout.write(cells(row) + "\n")
            sys.stdout.flush()
            bad += not row.holds
    return 1 if bad else 0


def head(outage: Outage) -> Iterator[str]:
    bounded = "" if outage.capacity == math.inf else f", and manages {outage.capacity:g} a second"
    yield ""
    yield f"The origin {outage.death.value} for {outage.dead:g} s{bounded}"
    yield f"({outage.rate:g} calls a second):"
    yield ""
    yield "| client | runtime | requests a call | recovered after | p50 | p99 |"
    yield "| --- | --- | --- | --- | --- | --- |"


def cells(row: Row) -> str:
    tale = row.tale
    recovery = "never" if tale.recovery == math.inf else f"{tale.recovery:.1f} s"
    p50, p99 = (f"{1000 * seconds:.0f} ms" for seconds in tale.percentiles)
    missed = "" if row.holds else " **missed**"
    values = (row.client, row.runtime, f"{tale.requests_a_call:.3f}{missed}", recovery, p50, p99)
    return f"| {' | '.join(values)} |"


def rows(outage: Outage) -> Iterator[Row]:
    for name, breaker, most in (
        ("twofold, breaker on", BREAKER, MOST_WITH),
        ("twofold, breaker off", None, MOST_WITHOUT),
    ):
        yield Row(name, "asyncio", on("asyncio", partial(waiting.ours, outage, breaker)), most)
        yield Row(name, "trio", on("trio", partial(waiting.ours, outage, breaker)), most)
        with virtual_threads():
            yield Row(name, "threads", blocking.ours(outage, breaker), most)
    # By default ten requests at once are a protection of their own: this is without.
    unbounded = partial(waiting.ours, outage, None, None)
    yield Row("twofold, breaker off, no limit", "asyncio", on("asyncio", unbounded), MOST_WITHOUT)
    yield Row("httpx, tenacity", "asyncio", on("asyncio", partial(tenacity_of, outage)))
    yield Row("httpx, tenacity", "trio", on("trio", partial(tenacity_of, outage)))
    with virtual_threads():
        yield Row("httpx, tenacity", "threads", blocking.tenacity(outage, ATTEMPTS))
    # httpx-retries sleeps on asyncio or with time.sleep, and offers no other way.
    for name, retry in (
        ("httpx-retries, as ours", httpx_retries.Retry(total=ATTEMPTS - 1, backoff_factor=0.1)),
        ("httpx-retries, as it comes", httpx_retries.Retry()),
    ):
        yield Row(name, "asyncio", on("asyncio", partial(httpx_retries_of, outage, retry)))


def on(runtime: Literal["asyncio", "trio"], run: Callable[[], Awaitable[Tale]]) -> Tale:
    """Run in virtual time, on a runtime for tasks."""
    backend, options = virtual_backend(runtime)
    return anyio.run(run, backend=backend, backend_options=options)


async def tenacity_of(outage: Outage) -> Tale:
    return await waiting.tenacity(outage, ATTEMPTS)


async def httpx_retries_of(outage: Outage, retry: httpx_retries.Retry) -> Tale:
    wire = waiting.Wire(outage)
    transport: httpx.AsyncBaseTransport = httpx_retries.RetryTransport(wire.transport, retry)
    return await waiting.plain(wire, transport)


if __name__ == "__main__":
    sys.exit(main())
