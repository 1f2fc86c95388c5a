"""How well a client's servers serve it, in one word, and why."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping

import attrs

from ..core.policy.checks import at_least, fraction

# The states of a circuit in which calls pass, and in which none does; between them are probes.
CLOSED = frozenset({"closed", "disabled"})
OPEN = frozenset({"open", "forced_open"})


class Condition(enum.Enum):
    """How things are."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    """Calls fail, are throttled, or a circuit is being tried."""
    OPEN = "open"
    """A circuit is open: calls to its origin are refused at once."""


@attrs.frozen
class Health:
    """How things are, and what makes them so."""

    condition: Condition
    reasons: tuple[str, ...] = ()

    @property
    def is_healthy(self) -> bool:
        return self.condition is Condition.HEALTHY


@attrs.frozen(kw_only=True)
class Bounds:
    """What is still healthy, of the calls that ended within the window of a monitor."""

    failures: float = attrs.field(default=0.1, validator=fraction)
    """The share of calls that failed through no fault of their own, from which on it is not."""
    calls: int = attrs.field(default=5, validator=at_least(1))
    """Fewer calls than this say nothing."""


def judge(bounds: Bounds, recent: Counter[str], circuits: Mapping[str, str]) -> Health:
    """Judge by the counts of a window and the state of every circuit."""
    troubled = {origin: one for origin, one in circuits.items() if one not in CLOSED}
    reasons = [f"the circuit of {origin} is {state}" for origin, state in troubled.items()]
    calls, failed = recent["calls"], recent["failed"]
    if calls >= bounds.calls and failed >= bounds.failures * calls:
        reasons.append(f"{failed} of {calls} calls failed")
    if recent["throttled"]:
        reasons.append(f"{recent['throttled']} requests were throttled")
    if recent["store failed"]:
        reasons.append(f"the store of the cache failed {recent['store failed']} times")
    if not OPEN.isdisjoint(troubled.values()):
        return Health(Condition.OPEN, tuple(reasons))
    return Health(Condition.DEGRADED if reasons else Condition.HEALTHY, tuple(reasons))
