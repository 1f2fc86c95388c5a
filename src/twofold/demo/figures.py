"""What the main job measured, and the checks that it must pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from ..rally.models import Ticket

TICKETS = 14_000
UPDATED = 100
STOPPED_AFTER = 500
"""Tickets that are read page by page before the reader has seen enough."""
PAGE = 200
AT_ONCE = 12
REFUSED = (10, 50, 90)
"""Places in the bulk of the tickets whose update the emulator refuses."""


@attrs.frozen
class Traffic:
    """What the emulator counted, and how long it took the client."""

    requests: int
    peak_in_flight: int
    seconds: float


@attrs.frozen(eq=False)
class Figures:
    """The main job on one runtime."""

    tickets: tuple[Ticket, ...] = attrs.field(repr=False)
    paged: tuple[Ticket, ...] = attrs.field(repr=False)
    outcomes: tuple[Ticket | str, ...] = attrs.field(repr=False)
    """The updated ticket, or what was wrong, in the order of the items."""
    read: Traffic
    pages: Traffic
    bulk: Traffic
    read_one_by_one: float
    """Seconds of the same requests, one after another."""
    bulk_one_by_one: float

    @property
    def refused(self) -> tuple[int, ...]:
        return tuple(n for n, outcome in enumerate(self.outcomes) if isinstance(outcome, str))

    def as_json(self) -> dict[str, Any]:
        read, pages, bulk = map(attrs.asdict, (self.read, self.pages, self.bulk))
        failed = len(self.refused)
        return {
            "read": {
                "items": len(self.tickets),
                **read,
                "speedup": self.read_one_by_one / self.read.seconds,
            },
            "pages": {"items": len(self.paged), **pages, "stopped_after": STOPPED_AFTER},
            "bulk": {
                "succeeded": len(self.outcomes) - failed,
                "failed": failed,
                **bulk,
                "speedup": self.bulk_one_by_one / self.bulk.seconds,
            },
        }


def answers_are_equal(runs: Mapping[str, Figures]) -> bool:
    """Tell whether every runtime read the same tickets and got the same outcomes."""
    first, *others = runs.values()
    return all(
        (run.tickets, run.paged, run.outcomes) == (first.tickets, first.paged, first.outcomes)
        for run in others
    )


def broken_promises(runs: Mapping[str, Figures]) -> list[str]:
    """Return every check that did not hold, as a sentence each."""
    found = [
        f"{runtime}: not so: {promise}"
        for runtime, run in runs.items()
        for promise, holds in PROMISES.items()
        if not holds(run)
    ]
    return found if answers_are_equal(runs) else [*found, "the answers differ between runtimes"]


def reads_everything_once(run: Figures) -> bool:
    return len(run.tickets) == TICKETS == len({ticket.object_id for ticket in run.tickets})


def stops_early(run: Figures) -> bool:
    return len(run.paged) == STOPPED_AFTER and run.pages.requests == -(-STOPPED_AFTER // PAGE)


def isolates_failures(run: Figures) -> bool:
    return len(run.outcomes) == UPDATED and run.refused == REFUSED


def uses_every_slot(run: Figures) -> bool:
    return run.read.peak_in_flight == AT_ONCE == run.bulk.peak_in_flight


PROMISES: Mapping[str, Callable[[Figures], bool]] = {
    f"all {TICKETS:,} tickets are read, each once": reads_everything_once,
    f"reading page by page stops after {STOPPED_AFTER} tickets": stops_early,
    f"{len(REFUSED)} of {UPDATED} updates fail and spoil no other": isolates_failures,
    f"{AT_ONCE} requests are in flight at once, never more": uses_every_slot,
}
