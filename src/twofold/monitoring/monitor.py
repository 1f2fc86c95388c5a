"""A listener that counts, and says at any time how things are."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from threading import Lock

import attrs

from ..core.forks import renewed_in_child
from ..core.policy.checks import seconds as checked_seconds
from ..events import Event
from .health import Bounds, Health, judge
from .ledger import Ledger, OperationCounts
from .traffic import Resources

RATES = ("calls", "failed", "attempts", "retries", "throttled")


@attrs.frozen(kw_only=True)
class Snapshot:
    """What a monitor knew at one moment."""

    at: float
    """On the monitor's clock."""
    window: float
    """Seconds that the rates are about."""
    health: Health
    rates: Mapping[str, float]
    """For a second: `calls`, `failed`, `attempts`, `retries`, `throttled`."""
    totals: Mapping[str, int]
    """The same and `retries refused`, `joined`, `hedges`, `store failed`, from the beginning on."""
    operations: Mapping[str, OperationCounts]
    resources: Resources
    cache: Mapping[str, int]
    """How often each outcome was had: `fresh`, `stale`, `revalidated`, `rescued`, `miss`."""
    circuits: Mapping[str, str]
    """The state of each origin's circuit, of those that ever changed."""
    limits: Mapping[str, int]
    """The adaptive limit of each origin, of those that ever changed."""


class Monitor:
    """Counts what the clients do that it listens to; any number of them, in any thread.

    ::

        monitor = Monitor()
        client = RallyClient(listener=monitor)
        ...
        print(monitor.health.condition, monitor.snapshot().rates["calls"])

    Rates and health are those of the last `window` seconds.  Memory is bounded: beyond 256
    operations, the rest is counted as `(others)`.
    """

    def __init__(
        self,
        *,
        window: float = 60.0,
        bounds: Bounds | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.window = checked_seconds("window", window)
        self._bounds = Bounds() if bounds is None else bounds
        self._clock = clock
        self._ledger = Ledger(self.window)
        self._lock = Lock()
        renewed_in_child(self)

    def renew(self) -> None:
        """Go on in a forked child: nothing is under way there."""
        self._lock = Lock()
        self.forget_calls()

    def forget_calls(self) -> None:
        """Count none of the calls that are under way: how they end is not heard here."""
        with self._lock:
            self._ledger.traffic.forget_calls()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._ledger.note(event)

    @property
    def health(self) -> Health:
        """How things are, and why."""
        with self._lock:
            return self._health(self._clock())

    def snapshot(self) -> Snapshot:
        """Return all that is known now."""
        with self._lock:
            now, known = self._clock(), self._ledger
            recent = known.recent.counts(now)
            return Snapshot(
                at=now,
                window=self.window,
                health=self._health(now),
                rates={name: recent[name] / self.window for name in RATES},
                totals=dict(known.totals),
                operations={name: one.summary(now) for name, one in known.operations.items()},
                resources=known.traffic.resources(now),
                cache=dict(known.cache),
                circuits=dict(known.traffic.circuits),
                limits=dict(known.traffic.limits),
            )

    def _health(self, now: float) -> Health:
        return judge(self._bounds, self._ledger.recent.counts(now), self._ledger.traffic.circuits)
